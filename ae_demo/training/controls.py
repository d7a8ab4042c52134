"""Settings that may change during a run. The engine reads them before each step."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder, Config
from .options import TrainOptions


@dataclass
class RunControls:
    """How the reader of a run's events controls it. Not reading on pauses it, for the engine is a generator.

    every_step: yield a `Stepped` event for each step, so that the reader can pause between any two
    resumable: save what is needed to resume the run after the process has ended
    lr: peak learning rate in place of the options'
    idle: seconds for which the run was paused
    changes: the changes made, each with its epoch
    """

    every_step: bool = False
    resumable: bool = True
    lr: float | None = None
    idle: float = 0.0
    changes: list[dict[str, Any]] = field(default_factory=list)

    def change(self, model: Autoencoder, options: TrainOptions, epoch: float, values: dict[str, Any]) -> None:
        """Set the learning rate `lr`, or options of the model that may change (`live`), from the next step on.

        Raises `ConfigError` for a value out of range and for an option that may not change.
        """
        allowed = live_fields(type(model).Config)
        if unknown := sorted(set(values) - {"lr", *allowed}):
            raise ConfigError(f"{', '.join(unknown)} cannot change during a run; {', '.join(['lr', *allowed])} can.")
        own = {name: value for name, value in values.items() if name != "lr"}
        lr = dataclasses.replace(options, lr=values["lr"]).lr if "lr" in values else self.lr
        model.config = dataclasses.replace(model.config, **own)  # both are checked before either is set
        self.lr = lr
        self.changes.append({"epoch": round(epoch, 3), **values})


def live_fields(config: type[Config]) -> list[str]:
    """The options of a family that may change during a run: only the loss reads them, anew at each step."""
    return [field.name for field in dataclasses.fields(config) if field.metadata["live"]]
