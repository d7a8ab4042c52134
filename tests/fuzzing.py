"""Mutated files for every reader: `python tests/fuzzing.py 500` runs the full corpus and prints what fails.

A seeded corpus of small valid files is damaged: bytes are changed, cut out, doubled, or replaced by numbers at the ends
of their range. Whatever comes of it, an entrance reads the file or raises an `AEDemoError` whose message has no folder.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from icc import cmyk_profile, rgb_profile
from PIL import Image

SECONDS = 10.0  # that an entrance may take for one file
EDGES = (b"\0", b"\xff", b"\x7f", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"9999999999")


def seeds() -> dict[str, bytes]:
    """Valid files by name."""
    ramp = np.indices((24, 24)).sum(0).astype(np.uint8) * 5
    image = Image.fromarray(np.stack([ramp, ramp.T, 255 - ramp], 2))
    deep = Image.fromarray(ramp.astype(np.uint16) * 16)
    found = {}
    for name, picture, options in (
        ("a.jpg", image, {"icc_profile": rgb_profile()}),
        ("b.jpg", image.convert("CMYK"), {"icc_profile": cmyk_profile(20)}),
        ("a.png", image.convert("RGBA"), {"icc_profile": rgb_profile()}),
        ("b.png", deep, {}),
        ("a.webp", image, {"lossless": True}),
        ("a.gif", image.quantize(16), {"save_all": True, "append_images": [image.quantize(4)]}),
        ("a.tiff", image, {"compression": "tiff_lzw"}),
    ):
        buffer = io.BytesIO()
        picture.save(buffer, {"jpg": "JPEG"}.get(name[2:], name[2:].upper()), **options)
        found[name] = buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"train/a/{number}.png", found["a.png"])
    found["a.zip"] = buffer.getvalue()
    for name, array in (("a.npy", np.sin(np.arange(200.0))), ("b.npy", ramp[None].repeat(4, 0))):
        buffer = io.BytesIO()
        np.save(buffer, array)
        found[name] = buffer.getvalue()
    buffer = io.BytesIO()
    np.savez(buffer, a=np.arange(9.0), b=np.ones((4, 2)))
    found["a.npz"] = buffer.getvalue()
    rows = "\n".join(f"2026-01-01 10:{i:02},{i / 7:.3f},{'' if i == 5 else i % 3}" for i in range(30))
    found["a.csv"] = f"time,pulse,pressure\n{rows}\n".encode()
    return found


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """A damaged copy."""
    damaged = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(len(damaged) or 1))
        length = int(rng.integers(1, 40))
        way = rng.integers(5)
        if way == 0:
            damaged[at : at + 1] = bytes([rng.integers(256)])
        elif way == 1:
            del damaged[at : at + length]
        elif way == 2:
            damaged[at:at] = damaged[at : at + length]
        elif way == 3:
            edge = EDGES[rng.integers(len(EDGES))]
            damaged[at : at + len(edge)] = edge
        else:
            damaged = damaged[: max(1, at)]
    return bytes(damaged)


def entrances() -> dict[str, Callable[[Path], object]]:
    """The readers of files by name, with the suffixes that they take."""
    from ae_demo.data import load_dataset, load_picture
    from ae_demo.data.named_samples import load_samples
    from ae_demo.data.series_files import load_series
    from ae_demo.ui.shared.endpoint_inputs import given_picture
    from ae_demo.ui.shared.user_runs import load_zip
    from ae_demo.ui.tabs.train.uploads import gather_pictures

    def folder(path: Path) -> object:
        inside = path.parent / f"{path.name}-folder"
        inside.mkdir(exist_ok=True)
        gather_pictures((str(path), str(path)), inside)
        return load_dataset("folder", data_dir=inside)

    pictures = {"picture": load_picture, "folder": folder, "samples": load_samples, "endpoint": given_picture}
    series = {"series": load_series, "samples": load_samples}
    arrays = {**series, "array": lambda path: load_dataset("array", data_dir=path, scale=True)}
    zips = {"folder": folder, "samples": load_samples, "checkpoint": lambda path: load_zip("fuzz", str(path))}
    return {
        **{
            f"{name} {suffix}": read
            for suffix in (".jpg", ".png", ".webp", ".gif", ".tiff")
            for name, read in pictures.items()
        },
        **{f"{name} .csv": read for name, read in series.items()},
        **{f"{name} {suffix}": read for suffix in (".npy", ".npz") for name, read in arrays.items()},
        **{f"{name} .zip": read for name, read in zips.items()},
    }


def checkpoint_seeds(folder: Path) -> dict[str, bytes]:
    """The three files of a small checkpoint."""
    from ae_demo import checkpoints
    from ae_demo.models import build_model

    model = build_model("dense", input_shape=(1, 8, 8), hidden=(8,), latent_dim=2)
    checkpoints.save(model, folder / "model", {"data": {"name": "digits"}})
    return {path.name: path.read_bytes() for path in (folder / "model").iterdir()}


def run(count: int, folder: Path, seed: int = 0) -> Iterator[str]:
    """Give `count` damaged files to every reader that takes them; yields a line for each failure."""
    from ae_demo import checkpoints

    rng, found = np.random.default_rng(seed), seeds()
    names, readers = list(found), entrances()
    parts = checkpoint_seeds(folder)
    for number in range(count):
        name = names[number % (len(names) + 1)] if number % (len(names) + 1) < len(names) else None
        if name is None:
            chosen = list(parts)[number // (len(names) + 1) % len(parts)]
            model = folder / f"{number}"
            model.mkdir()
            for part, content in parts.items():
                (model / part).write_bytes(mutate(content, rng) if part == chosen else content)
            yield from attempt(
                f"checkpoint {chosen} {number}", lambda model=model: checkpoints.load(model, "cpu"), folder
            )
            yield from attempt(
                f"metrics {chosen} {number}", lambda model=model: checkpoints.load_metrics(model), folder
            )
            continue
        path = folder / f"{number}{Path(name).suffix}"
        path.write_bytes(mutate(found[name], rng))
        for reader, read in readers.items():
            if reader.endswith(f" {path.suffix}"):
                yield from attempt(f"{reader} {number}", lambda read=read, path=path: read(path), folder)


def attempt(label: str, read: Callable[[], object], folder: Path) -> Iterator[str]:
    """Yields a line if `read` raises another error than an `AEDemoError`, names a folder, or takes too long."""
    from ae_demo.errors import AEDemoError

    began = time.process_time()
    try:
        read()
    except AEDemoError as error:
        if str(folder) in str(error) or tempfile.gettempdir() in str(error):
            yield f"{label}: names a folder: {error}"
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        yield f"{label}: {type(error).__name__}: {str(error)[:100]} ({Path(place.filename).name}:{place.lineno})"
    if (seconds := time.process_time() - began) > SECONDS:
        yield f"{label}: {seconds:.0f} s"


def main() -> int:
    """Print the failures and a summary; the status is 1 if there are any."""
    import resource
    import tempfile
    import warnings

    warnings.simplefilter("ignore")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    with tempfile.TemporaryDirectory(prefix="ae-demo-fuzz-") as folder:
        failures = []
        for line in run(count, Path(folder)):
            failures.append(line)
            print(line, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"files": count, "failures": len(failures), "peak_mib": round(peak)}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
