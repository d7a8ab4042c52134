"""What the Latent walk tab shows of a model with a code of two numbers, as files that the page fetches.

A plane is described by a small dict: the names of its files (weights to run in the page, the encodings of 10,000 test
pictures, the sheet with those pictures, and a first picture of the decoded grid), where it begins, and which planes to
put beside it. Files are named by the hash of what they hold, so a browser may keep them for ever. All is made when it
is first asked for, and kept.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import gradio as gr
import numpy as np
import torch
from PIL import Image

from .. import baselines, checkpoints, export, pipelines, plots
from ..data import load_dataset
from ..data.bundled import DIGIT_CLASSES, FASHION_CLASSES, load_fashion_test
from ..errors import CheckpointError

GRID = 20  # decoded pictures on a side of the first picture
EXTENT = 3.2  # half the side that a plane with a prior N(0, I) shows at first
PCA = "pca-"  # pca-mnist, pca-fashion: planes that are no checkpoint
TEST_SETS = {"mnist": "mnist", "digits": "mnist", "fashion": "fashion", "fashion-small": "fashion"}
CLASSES = {"mnist": DIGIT_CLASSES, "fashion": FASHION_CLASSES}
_lock = threading.Lock()


@lru_cache(maxsize=1)
def list_planes() -> list[str]:
    """Checkpoints of pictures whose code has two numbers, the variational ones first, and digits before garments."""
    outlines = {name: checkpoints.load_outline(name) for name in checkpoints.list_checkpoints()}
    found = [n for n, m in outlines.items() if m.code_shape == (2,) and len(m.config.input_shape) == 3]
    return sorted(found, key=lambda name: (outlines[name].family != "vae", test_set_of(name) != "mnist", name))


def open_plane(name: str) -> dict[str, Any]:
    """The description of a plane in `list_planes`, or of "pca-mnist" or "pca-fashion".

    Raises `CheckpointError` for another name: anyone can send any.
    """
    if name not in list_planes() and name not in (PCA + each for each in CLASSES):
        raise CheckpointError(f"There is no plane {name[:80]!r}; choose one of {', '.join(list_planes())}.")
    with _lock:  # who comes second waits for what the first one makes
        return _linear_plane(name.removeprefix(PCA)) if name.startswith(PCA) else describe(name)


@lru_cache(maxsize=32)
def describe(checkpoint: str | Path) -> dict[str, Any]:
    """The description of the plane of any checkpoint with a code of two numbers, by name or by folder."""
    model = pipelines.get_model(checkpoint)
    prior = model.family == "vae"
    tests = test_set_of(checkpoint)
    codes = None if tests is None else encode_tests(model, tests)
    home = {"x": 0.0, "y": 0.0, "half": EXTENT} if prior or codes is None else _home_of(codes)
    pictures = pipelines.decode_points(grid_points(home), checkpoint)
    same = [name for name in list_planes() if test_set_of(name) == tests and name != str(checkpoint)]
    contrast = [name for name in same if (checkpoints.load_outline(name).family == "vae") != prior]
    return {
        "name": str(checkpoint),
        "file": publish(export.export_model(model), "bin") if export.can_export(model) else None,
        "grid": publish(_png(plots.plot_sheet(pictures, GRID)), "png"),
        "home": home,
        "prior": prior,
        "beta": getattr(model.config, "beta", None),
        "tests": None if codes is None else _tests(tests, codes),
        "others": [*contrast[:1], PCA + tests] if tests else [],
    }


def _linear_plane(tests: str) -> dict[str, Any]:
    pca = baselines.fit_pca({"mnist": "digits", "fashion": "fashion-small"}[tests], 2)
    x, _ = test_pictures(tests)
    codes = pca.transform(x.flatten(1).numpy() / np.float32(255)).astype(np.float32)
    home = _home_of(codes)
    decoded = pca.inverse_transform(grid_points(home)).reshape(-1, 1, 28, 28)
    grid = plots.plot_sheet(torch.from_numpy(decoded.astype(np.float32)).clamp(0, 1), GRID)
    weights = export.export_linear(pca.mean_, pca.components_, (1, 28, 28))
    about = {"file": publish(weights, "bin"), "grid": publish(_png(grid), "png"), "home": home, "prior": False}
    return {"name": PCA + tests, "beta": None, "others": [], **about, "tests": _tests(tests, codes)}


def test_set_of(checkpoint: str | Path) -> str | None:
    """The test set, "mnist" or "fashion", of the pictures that a checkpoint knows; None where it knows others."""
    try:
        name = checkpoints.load_metrics(checkpoint)["data"]["name"]
    except (CheckpointError, KeyError, TypeError):
        return None
    return TEST_SETS.get(name)


@lru_cache(maxsize=2)
def test_pictures(tests: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures to place on the planes, uint8 `(N, 1, 28, 28)`, and their labels.

    The 10,000 of the official test part; of MNIST only where it lies in `data/`, else the 5,000 bundled digits.
    """
    if tests == "fashion":
        return load_fashion_test()
    digits = load_dataset("mnist", download=False)
    if digits.notice is None:
        return digits.test, digits.test_labels
    return torch.cat([digits.train, digits.test]), torch.cat([digits.train_labels, digits.test_labels])


def encode_tests(model: torch.nn.Module, tests: str) -> np.ndarray:
    """The codes, or the means of the codes, of the test pictures: float32 `(N, 2)`."""
    device = next(model.parameters()).device
    with torch.inference_mode():
        parts = [model.encode(x.to(device).float() / 255) for x in test_pictures(tests)[0].split(1000)]
    return torch.cat([part[0] if isinstance(part, tuple) else part for part in parts]).float().cpu().numpy()


def grid_points(home: dict[str, float], count: int = GRID) -> np.ndarray:
    """The middles of `count` × `count` squares that fill a plane's first view, from the top left, `(count², 2)`."""
    line = (2 * np.arange(count) + 1) / count - 1
    x, y = np.meshgrid(home["x"] + home["half"] * line, home["y"] - home["half"] * line)
    return np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)


def plot_plane(checkpoint: str, count: int, quantiles: bool):
    """The decoded plane as a figure of `count` × `count` pictures.

    They are evenly spaced, or, with `quantiles` and where there is a prior, so that each stands for as much of it.
    """
    about = describe(checkpoint)
    shares = (np.arange(count) + 0.5) / count
    if quantiles and about["prior"]:
        x = y = np.array([NormalDist().inv_cdf(share) for share in shares])
    else:
        home = about["home"]
        x, y = (home[axis] + home["half"] * (2 * shares - 1) for axis in "xy")
    points = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
    return plots.plot_grid(pipelines.decode_points(points, checkpoint), x, y[::-1], checkpoint)


def plot_codes(checkpoint: str):
    """The test pictures' codes as a figure. Raises `CheckpointError` where there are no test pictures for a model."""
    about = describe(checkpoint)
    if about["tests"] is None:
        raise CheckpointError(f"{checkpoint} knows neither digits nor garments, so there are no test pictures for it.")
    tests = test_set_of(checkpoint)
    labels = test_pictures(tests)[1].numpy()
    codes = encode_tests(pipelines.get_model(checkpoint), tests)
    title = f"{checkpoint}: {len(codes):,} test pictures"
    return plots.plot_scatter(codes, labels, CLASSES[tests], about["prior"], title)


def _home_of(codes: np.ndarray) -> dict[str, float]:
    """A square that holds all codes but for stray ones."""
    low, high = np.quantile(codes, (0.005, 0.995), axis=0)
    x, y = ((low + high) / 2).tolist()
    return {"x": x, "y": y, "half": float(1.08 * (high - low).max() / 2)}


def _tests(tests: str, codes: np.ndarray) -> dict[str, Any]:
    labels = test_pictures(tests)[1]
    bundle = export.write_bundle({}, {"codes": codes.astype(np.float32), "labels": labels.numpy().astype(np.uint8)})
    return {"file": publish(bundle, "bin"), "sheet": _sheet(tests), "set": tests if len(labels) == 10_000 else "digits"}


@lru_cache(maxsize=2)
def _sheet(tests: str) -> str:
    """The pictures in one file, a hundred in a row."""
    pictures = test_pictures(tests)[0]
    rows = pictures.view(-1, 100, 28, 28).transpose(1, 2).reshape(-1, 2800)
    return publish(_png(rows.numpy()), "png")


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory:
    folder = tempfile.TemporaryDirectory(prefix="ae-demo-planes-")
    gr.set_static_paths([folder.name])
    return folder


def publish(data: bytes, suffix: str) -> str:
    """Put `data` where the page may fetch it, until the server ends; the path, which ends in the hash of `data`."""
    path = Path(_folder().name).resolve() / f"{hashlib.sha256(data).hexdigest()[:24]}.{suffix}"
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.replace(path)
    return str(path)


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def warm_up() -> None:
    """Make the plane that the tab begins with, and those beside it, before anyone asks."""
    for name in list_planes()[:1]:
        for other in open_plane(name)["others"]:
            open_plane(other)
