"""The settings of a visitor's training run, and their limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .... import checkpoints
from ....data import DATA_SETS, DataSet, get_data_set
from ....errors import AEDemoError, ConfigError, DataError
from ....models import Autoencoder, option
from ....models.outline import without_values
from ....training import RunSettings, TrainOptions

MAX_PARAMETERS = 40_000_000  # a run needs about 16 bytes for each
MAX_BATCH_VALUES = 150_000_000  # in all layers, for one batch
MAX_PICTURES = 2000  # that are uploaded for a run
MAX_UNPACKED_BYTES = 500_000_000  # of a zip of pictures
MAX_LIMIT = 60_000  # training samples
UPLOADS = "folder"  # the data set of uploaded pictures
SERIES = "series"  # that of uploaded series
UPLOADED = (UPLOADS, SERIES)
OFFERED = ("digits", "fashion-small", "mnist", "fashion", "waves", "heartbeats", "words", UPLOADS, SERIES)


@dataclass(frozen=True, kw_only=True)
class PageOptions(TrainOptions):
    """The training options of a visitor's run, which has fewer epochs."""

    epochs: int = option(10, "passes over the training samples", minimum=1, maximum=500)


@dataclass(frozen=True)
class PageSettings(RunSettings):
    """The settings of a visitor's run. `pictures`: paths of the uploads, for the data sets `UPLOADED`."""

    pictures: tuple[str, ...] = ()

    @classmethod
    def options_class(cls) -> type[TrainOptions]:
        return PageOptions

    @property
    def data_set(self) -> DataSet:
        """The data set's entry in the catalogue."""
        return get_data_set(self.data)

    def outline(self) -> Autoencoder:
        """The model on the meta device, for its layers and size. Raises `ConfigError` if it is too large."""
        if self.data not in OFFERED:
            raise ConfigError(
                "{data} is not offered here; choose one of {allowed}.", data=self.data, allowed=", ".join(OFFERED)
            )
        with without_values():
            model = self.build_model()
        if model.parameter_count() > MAX_PARAMETERS:
            raise ConfigError(
                "This model has {count:,} parameters; {most:,} are allowed here. Make its layers smaller, or "
                "train it from the command line.",
                count=model.parameter_count(),
                most=MAX_PARAMETERS,
            )
        return model

    def checked_outline(self) -> Autoencoder:
        """The outline. Raises `ConfigError` also if a batch or the number of samples is too large."""
        model = self.outline()
        values = sum(math.prod(shape) for _, shape in model.layers())
        if (batch := values * self.options.batch_size) > MAX_BATCH_VALUES:
            raise ConfigError(
                "One batch has {count:,} values in all layers; {most:,} are allowed here. Choose a smaller "
                "batch size or smaller layers.",
                count=batch,
                most=MAX_BATCH_VALUES,
            )
        if self.limit and self.limit > MAX_LIMIT:
            raise ConfigError(
                "limit is {given:,}; give 1 to {most:,} training samples, or 0 for all.",
                given=self.limit,
                most=MAX_LIMIT,
            )
        return model

    def check(self) -> None:
        """Raise `ConfigError` or `DataError` if no run can start with these settings."""
        self.checked_outline()
        zipped = any(
            path.lower().endswith(".zip") for path in self.pictures
        )  # its pictures are counted when it is unpacked
        if self.data == SERIES and not 1 <= len(self.pictures) <= MAX_PICTURES:
            raise DataError(
                "Files of series given: {count}. Upload 1 to {most:,} .csv, .npy or .npz files, or a zip of them.",
                count=len(self.pictures),
                most=MAX_PICTURES,
            )
        if self.data == UPLOADS and not (1 if zipped else 2) <= len(self.pictures) <= MAX_PICTURES:
            raise DataError(
                "Pictures given: {count}. Upload 2 to {most:,}, or a zip of them.",
                count=len(self.pictures),
                most=MAX_PICTURES,
            )


def data_sets_of(family: type[Autoencoder]) -> list[str]:
    """The data sets in the Train tab that a family can be trained on."""
    return [name for name in OFFERED if DATA_SETS[name].suits(family)]


def settings_of(folder: Path) -> PageSettings | None:
    """The settings that a checkpoint was trained with, without uploads; None if the Train tab does not offer them."""
    try:
        made, metrics = checkpoints.read_json(folder / checkpoints.CONFIG), checkpoints.load_metrics(folder)
        data, count = metrics["data"]["name"], metrics["data"]["train"]
        config = {name: value for name, value in made["config"].items() if name != "input_shape"}
        all_samples = get_data_set(data).train_count
        values: dict[str, Any] = {**config, **metrics["options"]}
        settings = PageSettings.from_flat(
            made["family"], data, {**values, "limit": count if all_samples and count < all_samples else 0}
        )
        settings.checked_outline()
    except (AEDemoError, KeyError, TypeError):
        return None
    return settings
