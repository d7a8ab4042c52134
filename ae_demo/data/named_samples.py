"""Samples in a user's files: pictures in a folder or zip, series in CSV and NumPy files, each with its name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from ..errors import DataError, Message, PictureError
from .archive import unpack
from .listing import join_notices, list_files, notice_of_others, notice_of_unreadable, split_names
from .pictures import is_picture_name, load_picture
from .series_files import Series, as_series, load_series

SERIES_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".npy", ".npz"})
MAX_FILES = 20_000
MAX_BYTES = 1_000_000_000  # unpacked from a zip
MAX_PIXELS = 256 * 256  # of a picture; larger ones are downsampled
MAX_CHANNELS = 16  # an array (S, F) with up to this many columns is one series; with more, it is (N, T)


@dataclass(frozen=True)
class NamedSamples:
    """Pictures or series with their names.

    names: paths of the files, relative to their folder
    items: pictures, uint8 (H, W) or (H, W, 3), or `Series`; all of one kind
    notice: a message for the user about files that were left out, or None
    """

    names: tuple[str, ...]
    items: tuple[np.ndarray | Series, ...]
    notice: Message | None = None

    def pictures(self) -> list[np.ndarray]:
        """The pictures. Raises `DataError` if they are series."""
        found = [item for item in self.items if isinstance(item, np.ndarray)]
        if len(found) < len(self.items):
            raise DataError(
                "{name} holds a series, not a picture: set data to 'series', or give pictures.", name=self.names[0]
            )
        return found

    def series(self) -> list[Series]:
        """The series. Raises `DataError` if they are pictures."""
        found = [item for item in self.items if isinstance(item, Series)]
        if len(found) < len(self.items):
            raise DataError(
                "{name} is a picture, not a series: set data to 'pictures', or give series.", name=self.names[0]
            )
        return found


def load_samples(path: str | Path | Sequence[str | Path]) -> NamedSamples:
    """The pictures or series in a file, a folder with its subfolders, a zip, or several of these.

    A CSV file is one series with one column per channel. A .npy file contains series `(N, T)` or `(N, T, F)`, or one
    long series `(S,)`, or `(S, F)` with up to 16 channels. Pictures that cannot be read are left out, with a notice.

    Raises `DataError` if nothing can be read, if there are both pictures and series, for more than 20,000 files, and
    for a cell that is not a number, with its row and column.
    """
    paths = [Path(path)] if isinstance(path, (str, Path)) else [Path(each) for each in path]
    with tempfile.TemporaryDirectory(prefix="ae-demo-samples-") as scratch:
        files: list[tuple[str, Path]] = []
        left_out: list[str] = []
        for number, each in enumerate(paths):
            files += _files_of(each, Path(scratch, str(number)), left_out)
        if not files:
            shown = ", ".join(each.name for each in paths[:3])
            raise DataError(
                "There are no pictures and no series in {shown}: give pictures, a zip, .csv or .npy files.", shown=shown
            )
        if any(is_picture_name(name) for name, _ in files):  # text files beside pictures are not series
            texts = [name for name, file in files if file.suffix.lower() == ".txt"]
            left_out += texts
            files = [(name, file) for name, file in files if name not in texts]
        if len(files) > MAX_FILES:
            raise DataError(
                "{count:,} files were given; {most:,} are allowed. Take some out.", count=len(files), most=MAX_FILES
            )
        kinds = {is_series_name(file) for _, file in files}
        if len(kinds) > 1:
            raise DataError("There are both pictures and series: give files of one kind.")
        others = notice_of_others(left_out, series=kinds == {True})
        return _load_all_series(files, others) if kinds == {True} else _load_pictures(files, others)


def is_series_name(name: str | PurePath) -> bool:
    """Whether a file is one of series by its suffix."""
    return PurePath(name).suffix.lower() in SERIES_SUFFIXES


def _is_sample(path: PurePath) -> bool:
    return is_series_name(path) or is_picture_name(path)


def _files_of(path: Path, scratch: Path, left_out: list[str]) -> list[tuple[str, Path]]:
    """(name, path) of the files that can be samples, sorted by name; the names of others go to `left_out`."""
    if path.suffix.lower() == ".zip" and path.is_file():
        scratch.mkdir()
        unpack(path, scratch, wanted=_is_sample, most_files=MAX_FILES, most_bytes=MAX_BYTES, left_out=left_out)
        path = scratch
    if path.is_dir():
        found, others = split_names(list_files(path), lambda name: _is_sample(PurePath(name)))
        left_out += others
        return [(name, path / name) for name in found]
    if not path.is_file():
        raise DataError("There is no file or folder {name}: check its path.", name=path.name)
    if not _is_sample(path):
        raise DataError(
            "{name} is neither a picture nor a series: give pictures, a zip, .csv or .npy files.", name=path.name
        )
    return [(path.name, path)]


def _load_pictures(files: list[tuple[str, Path]], others: Message | None) -> NamedSamples:
    names, items = [], []
    reasons: list[PictureError] = []
    for name, path in files:
        try:
            items.append(load_picture(path, max_pixels=MAX_PIXELS).pixels)
            names.append(name)
        except PictureError as error:
            reasons.append(PictureError(error.message))  # without its traceback, which keeps memory alive
    if not items:
        raise DataError("None of the {count:,} pictures can be read: {reason}", count=len(files), reason=reasons[0])
    return NamedSamples(tuple(names), tuple(items), join_notices(notice_of_unreadable(reasons), others))


def _load_all_series(files: list[tuple[str, Path]], others: Message | None) -> NamedSamples:
    names, items = [], []
    for name, path in files:
        found = _load_array(path) if path.suffix.lower() == ".npy" else load_series(path)
        for number, series in enumerate(found):
            items.append(series)
            names.append(name if len(found) == 1 else f"{name}[{number}]")
    return NamedSamples(tuple(names), tuple(items), others)


def _load_array(path: Path) -> list[Series]:
    """Series `(N, T)` or `(N, T, F)`, or one `(S,)` or `(S, F)`, of a .npy file."""
    try:
        array = np.load(path, allow_pickle=False)
    except Exception as error:  # NumPy raises different exceptions for damaged files
        raise DataError("{name} is not a file of numbers: save it with numpy.save.", name=path.name) from error
    if array.dtype.kind not in "fiub" or array.ndim not in (1, 2, 3) or array.size == 0:
        raise DataError(
            "{name} holds {dtype} of shape {shape}: give numbers (N, T), (N, T, F) or (S,).",
            name=path.name,
            dtype=array.dtype,
            shape=array.shape,
        )
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] <= MAX_CHANNELS):
        return [as_series(array, path.name)]
    return [as_series(part, f"{path.name}[{i}]") for i, part in enumerate(array)]
