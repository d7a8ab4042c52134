"""Anomaly scores: the reconstruction error of a picture compared with those of the test set.

A model trained on one kind of pictures reconstructs others badly, so a large error indicates an anomaly (Sakurada and
Yairi, 2014, "Anomaly Detection Using Autoencoders with Nonlinear Dimensionality Reduction").
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..checkpoints import load_metrics


def error_percentile(mse: float, checkpoint: str | Path) -> float | None:
    """The percentage of test pictures with an error below `mse`; None if the checkpoint has no record of them.

    Raises `CheckpointError`.
    """
    quantiles = load_metrics(checkpoint).get("error_quantiles")
    return None if not quantiles else float(np.interp(mse, quantiles, np.linspace(0, 100, len(quantiles))))
