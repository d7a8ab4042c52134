"""Cards and figures of the Sequences tab: the size of the code, the test errors, and what was done to a file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from .... import checkpoints
from ....analysis.detection import outlier_threshold
from ....data.series_files import Series
from ....inference import SeriesResult
from ....models import Autoencoder
from ...components.cards import card

MIN_WINDOWS = 10  # of a recording, for a threshold of its own


def compression(model: Autoencoder) -> dict:
    """A card with the sizes of the code and of a sample."""
    numbers, size = model.config.latent_dim, int(np.prod(model.config.input_shape))
    if len(model.config.input_shape) == 1:
        return card("code", "compression", code_of_letters=f"{numbers} / {size} × {model.config.symbols}")
    return card("code", "compression", code_of_steps=f"{numbers} / {size}", ratio=f"{size / numbers:.1f} : 1")


def standing(checkpoint: str | Path) -> dict[str, Any]:
    """The quantiles of the test set's errors, and the 95th percentile as a threshold, where they are recorded."""
    quantiles = checkpoints.load_metrics(checkpoint).get("error_quantiles")
    return {"quantiles": quantiles, "threshold": quantiles[95]} if quantiles else {}


def standing_among(scores: np.ndarray, checkpoint: str | Path) -> dict[str, Any]:
    """As `standing`, for a recording that the model was not trained on, with the errors `scores` `(N,)`.

    All its windows may have larger errors than the test samples: then its outliers count as unusual, `own` is true, and
    the quantiles are those of the recording.
    """
    known = standing(checkpoint)
    if len(scores) < MIN_WINDOWS or (threshold := outlier_threshold(scores)) <= known.get("threshold", 0.0):
        return known
    return {"quantiles": np.percentile(scores, range(101)).tolist(), "threshold": threshold, "own": True}


def unusual_windows(scores: np.ndarray, among: dict[str, Any]) -> list[dict]:
    """A card of how many windows have an error above the threshold in `among`, see `standing`, if there is one."""
    threshold = among.get("threshold")
    if threshold is None:
        return []
    count = int((scores > threshold).sum())
    limit = {"limit_of_recording" if among.get("own") else "limit": f"{threshold:.2g}"}
    return [card("error", "unusual_windows", windows=f"{count:,} / {len(scores):,}", **limit)]


def preparation(series: Series, found: SeriesResult, scaling: str) -> dict:
    """A card of the preparation of a series: gaps, scaling, windows."""
    windows = found.windows
    low, high = float(windows.low[0]), float(windows.high[0])
    gaps, steps = int(windows.gaps.sum()), windows.x.shape[1]
    least, most = float(windows.x.min()), float(windows.x.max())
    digits = max(0, 3 - math.floor(math.log10(max((most - least) * (high - low), 1e-12))))
    span = " … ".join(f"{round(low + end * (high - low), digits):g}" for end in (least, most))
    return card(
        "input",
        "prepared",
        text=series.name,
        given_steps=f"{windows.size:,}",
        time_column=series.time,
        gaps_filled=f"{gaps:,}" if gaps else None,
        scaled=f"{span} → {least:.2f} … {most:.2f}" if scaling == "fit" else None,
        windows=f"{len(windows.starts):,} × {windows.length:,}",
        resampled=f"{windows.length:,} → {steps:,}" if windows.length != steps else None,
        padded=f"{windows.padded:,}" if windows.padded else None,
    )
