"""The view of a finished run: as saved at its end, or, for a loaded checkpoint, made from its metrics.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .... import checkpoints
from ....data import DATA_SETS, load_dataset
from ....models import Autoencoder
from ....training.preview import preview
from ...components.bars import bars_value
from ...components.curve import curve_value
from ...components.layers import layers_value
from ...components.preview import preview_value
from ...components.scatter import scatter_value
from ...shared import user_runs
from ...shared.model_view import diagram_of
from ...strings.messages import locale_of_visitor
from .facts import facts_of, figures_of
from .settings import PageSettings
from .view import name_of, next_number, objective_of

CURVES = ("loss", "bce", "kl", "sparsity")  # losses in a checkpoint's history


def view_of_checkpoint(folder: Path, settings: PageSettings | None) -> dict[str, Any]:
    """The values of the page's components for the checkpoint in `folder`, whose `settings_of` are given."""
    model = checkpoints.load(folder, "cpu")
    shown: dict[str, Any] = {
        "zip": user_runs.zip_checkpoint(folder),
        "diagram": diagram_of(model),
        "facts": facts_of(model),
        "layers": layers_value(model.layers()),
    }
    own_name = settings and name_of(settings, locale_of_visitor())  # in the language that the page has now
    if saved := user_runs.saved_view(folder):
        name = own_name or saved["curve"]["name"]
        return shown | saved | {"status": {**saved["status"], "name": name}, "curve": {**saved["curve"], "name": name}}
    metrics = checkpoints.load_metrics(folder)
    data = str(metrics["data"]["name"])
    number, title = next_number(), own_name or f"{model.family} · {data}"
    figures = {k: v for k, v in (metrics.get("figures") or {}).items() if isinstance(v, int | float)}
    curves = curves_of(metrics.get("history") or [])
    return {
        **shown,
        "report": None,
        **previews_of(model, data),
        "curve": curve_value(curves, run=number, name=title, kind=objective_of(model.config, model.variational)),
        "figures": figures_of(figures),
        "status": {"state": "loaded", "name": title, "seconds": metrics.get("seconds")},
    }


def curves_of(history: list[dict[str, Any]]) -> dict[str, dict[str, list[list[float]]]]:
    """The training losses of a checkpoint's history, with one point per epoch."""
    parts: dict[str, dict[str, list[list[float]]]] = {}
    for entry in history:
        for part in CURVES:
            if isinstance(value := entry.get(part), int | float) and isinstance(at := entry.get("epoch"), int | float):
                parts.setdefault(part, {"training": []})["training"].append([at, value])
    return parts


def previews_of(model: Autoencoder, data: str) -> dict[str, Any]:
    """Preview, latent plane and activations; empty unless there is a bundled data set for the model."""
    entry = DATA_SETS.get(data)
    if entry is None or entry.own or model.config.input_shape != entry.sample_shape:
        return {"preview": None, "plane": None, "activations": []}
    made = preview(model, load_dataset(entry.bundled or entry.name), 0.0)
    return {
        "preview": preview_value(f"data:image/png;base64,{made.picture}", made.rows),
        "plane": scatter_value(made.points, entry.classes) if made.points else None,
        "activations": bars_value(made.activations or []),
    }
