"""What a checkpoint says of itself: metrics.json."""

from __future__ import annotations

import platform
from typing import Any

import torch

from .. import __version__
from ..data import Dataset
from ..models import Autoencoder
from .evaluation import means_of
from .options import TrainOptions

QUANTILES = 101


def build_report(
    model: Autoencoder,
    data: Dataset,
    options: TrainOptions,
    measured: dict[str, torch.Tensor],
    history: list[dict[str, Any]],
    epochs: int,
    seconds: float,
    command: str,
) -> dict[str, Any]:
    """Figures over the whole test set (from `measure_all`), and all that one needs to make it again."""
    errors = measured.get("mse")
    phases = {entry["phase"]: entry.get("mse") for entry in history}  # the last epoch of each stays
    return {
        "figures": {k: round(v, 6) for k, v in means_of(measured).items()},
        "data": {"name": data.name, "train": len(data.train), "test": len(data.test), "notice": data.notice},
        "command": command,
        "seed": options.seed,
        "options": options.to_dict(),
        "epochs": epochs,
        "seconds": round(seconds, 1),
        "parameters": model.parameter_count(),
        "phases": phases if len(phases) > 1 else None,
        "error_quantiles": _quantiles(errors) if errors is not None else None,
        "versions": {"ae_demo": __version__, "torch": torch.__version__, "python": platform.python_version()},
        "history": [{k: round(v, 6) if isinstance(v, float) else v for k, v in e.items()} for e in history],
    }


def _quantiles(errors: torch.Tensor) -> list[float]:
    """The 0th to 100th percentile of the test pictures' mean squared errors: the scale for 'unusual'."""
    return [float(f"{q:.4g}") for q in errors.quantile(torch.linspace(0, 1, QUANTILES))]
