"""What may be changed in a run while it goes on; the rest of steering is reading its events, or not reading them.

The engine looks at a `Steering` before each step. It is a generator, so whoever does not read on pauses it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder
from .options import TrainOptions


@dataclass
class Steering:
    """The reader's hand on a run."""

    every_step: bool = False  # tell each step, so that the reader can pause between any two
    resumable: bool = True  # keep what is needed to go on after the process has ended
    lr: float | None = None  # peak learning rate in place of the options' own
    idle: float = 0.0  # seconds for which the run was held: they are not training
    changes: list[dict[str, Any]] = field(default_factory=list)  # for the record: the epoch, and what was changed

    def change(self, model: Autoencoder, options: TrainOptions, epoch: float, values: dict[str, Any]) -> None:
        """Set the learning rate `lr`, or options of the model that may change (`live`), from the next step on.

        Raises `ConfigError` when a value is out of range, or its option is one that shapes the model.
        """
        allowed = live_fields(type(model).Config)
        if unknown := sorted(set(values) - {"lr", *allowed}):
            raise ConfigError(f"{', '.join(unknown)} cannot change during a run; {', '.join(['lr', *allowed])} can.")
        own = {name: value for name, value in values.items() if name != "lr"}
        lr = dataclasses.replace(options, lr=values["lr"]).lr if "lr" in values else self.lr
        model.config = dataclasses.replace(model.config, **own)  # both are checked before either is set
        self.lr = lr
        self.changes.append({"epoch": round(epoch, 3), **values})


def live_fields(config: type) -> list[str]:
    """The options of a family that only the loss reads, each time anew: they may change during a run."""
    return [field.name for field in dataclasses.fields(config) if field.metadata["live"]]
