"""Windows of a series as inputs of a sequence model, and the reassembly of a series from windows.

Gaps are filled by linear interpolation, each channel is scaled to the range of the model's training data, and the
series is cut into windows of equal length, which are resampled to the model's number of steps. A series shorter than a
window is padded with its last value. `Windows.join` averages overlapping windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import interpolate

from ..errors import ConfigError

MAX_WINDOWS = 20_000
RANGE_QUANTILES = (0.005, 0.995)  # of a channel's values; its range is between them


@dataclass(frozen=True)
class Windows:
    """Windows of a series of S steps and F channels.

    x: float32 (N, T, F) in [0, 1]
    starts: int64 (N,), the first step of each window in the series
    length: steps of the series in one window, before resampling to T
    size: S
    gaps: bool (S, F), whether the value was missing
    low, high: float32 (F,), the values of the series that are mapped to 0 and 1
    padded: number of steps added at the end of a series that is shorter than a window
    """

    x: torch.Tensor
    starts: np.ndarray
    length: int
    size: int
    gaps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    padded: int

    def join(self, x_hat: torch.Tensor) -> np.ndarray:
        """Windows `(N, T, F)` in [0, 1] as a series float32 `(S, F)` in its own units; NaN where there is no window."""
        parts = resample(x_hat, self.length).double().numpy()
        total = np.zeros((self.size + self.padded, parts.shape[2]))
        count = np.zeros((len(total), 1))
        for start, part in zip(self.starts, parts, strict=True):
            total[start : start + self.length] += part
            count[start : start + self.length] += 1
        mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)[: self.size]
        return (self.low + mean * (self.high - self.low)).astype(np.float32)


def cut_windows(
    values: np.ndarray,
    steps: int,
    *,
    length: int | None = None,
    hop: int | None = None,
    starts: Sequence[int] | np.ndarray | None = None,
    low: np.ndarray | float = 0.0,
    high: np.ndarray | float = 1.0,
) -> Windows:
    """Cut a series float32 `(S, F)`, NaN in gaps, into windows for a model of `steps` steps.

    length: number of steps of the series in one window; None: `steps`, so that windows are not resampled
    hop: steps from one window's start to the next; None: `length`. The last window ends at the end of the series
    starts: the first steps of the windows, instead of `hop`; windows that are not within the series are left out
    low, high: the values, `(F,)` or a number for all channels, that are mapped to 0 and 1; others are clamped

    Raises `ConfigError` for a length below 2 or a hop below 1, for more than 20,000 windows, and if there are none.
    """
    length, size = int(length or steps), len(values)
    hop = int(hop or length)
    if length < 2 or hop < 1:
        raise ConfigError(
            "The window has {length} steps and the hop {hop}: give at least 2 and 1.", length=length, hop=hop
        )
    padded = max(0, length - size)
    if starts is None:
        first = np.arange(0, max(1, size - length + 1), hop)
        last = max(0, size - length)
        begin = first if first[-1] == last else np.append(first, last)
    else:
        begin = np.asarray(starts, dtype=np.int64)
        begin = begin[(begin >= 0) & (begin + length <= size + padded)]
    if not 1 <= len(begin) <= MAX_WINDOWS:
        raise ConfigError(
            "The series of {size:,} steps gives {count:,} windows of {length:,}; allowed are 1 to {most:,}. "
            "Give a longer window, a larger hop, or a part of the series.",
            size=size,
            count=len(begin),
            length=length,
            most=MAX_WINDOWS,
        )
    gaps = np.isnan(values)
    low, high = (np.broadcast_to(np.asarray(end, dtype=np.float32), values.shape[1:]) for end in (low, high))
    scaled = (fill_gaps(values) - low) / np.maximum(high - low, 1e-12)
    scaled = np.concatenate([scaled, np.repeat(scaled[-1:], padded, axis=0)])
    cut = torch.from_numpy(scaled.astype(np.float32)).clamp(0, 1).unfold(0, length, 1)  # (starts, F, length)
    x = resample(cut[torch.from_numpy(begin)].transpose(1, 2), steps)
    return Windows(x.contiguous(), begin, length, size, gaps, low, high, padded)


def fill_gaps(values: np.ndarray) -> np.ndarray:
    """A series `(S, F)` with gaps filled by linear interpolation; a channel without values is filled with 0."""
    filled = np.array(values, dtype=np.float32)
    at = np.arange(len(filled))
    for channel in filled.T:
        known = ~np.isnan(channel)
        channel[~known] = np.interp(at[~known], at[known], channel[known]) if known.any() else 0.0
    return filled


def fit_range(values: np.ndarray, target: tuple[float, float] = (0.0, 1.0)) -> tuple[np.ndarray, np.ndarray]:
    """`low` and `high`, float32 `(F,)`, for which `cut_windows` scales the channels of `values` `(S, F)` to `target`.

    The range of a channel is from its 0.5 % to its 99.5 % quantile, so that single spikes do not flatten the rest. A
    constant channel is mapped to the middle of `target`, which is within [0, 1].
    """
    filled = fill_gaps(values).astype(np.float64)
    bottom, top = np.quantile(filled, RANGE_QUANTILES, axis=0)
    constant = top - bottom < 1e-9 * np.maximum(1.0, np.abs(top))
    bottom, top = np.where(constant, bottom - 0.5, bottom), np.where(constant, top + 0.5, top)
    scale = (top - bottom) / (target[1] - target[0])
    low = bottom - target[0] * scale
    return low.astype(np.float32), (low + scale).astype(np.float32)


def resample(x: torch.Tensor, steps: int) -> torch.Tensor:
    """Resample windows `(N, T, F)` to another number of steps: fewer by area, more by linear interpolation."""
    if x.shape[1] == steps:
        return x
    mode = "area" if steps < x.shape[1] else "linear"
    corners = {} if mode == "area" else {"align_corners": False}
    return interpolate(x.transpose(1, 2).contiguous(), steps, mode=mode, **corners).transpose(1, 2)
