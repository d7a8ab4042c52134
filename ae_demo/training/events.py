"""What happens in a run, as frozen dataclasses that become lines of JSON.

The command line, the Train tab and a log file all read these same events.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Event:
    """Base of all events."""

    def to_json(self) -> str:
        """One line: the event's name and its fields."""
        return json.dumps({"event": type(self).__name__.lower(), **asdict(self)}, ensure_ascii=False)


@dataclass(frozen=True)
class Started(Event):
    """The model and data are in memory; the first step comes next."""

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
    notice: str | None = None


@dataclass(frozen=True)
class Stepped(Event):
    """A few times a second: where the run is. Losses are means since the last such event."""

    step: int
    epoch: float
    phase: str
    losses: dict[str, float]
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Evaluated(Event):
    """At the end of each epoch: mean losses over the epoch's training batches, figures on held-out pictures."""

    epoch: int
    phase: str
    losses: dict[str, float]
    figures: dict[str, float]
    images_per_second: float
    seconds: float


@dataclass(frozen=True)
class Checkpointed(Event):
    """The run has been saved so far and can be resumed from there."""

    folder: str
    epoch: int


@dataclass(frozen=True)
class Finished(Event):
    """The run is over: all epochs, or stopped by the user."""

    epochs: int
    stopped: bool
    seconds: float
    figures: dict[str, float] = field(default_factory=dict)
    folder: str | None = None
    notice: str | None = None  # where it learnt nothing: what to change


@dataclass(frozen=True)
class Failed(Event):
    """The run cannot go on; `message` is a sentence for the user."""

    message: str


@dataclass(frozen=True)
class Paused(Event):
    """The run is held at this place until it is told to go on."""

    epoch: float


@dataclass(frozen=True)
class Steered(Event):
    """Settings were changed, from here on; or they could not be, and `problem` says why."""

    epoch: float
    values: dict[str, float]
    problem: str | None = None


@dataclass(frozen=True)
class Previewed(Event):
    """What the model makes of held-out pictures just now: a PNG of rows, the truth above, the reconstruction below."""

    epoch: float
    picture: str  # base64
    rows: list[str] = field(default_factory=list)  # of "truth", "given" and "reconstruction", those there are
    points: list[list[float]] | None = None  # [x, y, label] of held-out pictures, where the code is 2-D
    held_out: dict[str, float] | None = None  # at the end of an epoch: what is minimised, on held-out pictures
    activations: list[float] | None = None  # mean over held-out pictures of each unit of a sparse code


def event_from_json(line: str) -> Event:
    """The inverse of `Event.to_json`."""
    values = json.loads(line)
    name = values.pop("event")
    return next(cls for cls in Event.__subclasses__() if cls.__name__.lower() == name)(**values)
