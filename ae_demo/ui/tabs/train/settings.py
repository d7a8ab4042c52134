"""What a visitor may train: the settings of a run, and the limits that keep one run from taking everything."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from .... import checkpoints
from ....data.series import STEPS
from ....errors import AEDemoError, ConfigError, DataError
from ....models import FAMILIES, Autoencoder, build_model, option
from ....training import TrainOptions

MAX_PARAMETERS = 40_000_000  # a run takes some 16 bytes for each
MAX_BATCH = 150_000_000  # numbers in all layers for one batch
MAX_PICTURES = 2000  # uploaded for a run
MAX_UNPACKED = 500_000_000  # bytes of a zip of pictures
MAX_LIMIT = 60_000  # training pictures
OWN = "folder"  # the data set of uploaded pictures
SHAPES = {
    "digits": (1, 28, 28),
    "fashion-small": (1, 28, 28),
    "mnist": (1, 28, 28),
    "fashion": (1, 28, 28),
    "waves": (STEPS, 1),
    OWN: (3, 64, 64),  # what is cut from photographs; known for sure once they are read
}
# Training pictures in each, or cut for an epoch.
PICTURES = {"digits": 4500, "fashion-small": 12_000, "mnist": 60_000, "fashion": 60_000, "waves": 7200, OWN: 2048}


@dataclass(frozen=True, kw_only=True)
class RunOptions(TrainOptions):
    """The options of a run here, where places are few and others wait."""

    epochs: int = option(10, "times that each training picture is seen", minimum=1, maximum=500)


def data_of(family: str) -> list[str]:
    """The data sets that a family can learn from."""
    if family == "colorization":
        return [OWN]
    return [name for name in SHAPES if name != "waves" or family == "seq2seq"]


@dataclass(frozen=True)
class Settings:
    """What a visitor wants to train.

    config, options: fields of the family's config and of `RunOptions` that differ from the defaults
    pictures: paths of uploads, for the data set `OWN`
    limit: how many training pictures are used; 0: all
    """

    family: str
    data: str
    config: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    limit: int = 0

    def outline(self) -> Autoencoder:
        """The model without its numbers, for its layers and its size. Raises `ConfigError`."""
        if self.family not in FAMILIES or self.data not in SHAPES:
            raise ConfigError(f"There is no {self.family!r} on {self.data!r}; choose a family and data from the lists.")
        if self.data not in data_of(self.family):
            if self.family == "colorization":
                raise ConfigError("Colorization learns from colour pictures: choose your own as data, and upload some.")
            raise ConfigError(f"{self.family} learns from pictures, not from {self.data}: choose other data.")
        with torch.device("meta"):  # takes no memory, however large the layers are
            model = build_model(self.family, **{**self.config, "input_shape": SHAPES[self.data]})
        if model.parameter_count() > MAX_PARAMETERS:
            raise ConfigError(
                f"This model has {model.parameter_count():,} parameters; {MAX_PARAMETERS:,} are allowed here. Make its "
                "layers smaller, or train it from the command line."
            )
        return model

    def parameters(self) -> int:
        """How many numbers are trained."""
        return self.outline().parameter_count()

    def check(self) -> None:
        """Raise `ConfigError` or `DataError` unless a run can start."""
        self.sized()
        zipped = any(path.lower().endswith(".zip") for path in self.pictures)  # and counted when it is unpacked
        if self.data == OWN and not (1 if zipped else 2) <= len(self.pictures) <= MAX_PICTURES:
            raise DataError(f"Pictures given: {len(self.pictures)}. Upload 2 to {MAX_PICTURES:,}, or a zip of them.")

    def sized(self) -> Autoencoder:
        """The outline; raises `ConfigError` also for a run that would take too much."""
        model, options = self.outline(), RunOptions(**self.options)
        numbers = sum(math.prod(shape) for _, shape in model.layers())
        if (batch := numbers * options.batch_size) > MAX_BATCH:
            raise ConfigError(
                f"One batch holds {batch:,} numbers in all layers; {MAX_BATCH:,} are allowed here. Take a smaller "
                "batch size or smaller layers."
            )
        if not 0 <= self.limit <= MAX_LIMIT:
            raise ConfigError(
                f"{self.limit:,} training pictures were asked for; allowed are 1 to {MAX_LIMIT:,}, or 0 for all."
            )
        return model


def settings_of(folder: Path) -> Settings | None:
    """The settings that made a checkpoint, but for uploaded pictures; None where they cannot be chosen here."""
    made, told = checkpoints.read_json(folder / checkpoints.CONFIG), checkpoints.load_metrics(folder)
    try:
        config = FAMILIES[made["family"]].Config.from_dict(made["config"])
        options = RunOptions.from_dict(told["options"])
        data, count = told["data"]["name"], told["data"]["train"]
        values = [{f.name: getattr(each, f.name) for f in fields(each)} for each in (config, options)]
        limit = count if count < PICTURES[data] and data != OWN else 0
        del values[0]["input_shape"]
        settings = Settings(made["family"], data, *values, limit=limit)
        settings.sized()
    except (AEDemoError, KeyError, TypeError):
        return None
    return settings
