"""PSNR against bits per pixel of one picture: its code cut after some channels, JPEG and WebP at as many bytes."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from .... import inference
from ....analysis import baselines
from ....codec.compression import decode_packed, encode_map, pack
from ....codec.container import to_bytes
from ....data.pictures import to_planes
from ....functional import metrics
from ....inference.model_cache import version_of
from ....inference.scheduler import scheduler
from ....inference.tiles import Progress
from ...components.chart import chart_value, line
from ...shared.recent import Recent

COUNTS = (4, 8, 16, 32)  # channels kept
MOST_PIXELS = 300_000  # of a larger picture, its middle is measured
CODECS = {"jpeg": (baselines.jpeg_at_bytes, "--ae-code"), "webp": (baselines.webp_at_bytes, "--ae-input")}
_Curves: TypeAlias = dict[str, list[tuple[float, float]]]
_curves: Recent[_Curves] = Recent(32)


def rate_curve(
    pixels: np.ndarray,
    checkpoint: str | Path,
    step: float,
    refinements: int = 0,
    progress: Progress = lambda share: None,
) -> dict[str, Any] | None:
    """The chart of a picture, uint8 `(H, W)` or `(H, W, 3)`, at a quantization step; `refinements`: see `compress`."""
    shrink = min(1.0, (MOST_PIXELS / (pixels.shape[0] * pixels.shape[1])) ** 0.5)
    cut = [slice(int(side * (1 - shrink) / 2), int(side * (1 + shrink) / 2)) for side in pixels.shape[:2]]
    part = np.ascontiguousarray(pixels[cut[0], cut[1]])
    key = version_of(checkpoint), step, refinements, part.shape, hashlib.sha256(part).digest()
    points = _curves.get(key, lambda: _measure(part, checkpoint, step, refinements, progress))
    lines = [line("ours", "--ae-output", points["ours"])]
    lines += [line(name, hue, points[name]) for name, (_, hue) in CODECS.items()]
    return chart_value(lines, x="bits", y="psnr")


def _measure(pixels: np.ndarray, checkpoint: str | Path, step: float, refinements: int, progress: Progress) -> _Curves:
    """By method, (bits per pixel, PSNR in dB) for each of `COUNTS`, without codecs that have no file as small."""
    area, channels = pixels.shape[0] * pixels.shape[1], inference.get_model(checkpoint).code_shape[0]
    counts = sorted({min(count, channels) for count in COUNTS})
    turn = partial(scheduler.turn, area, comparison=True)
    if not refinements:
        with turn():
            whole = encode_map(pixels, checkpoint)
    found: _Curves = {"ours": [], **{name: [] for name in CODECS}}
    for done, count in enumerate(counts):
        progress(done / len(counts))
        with turn():
            code = encode_map(pixels, checkpoint, channels=count, refinements=refinements) if refinements else whole
            packed = pack(code, checkpoint, pixels, channels=count, step=step)
            budget = len(to_bytes(packed))
            found["ours"].append((8 * budget / area, _psnr(decode_packed(packed, checkpoint), pixels)))
        for name, (at_bytes, _) in CODECS.items():
            other, size = at_bytes(pixels, budget)
            if size <= budget:
                found[name].append((8 * size / area, _psnr(other, pixels)))
    return found


def _psnr(x_hat: np.ndarray, x: np.ndarray) -> float:
    return metrics.psnr(to_planes(x_hat), to_planes(x)).item()
