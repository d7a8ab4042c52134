"""The view of a run: converts its events to the values of the components that show it."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import fields
from typing import Any

from ....errors import Message
from ....models import Config, get_family
from ....training.controls import live_fields
from ....training.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Moved,
    Paused,
    Preparing,
    Previewed,
    Started,
    Steered,
    Stepped,
    Waiting,
)
from ...components.bars import bars_value
from ...components.curve import curve_value
from ...components.preview import preview_value
from ...components.scatter import scatter_value
from ...shared.controls import label_of
from ...strings import load_strings
from ...strings.messages import locale_of_visitor, localized
from .facts import figures_of
from .form import HIDDEN_OPTIONS
from .links import to_query
from .settings import UPLOADED, PageSettings

STATES_WITH = {  # values of the status that are shown in these states alone
    "ahead": ("waiting",),
    "stage": ("starting",),
    "waited": ("waiting", "starting"),
    "speed": ("running",),
    "left": ("running",),
}


class View:
    """The values of the components, by name, as a run goes on."""

    def __init__(self, settings: PageSettings) -> None:
        self.classes = settings.data_set.classes
        self.finished = False  # there is a checkpoint
        self.status: dict[str, Any] = {
            "state": "starting",
            "live": live_values(settings),
            "settings": query_of(settings),
        }
        self.parts: dict[str, dict[str, list[list[float]]]] = {}
        self.marks: list[list[Any]] = []
        self.snapshots: list[dict[str, Any]] = []  # a few previews, from the first to the latest
        self.name = name_of(settings, locale_of_visitor())
        self.kind = objective_of(settings.config, get_family(settings.family).variational)
        self.number = next_number()

    def clear(self) -> dict[str, Any]:
        """Empty components, and the status of a run that starts."""
        empty = {"preview": None, "plane": None, "activations": [], "figures": [], "zip": None, "report": None}
        return {**empty, "curve": self._curve(), **self.set_status("starting")}

    def set_status(self, state: str, **more: Any) -> dict[str, Any]:
        """Set the state and some values of the status, without those that belong to other states; return the status."""
        values = {**self.status, **more, "state": state}
        self.status = {name: value for name, value in values.items() if state in STATES_WITH.get(name, [state])}
        return {"status": self.status}

    def end(self, reason: str | None) -> dict[str, Any]:
        """The status of a run that has ended; `reason`: why it was stopped, see `QueuedRun`."""
        state = self.status["state"]
        return self.set_status(state if state in ("finished", "failed") else "stopped", reason=reason)

    def update(self, events: list[Event], seconds: float = 0.0) -> dict[str, Any]:
        """Take in events; return the components that change. `seconds`: since the run was asked for."""
        before, changed = self.status, {}
        for event in events:
            changed |= self._show(event)
        if self.status["state"] in STATES_WITH["waited"]:
            self.set_status(self.status["state"], waited=int(seconds))
        if changed.pop("curve_grown", False):
            changed["curve"] = self._curve()
        return changed if self.status == before else {**changed, "status": self.status}

    def _curve(self) -> dict[str, Any]:
        """The curve. While the run goes on, its right end doubles whenever it is reached."""
        epoch, epochs = self.status.get("epoch", 0), self.status.get("epochs")
        end = epochs and (None if self.finished else min(epochs, 2 ** math.ceil(math.log2(max(2, epoch)))))
        return curve_value(
            self.shown_parts(), end=end, marks=self.marks, run=self.number, name=self.name, kind=self.kind
        )

    def shown_parts(self) -> dict[str, dict[str, list[list[float]]]]:
        """The losses that are shown: the total, and its parts if there are several."""
        return {k: v for k, v in self.parts.items() if k == "loss" or len(self.parts) > 2}

    def _append(self, series: str, epoch: float, losses: dict[str, float]) -> None:
        for part, value in losses.items():
            self.parts.setdefault(part, {"training": [], "held_out": []})[series].append([epoch, value])

    def _go_on(self, state: str, **more: Any) -> None:
        """Set the status of a run that goes on; one that is stopping stays so."""
        self.set_status("stopping" if self.status["state"] == "stopping" else state, **more)

    def _show(self, event: Event) -> dict[str, Any]:
        if isinstance(event, Waiting):
            self._go_on("waiting", ahead=event.ahead)
        elif isinstance(event, Preparing):
            self._go_on("starting", stage=event.stage)
        elif isinstance(event, Started):
            self.marks = marks_of(event.phases)
            for series in self.parts.values():  # a run that was moved to another machine repeats some steps
                for name, points in series.items():
                    series[name] = [point for point in points if point[0] <= event.first_epoch]
            self._go_on(
                "running",
                epoch=event.first_epoch,
                epochs=event.epochs,
                device=event.device,
                notice=shown_message(event.notice),
            )
        elif isinstance(event, Stepped):
            self._go_on(
                "running",
                epoch=event.epoch,
                step=event.step,
                phase=event.phase,
                speed=event.images_per_second,
                left=event.seconds_left,
            )
            self._append("training", event.epoch, event.losses)
            return {"curve_grown": True}
        elif isinstance(event, Evaluated):
            return {"figures": figures_of(event.figures)}
        elif isinstance(event, Previewed):
            return self._show_preview(event)
        elif isinstance(event, Moved):
            self._go_on("starting", reason="moved")
        elif isinstance(event, Paused):
            self._go_on("paused")
        elif isinstance(event, Steered):
            live = [[name, event.values.get(name, value)] for name, value in self.status["live"]]
            self.set_status(self.status["state"], live=live, notice=shown_message(event.problem))
            kept = [m for m in self.marks if m[0] != event.epoch or m[1].split()[0] not in event.values]
            self.marks = [*kept, *([event.epoch, f"{name} {value:g}"] for name, value in event.values.items())]
            return {"curve_grown": True}
        elif isinstance(event, Finished):
            self.finished = True
            notice = shown_message(event.notice) or self.status.get("notice")
            self.set_status("stopped" if event.stopped else "finished", seconds=event.seconds, notice=notice)
            return {"figures": figures_of(event.figures), "curve_grown": True}
        elif isinstance(event, Failed):
            self.set_status("failed", message=shown_message(event.message))
        return {}

    def _show_preview(self, event: Previewed) -> dict[str, Any]:
        picture = f"data:image/png;base64,{event.picture}"
        snapshot = {"epoch": event.epoch, "picture": picture, "rows": event.rows}
        if len(self.snapshots) > 1 and self.snapshots[-1]["epoch"] < 2 * self.snapshots[-2]["epoch"]:
            self.snapshots.pop()  # early ones are closer together, since most changes early
        self.snapshots.append(snapshot)
        shown = {"preview": preview_value(picture, event.rows, event.epoch, self.number)}
        if event.points:
            shown["plane"] = scatter_value(event.points, self.classes, event.epoch)
        if event.activations:
            shown["activations"] = bars_value(event.activations)
        if event.held_out is not None:
            self._append("held_out", event.epoch, event.held_out)
            shown["curve_grown"] = True
        return shown


_numbers = itertools.count(1)


def next_number() -> int:
    """A number that identifies a run in the page."""
    return next(_numbers)


def live_values(settings: PageSettings) -> list[list[Any]]:
    """[name, value] of each setting that may change during the run."""
    own = [[name, getattr(settings.config, name)] for name in live_fields(type(settings.config))]
    return [["lr", settings.options.lr], *own]


def query_of(settings: PageSettings) -> str | None:
    """The link's query, by which the page knows whether the form has the settings of the run; None for uploads."""
    return None if settings.data in UPLOADED else to_query(settings)


def marks_of(phases: dict[str, int]) -> list[list[Any]]:
    """[epoch, name] of the start of each phase, if there are several."""
    starts = itertools.accumulate(phases.values(), initial=0)
    return [[start, name] for start, name in zip(starts, phases, strict=False)] if len(phases) > 1 else []


def objective_of(config: Config, variational: bool) -> str:
    """The objective of a run; the curves of runs with the same one can be compared.

    The loss of a variational model is a sum over the values of a sample, that of another model a mean; of symbols it is
    the cross-entropy.
    """
    if getattr(config, "symbols", 0):
        return "mean cross-entropy"
    return f"{'sum' if variational else 'mean'} {config.loss}"


def name_of(settings: PageSettings, locale: str = "en") -> str:
    """The name of a run: family, data, and the settings that differ from the defaults."""
    texts = load_strings(locale)
    fields_by_name = {f.name: f for part in (settings.config, settings.options) for f in fields(part)}
    changed = []
    for name, value in settings.to_flat(changed=True).items():
        if name in fields_by_name and name not in HIDDEN_OPTIONS:
            label = label_of(fields_by_name[name])
            label = texts.get(f"option.{label}", label)
            shown = ("-".join(map(str, value)) or texts["train.run.none"]) if isinstance(value, tuple) else f"{value}"
            changed.append(f"{label} {shown}")
    if settings.limit:
        changed.append(texts["train.run.limit"].format(count=settings.limit))
    family, data = (texts.get(f"train.run.{name}", name) for name in (settings.family, settings.data))
    return " · ".join([family, data, *changed])


def shown_message(message: Message | None) -> str | None:
    """The message in the visitor's language, without the path of the run's folder."""
    return None if message is None else re.sub(r"\S*ae-demo-run-\w+/(pictures/)?", "", localized(message))
