"""What the page shows of a model before it is trained, and of a run while it goes on."""

from __future__ import annotations

import math
import re
from typing import Any

from ..data.bundled import DIGIT_CLASSES, FASHION_CLASSES
from ..models import Autoencoder
from ..training.events import Evaluated, Event, Failed, Finished, Previewed, Started, Stepped
from .components.cards import card
from .components.curve import curve_value
from .components.preview import preview_value
from .components.scatter import scatter_value

CLASSES = {
    "digits": DIGIT_CLASSES,
    "mnist": DIGIT_CLASSES,
    "fashion-small": FASHION_CLASSES,
    "fashion": FASHION_CLASSES,
}
FIGURES = ("mse", "psnr", "ssim", "bce", "kl", "negative_elbo", "accuracy", "colourfulness")  # shown; a zip has all


def facts_of(model: Autoencoder) -> list[dict]:
    """What is to be known of a model before it is trained: its size, and how far it compresses."""
    shapes = dict(model.layers())
    given, numbers = math.prod(shapes["input"]), math.prod(shapes["code"])
    ratio = f"{given / numbers:.1f} : 1" if given >= numbers else f"1 : {numbers / given:.1f}"
    sizes = {"numbers": f"{numbers:,} / {given:,}", "ratio": ratio, "parameters": model.parameter_count()}
    return [card("code", "compression", **sizes)]


class View:
    """The values of the tab's output column, made from a run's events."""

    def __init__(self, data: str) -> None:
        self.classes = CLASSES.get(data, ())
        self.started = False  # the process has its model and data, and can be stopped in good order
        self.stopping = False
        self.killed = False  # stopped before there was anything to save
        self.finished = False
        self.status: dict[str, Any] = {}
        self.series: dict[str, list[list[float]]] = {"training": [], "held_out": []}

    def clear(self) -> dict[str, Any]:
        """An empty page, and that the run starts."""
        empty = {"curve": curve_value({}), "preview": None, "plane": None, "figures": [], "zip": None}
        return {**empty, **self.say("starting")}

    def say(self, state: str, **more: Any) -> dict[str, Any]:
        """The status line, with what was known before."""
        self.status = {**self.status, **more, "state": state}
        return {"status": self.status}

    def update(self, events: list[Event]) -> dict[str, Any]:
        """What changes with these events; the status line always."""
        changed: dict[str, Any] = {}
        for event in events:
            changed |= self._show(event)
        if self.status["state"] in ("starting", "running") and self.stopping:
            self.say("stopping")
        if changed.pop("grown", False):
            changed["curve"] = curve_value(self.series, end=self._right())
        return {**changed, "status": self.status}

    def _right(self) -> float | None:
        """The curve's right border: it doubles as the run goes on, up to its end."""
        epoch, epochs = self.status["epoch"], self.status["epochs"]
        return None if self.finished else min(epochs, 2 ** math.ceil(math.log2(max(2, epoch))))

    def _show(self, event: Event) -> dict[str, Any]:
        if isinstance(event, Started):
            self.started = True
            self.say("running", epoch=0, epochs=event.epochs, device=event.device, notice=tidy(event.notice))
        elif isinstance(event, Stepped):
            self.say(
                "running", epoch=event.epoch, phase=event.phase, speed=event.images_per_second, left=event.seconds_left
            )
            self.series["training"].append([event.epoch, event.losses["loss"]])
            return {"grown": True}
        elif isinstance(event, Evaluated):
            return {"figures": figures_of(event.figures)}
        elif isinstance(event, Previewed):
            shown = {"preview": preview_value(f"data:image/png;base64,{event.picture}", event.rows)}
            if event.points:
                shown["plane"] = scatter_value(event.points, self.classes)
            if event.held_out is not None:
                self.series["held_out"].append([self.status["epoch"], event.held_out])
                shown["grown"] = True
            return shown
        elif isinstance(event, Finished):
            self.finished = True
            done = {"left": None, "speed": None, "seconds": event.seconds}
            self.say("stopped" if event.stopped else "finished", **done)
            return {"figures": figures_of(event.figures), "grown": True}
        elif isinstance(event, Failed):
            if self.killed:
                self.say("stopped")
            else:
                self.say("failed", message=tidy(event.message), left=None, speed=None)
        return {}


def tidy(message: str | None) -> str | None:
    """A sentence without the path of the folder that a run's uploads were gathered in."""
    return message and re.sub(r"\S*ae-demo-run-\w+/pictures", "your upload", message)


def figures_of(figures: dict[str, float]) -> list[dict]:
    """A run's figures on held-out pictures, those that everybody can read."""
    return [card("output", "held_out", **{name: figures[name] for name in FIGURES if name in figures})]
