"""What the page shows of a model before it is trained, and of a run while it goes on."""

from __future__ import annotations

import itertools
import math
import re
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

from .... import checkpoints
from ....analysis.baselines import pca_reconstruct
from ....data import load_dataset
from ....data.bundled import DIGIT_CLASSES, FASHION_CLASSES
from ....functional import metrics
from ....models import FAMILIES, Autoencoder, Config
from ....training.events import Evaluated, Event, Failed, Finished, Paused, Previewed, Started, Steered, Stepped
from ....training.preview import preview
from ....training.steering import live_fields
from ...components.bars import bars_value
from ...components.cards import card
from ...components.curve import curve_value
from ...components.layers import layers_value
from ...components.preview import preview_value
from ...components.scatter import scatter_value
from ...shared import user_runs
from ...shared.controls import NONE
from ...shared.model_view import diagram_of
from .settings import OWN, RunOptions, Settings

QUICK_TEST = 500  # held-out pictures, as many as a run here is measured on
CLASSES = {
    "digits": DIGIT_CLASSES,
    "mnist": DIGIT_CLASSES,
    "fashion-small": FASHION_CLASSES,
    "fashion": FASHION_CLASSES,
}
FIGURES = ("mse", "psnr", "ssim", "bce", "kl", "negative_elbo", "accuracy", "colourfulness")  # shown; a zip has all


def facts_of(model: Autoencoder, seconds: float | None = None) -> list[dict]:
    """What is to be known of a model before it is trained: its size, how far it compresses, about how long it takes.

    And the field's rule of thumb for the size of a code, by the numbers in a picture.
    """
    shapes = dict(model.layers())
    given, numbers = math.prod(shapes["input"]), math.prod(shapes["code"])
    ratio = f"{given / numbers:.1f} : 1" if given >= numbers else f"1 : {numbers / given:.1f}"
    sizes = {"numbers": f"{numbers:,} / {given:,}", "ratio": ratio, "parameters": model.parameter_count()}
    thumb = "2–10" if given < 100 else "10–50" if given <= 1000 else "50–200"
    rule = card("code", "rule_of_thumb", thumb=thumb, to_generate="2–32", for_anomalies="16–64")
    return [card("code", "compression", **sizes, estimate=None if seconds is None else about(seconds)), rule]


def about(seconds: float) -> str:
    """A time that is known roughly."""
    if seconds < 60:
        return f"≈ {max(1, round(seconds)):g} s"
    return f"≈ {seconds / 60:.0f} min" if seconds < 5400 else f"≈ {seconds / 3600:.1f} h"


def pca_card(settings: Settings) -> list[dict]:
    """What PCA with as many numbers makes of the same held-out pictures, where a run can be measured by it."""
    shape = settings.outline().code_shape
    if settings.data not in CLASSES or len(shape) > 1 or settings.limit or settings.family == "seq2seq":
        return []
    bundled = "digits" if settings.data in ("digits", "mnist") else "fashion-small"
    x = load_dataset(bundled).test[:QUICK_TEST].float() / 255
    x_hat = pca_reconstruct(x, shape[0], bundled)
    figures = {name: getattr(metrics, name)(x_hat, x).mean().item() for name in ("mse", "psnr", "ssim")}
    return [card("other", "pca", **figures)]


class View:
    """The values of the tab's output column, made from a run's events."""

    def __init__(self, settings: Settings) -> None:
        self.classes = CLASSES.get(settings.data, ())
        self.started = False  # the process has its model and data, and can be stopped in good order
        self.finished = False  # there is a checkpoint
        self.over = False
        self.paused_since: float | None = None
        self.status: dict[str, Any] = {"state": "starting", "live": live_values(settings)}
        self.parts: dict[str, dict[str, list[list[float]]]] = {}
        self.marks: list[list[Any]] = []
        self.snapshots: list[dict[str, Any]] = []  # a few, from the first to the latest
        self.name = name_of(settings)
        self.kind = kind_of(FAMILIES[settings.family].Config(**settings.config), settings.family)
        self.number = next(_numbers)

    def clear(self) -> dict[str, Any]:
        """An empty page, and that the run starts."""
        empty = {"preview": None, "plane": None, "activations": [], "figures": [], "zip": None, "report": None}
        return {**empty, "curve": self._curve(), **self.say("starting")}

    def say(self, state: str, **more: Any) -> dict[str, Any]:
        """The status line, with what was known before."""
        self.status = {**self.status, **more, "state": state}
        return {"status": self.status}

    def update(self, events: list[Event]) -> dict[str, Any]:
        """What changes with these events."""
        before, changed = self.status, {}
        for event in events:
            changed |= self._show(event)
        if changed.pop("grown", False):
            changed["curve"] = self._curve()
        return changed if self.status is before else {**changed, "status": self.status}

    def _curve(self) -> dict[str, Any]:
        """The right border doubles as the run goes on, up to its end."""
        epoch, epochs = self.status.get("epoch", 0), self.status.get("epochs")
        end = epochs and (None if self.finished else min(epochs, 2 ** math.ceil(math.log2(max(2, epoch)))))
        return curve_value(
            self.shown_parts(), end=end, marks=self.marks, run=self.number, name=self.name, kind=self.kind
        )

    def shown_parts(self) -> dict[str, dict[str, list[list[float]]]]:
        """The loss, and its parts where it has several."""
        return {k: v for k, v in self.parts.items() if k == "loss" or len(self.parts) > 2}

    def _grow(self, series: str, epoch: float, losses: dict[str, float]) -> None:
        for part, value in losses.items():
            self.parts.setdefault(part, {"training": [], "held_out": []})[series].append([epoch, value])

    def _run_on(self, **more: Any) -> None:
        """What was said of a stop stays until it has happened."""
        state = self.status["state"] if self.status["state"] == "stopping" else "running"
        self.paused_since = None
        self.say(state, **more)

    def _show(self, event: Event) -> dict[str, Any]:
        if isinstance(event, Started):
            self.started = True
            self.marks = marks_of(event.phases)
            self._run_on(epoch=0, epochs=event.epochs, device=event.device, notice=tidy(event.notice))
        elif isinstance(event, Stepped):
            self._run_on(
                epoch=event.epoch,
                step=event.step,
                phase=event.phase,
                speed=event.images_per_second,
                left=event.seconds_left,
            )
            self._grow("training", event.epoch, event.losses)
            return {"grown": True}
        elif isinstance(event, Evaluated):
            return {"figures": figures_of(event.figures)}
        elif isinstance(event, Previewed):
            return self._show_preview(event)
        elif isinstance(event, Paused):
            self.paused_since = self.paused_since or time.monotonic()
            self.say("paused", left=None, speed=None)
        elif isinstance(event, Steered):
            live = [[name, event.values.get(name, value)] for name, value in self.status["live"]]
            self.say(self.status["state"], live=live, notice=event.problem)
            stay = [m for m in self.marks if m[0] != event.epoch or m[1].split()[0] not in event.values]
            self.marks = [*stay, *([event.epoch, f"{name} {value:g}"] for name, value in event.values.items())]
            return {"grown": True}
        elif isinstance(event, Finished):
            self.finished = self.over = True
            done = {
                "left": None,
                "speed": None,
                "seconds": event.seconds,
                "notice": event.notice or self.status.get("notice"),
            }
            self.say("stopped" if event.stopped else "finished", **done)
            return {"figures": figures_of(event.figures), "grown": True}
        elif isinstance(event, Failed):
            self.over = True
            self.say("failed", message=tidy(event.message), left=None, speed=None)
        return {}

    def _show_preview(self, event: Previewed) -> dict[str, Any]:
        picture = f"data:image/png;base64,{event.picture}"
        snapshot = {"epoch": event.epoch, "picture": picture, "rows": event.rows}
        if len(self.snapshots) > 1 and self.snapshots[-1]["epoch"] < 2 * self.snapshots[-2]["epoch"]:
            self.snapshots.pop()  # they stand the closer, the earlier: then most happens
        self.snapshots.append(snapshot)
        shown = {"preview": preview_value(picture, event.rows, event.epoch, self.number)}
        if event.points:
            shown["plane"] = scatter_value(event.points, self.classes, event.epoch)
        if event.activations:
            shown["activations"] = bars_value(event.activations)
        if event.held_out is not None:
            self._grow("held_out", event.epoch, event.held_out)
            shown["grown"] = True
        return shown


def view_of_checkpoint(folder: Path) -> dict[str, Any]:
    """The page as it showed a run when it ended; of one that was loaded what its checkpoint tells.

    That is the model, its figures, a curve with a point an epoch, and held-out pictures where we can.
    """
    model, told = checkpoints.load(folder, "cpu"), checkpoints.load_metrics(folder)
    name = str(told["data"]["name"])
    parts: dict[str, dict[str, list[list[float]]]] = {}
    shown: dict[str, Any] = {
        "zip": user_runs.zip_checkpoint(folder),
        "diagram": diagram_of(model),
        "facts": facts_of(model),
        "layers": layers_value(model.layers()),
    }
    if seen := user_runs.seen_of(folder):
        return shown | seen | {"status": {**seen["status"], "name": seen["curve"]["name"]}}
    shown |= {"preview": None, "plane": None, "activations": [], "report": None}
    for entry in told.get("history") or []:
        for part in ("loss", "bce", "kl", "sparsity"):
            if isinstance(value := entry.get(part), int | float) and isinstance(at := entry.get("epoch"), int | float):
                parts.setdefault(part, {"training": []})["training"].append([at, value])
    if model.config.input_shape == (1, 28, 28) and name in CLASSES:
        data = load_dataset("digits" if name in ("digits", "mnist") else "fashion-small")
        now = preview(model, data, 0.0)
        shown["preview"] = preview_value(f"data:image/png;base64,{now.picture}", now.rows)
        shown["plane"] = scatter_value(now.points, CLASSES[name]) if now.points else None
        shown["activations"] = bars_value(now.activations or [])
    number = next(_numbers)
    figures = {k: v for k, v in (told.get("figures") or {}).items() if isinstance(v, int | float)}
    title = f"{model.family} · {name}"
    status = {"state": "loaded", "name": title, "seconds": told.get("seconds")}
    return shown | {
        "curve": curve_value(parts, run=number, name=title, kind=kind_of(model.config, model.family)),
        "figures": figures_of(figures),
        "status": status,
    }


_numbers = itertools.count(1)  # tell runs apart in the page


def live_values(settings: Settings) -> list[list[Any]]:
    """[name, value] of what may change during the run."""
    config = FAMILIES[settings.family].Config(**settings.config)
    own = [[name, getattr(config, name)] for name in live_fields(type(config))]
    return [["lr", RunOptions(**settings.options).lr], *own]


def marks_of(phases: dict[str, int]) -> list[list[Any]]:
    """[epoch, name] where the phases of a run begin, if there are several."""
    starts = itertools.accumulate(phases.values(), initial=0)
    return [[start, name] for start, name in zip(starts, phases, strict=False)] if len(phases) > 1 else []


def kind_of(config: Config, family: str) -> str:
    """What a run minimises: a VAE's is a sum over the picture, of which others have the mean."""
    return f"{family if family == 'vae' else 'mean'} {config.loss}"


def name_of(settings: Settings) -> str:
    """What tells a run from others: the family and the settings that differ from the defaults."""
    differing = []
    for config, values in ((FAMILIES[settings.family].Config, settings.config), (RunOptions, settings.options)):
        defaults = {f.name: (f.default, f.metadata["label"] or f.name) for f in fields(config) if f.name in values}
        for name, (default, label) in defaults.items():
            if values[name] != default:
                value = values[name]
                shown = ("-".join(map(str, value)) or NONE) if isinstance(value, tuple) else f"{value}"
                differing.append(f"{label.replace('_', ' ')} {shown}")
    if settings.limit:
        differing.append(f"{settings.limit:,} pictures")
    return " · ".join([settings.family, settings.data if settings.data != OWN else "own pictures", *differing])


def tidy(message: str | None) -> str | None:
    """A sentence without the path of the folder that a run's uploads were gathered in."""
    return message and re.sub(r"\S*ae-demo-run-\w+/pictures", "your upload", message)


def figures_of(figures: dict[str, float]) -> list[dict]:
    """A run's figures on held-out pictures, those that everybody can read."""
    return [card("output", "held_out", **{name: figures[name] for name in FIGURES if name in figures})]
