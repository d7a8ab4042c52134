"""The file format of a code map: each channel is quantised with its own step and entropy-coded.

    q = round(z / Δ_c),   bytes ≈ -Σ log₂ p(q) / 8,   ẑ = q Δ_c

The steps are chosen so that an error of one step has the same effect on the picture in each channel. The probabilities
are Laplace distributions whose scale depends on the magnitudes at the same position in the previous channels: where
these are zero, the next one is likely to be zero, too (as in Shapiro, 1993, "Embedded Image Coding Using Zerotrees of
Wavelet Coefficients"). A smooth channel is coded as differences of neighbours, like JPEG's DC coefficients. Besides
the model, a decoder needs only the file, which contains sizes, steps, tables and a checksum.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigError, DataError
from ..inference.pixels import Channels
from ..inference.scheduler import check_cancelled
from . import entropy

MAGIC = b"AEC1"
_CHECK = struct.Struct("<4sI")  # magic, checksum of the rest
_HEAD = struct.Struct("<IIIBHHHHH")  # fingerprint, height, width, channels, k, h, w, bytes of tables, lanes
_MAX_ELEMENTS = 2**26  # of a code: 70 megapixels with 64 channels
BUCKETS = 12  # maximum number of contexts of a channel
DEAD_ZONE = 0.08  # of a step: more values are rounded to zero, which saves more bits than it costs in error
_ALL_ZERO = 255  # instead of a table's index: all values in this context are 0


@dataclass(frozen=True)
class Packed:
    """A quantised code, and what is known of its picture and model.

    q: integers `(k, h, w)`
    steps: quantization step of each channel, `(k,)`
    size: (height, width) of the picture in pixels
    channels: how the picture's pixels are stored
    fingerprint: checksum of the model's weights
    """

    q: np.ndarray
    steps: np.ndarray
    size: tuple[int, int]
    channels: Channels
    fingerprint: int

    @property
    def code(self) -> np.ndarray:
        """ẑ = q · steps, float32 `(k, h, w)`."""
        return (self.q * self.steps[:, None, None]).astype(np.float32)


def quantise(z: np.ndarray, step: float, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a code `(k, h, w)` with the steps `step / weights`: `q` int32 `(k, h, w)`, and the steps `(k,)`.

    Steps are rounded to powers of 2^⅛, so that each takes one byte in the file. Raises `ConfigError` for a `step` that
    is not positive.
    """
    if not (np.isfinite(step) and step > 0):
        raise ConfigError("step is {step}; give a positive number, such as 0.1.", step=step)
    steps = 2.0 ** (np.round(8 * np.log2(step / np.maximum(weights, 1e-6))).clip(-127, 127) / 8)
    scaled = z / steps[:, None, None]
    q = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 - DEAD_ZONE)
    q[0] = np.round(scaled[0])  # the first channel, brightness, is not centred at zero
    return q.clip(-(2**24), 2**24).astype(np.int32), steps


def to_bytes(packed: Packed) -> bytes:
    """Serialise a code; `from_bytes` restores it exactly."""
    tables, runs, _ = _modelled(packed)
    lanes = entropy.lanes_for(sum(len(values) for values, _ in runs))
    head = (packed.fingerprint, *packed.size, packed.channels, *packed.q.shape, len(tables), lanes)
    body = _HEAD.pack(*head) + tables + entropy.encode(runs, lanes)
    return _CHECK.pack(MAGIC, zlib.crc32(body)) + body


def estimated_size(packed: Packed) -> int:
    """The bytes of `to_bytes(packed)`, from the probabilities alone: within 2 %."""
    tables, runs, bits = _modelled(packed)
    lanes = entropy.lanes_for(sum(len(values) for values, _ in runs))
    return _CHECK.size + _HEAD.size + len(tables) + 4 * (1 + lanes) + round(bits / 8)


def _modelled(packed: Packed) -> tuple[bytes, list[tuple[np.ndarray, np.ndarray]], float]:
    """The compressed tables of a code, the runs for `entropy.encode`, and the bits that they take."""
    context, entries, runs, total = _Context(*packed.q.shape[1:]), bytearray(), [], 0.0
    for plane in packed.q:
        check_cancelled()
        mode, offset, residual = _predict(plane)
        values, bucket = residual.ravel(), context.buckets()
        numbers, bits = entropy.best_tables(values, bucket, context.count)
        all_zero = np.bincount(bucket, values != 0, context.count) == 0
        numbers[all_zero] = _ALL_ZERO
        coded = ~all_zero[bucket]
        runs.append((values[coded], numbers[bucket[coded]]))
        entries += struct.pack("<bh", mode, offset) + bytes(numbers.tolist())
        total += bits[~all_zero].sum()
        context.add(residual)
    octaves = np.round(8 * np.log2(packed.steps)).astype(np.int8)
    return zlib.compress(octaves.tobytes() + entries, 9), runs, total


def from_bytes(data: bytes) -> Packed:
    """Restore the code from a file's bytes. Raises `DataError` for other files and for damaged ones."""
    if len(data) < _CHECK.size + _HEAD.size or data[:4] != MAGIC:
        raise DataError(
            "These {count:,} bytes are not a compressed picture of AE Demo. Choose a file that it wrote.",
            count=len(data),
        )
    body = data[_CHECK.size :]
    if zlib.crc32(body) != _CHECK.unpack_from(data)[1]:
        raise DataError(
            "The compressed picture ({count:,} bytes) is damaged or truncated. Download or copy it again.",
            count=len(data),
        )
    fingerprint, rows, columns, channels, k, height, width, length, lanes = _HEAD.unpack_from(body)
    if channels not in list(Channels):
        raise DataError(
            "The file has pixels of an unknown kind, {channels}. Download or copy it again.", channels=channels
        )
    if not 0 < k * height * width <= _MAX_ELEMENTS or not lanes:
        raise DataError(
            "The file has an invalid code size, {k} × {height} × {width}. Download or copy it again.",
            k=k,
            height=height,
            width=width,
        )
    try:
        entries = zlib.decompress(body[_HEAD.size :][:length])
    except zlib.error as error:
        raise DataError("The tables in the file are damaged. Download or copy it again.") from error
    context = _Context(height, width)
    entry = 3 + context.count
    if len(entries) != k * (1 + entry):
        raise DataError(
            "The tables of {k} channels have {count} bytes, not {expected}. Download or copy the file again.",
            k=k,
            count=len(entries),
            expected=k * (1 + entry),
        )
    steps = 2.0 ** (np.frombuffer(entries[:k], np.int8) / 8)
    coded = entropy.decode(body[_HEAD.size + length :], lanes)
    next(coded)
    q = np.zeros((k, height, width), np.int32)
    for c in range(k):
        check_cancelled()
        mode, offset = struct.unpack_from("<bh", entries, k + c * entry)
        numbers = np.frombuffer(entries, np.uint8, context.count, k + c * entry + 3).astype(np.int64)
        table = numbers[context.buckets()]  # of each position
        if ((table != _ALL_ZERO) & (table >= entropy.TABLES)).any():
            raise DataError("The file refers to an unknown table. Download or copy it again.")
        residual = np.zeros(height * width, np.int64)
        residual[table != _ALL_ZERO] = coded.send(table[table != _ALL_ZERO])
        residual = residual.reshape(height, width)
        q[c] = _restore(residual, mode, offset)
        context.add(residual)
    return Packed(q, steps, (rows, columns), Channels(channels), fingerprint)


class _Context:
    """A decaying sum of magnitudes at each position, in integers, so that every machine computes the same values."""

    def __init__(self, height: int, width: int) -> None:
        self.energy = np.zeros((height, width), np.int64)
        self.count = int(np.clip(height * width // 256, 1, BUCKETS))

    def add(self, residual: np.ndarray) -> None:
        """Add a channel; the weight of earlier ones decays."""
        self.energy = self.energy * 7 // 8 + 64 * np.minimum(np.abs(residual), 15)

    def buckets(self) -> np.ndarray:
        """The context of each position, `(h·w,)`, from 0, the lowest; contexts have about equally many positions."""
        padded = np.pad(self.energy, 1, mode="edge")
        height, width = self.energy.shape
        around = sum(padded[y : y + height, x : x + width] for y in range(3) for x in range(3))
        around = (around + 3 * self.energy).ravel()
        bounds = np.sort(around)[[around.size * b // self.count for b in range(1, self.count)]]
        return np.searchsorted(bounds, around, side="right")


def _predict(plane: np.ndarray) -> tuple[int, int, np.ndarray]:
    """The cheapest predictor (0 offset, 1 along rows, 2 along columns, 3 both), the offset and the residual."""
    plane = plane.astype(np.int64)
    offset = int(np.clip(np.round(np.median(plane)), -(2**15), 2**15 - 1))
    plane = plane - offset
    rows, columns = (_difference(plane, axis) for axis in (1, 0))
    residuals = (plane, rows, columns, np.diff(np.diff(plane, axis=0, prepend=0), axis=1, prepend=0))
    costs = [np.log2(1 + np.abs(residual)).sum() for residual in residuals]
    mode = int(np.argmin(costs))
    return mode, offset, residuals[mode]


def _difference(plane: np.ndarray, axis: int) -> np.ndarray:
    """Each value minus the previous one along `axis`; the first of each line minus that of the previous line."""
    out = np.diff(plane, axis=axis, prepend=0)
    first = (slice(None), 0) if axis == 1 else (0, slice(None))
    out[first] = np.diff(plane[first], prepend=0)
    return out


def _restore(residual: np.ndarray, mode: int, offset: int) -> np.ndarray:
    """The inverse of `_predict`."""
    plane = residual.copy()
    if mode == 1:
        plane[:, 0] = plane[:, 0].cumsum()
        plane = plane.cumsum(axis=1)
    elif mode == 2:
        plane[0] = plane[0].cumsum()
        plane = plane.cumsum(axis=0)
    elif mode == 3:
        plane = plane.cumsum(axis=0).cumsum(axis=1)
    return plane + offset
