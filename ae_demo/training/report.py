"""The report of a run: a checkpoint's metrics.json."""

from __future__ import annotations

import platform
from typing import Any

import torch

from .. import __version__
from .evaluation import means_of
from .run import Run

QUANTILES = 101


def build_report(run: Run, measured: dict[str, torch.Tensor], seconds: float) -> dict[str, Any]:
    """The content of metrics.json: metrics over the whole test set, and the settings that reproduce the run.

    measured: metrics of each test sample, from `measure_all`
    seconds: training time
    """
    data, errors = run.data, measured.get("mse", measured.get("cross_entropy"))
    phases = {entry["phase"]: entry.get("mse") for entry in run.history}  # of the last epoch of each phase
    report = {
        "figures": {k: round(v, 6) for k, v in means_of(measured).items()},
        "data": {"name": data.name, "train": len(data.train), "test": len(data.test), "notice": data.notice},
        "command": run.command,
        "seed": run.options.seed,
        "options": run.options.to_dict(),
        "epochs": run.epoch,
        "seconds": round(seconds, 1),
        "parameters": run.model.parameter_count(),
        "phases": phases if len(phases) > 1 else None,
        "error_quantiles": _quantiles(errors) if errors is not None else None,
        "versions": {"ae_demo": __version__, "torch": torch.__version__, "python": platform.python_version()},
        "history": [{k: round(v, 6) if isinstance(v, float) else v for k, v in e.items()} for e in run.history],
    }
    if run.controls.changes:
        report["steered"] = run.controls.changes
    return report


def _quantiles(errors: torch.Tensor) -> list[float]:
    """The 0th to 100th percentiles of the test samples' errors (MSE, or cross-entropy of symbols)."""
    return [float(f"{q:.4g}") for q in errors.quantile(torch.linspace(0, 1, QUANTILES))]
