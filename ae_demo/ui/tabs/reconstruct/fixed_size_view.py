"""Results of a model of one input size: its input, its reconstruction, and how unusual the picture is to it."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
import numpy as np
import torch

from .... import checkpoints, inference
from ....analysis import anomaly, baselines
from ....analysis.code_ranges import code_range
from ....data import DATA_SETS
from ....data.pictures import to_pixels
from ....functional import metrics
from ....inference.model_cache import version_of
from ...components.bars import decoded_value, editable_code, read_code
from ...components.bars.component import MAX_BARS
from ...components.cards import card
from ...shared.page_models import page_model
from ...shared.recent import Recent

_Judged: TypeAlias = tuple[list[dict], dict[str, Any], dict, float]
_judged_pictures: Recent[_Judged] = Recent(64)


def fixed_size_results(pixels: np.ndarray, checkpoint: str | Path, threshold: float) -> dict[str, Any]:
    """The values of the tab's outputs; a picture is unusual above the percentile `threshold` of test errors."""
    key = version_of(checkpoint), pixels.shape, hashlib.sha256(np.ascontiguousarray(pixels)).digest()
    shown, code, size, error = _judged_pictures.get(key, lambda: _judge(pixels, checkpoint))
    facts, percentile = [size], anomaly.error_percentile(error, checkpoint)
    if percentile is not None:
        role, verdict = ("error", "unusual") if percentile > threshold else ("output", "usual")
        facts.append(card(role, verdict, note="percentile_note", percentile=f"{percentile:.0f} %"))
    return {"results": shown, "code": code, "map": [], "facts": facts, "table": None, "rate": None}


def _judge(pixels: np.ndarray, checkpoint: str | Path) -> _Judged:
    """What the threshold does not change: the pictures, the code, the card of its size, and the mean squared error."""
    result = inference.reconstruct(pixels, checkpoint)
    numbers = result.code.size
    x, x_hat = (torch.from_numpy(a)[None] for a in (result.seen, result.seen_hat))
    drawn = x.shape[1:] == (1, 28, 28)
    size = None if drawn else f"{x.shape[3]} × {x.shape[2]}"
    shown = [
        card("input", "seen", to_pixels(x), None if drawn else "resized_note", resolution=size),
        _judged("output", "reconstruction", x_hat, x),
    ]
    shown.append(card("error", "error", to_pixels((4 * (x_hat - x).abs().mean(1, keepdim=True)).clamp(0, 1))))
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    bundled = entry.bundled if entry else None
    if drawn:
        shown.append(_judged("other", "pca", baselines.pca_reconstruct(x, numbers, bundled or "digits"), x))
    else:
        shown.append(_judged("other", "dct", baselines.dct_reconstruct(x, numbers), x))
    decoded, size = baselines.jpeg_at_bytes(to_pixels(x), numbers)
    title = "jpeg" if size <= numbers else "smallest_jpeg"
    jpeg = torch.from_numpy(np.atleast_3d(decoded).transpose(2, 0, 1).copy())[None] / 255
    shown.append(_judged("other", title, jpeg, x, size=size))
    ratio = f"{x.numel() / numbers:.1f} : 1"
    about = card("code", "compression", numbers=f"{numbers:,} / {x.numel():,}", ratio=ratio, bytes=numbers)
    return shown, editable_bars(result, checkpoint), about, metrics.mse(x_hat, x).item()


def editable_bars(result: inference.Result, checkpoint: str | Path) -> dict[str, Any]:
    """The bars of a code; the page decodes what is edited if it can run the model, else `decode_edited` does."""
    model = inference.get_model(checkpoint)
    drawn = model.code_activation == "sigmoid"
    span, file = code_range(checkpoint), page_model(checkpoint)
    return editable_code(result.code, result.seen, span=span, model=file, drawn=drawn)


def decode_edited(pixels: np.ndarray, checkpoint: str | Path, event: gr.EventData) -> gr.HTML:
    """The picture of an edited code; its numbers beyond those of the bars are taken from the code of `pixels`."""
    numbers = math.prod(inference.get_model(checkpoint).code_shape)
    given = inference.encode([pixels], checkpoint)[0] if numbers > MAX_BARS else np.zeros(numbers, np.float32)
    x_hat = inference.decode_points(read_code(event, given)[None], checkpoint)
    return decoded_value((255 * x_hat[0]).round().byte().numpy(), event)


def _judged(role: str, title: str, x_hat: torch.Tensor, x: torch.Tensor, **more) -> dict:
    figures = {name: getattr(metrics, name)(x_hat, x).item() for name in ("mse", "psnr", "ssim")}
    return card(role, title, to_pixels(x_hat), **figures, **more)
