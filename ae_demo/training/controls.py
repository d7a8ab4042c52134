"""Settings that may change during a run. The engine reads them before every step."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder, Config
from .options import TrainOptions


@dataclass
class RunControls:
    """Settings that the consumer of a run's events may change during the run.

    every_step: yield a `Stepped` event after every step, so that the run can be paused after any step
    resumable: save the state of the run, from which another process can resume it
    save_seconds: minimum time between two saves; None: the engine's default
    lr: peak learning rate that replaces `TrainOptions.lr`; None: unchanged
    paused_seconds: time for which the run was paused
    changes: the changes so far, each with its epoch
    """

    every_step: bool = False
    resumable: bool = True
    save_seconds: float | None = None
    lr: float | None = None
    paused_seconds: float = 0.0
    changes: list[dict[str, Any]] = field(default_factory=list)

    def change(self, model: Autoencoder, options: TrainOptions, epoch: float, values: dict[str, Any]) -> None:
        """Change the learning rate `lr` or live options of the model (see `live_fields`) from the next step on.

        Raises `ConfigError` for a value that is out of range and for an option that cannot change.
        """
        allowed = live_fields(type(model).Config)
        if unknown := sorted(set(values) - {"lr", *allowed}):
            raise ConfigError(
                "{given} cannot change during a run; {allowed} can.",
                given=", ".join(unknown),
                allowed=", ".join(["lr", *allowed]),
            )
        model_values = {name: value for name, value in values.items() if name != "lr"}
        lr = dataclasses.replace(options, lr=values["lr"]).lr if "lr" in values else self.lr
        model.config = dataclasses.replace(model.config, **model_values)  # validated before anything changes
        self.lr = lr
        self.changes.append({"epoch": round(epoch, 3), **values})


def live_fields(config: type[Config]) -> list[str]:
    """Names of the options that may change during a run, because only the loss reads them, at every step."""
    return [field.name for field in dataclasses.fields(config) if field.metadata["live"]]
