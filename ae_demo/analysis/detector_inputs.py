"""Conversion of samples to the inputs of anomaly detectors: pictures of one size, or windows of series.

Series are scaled by the range of the normal ones, without clamping, so that values outside the range stay outside. A
long series, or series of different lengths, are cut into overlapping windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from ..data.named_samples import NamedSamples, load_samples
from ..data.pictures import as_pixels
from ..data.series_files import Series, as_series
from ..data.windows import fill_gaps, fit_range, resample
from ..errors import DataError, ShapeError

LARGEST_SIDE = 64  # pixels: larger pictures are downscaled
MAX_WHOLE = 1024  # steps: normal series of equal length up to this are not cut into windows
WINDOW = 128  # steps of the windows that other series are cut into
OVERLAP = 4  # windows that contain each step
NORMAL_RANGE = (0.25, 0.75)  # to which the values of normal series are scaled
MAX_WINDOWS = 20_000


@dataclass(frozen=True)
class Batch:
    """The input of a detector.

    x: float32 pictures `(M, C, H, W)`, or windows `(M, F, T, 1)`
    starts: the first steps of the windows of each series; None for pictures
    steps: the length of a single long series, whose steps are the samples; otherwise None
    window: the length of a window in steps of its series; `x` may be resampled to another number T
    """

    x: Tensor
    starts: tuple[tuple[int, ...], ...] | None = None
    steps: int | None = None
    window: int = 0

    def pool(self, scores: Tensor) -> Tensor:
        """Scores `(M,)` to one per sample: the maximum over a series' windows, or the mean over a step's windows."""
        if self.starts is None:
            return scores
        if self.steps is None:
            return torch.stack([part.max() for part in scores.split([len(each) for each in self.starts])])
        total, count = torch.zeros(self.steps + self.window), torch.zeros(self.steps + self.window)
        for score, start in zip(scores, self.starts[0], strict=True):
            total[start : start + self.window] += score
            count[start : start + self.window] += 1
        return (total / count)[: self.steps]


class PictureInput:
    """Converts pictures to float32 `(N, C, H, W)` in [0, 1], with the size and the channels of the normal ones."""

    def __init__(self, normal: Any) -> None:
        self.shape: tuple[int, ...] | None = None
        self.normal = self.read(normal)

    def read(self, samples: Any) -> Batch:
        """The pictures as a batch. Raises `ShapeError`, `PictureError`, `DataError`."""
        if isinstance(samples, (str, Path)):
            samples = load_samples(samples)
        if isinstance(samples, NamedSamples):
            samples = samples.pictures()
        samples = [samples] if isinstance(samples, Image.Image) else samples
        if isinstance(samples, (np.ndarray, Tensor)):
            x = self._from_array(torch.as_tensor(samples))
        elif isinstance(samples, Sequence) and len(samples):
            x = self._from_list(samples)
        else:
            raise ShapeError(
                "The samples are a {kind}; give an array (N, H, W) or (N, C, H, W), a list of pictures, at "
                "least one, or the path of a folder or zip of them.",
                kind=type(samples).__name__,
            )
        self.shape = self.shape or tuple(x.shape[1:])
        return Batch(x)

    def _from_array(self, x: Tensor) -> Tensor:
        x = x[:, None] if x.ndim == 3 else x
        if x.ndim == 4 and x.shape[1] not in (1, 3) and x.shape[3] in (1, 3):
            x = x.permute(0, 3, 1, 2)
        if x.ndim != 4 or x.shape[1] not in (1, 3) or 0 in x.shape:
            raise ShapeError(
                "The pictures have shape {given}; give (N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 "
                "channels, at least one picture.",
                given=tuple(x.shape),
            )
        x = x.float() / 255 if x.dtype == torch.uint8 else x.float()
        if not (x.min() >= 0 and x.max() <= 1):  # also true for NaN
            raise ShapeError(
                "The pictures lie in {low:g} to {high:g}; give uint8, or floats in [0, 1].", low=x.min(), high=x.max()
            )
        channels, *size = self.shape or (x.shape[1], *_reduced(x.shape[2:]))
        if x.shape[1] != channels:
            x = x.mean(1, keepdim=True) if channels == 1 else x.expand(-1, channels, -1, -1)
        if list(x.shape[2:]) != size:
            x = interpolate(x, size, mode="bilinear", antialias=True).clamp(0, 1)
        return x.contiguous()

    def _from_list(self, pictures: Sequence[Any]) -> Tensor:
        arrays = [as_pixels(np.asarray(each) if isinstance(each, Tensor) else each) for each in pictures]
        colour = any(each.ndim == 3 for each in arrays)
        channels, height, width = self.shape or (3 if colour else 1, *_reduced(arrays[0].shape[:2]))
        images = [Image.fromarray(each).convert("L" if channels == 1 else "RGB") for each in arrays]
        resized = [np.asarray(image.resize((width, height), Image.Resampling.BILINEAR)) for image in images]
        x = torch.from_numpy(np.stack(resized)).float() / 255
        return x[:, None] if channels == 1 else x.permute(0, 3, 1, 2).contiguous()


class SeriesInput:
    """Converts series to windows float32 `(M, F, T, 1)`, scaled so that normal ones lie in `NORMAL_RANGE`.

    window: T. None means the length of the normal series if they are several of equal length up to `MAX_WHOLE`, a
        quarter of the length of a single series shorter than 2 `WINDOW`, and otherwise `WINDOW` or the length of the
        shortest series, whichever is less
    steps: the input length T of a trained model. Windows have T steps by default, or the length of the longest normal
        series if that is less; they are resampled to T, and normal values are scaled to [0, 1], as in the training on
        series of one's own
    """

    def __init__(self, normal: Any, window: int | None = None, steps: int | None = None) -> None:
        series, _ = read_series(normal)
        lengths = {len(each) for each in series}
        window = window or (max(2, min(steps, max(lengths))) if steps else None)
        equal = len(lengths) == 1 and len(series) > 1 and max(lengths) <= MAX_WHOLE
        short = len(series) == 1 and max(lengths) < 2 * WINDOW  # `WINDOW` would give only one or two windows
        default = max(lengths) // OVERLAP if short else min(WINDOW, *lengths)
        self.window = window or (max(lengths) if equal else max(2, default))
        if not isinstance(self.window, int) or self.window < 2:
            raise ShapeError("The window is {window!r} steps; give an integer of 2 or more.", window=window)
        self.channels = series[0].shape[1]
        self.hop = self.window if equal and not window else max(1, self.window // OVERLAP)
        self._check(series)
        self.steps = steps or self.window
        self.low, self.high = fit_range(np.concatenate(series), (0.0, 1.0) if steps else NORMAL_RANGE)
        self.normal = self._batch(series, False)

    def read(self, samples: Any) -> Batch:
        """The windows of the series. Raises `ShapeError`, `DataError`."""
        series, single = read_series(samples)
        self._check(series)
        return self._batch(series, single)

    def _check(self, series: list[np.ndarray]) -> None:
        for number, each in enumerate(series):
            if each.shape[1] != self.channels:
                raise ShapeError(
                    "Series {number} has {channels} channels, the first normal one {first}: give series with the "
                    "same channels, in the same order.",
                    number=number + 1,
                    channels=each.shape[1],
                    first=self.channels,
                )

    def _starts(self, length: int) -> tuple[int, ...]:
        last = max(0, length - self.window)
        hop = max(self.hop, -(-last // MAX_WINDOWS))
        starts = range(0, last + 1, hop)
        return tuple(starts) if starts[-1] == last else (*starts, last)

    def _batch(self, series: list[np.ndarray], single: bool) -> Batch:
        starts = tuple(self._starts(len(each)) for each in series)
        count = sum(map(len, starts))
        if len(series) > 1 and count > MAX_WINDOWS:
            raise DataError(
                "The series give {count:,} windows of {window} steps; {most:,} are allowed. Give fewer series, "
                "or a part of them.",
                count=count,
                window=self.window,
                most=MAX_WINDOWS,
            )
        x = torch.cat([self._cut(each, at) for each, at in zip(series, starts, strict=True)])
        return Batch(x, starts, len(series[0]) if single else None, self.window)

    def _cut(self, values: np.ndarray, starts: tuple[int, ...]) -> Tensor:
        """Windows `(n, F, steps, 1)`; a series shorter than a window is padded by repeating its last values."""
        scaled = ((fill_gaps(values) - self.low) / (self.high - self.low)).astype(np.float32)
        missing = max(0, self.window - len(scaled))
        scaled = np.concatenate([scaled, np.repeat(scaled[-1:], missing, axis=0)])
        cut = torch.from_numpy(scaled).unfold(0, self.window, 1)[list(starts)]  # (n, F, window)
        return resample(cut.mT, self.steps).mT[..., None]


def read_series(samples: Any) -> tuple[list[np.ndarray], bool]:
    """A list of series, float32 `(T, F)` with NaN in gaps, and whether it is a single one whose steps are the samples.

    samples: an array `(N, T)` or `(N, T, F)`; a list of arrays `(T,)` or `(T, F)` of any lengths; a long series `(S,)`
        or `Series`; or the path of a .csv or .npy file, or of a folder of them
    """
    if isinstance(samples, (str, Path)):
        samples = load_samples(samples)
    if isinstance(samples, NamedSamples):
        samples = samples.series()
        if len(samples) == 1:
            samples = samples[0]
    if isinstance(samples, Series):
        return [samples.values], True
    if isinstance(samples, Tensor):
        samples = samples.detach().cpu().numpy()
    if isinstance(samples, np.ndarray) and samples.ndim == 1 and samples.dtype != object:
        return [as_series(samples).values], True
    if (
        isinstance(samples, np.ndarray)
        and samples.dtype != object
        and (samples.ndim not in (2, 3) or 0 in samples.shape)
    ):
        raise ShapeError(
            "The series have shape {shape}; give (N, T) or (N, T, F), a list of series (T,) or (T, F), or "
            "one long series (S,).",
            shape=samples.shape,
        )
    if not isinstance(samples, (Sequence, np.ndarray)) or not len(samples):
        raise ShapeError(
            "The samples are a {kind}; give an array (N, T) or (N, T, F), a list of series, at least one, "
            "or the path of a .csv or .npy file.",
            kind=type(samples).__name__,
        )
    if isinstance(samples, Sequence) and np.isscalar(samples[0]):
        return [as_series(samples).values], True
    return [
        each.values if isinstance(each, Series) else as_series(each, f"Series {i + 1}").values
        for i, each in enumerate(samples)
    ], False


def _reduced(size: Sequence[int]) -> tuple[int, int]:
    """(H, W) scaled down to a longer side of at most `LARGEST_SIDE`, keeping the aspect ratio."""
    share = min(1.0, LARGEST_SIDE / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))
