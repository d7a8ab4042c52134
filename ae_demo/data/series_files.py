"""The loader of series in a user's files: CSV, and NumPy's .npy and .npz.

A CSV file has one column per channel and one row per time step, with or without a header. Cells are separated by
commas, semicolons or tabs; with semicolons or tabs, or in a single column, numbers may have decimal commas. A first
column of times or dates is recognised and left out of the values. Empty cells are gaps. Nothing is unpickled.
"""

from __future__ import annotations

import codecs
import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError

MAX_VALUES = 8_000_000  # in one file
MAX_CHANNELS = 256
LARGEST = float(np.finfo(np.float32).max)
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "missing"})
TIME_NAME = re.compile(
    r"(time|date|timestamp|datetime|t|sec(ond)?s?|ms|index|sample|step|時間|时间|日期)", re.IGNORECASE
)
DELIMITERS = "\t;,"  # the first one that occurs in every line is used
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d*)?|(?:\.\d{3})+,\d*)")  # 1,234.5 or 1.234,5
CLOCK = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?", re.IGNORECASE)
DATE = re.compile(
    r"(?:\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|\d{4}[-/年]\d{1,2}月?|\d{1,2}[-. ]+[a-z]{3,9}[-. ]+\d{4}"
    rf"|[a-z]{{3,9}}\.? \d{{1,2}},? \d{{4}})(?:,?[ T]{CLOCK.pattern})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Series:
    """A series from a file.

    name: name of the file, or of the array in it
    values: float32 (T, F), NaN in gaps; shorter channels end in NaN
    channels: names of the F channels
    time: name of the column of times that was left out; None if there was none
    """

    name: str
    values: np.ndarray
    channels: tuple[str, ...]
    time: str | None = None


def load_series(path: str | Path) -> list[Series]:
    """The series in a file: one in a CSV file or an array (T,) or (T, F); several in an array (N, T, F) or .npz file.

    Raises `DataError` for a file that cannot be read, and for a cell that is not a number, with its row and column.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("There is no file {name}: give a .csv, .npy or .npz file.", name=path.name)
    if path.suffix.lower() in (".npy", ".npz"):
        found = _load_arrays(path)
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        found = [_load_table(path)]
    else:
        raise DataError(
            "{name} is not a .csv, .tsv, .txt, .npy or .npz file: convert it to one of them.", name=path.name
        )
    for series in found:
        if not np.isfinite(series.values).any():
            raise DataError("{name} holds no numbers: give a series with at least one value.", name=series.name)
    return found


def as_series(values: Any, name: str = "series") -> Series:
    """An array (T,) or (T, F), or a list of numbers, as a series; infinite values are treated as gaps.

    Raises `DataError` for other shapes, for values that are not numbers, and if no value is finite.
    """
    try:
        with np.errstate(over="ignore"):  # larger values are infinite
            array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(
            "{name} is not an array of numbers (T,) or (T, F): {reason}.", name=name, reason=str(error)[:120]
        ) from error
    if array.ndim not in (1, 2) or array.size == 0:
        raise DataError(
            "{name} has shape {shape}: give (T,) or (T, F) with at least one value.", name=name, shape=array.shape
        )
    array = array[:, None] if array.ndim == 1 else array
    if array.size > MAX_VALUES or array.shape[1] > MAX_CHANNELS:
        raise DataError(
            "{name} has {steps:,} steps of {channels:,} channels; allowed are {most:,} values and "
            "{most_channels} channels. Give a part of it.",
            name=name,
            steps=len(array),
            channels=array.shape[1],
            most=MAX_VALUES,
            most_channels=MAX_CHANNELS,
        )
    array = np.where(np.isfinite(array), array, np.float32(np.nan))
    if np.isnan(array).all():
        raise DataError("{name} holds no numbers: give a series with at least one value.", name=name)
    return Series(name, array, _numbered(array.shape[1]))


def _load_arrays(path: Path) -> list[Series]:
    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            arrays = dict(loaded) if path.suffix.lower() == ".npz" else {path.name: loaded}
    except Exception as error:  # NumPy and zipfile raise different exceptions for damaged files
        raise DataError(
            "{name} is not a file of numbers: save it with numpy.save or numpy.savez.", name=path.name
        ) from error
    found = []
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise DataError("{name} holds {dtype}: it must hold numbers.", name=name, dtype=array.dtype)
        parts: Iterable[tuple[str, np.ndarray]] = [(name, array)]
        if array.ndim == 3:
            parts = ((f"{name}[{i}]", part) for i, part in enumerate(array))
        found += [as_series(part, label) for label, part in parts]
    if not found:
        raise DataError("{name} holds no arrays: save at least one series.", name=path.name)
    return found


def _load_table(path: Path) -> Series:
    delimiter, rows = _read_rows(path)
    width = max(len(cells) for _, cells in rows)
    first = rows[0][1]
    header = any(_number(cell, delimiter) is None and not _is_date(cell) for cell in first)
    names = [cell.strip() for cell in first] if header else []
    names += [str(i + 1) for i in range(len(names), width)]
    rows = rows[1:] if header else rows
    if not rows:
        raise DataError("{name} has a header but no rows: give at least one row of numbers.", name=path.name)
    if len(rows) * width > MAX_VALUES or width > MAX_CHANNELS:
        raise DataError(
            "{name} has {rows:,} rows of {columns:,} columns; allowed are {most:,} cells and "
            "{most_channels} columns. Give a part of it.",
            name=path.name,
            rows=len(rows),
            columns=width,
            most=MAX_VALUES,
            most_channels=MAX_CHANNELS,
        )
    is_time = width > 1 and _is_time(names[0], [cells[0] for _, cells in rows if cells], delimiter, header)
    columns = range(1 if is_time else 0, width)
    values = np.full((len(rows), len(columns)), np.nan, dtype=np.float32)
    for row, (line, cells) in enumerate(rows):
        for at, column in enumerate(columns):
            if column >= len(cells):
                break
            number = _number(cells[column], delimiter)
            if number is None:
                raise DataError(
                    "{name}, row {line}, column {column}: {given!r} is not a number. Correct it, or leave the cell "
                    "empty where a value is missing.",
                    name=path.name,
                    line=line,
                    column=names[column],
                    given=cells[column].strip()[:40],
                )
            values[row, at] = number
    return Series(path.name, values, tuple(names[c] for c in columns), names[0] if is_time else None)


def _read_rows(path: Path) -> tuple[str, list[tuple[int, list[str]]]]:
    """The delimiter, and the non-empty rows with their line numbers."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError("{name} cannot be read ({reason}).", name=path.name, reason=error.strerror) from error
    text = _decode(content)
    if "\0" in text:
        raise DataError("{name} is not a text file: give a CSV file, or save arrays with numpy.save.", name=path.name)
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    delimiter = next((mark for mark in DELIMITERS if lines and all(mark in line for line in lines)), ",")
    if lines and delimiter not in lines[0]:  # a single column, whose commas are decimal
        delimiter = ";"
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise DataError("{name} is not a CSV file ({reason}).", name=path.name, reason=error) from error
    if not rows:
        raise DataError("{name} is empty: give at least one row of numbers.", name=path.name)
    return delimiter, rows


def _decode(content: bytes) -> str:
    """The text of a file, which is UTF-16 if it begins with its byte order mark, else UTF-8, else Latin-1."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _number(cell: str, delimiter: str) -> float | None:
    """A cell as a number: NaN for a gap, None for other text."""
    number = _float(cell)
    if number is None:
        cell = cell.strip().lower().replace("\N{MINUS SIGN}", "-")
        if cell in MISSING:
            return math.nan
        if THOUSANDS.fullmatch(cell) and (delimiter == "," or cell.count(",") > 1 or "." in cell):
            cell = cell.replace("." if cell.rfind(".") < cell.rfind(",") and "." in cell else ",", "")
        elif delimiter == ",":
            return _float(cell)
        number = _float(cell.replace(",", "."))
    return number if number is None or abs(number) <= LARGEST else math.nan


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_date(cell: str) -> bool:
    """Whether a cell is a date, in ISO or in another usual form, or a time of day."""
    cell = cell.strip()
    if DATE.fullmatch(cell) or CLOCK.fullmatch(cell):
        return True
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _is_time(name: str, cells: list[str], delimiter: str, header: bool) -> bool:
    """Whether the first column contains times: dates, or increasing numbers with a header such as `time`.

    Without a header, the numbers must be equidistant.
    """
    if all(_is_date(cell) and _number(cell, delimiter) is None for cell in cells[:50]):
        return True
    if header and not TIME_NAME.fullmatch(re.split(r"[\s(\[_]", name.strip())[0] or "t"):
        return False
    numbers = [number for cell in cells if (number := _number(cell, delimiter)) is not None]
    if len(numbers) < len(cells) or len(numbers) < 3:
        return False
    steps = np.diff(np.array(numbers))
    rises = bool(np.all(steps > 0))
    return rises if header else rises and bool(np.allclose(steps, steps[0], rtol=1e-3))


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(i + 1) for i in range(count))
