"""What the tab shows of the sample that was clicked: the reconstruction, and where it differs."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
import torch

from ....analysis.anomaly import QUANTILE
from ....data.pictures import to_pixels
from ....functional import metrics
from ...components.cards import card
from ...components.curve import curve_value
from .fitting import Fitted
from .sources import enlarge

CONTOUR = (255, 214, 0)
GAIN = 4  # of the error map
MAX_CHANNELS = 8  # of a series, that are shown


def describe(fitted: Fitted, index: int, quantile: float = QUANTILE, threshold: float | None = None) -> dict[str, Any]:
    """`detail`, the cards of a picture, and `lines`, the curves of a window: the one that does not apply is hidden.

    quantile: of normal samples, from which the contour of the error map follows; threshold: None: at that quantile
    """
    detector = fitted.detector
    x = fitted.x[index : index + 1]
    x_hat = detector.reconstructor.reconstruct(x)
    if detector.data == "series":
        parts = curves(detector.reader, x[0, :, :, 0], x_hat[0, :, :, 0])
        return {"detail": [], "lines": gr.update(value=parts, visible=True)}
    error = (x_hat - x).abs().mean(1, keepdim=True)
    truth = None if fitted.labels is None else "kind_anomaly" if fitted.labels[index] else "kind_normal"
    score, threshold = float(fitted.scores[index]), detector.threshold(quantile) if threshold is None else threshold
    role, verdict = ("error", "flagged") if score > threshold else ("output", "not_flagged")
    figures = {"score": f"{score:.3g}", "at_threshold": f"{threshold:.3g}"}
    shown = [
        card("input", "sample", to_pixels(x), note=truth),
        card(role, verdict, to_pixels(x_hat), mse=metrics.mse(x_hat, x).item()),
        card("error", "error_map", outlined(error, pixel_threshold(fitted, quantile)), "outlined", **figures),
        card("other", "nearest_normal", to_pixels(nearest_normal(detector.reader.normal.x, x))),
    ]
    return {"detail": shown, "lines": gr.update(value=curve_value({}), visible="hidden")}


def nearest_normal(normal: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The normal sample, of those the detector was given, with the smallest squared distance from `x` (1, C, H, W)."""
    return normal[(normal - x).square().flatten(1).sum(1).argmin()][None]


def pixel_threshold(fitted: Fitted, quantile: float) -> float:
    """The quantile of the absolute errors of the pixels of normal samples, above zero."""
    normal = fitted.detector.reader.normal.x[:200]
    errors = (fitted.detector.reconstructor.reconstruct(normal) - normal).abs().mean(1).flatten()
    return max(float(np.quantile(errors.numpy(), quantile)), 1e-3)


def outlined(error: torch.Tensor, threshold: float) -> np.ndarray:
    """An error map `(1, 1, H, W)`, brightened, with the contour of the pixels above `threshold`; uint8 (h, w, 3)."""
    grey = enlarge(to_pixels((GAIN * error).clamp(0, 1)))
    above = enlarge(to_pixels((error > threshold).float())) > 127
    padded = np.pad(above, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    pixels = np.repeat(grey[..., None], 3, axis=2)
    pixels[above & ~inside] = CONTOUR
    return pixels


def curves(reader, x: torch.Tensor, x_hat: torch.Tensor) -> dict:
    """A window `(F, T)` and its reconstruction in the units of the series, and the squared error over time."""
    low, high = (torch.from_numpy(np.asarray(end))[:, None] for end in (reader.low, reader.high))
    parts = {}
    for channel in range(min(MAX_CHANNELS, len(x))):
        values = {"training": x, "held_out": x_hat}
        name = "signal" if len(x) == 1 else f"{channel + 1}"
        parts[name] = {key: _points((low + part * (high - low))[channel]) for key, part in values.items()}
    parts["squared_error"] = {"held_out": _points((x_hat - x).square().mean(0))}
    return curve_value(parts, end=x.shape[1] - 1)


def _points(values: torch.Tensor) -> list[list[float]]:
    return [[float(step), float(value)] for step, value in enumerate(values)]
