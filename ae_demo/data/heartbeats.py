"""Heartbeats: windows around the R peaks of record 100 of the MIT-BIH Arrhythmia Database.

Thirty minutes of lead MLII at 360 Hz, each beat annotated by cardiologists (Moody and Mark, 2001, "The impact of the
MIT-BIH Arrhythmia Database"; PhysioNet, Open Data Commons Attribution License 1.0).
"""

import numpy as np
import torch

from ..errors import ConfigError, DataError
from .bundled import ASSETS
from .samples import Samples

RATE = 360  # Hz
UNITS_PER_MILLIVOLT = 200
RANGE = 3.0  # millivolts: -3 mV becomes 0, 0 mV becomes 0.5, 3 mV becomes 1
TRAIN_SECONDS = 600
HEARTBEAT_CLASSES = ("normal", "abnormal")
WINDOWS = {"beat": (96, 160), "pause": (350, 100)}  # samples before the R peak, and from it on


def load_heartbeats(window="beat"):
    """Float32 (N, T, 1) in [0, 1], one window a beat; x = 0.5 + millivolts / 6, clamped.

    `window` is "beat", 256 samples (0.71 s) around the R peak, or "pause", 450 samples (1.25 s) of which 350 lie before
    the peak, so that they include the pause before the beat. The training part is the normal beats of the first ten
    minutes, the test part all beats after them; labels are indices into `HEARTBEAT_CLASSES`. Windows that cross the
    ends of the record or of the training part are left out. Raises ConfigError for another `window`, DataError if the
    file is missing or damaged.
    """
    if window not in WINDOWS:
        raise ConfigError(f"There is no window {window!r}; choose one of {', '.join(WINDOWS)}.")
    path = ASSETS / "ecg-100.npz"
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            signal, peaks, symbols = arrays["signal"], arrays["beat"].astype(np.int64), arrays["symbol"]
    except Exception as error:  # zip, zlib and numpy each raise their own on a damaged file
        raise DataError(f"{path} is missing or damaged: get it again from the repository.") from error
    before, after = WINDOWS[window]
    first, last = peaks - before, peaks + after
    split = TRAIN_SECONDS * RATE
    normal = symbols == "N"
    train = (first >= 0) & (last <= split) & normal
    test = (first >= split) & (last <= len(signal))
    x = 0.5 + torch.from_numpy(signal.astype(np.float32)) / (2 * RANGE * UNITS_PER_MILLIVOLT)
    windows = x.clamp(0, 1).unfold(0, before + after, 1)[..., None]  # (starts, T, 1), a view
    parts = [windows[torch.from_numpy(first[part])] for part in (train, test)]
    labels = [torch.from_numpy((~normal[part]).astype(np.int64)) for part in (train, test)]
    return Samples("heartbeats", *parts, *labels, HEARTBEAT_CLASSES)
