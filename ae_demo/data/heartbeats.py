"""Heartbeats: windows around the R peaks of two records of the MIT-BIH Arrhythmia Database, lead MLII at 360 Hz.

Record 100, the data set, has thirty minutes, with each beat annotated by cardiologists. Record 208, of another patient,
has five minutes with many ventricular beats and without annotations; its beats are detected (Moody and Mark, 2001, "The
impact of the MIT-BIH Arrhythmia Database"; PhysioNet, Open Data Commons Attribution License 1.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ..errors import ConfigError, DataError
from .bundled import ASSETS
from .samples import Samples

RATE = 360  # Hz
UNITS_PER_MILLIVOLT = 200
RECORDS = ("100", "208")
TRAINED_ON = "100"  # the record of the data set
RANGE = 3.0  # millivolts: [-3 mV, 3 mV] is scaled to [0, 1]
TRAIN_SECONDS = 600
HEARTBEAT_CLASSES = ("normal", "abnormal")
WINDOWS = {"beat": (96, 160), "pause": (350, 100)}  # samples before the R peak, and from the R peak on


@dataclass(frozen=True)
class Recording:
    """An electrocardiogram of one lead.

    signal: float32 (S,), in millivolts, `RATE` samples per second
    peaks: int64 (N,), the positions of the R peaks
    symbols: the annotation of each beat: "N" normal, "A" atrial premature, "V" ventricular, or another one; empty
        for beats that were detected
    """

    signal: np.ndarray
    peaks: np.ndarray
    symbols: tuple[str, ...]


@lru_cache(maxsize=len(RECORDS))
def load_recording(record: str = TRAINED_ON) -> Recording:
    """The bundled part of a record: all 30 minutes of "100", or five minutes of "208", with detected beats.

    Raises `ConfigError` for another record, `DataError` if the file is missing or damaged.
    """
    if record not in RECORDS:
        raise ConfigError(
            "There is no record {record!r}; choose one of {allowed}.", record=record, allowed=", ".join(RECORDS)
        )
    path = ASSETS / f"ecg-{record}.npz"
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            signal = arrays["signal"].astype(np.float32) / UNITS_PER_MILLIVOLT
            annotated = (arrays["beat"].astype(np.int64), arrays["symbol"]) if "beat" in arrays else None
    except Exception as error:  # zip, zlib and NumPy raise different exceptions for a damaged file
        raise DataError("{path} is missing or damaged: get it again from the repository.", path=path) from error
    peaks, symbols = annotated or (find_beats(signal), ())
    return Recording(signal, peaks, tuple(str(s) for s in symbols) or ("",) * len(peaks))


def find_beats(signal: np.ndarray, rate: float = RATE) -> np.ndarray:
    """The positions of the R peaks, int64 (N,), of an electrocardiogram `(S,)` in any unit, `rate` samples per second.

    A beat is where the energy of the slopes between 5 and 15 Hz, averaged over 150 ms, exceeds a sixth of its usual
    maximum (after Pan and Tompkins, 1985, "A Real-Time QRS Detection Algorithm"); its peak is the largest deviation
    nearby.
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import butter, find_peaks, sosfiltfilt

    if len(signal) < rate or rate <= 32:
        return np.zeros(0, dtype=np.int64)
    band = butter(2, (5, 15), "bandpass", fs=rate, output="sos")
    slope = np.gradient(sosfiltfilt(band, signal.astype(np.float64)))
    energy = uniform_filter1d(slope**2, max(1, round(0.15 * rate)))
    step = round(2 * rate)
    usual = np.median([part.max() for part in np.array_split(energy, max(1, len(energy) // step))])
    found, _ = find_peaks(energy, height=max(usual / 6, 1e-12), distance=max(1, round(0.3 * rate)))
    peaks = [_peak_near(signal, at, round(0.12 * rate), round(0.3 * rate)) for at in found]
    return np.unique(np.array(peaks, dtype=np.int64))


def _peak_near(signal: np.ndarray, at: int, reach: int, around: int) -> int:
    """The position within `reach` of `at` where the signal deviates most from its median within `around`."""
    level = np.median(signal[max(0, at - around) : at + around])
    first = max(0, at - reach)
    return first + int(np.argmax(np.abs(signal[first : at + reach] - level)))


def load_beats(record: str = TRAINED_ON, window: str = "beat") -> tuple[torch.Tensor, np.ndarray]:
    """The beats of a record: float32 (N, T, 1) in millivolts, and the positions of their R peaks, int64 (N,).

    Windows that cross the ends of the record are left out. Raises ConfigError for another record or `window`, see
    `load_heartbeats`, DataError if the file is missing or damaged.
    """
    before, after = _window(window)
    recording = load_recording(record)
    inside = (recording.peaks >= before) & (recording.peaks + after <= len(recording.signal))
    peaks = recording.peaks[inside]
    windows = torch.from_numpy(recording.signal).unfold(0, before + after, 1)[..., None]  # (starts, T, 1), a view
    return windows[torch.from_numpy(peaks - before)], peaks


def _window(name: str) -> tuple[int, int]:
    """Samples before the R peak, and from it on."""
    if name not in WINDOWS:
        raise ConfigError(
            "There is no window {window!r}; choose one of {choices}.", window=name, choices=", ".join(WINDOWS)
        )
    return WINDOWS[name]


def load_heartbeats(window: str = "beat") -> Samples:
    """Heartbeats as float32 (N, T, 1) in [0, 1], one window per beat; x = 0.5 + millivolts / 6, clamped.

    The training set contains the normal beats of the first ten minutes, the test set all later beats; labels are
    indices into `HEARTBEAT_CLASSES`. Windows that cross the ends of the record or of the first ten minutes are left
    out.

    window: "beat", 256 samples (0.71 s) around the R peak, or "pause", 450 samples (1.25 s) of which 350 are before the
        peak, so that they include the pause before the beat

    Raises `ConfigError` for another `window`, `DataError` if the file is missing or damaged.
    """
    before, after = _window(window)
    recording = load_recording()
    peaks, symbols = recording.peaks, np.array(recording.symbols)
    first, last = peaks - before, peaks + after
    split = TRAIN_SECONDS * RATE
    normal = symbols == "N"
    train = (first >= 0) & (last <= split) & normal
    test = (first >= split) & (last <= len(recording.signal))
    x = 0.5 + torch.from_numpy(recording.signal) / (2 * RANGE)
    windows = x.clamp(0, 1).unfold(0, before + after, 1)[..., None]  # (starts, T, 1), a view
    (x_train, x_test), (y_train, y_test) = (
        [windows[torch.from_numpy(first[part])] for part in (train, test)],
        [torch.from_numpy((~normal[part]).astype(np.int64)) for part in (train, test)],
    )
    return Samples("heartbeats", x_train, x_test, y_train, y_test, HEARTBEAT_CLASSES)
