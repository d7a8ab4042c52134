"""The report of a run: one self-contained HTML file with its settings, curves, pictures and figures."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from .... import checkpoints
from .settings import PageSettings
from .view import View

TEMPLATE = Path(__file__).with_name("report.html")


def write_report(folder: Path, settings: PageSettings, view: View) -> Path:
    """Write the report of a finished run beside its checkpoint's folder; return its path."""
    metrics = checkpoints.load_metrics(folder)
    config = checkpoints.read_json(folder / checkpoints.CONFIG)["config"]
    path = folder.with_name(f"{folder.name}-report.html")
    path.write_text(fill(content(settings, view, metrics, config)), encoding="utf-8")
    return path


def content(settings: PageSettings, view: View, metrics: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The content of the report, ready for JSON."""
    data, versions = metrics["data"], metrics["versions"]
    given = {"family": settings.family, "data": data["name"], **config, **metrics["options"]}
    steered = "; ".join(
        f"epoch {change['epoch']:g}: " + ", ".join(f"{k} {v:g}" for k, v in change.items() if k != "epoch")
        for change in metrics.get("steered", [])
    )
    summary = [
        f"{metrics['parameters']:,} parameters",
        f"{metrics['epochs']} epochs on {data['train']:,} samples in {metrics['seconds']:.0f} s",
        f"figures over {data['test']:,} held-out samples",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
    return {
        "name": view.name,
        "summary": " · ".join(summary),
        "figures": metrics["figures"],
        "settings": {k: str(v) for k, v in {**given, **({"changed": steered} if steered else {})}.items()},
        "parts": view.shown_parts(),
        "marks": view.marks,
        "snapshots": view.snapshots,
    }


def fill(content: dict[str, Any]) -> str:
    """The report's HTML, with the content as JSON, escaped so that it cannot end the script."""
    run = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(run=run)
