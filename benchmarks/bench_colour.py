"""Accuracy of predicted colours, without and with hints, compared with Levin's propagation and with grey pictures.

python benchmarks/bench_colour.py [--data-dir photos64/val] [--limit 250] [--checkpoint colorization-photo]

Prints the mean PSNR in dB (at most 50 for each picture) and colourfulness, for the pictures in a folder or the bundled
colour photographs with a short side of 128 pixels: without colours; predicted by the model; and with 1 to 30 hints,
true colours at random positions, by the model and by Levin, Lischinski and Weiss, 2004, "Colorization using
Optimization", which uses only the hints. All have the true lightness, as bytes. Then prints the same figures of the
model for photographs, the bundled ones or those in `--photos`, at 64 and at 512 pixels on the short side, and seconds
at 640 × 427.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy import sparse
from scipy.sparse.linalg import spsolve

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo import inference
from ae_demo.data import load_bundled_photos
from ae_demo.data.pictures import load_picture, to_tensor
from ae_demo.functional import color, metrics
from ae_demo.inference.colorization import greyed

COUNTS = (1, 3, 5, 10, 30)
SHORT_SIDE = 128  # of the bundled photographs; larger ones would take Levin's method minutes
SIDES = (64, 512)
MAX_PSNR = 50.0  # dB: so that a grey photograph that stays grey does not dominate the mean
Hints = list[tuple[float, float, tuple[int, int, int]]]


def with_short_side(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture, uint8 `(H, W, 3)`, resized to `side` pixels on the short side."""
    photo = Image.fromarray(pixels)
    size = (round(photo.width * side / min(photo.size)), round(photo.height * side / min(photo.size)))
    return np.asarray(photo.resize(size, Image.Resampling.LANCZOS))


def load_pictures(folder: Path | None, limit: int) -> list[np.ndarray]:
    """Colour pictures, uint8 `(H, W, 3)`: `limit` of a folder, chosen with a fixed seed, or the bundled ones."""
    if folder is None:
        return [pixels for pixels in load_bundled_photos().values() if pixels.ndim == 3]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    random.Random(0).shuffle(paths)
    pictures = [load_picture(path).pixels for path in paths[:limit]]
    return [pixels for pixels in pictures if pixels.ndim == 3]


def random_hints(pixels: np.ndarray, count: int, seed: int) -> Hints:
    """True colours at `count` different pixels."""
    height, width = pixels.shape[:2]
    chosen = np.random.default_rng(seed).choice(height * width, count, replace=False)
    return [
        ((i % width + 0.5) / width, (i // width + 0.5) / height, tuple(pixels[i // width, i % width])) for i in chosen
    ]


def levin(pixels: np.ndarray, hints: Hints) -> np.ndarray:
    """Solve for ab so that each unknown pixel is the weighted mean of its eight neighbours (equations 1 and 2).

    The weights are proportional to exp(-(Y - Y')² / 2σ²), with σ² the variance of the lightness over 3 × 3 pixels.
    """
    lightness = color.rgb_to_lab(to_tensor(pixels))[0, :1]  # (1, H, W)
    height, width = lightness.shape[1:]
    light = lightness[0].double().numpy() / 100
    padded = np.pad(light, 1, constant_values=np.nan)
    shifts = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2)]
    window = np.stack([padded[i : i + height, j : j + width] for i, j in shifts])  # (9, H, W)
    spread = np.maximum(0.6 * np.nanvar(window, axis=0), 2e-6)  # the authors' factor
    weights = np.exp(-((window - light) ** 2) / spread)
    weights[4] = np.nan
    weights = np.nan_to_num(weights)
    weights /= np.maximum(weights.sum(0), 1e-12)
    known = np.zeros(height * width)
    ab = np.zeros((height * width, 2))
    for x, y, rgb in hints:
        position = min(int(y * height), height - 1) * width + min(int(x * width), width - 1)
        known[position], ab[position] = 1, inference.Hint(x, y, rgb).ab.numpy()
    index = np.pad(np.arange(height * width).reshape(height, width), 1)
    columns = np.stack([index[i : i + height, j : j + width] for i, j in shifts])
    rows = np.broadcast_to(index[1:-1, 1:-1], columns.shape)
    values = weights * (1 - known.reshape(height, width))
    mean = sparse.coo_matrix((values.ravel(), (rows.ravel(), columns.ravel())), (height * width,) * 2)
    solved = spsolve((sparse.identity(height * width) - mean).tocsc(), ab)
    return painted(lightness, torch.from_numpy(solved.T).float().view(2, height, width))


def painted(lightness: torch.Tensor, ab: torch.Tensor) -> np.ndarray:
    """L `(1, H, W)` and ab `(2, H, W)` to RGB, uint8 `(H, W, 3)`, with the same gamut mapping as for the model."""
    rgb = color.lab_to_rgb(color.reduce_chroma(torch.cat([lightness, ab])[None]))
    return (255 * rgb[0]).round().byte().permute(1, 2, 0).numpy()


def score(truths: list[np.ndarray], results: list[np.ndarray]) -> str:
    """Mean PSNR and mean colourfulness."""
    pairs = [(to_tensor(result), to_tensor(truth)) for result, truth in zip(results, truths, strict=True)]
    psnr = statistics.mean(metrics.psnr(result, truth).clamp(max=MAX_PSNR).item() for result, truth in pairs)
    return f"{psnr:8.2f}{statistics.mean(metrics.colourfulness(result).item() for result, _ in pairs):16.1f}"


def seconds(run: Callable[[], object], repeat: int = 5) -> float:
    """The median time of some runs, after one that loads the model."""
    run()
    taken = []
    for _ in range(repeat):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="colorization-photo")
    parser.add_argument("--data-dir", type=Path, help="a folder of pictures [the bundled photographs]")
    parser.add_argument("--photos", type=Path, help="a folder of larger photographs [the bundled photographs]")
    parser.add_argument("--limit", type=int, default=250, help="pictures of the folder, by a fixed seed [250]")
    options = parser.parse_args()
    truths = load_pictures(options.data_dir, options.limit)
    if options.data_dir is None:
        truths = [with_short_side(truth, SHORT_SIDE) for truth in truths]
    print(f"{options.checkpoint}, {len(truths):,} pictures of {options.data_dir or 'the bundled photographs'}")
    print(f"{'':24}{'PSNR, dB':>8}{'colourfulness':>16}")
    print(f"{'truth':24}{'':8}{score(truths, truths)[8:]}")
    print(f"{'grey':24}{score(truths, [greyed(truth) for truth in truths])}")
    print(f"{'model':24}{score(truths, [inference.colorize(truth, options.checkpoint) for truth in truths])}")
    for count in COUNTS:
        hints = [random_hints(truth, count, seed) for seed, truth in enumerate(truths)]
        given = list(zip(truths, hints, strict=True))
        ours = [inference.colorize(truth, options.checkpoint, hints=each) for truth, each in given]
        print(f"{f'{count} hints, model':24}{score(truths, ours)}")
        print(f"{f'{count} hints, Levin':24}{score(truths, [levin(truth, each) for truth, each in given])}", flush=True)
    photos = load_pictures(options.photos, options.limit)
    print(f"{len(photos):,} photographs of {options.photos or 'the bundled ones'}")
    for side in SIDES:
        resized = [with_short_side(photo, side) for photo in photos]
        print(f"{f'grey, {side} pixels':24}{score(resized, [greyed(photo) for photo in resized])}")
        colorized = [inference.colorize(photo, options.checkpoint) for photo in resized]
        print(f"{f'model, {side} pixels':24}{score(resized, colorized)}", flush=True)
    photo = np.asarray(Image.fromarray(load_bundled_photos()["coffee"]).resize((640, 427), Image.Resampling.LANCZOS))
    hints = random_hints(photo, 10, seed=0)
    for name, given in (("no hints", []), ("10 hints", hints)):
        took = seconds(lambda given=given: inference.colorize(photo, options.checkpoint, hints=given))
        print(f"{took:.2f} s at 640 × 427, {name}, {torch.get_num_threads()} threads")


if __name__ == "__main__":
    main()
