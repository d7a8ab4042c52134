"""The events of a run: frozen dataclasses, each of which can be written as a line of JSON.

The command line prints them, and the worker process of the Train tab sends them to its parent.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from ..errors import Message


@dataclass(frozen=True)
class Event:
    """Base of all events."""

    def to_json(self) -> str:
        """One line: the event's name, its fields, and under "messages" the templates and values of its messages."""
        values = asdict(self)
        messages = {name: value.to_json() for name, value in values.items() if isinstance(value, Message)}
        parts = {"messages": messages} if messages else {}
        return json.dumps({"event": type(self).__name__.lower(), **values, **parts}, ensure_ascii=False)


@dataclass(frozen=True)
class Waiting(Event):
    """The run is in a queue, with `ahead` runs before it."""

    ahead: int


@dataclass(frozen=True)
class Preparing(Event):
    """A stage before the run starts: copying "pictures", importing "libraries", loading "data", building a "model"."""

    stage: str


@dataclass(frozen=True)
class Started(Event):
    """The model and the data are in memory; the first step follows."""

    family: str
    data: str
    device: str
    parameters: int
    train_pictures: int
    test_pictures: int
    epochs: int
    first_epoch: int
    steps_per_epoch: int
    phases: dict[str, int]  # name to epochs
    notice: Message | None = None


@dataclass(frozen=True)
class Stepped(Event):
    """Progress, a few times per second. Losses are means since the last such event; `epoch` is fractional."""

    step: int
    epoch: float
    phase: str
    losses: dict[str, float]
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Evaluated(Event):
    """The end of an epoch: mean losses over its training batches, metrics on held-out samples."""

    epoch: int
    phase: str
    losses: dict[str, float]
    figures: dict[str, float]
    images_per_second: float
    seconds: float


@dataclass(frozen=True)
class Checkpointed(Event):
    """The state of the run was saved, and the run can be resumed from it."""

    folder: str
    epoch: int


@dataclass(frozen=True)
class Finished(Event):
    """The run has ended: all epochs are done, or the user stopped it."""

    epochs: int
    stopped: bool
    seconds: float
    figures: dict[str, float] = field(default_factory=dict)
    folder: str | None = None
    notice: Message | None = None  # advice, if the model learnt nothing


@dataclass(frozen=True)
class Failed(Event):
    """The run cannot continue; `message` is shown to the user."""

    message: Message


@dataclass(frozen=True)
class Moved(Event):
    """The run's machine was lost; the run continues on another one from its last save, with a `Started` event."""


@dataclass(frozen=True)
class Paused(Event):
    """The run is paused at this epoch until the user continues it."""

    epoch: float


@dataclass(frozen=True)
class Steered(Event):
    """Settings were changed during the run; if they could not be changed, `problem` is the reason."""

    epoch: float
    values: dict[str, float]
    problem: Message | None = None


@dataclass(frozen=True)
class Previewed(Event):
    """Held-out samples and their reconstructions by the current model."""

    epoch: float
    picture: str  # a PNG in base64, with `rows` from top to bottom
    rows: list[str] = field(default_factory=list)  # "truth", "given" if it is not the truth, "reconstruction"
    points: list[list[float]] | None = None  # [z₁, z₂, label] of held-out samples, if the code is 2-D
    held_out: dict[str, float] | None = None  # losses on held-out samples, at the end of an epoch
    activations: list[float] | None = None  # means of the units of a sparse code over held-out samples


def event_from_json(line: str) -> Event:
    """The inverse of `Event.to_json`."""
    values = json.loads(line)
    name, messages = values.pop("event"), values.pop("messages", {})
    values |= {field: Message.from_json(parts) for field, parts in messages.items()}
    return next(cls for cls in Event.__subclasses__() if cls.__name__.lower() == name)(**values)
