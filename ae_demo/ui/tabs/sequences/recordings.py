"""A long series cut into windows: a minute of an electrocardiogram, or a visitor's file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .... import checkpoints, inference
from ....analysis import baselines
from ....data import DATA_SETS
from ....data.heartbeats import RANGE, RATE, RECORDS, TRAINED_ON, WINDOWS, find_beats, load_recording
from ....data.series_files import Series, load_series
from ....data.windows import fill_gaps
from ....errors import DataError
from ....inference import SeriesResult
from ....models import Autoencoder
from ...components.sequence import sequence_value
from ...live import Results
from .decoders import bar_range, publish_decoder
from .facts import compression, preparation, standing, standing_among, unusual_windows
from .request import SequenceRequest

MINUTE = 60 * RATE  # samples
MINUTES = {record: 30 if record == TRAINED_ON else 5 for record in RECORDS}  # that are bundled
MAX_SHOWN = 2000  # windows that travel to the page
MAX_SIGNAL = 400_000  # steps that travel to the page


def recording_results(request: SequenceRequest, checkpoint: str | Path, model: Autoencoder) -> Results:
    """The windows of a file, or the beats of a minute of the recording."""
    if request.source == "file" or checkpoints.data_of(checkpoint) != "heartbeats":
        series = pick_series(request.path, int(request.channel), model.config.features)
        found, about = _of_file(series, request, checkpoint)
        among = standing_among(found.scores, checkpoint)
        facts = [preparation(series, found, request.scaling)]
        signal = fill_gaps(series.values)[:, 0]
    else:
        record = request.record if request.record in RECORDS else TRAINED_ON
        found, about, signal = _of_minute(record, int(request.minute), checkpoint)
        among = (
            standing(checkpoint) if record == TRAINED_ON else standing_among(_scores(record, checkpoint), checkpoint)
        )
        facts = []
    windows = found.windows
    shown = slice(0, MAX_SHOWN)
    arrays = {
        "x": windows.x[shown].flatten(1).numpy().astype(np.float16),
        "codes": found.code[shown],
        "spread": bar_range(checkpoint, found.code),
        "scores": found.scores[shown],
        "signal": _half(signal[:MAX_SIGNAL]),
        "starts": windows.starts[shown].astype(np.int32),
    }
    data = checkpoints.data_of(checkpoint)
    if data in DATA_SETS and not DATA_SETS[data].own:
        pca = baselines.pca_reconstruct_sequences(windows.x[shown], model.config.latent_dim, data)
        about["pca"] = (pca - windows.x[shown]).square().flatten(1).mean(1).tolist()
    about |= among
    about["length"] = windows.length
    if len(windows.low) == 1:  # else each channel has its own unit
        about |= {"low": float(windows.low[0]), "high": float(windows.high[0])}
    usual = int(np.argmin(found.scores[shown]))
    selected = int(np.argmax(found.scores[shown]))
    value = sequence_value(publish_decoder(checkpoint), arrays, "series", selected, usual, **about)
    return {"output": value, "facts": [compression(model), *facts, *unusual_windows(found.scores, among)]}


def _of_minute(record: str, minute: int, checkpoint: str | Path) -> tuple[SeriesResult, dict[str, Any], np.ndarray]:
    """The beats of one minute of a record, from 1."""
    recording = load_recording(record)
    first = (min(MINUTES[record], max(1, minute)) - 1) * MINUTE
    signal = recording.signal[first : first + MINUTE]
    before, after = WINDOWS["beat"]
    inside = [i for i, at in enumerate(recording.peaks - first) if before <= at and at + after <= len(signal)]
    found = _beats(signal, recording.peaks[inside] - first, checkpoint)
    symbols = [recording.symbols[i] for i in inside]
    marks = [[i, symbol] for i, symbol in enumerate(symbols) if symbol not in ("N", "")]
    return found, {"rate": RATE, "unit": "mV", "names": symbols, "marks": marks}, signal


def _beats(signal: np.ndarray, peaks: np.ndarray, checkpoint: str | Path) -> SeriesResult:
    """The windows around the peaks of a signal in millivolts, `RATE` a second."""
    before, after = WINDOWS["beat"]
    return inference.reconstruct_series(
        signal, checkpoint, length=before + after, starts=peaks - before, value_range=(-RANGE, RANGE)
    )


@lru_cache(maxsize=16)
def _scores(record: str, checkpoint: str | Path) -> np.ndarray:
    """The errors of all beats of a record, float32 `(N,)`."""
    recording = load_recording(record)
    return _beats(recording.signal, recording.peaks, checkpoint).scores


def _of_file(series: Series, request: SequenceRequest, checkpoint: str | Path) -> tuple[SeriesResult, dict[str, Any]]:
    """A visitor's series: beat by beat for a model of heartbeats, else in windows one after another."""
    if checkpoints.data_of(checkpoint) != "heartbeats":
        length = int(request.length or 0) or None
        return inference.reconstruct_series(series, checkpoint, length=length, value_range=request.scaling), {}
    rate = max(1.0, float(request.rate or RATE))
    peaks = find_beats(fill_gaps(series.values)[:, 0], rate)
    before, after = (round(part * rate / RATE) for part in WINDOWS["beat"])
    starts = peaks - before
    if not ((starts >= 0) & (starts + before + after <= len(series.values))).any():
        raise DataError(
            "{name} has no heartbeats at {rate:g} samples a second: give its sampling rate, or choose a "
            "model of waves.",
            name=series.name,
            rate=rate,
        )
    found = inference.reconstruct_series(
        series, checkpoint, length=before + after, starts=starts, value_range=request.scaling
    )
    return found, {"rate": rate}


def pick_series(path: str | None, number: int, features: int = 1) -> Series:
    """The channel of that number, from 1, of a file's series; for a model of several channels, the series itself.

    Raises `DataError`.
    """
    found = list_channels(path) if features == 1 else load_series(path)
    return found[min(len(found), max(1, number)) - 1]


def list_channels(path: str | None) -> list[Series]:
    """Each channel of each series in a file as a series of its own, without the gap at its end."""
    if path is None:
        raise DataError("No file was given: give a .csv, .npy or .npz file.")
    return _channels(path, Path(path).stat().st_mtime_ns if Path(path).is_file() else 0)


@lru_cache(maxsize=8)
def _channels(path: str, modified: int) -> list[Series]:
    found = []
    for series in load_series(path):
        for channel, name in enumerate(series.channels):
            values = series.values[:, channel : channel + 1]
            known = np.flatnonzero(~np.isnan(values[:, 0]))
            if len(known):
                found.append(Series(f"{series.name} · {name}", values[: known[-1] + 1], (name,), series.time))
    return found


def _half(signal: np.ndarray) -> np.ndarray:
    """A signal as float16, scaled so that it does not overflow: it is only drawn."""
    size = float(np.abs(signal).max()) or 1.0
    return (signal / size).astype(np.float16)
