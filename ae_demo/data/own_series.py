"""A user's files of series as a data set: cut into windows, scaled, and a part of them held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..errors import DataError, Message
from .listing import join_notices
from .named_samples import load_samples
from .samples import Samples
from .series_files import Series
from .windows import cut_windows, fill_gaps, fit_range

WINDOW = 64  # steps of a window, and of the model
HELD_OUT = 0.1  # of the series, or of the steps of each
MANY = 10  # series from which on whole ones are held out
MAX_WINDOWS = 20_000
MAX_CHANNELS = 16


def load_own_series(path: str | Path | None, *, seed: int = 0) -> Samples:
    """The series in a file, a folder or a zip, see `load_samples`, as windows float32 (N, 64, F) in [0, 1].

    A tenth is held out: of ten series or more whole ones, chosen by `seed`; of fewer the end of each. Training windows
    overlap by half. Series that are all shorter than 64 steps are resampled. Each channel is scaled by its 0.5 % and
    99.5 % quantiles in the training part, and clamped; gaps are filled by linear interpolation. `notice` says what was
    done.

    Raises `DataError` for files that cannot be read, for series of different channels, too short or too many ones, and
    if no channel varies.
    """
    if path is None:
        raise DataError("The data set 'series' needs data_dir: the path of a .csv, .npy or .npz file, or of a folder.")
    given = load_samples(path)
    series = given.series()
    _check_channels(given.names, series)
    length = min(WINDOW, max(len(each.values) for each in series))
    train, test = _split(given.names, series, length, seed)
    together = np.concatenate([fill_gaps(values) for values in train])
    if not (np.ptp(together, axis=0) > 0).any():
        raise DataError(
            "{name} is constant, so there is nothing to learn. Give a series whose values change.", name=given.names[0]
        )
    low, high = fit_range(together)
    hop = max(1, length // 2, sum(map(len, train)) // MAX_WINDOWS)
    parts = [
        [cut_windows(values, WINDOW, length=length, hop=by, low=low, high=high) for values in part]
        for part, by in ((train, hop), (test, length))
    ]
    x_train, x_test = (torch.cat([windows.x for windows in part])[:MAX_WINDOWS] for part in parts)
    notices = [_of_windows(series, length, len(x_train), len(x_test)), *_of_values(series, together, length)]
    return Samples("series", x_train, x_test, notice=join_notices(given.notice, *notices))


def _check_channels(names: tuple[str, ...], series: list[Series]) -> None:
    count = series[0].values.shape[1]
    if count > MAX_CHANNELS:
        raise DataError(
            "{name} has {count:,} channels; {most} are allowed. Leave some columns out.",
            name=names[0],
            count=count,
            most=MAX_CHANNELS,
        )
    for name, each in zip(names, series, strict=True):
        if each.values.shape[1] != count:
            raise DataError(
                "{name} has {channels} channels, {first_name} has {first}: give series with the same channels, in the "
                "same order.",
                name=name,
                channels=each.values.shape[1],
                first_name=names[0],
                first=count,
            )


def _split(
    names: tuple[str, ...], series: list[Series], length: int, seed: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The values to train on, and those held out."""
    values = [each.values for each in series]
    if len(values) >= MANY:
        order = torch.randperm(len(values), generator=torch.Generator().manual_seed(seed)).tolist()
        held = max(1, round(HELD_OUT * len(values)))
        return [values[i] for i in order[held:]], [values[i] for i in order[:held]]
    train, test = [], []
    for name, each in zip(names, values, strict=True):
        if len(each) < 2 * WINDOW:
            raise DataError(
                "{name} has {steps:,} steps; {least} or more are needed, or {many} series or more. Give longer series, "
                "or more of them.",
                name=name,
                steps=len(each),
                least=2 * WINDOW,
                many=MANY,
            )
        end = len(each) - max(length, round(HELD_OUT * len(each)))
        train.append(each[:end])
        test.append(each[end:])
    return train, test


def _of_windows(series: list[Series], length: int, train: int, test: int) -> Message:
    counts = {"series": len(series), "channels": series[0].values.shape[1], "train": train, "test": test}
    if length < WINDOW:
        return Message(
            "Series: {series:,}, channels: {channels}. Each was resampled from at most {length} steps to {window}; "
            "{train:,} are trained on, {test:,} are held out.",
            **counts,
            length=length,
            window=WINDOW,
        )
    return Message(
        "Series: {series:,}, channels: {channels}. They were cut into windows of {window} steps: {train:,} to train "
        "on, {test:,} held out. Each channel was scaled to [0, 1].",
        **counts,
        window=WINDOW,
    )


def _of_values(series: list[Series], together: np.ndarray, length: int) -> list[Message]:
    """Notices about gaps, short series and constant channels."""
    found = []
    if missing := sum(int(np.isnan(each.values).sum()) for each in series):
        found.append(Message("Missing values that were interpolated: {count:,}.", count=missing))
    if short := sum(len(each.values) < length for each in series):
        found.append(Message("Shorter series that were padded with their last value: {count:,}.", count=short))
    constant = np.flatnonzero(np.ptp(together, axis=0) == 0)
    if len(constant):
        channels = ", ".join(series[0].channels[i] for i in constant)
        found.append(Message("Constant channels, which have nothing to learn: {channels}.", channels=channels))
    return found
