"""How unusual a picture is to a model: its reconstruction error among those of the test set.

A model that has learnt one kind of picture fails on others, so a large error tells that a picture is not of that
kind (Sakurada and Yairi, 2014, "Anomaly Detection Using Autoencoders").
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..checkpoints import load_metrics


def error_percentile(mse: float, checkpoint: str | Path) -> float | None:
    """The share of the test pictures, in per cent, whose error is below `mse`; None where none are on record."""
    quantiles = load_metrics(checkpoint).get("error_quantiles")
    return None if not quantiles else float(np.interp(mse, quantiles, np.linspace(0, 100, len(quantiles))))
