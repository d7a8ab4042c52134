"""What the Denoise tab shows of a picture: before and after, the classical filters, and the figures of all."""

from __future__ import annotations

import time

import numpy as np

from .... import inference
from ....analysis import baselines
from ....data.pictures import to_tensor
from ....functional import metrics
from ....inference.tiles import Progress
from ...components.cards import card
from ...components.data_uri import is_large
from ...components.table import table_value

FILTERED = 250_000  # pixels, from the middle, that the classical filters are shown, which take long


def pictures(clean: np.ndarray, noisy: np.ndarray, denoised: np.ndarray, already: bool) -> list[dict]:
    """Before and after, with their figures; of a large picture also a part at its full size."""
    truth = None if already else clean
    shown = [card("output", "denoised", denoised, before=noisy, **_figures(denoised, truth))]
    if is_large(clean):
        shown.append(card("output", "detail", middle(denoised, 200_000), before=middle(noisy, 200_000)))
    if already:
        return shown
    return [*shown, card("input", "clean", clean), card("error", "noisy", noisy, **_figures(noisy, truth))]


def compare(
    checkpoint: str, clean: np.ndarray, noisy: np.ndarray, already: bool, progress: Progress = lambda share: None
) -> tuple[list[dict], dict | None]:
    """What one would use without a model, and the table of all, on the middle of the picture if it is large."""
    part, truth = middle(noisy, FILTERED), None if already else middle(clean, FILTERED)
    methods = {"denoised": lambda pixels: inference.denoise(pixels, checkpoint), **baselines.FILTERS}
    shown = []
    for name, run in methods.items():
        progress(len(shown) / len(methods))
        began = time.perf_counter()
        out = run(part)
        figures = _figures(out, truth, time.perf_counter() - began)
        shown.append(card("output" if name == "denoised" else "other", name, out, **figures))
    of_part = part.shape != noisy.shape  # then its figures are not those of the whole, and have another name
    if of_part:
        shown[0]["title"] = "denoised_part"
    before = card("error", "noisy_part" if of_part else "noisy", part, **_figures(part, truth))
    rows = shown if already else [before, *shown]
    return shown[not of_part :], table_value(rows, "table_crop" if of_part else None)


def middle(pixels: np.ndarray, most: int) -> np.ndarray:
    """The middle of a picture, of its shape, with at most so many pixels."""
    height, width = pixels.shape[:2]
    share = min(1.0, (most / (height * width)) ** 0.5)
    rows, columns = max(1, int(height * share)), max(1, int(width * share))
    top, left = (height - rows) // 2, (width - columns) // 2
    return pixels[top : top + rows, left : left + columns]


def _figures(pixels: np.ndarray, clean: np.ndarray | None, seconds: float | None = None) -> dict:
    if clean is None:
        return {"seconds": seconds}
    x_hat, x = to_tensor(pixels), to_tensor(clean)
    return {"psnr": metrics.psnr(x_hat, x).item(), "ssim": metrics.ssim(x_hat, x).item(), "seconds": seconds}
