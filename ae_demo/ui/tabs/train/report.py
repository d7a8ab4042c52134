"""The report of a run: one self-contained HTML file with its settings, curves, pictures and figures."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from .... import checkpoints
from ...components import cards
from ...shared.controls import label_of
from ...strings import load_strings
from ...strings.messages import locale_of_visitor
from .settings import PageSettings
from .view import View

TEMPLATE = Path(__file__).with_name("report.html")


PREFIX = "train.report."


def write_report(folder: Path, settings: PageSettings, view: View) -> Path:
    """Write a finished run's report in the visitor's language beside its checkpoint's folder; return its path."""
    metrics = checkpoints.load_metrics(folder)
    config = checkpoints.read_json(folder / checkpoints.CONFIG)["config"]
    path = folder.with_name(f"{folder.name}-report.html")
    path.write_text(fill(content(settings, view, metrics, config, locale_of_visitor())), encoding="utf-8")
    return path


def content(
    settings: PageSettings, view: View, metrics: dict[str, Any], config: dict[str, Any], locale: str = "en"
) -> dict[str, Any]:
    """The content of the report, ready for JSON; figures and settings under their names in the page."""
    texts = load_strings(locale)
    words = {key.removeprefix(PREFIX): text for key, text in texts.items() if key.startswith(PREFIX)}
    data, versions = metrics["data"], metrics["versions"]
    summary = [
        words["parameters"].format(count=metrics["parameters"]),
        words["trained"].format(epochs=metrics["epochs"], count=data["train"], seconds=metrics["seconds"]),
        words["tested"].format(count=data["test"]),
        ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
    labels = {field.name: label_of(field) for part in (settings.config, settings.options) for field in fields(part)}
    labels = {name: texts.get(f"option.{label}", label) for name, label in labels.items()}
    named = {
        words["family"]: texts.get(f"train.run.{settings.family}", settings.family),
        words["data"]: texts.get(f"train.run.{data['name']}", data["name"]),
        **{labels.get(name, name): str(value) for name, value in {**config, **metrics["options"]}.items()},
    }
    if changes := metrics.get("steered"):
        named[words["changed"]] = "; ".join(_change(change, words, labels) for change in changes)
    return {
        "language": locale,
        "words": words,
        "name": view.name,
        "summary": " · ".join(summary),
        "figures": {name_of_figure(name, locale): value for name, value in metrics["figures"].items()},
        "settings": named,
        "parts": view.shown_parts(),
        "marks": view.marks,
        "snapshots": view.snapshots,
    }


def name_of_figure(name: str, locale: str) -> str:
    """What the page calls a figure."""
    texts = load_strings(locale)
    return texts.get(f"train.card.{name}") or _load_card_texts()[locale].get(name, name)


@cache
def _load_card_texts() -> dict[str, dict[str, str]]:
    return json.loads((Path(cards.__file__).parent / "strings.json").read_text(encoding="utf-8"))


def _change(change: dict[str, float], words: dict[str, str], labels: dict[str, str]) -> str:
    when = words["epoch"].format(epoch=f"{change['epoch']:g}")
    return f"{when}: " + ", ".join(f"{labels.get(k, k)} {v:g}" for k, v in change.items() if k != "epoch")


def fill(content: dict[str, Any]) -> str:
    """The report's HTML, with the content as JSON, escaped so that it cannot end the script."""
    run = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(run=run)
