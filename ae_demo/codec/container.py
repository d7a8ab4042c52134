"""A code map as a file: each channel quantised in steps of its own, and entropy-coded for real.

    q = round(z / Δ_c),   bytes ≈ -Σ log₂ p(q) / 8,   ẑ = q Δ_c

The steps make an error in any channel cost the same in the picture. The probabilities are Laplace distributions whose
scale depends on how much happened at that place in the channels before: where those are silent, so will be the next
(the idea of Shapiro's zerotrees, 1993, "Embedded Image Coding Using Zerotrees of Wavelet Coefficients"). A channel that
is smooth is told by the differences of neighbours, as JPEG tells brightness. All that a decoder needs besides the model
is in the bytes: sizes, steps, tables, a checksum.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigError, DataError
from . import entropy

MAGIC = b"AEC1"
_CHECK = struct.Struct("<4sI")  # magic, checksum of all that follows
_HEAD = struct.Struct("<IIIBHHHHH")  # fingerprint, picture's height and width, grey, k, h, w, bytes about, lanes
_LARGEST = 2**26  # numbers in a code: 70 megapixels with 64 channels
BUCKETS = 12  # contexts of a channel, at most
DEAD_ZONE = 0.08  # of a step, by which numbers are drawn to zero: they take fewer bits than they cost in error
_SILENT = 255  # instead of a table's number: every value there is 0


@dataclass(frozen=True)
class Packed:
    """A quantised code: `q` whole numbers `(k, h, w)` and `steps` `(k,)`, with ẑ = q · steps; and what it is of.

    `size`: (height, width) of the picture in pixels; `grey`: whether it has one channel; `fingerprint`: the model's.
    """

    q: np.ndarray
    steps: np.ndarray
    size: tuple[int, int]
    grey: bool
    fingerprint: int

    @property
    def code(self) -> np.ndarray:
        """ẑ, float32 `(k, h, w)`."""
        return (self.q * self.steps[:, None, None]).astype(np.float32)


def quantise(z: np.ndarray, step: float, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A code `(k, h, w)` in whole steps: `q` int32 of its shape, and the steps `(k,)`, which are `step / weights`.

    Steps are rounded to an eighth of an octave, a byte each in the file. Raises `ConfigError` for a `step` that is not
    positive.
    """
    if not (np.isfinite(step) and step > 0):
        raise ConfigError(f"step is {step}; give a positive number, such as 0.1.")
    steps = 2.0 ** (np.round(8 * np.log2(step / np.maximum(weights, 1e-6))).clip(-127, 127) / 8)
    scaled = z / steps[:, None, None]
    q = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 - DEAD_ZONE)
    q[0] = np.round(scaled[0])  # brightness has no zero to be drawn to
    return q.clip(-(2**24), 2**24).astype(np.int32), steps


def to_bytes(packed: Packed) -> bytes:
    """The file. `from_bytes` gives back exactly what was packed."""
    k, height, width = packed.q.shape
    context, about, runs = _Context(height, width), bytearray(), []
    for plane in packed.q:
        mode, offset, residual = _predict(plane)
        values, bucket = residual.ravel(), context.buckets()
        numbers = np.full(context.count, _SILENT)
        for b in np.unique(bucket):
            here = values[bucket == b]
            numbers[b] = entropy.best_table(here) if here.any() else _SILENT
        told = numbers[bucket] != _SILENT
        runs.append((values[told], numbers[bucket][told]))
        about += struct.pack("<bh", mode, offset) + bytes(numbers.tolist())
        context.add(residual)
    octaves = np.round(8 * np.log2(packed.steps)).astype(np.int8)
    told = zlib.compress(octaves.tobytes() + about, 9)
    lanes = entropy.lanes_for(sum(len(values) for values, _ in runs))
    head = (packed.fingerprint, *packed.size, packed.grey, k, height, width, len(told), lanes)
    body = _HEAD.pack(*head) + told + entropy.encode(runs, lanes)
    return _CHECK.pack(MAGIC, zlib.crc32(body)) + body


def from_bytes(data: bytes) -> Packed:
    """What was packed. Raises `DataError` for bytes that are not such a file, or not as they were written."""
    if len(data) < _CHECK.size + _HEAD.size or data[:4] != MAGIC:
        raise DataError(f"These {len(data):,} bytes are no compressed picture of AE Demo. Give a file it made.")
    body = data[_CHECK.size :]
    if zlib.crc32(body) != _CHECK.unpack_from(data)[1]:
        raise DataError(f"The compressed picture ({len(data):,} bytes) is damaged or cut off. Get the file again.")
    fingerprint, *size, grey, k, height, width, length, lanes = _HEAD.unpack_from(body)
    if not 0 < k * height * width <= _LARGEST or not lanes:
        raise DataError(f"The file tells of a code of {k} × {height} × {width}, which cannot be. Get it again.")
    try:
        about = zlib.decompress(body[_HEAD.size :][:length])
    except zlib.error as error:
        raise DataError("What the file tells of its tables is damaged. Get it again.") from error
    context = _Context(height, width)
    entry = 3 + context.count
    if len(about) != k * (1 + entry):
        raise DataError(f"The file has {len(about)} bytes about {k} channels, not {k * (1 + entry)}. Get it again.")
    steps = 2.0 ** (np.frombuffer(about[:k], np.int8) / 8)
    coded = entropy.decode(body[_HEAD.size + length :], lanes)
    next(coded)
    q = np.zeros((k, height, width), np.int32)
    for c in range(k):
        mode, offset = struct.unpack_from("<bh", about, k + c * entry)
        numbers = np.frombuffer(about, np.uint8, context.count, k + c * entry + 3).astype(np.int64)
        each = numbers[context.buckets()]
        if ((each != _SILENT) & (each >= entropy.TABLES)).any():
            raise DataError("The file names a table that there is not. Get it again.")
        residual = np.zeros(height * width, np.int64)
        residual[each != _SILENT] = coded.send(each[each != _SILENT])
        residual = residual.reshape(height, width)
        q[c] = _restore(residual, mode, offset)
        context.add(residual)
    return Packed(q, steps, tuple(size), bool(grey), fingerprint)


class _Context:
    """How much happened at each place so far, in whole numbers, so that every machine finds the same."""

    def __init__(self, height: int, width: int) -> None:
        self.energy = np.zeros((height, width), np.int64)
        self.count = int(np.clip(height * width // 256, 1, BUCKETS))

    def add(self, residual: np.ndarray) -> None:
        """One more channel; those before fade."""
        self.energy = self.energy * 7 // 8 + 64 * np.minimum(np.abs(residual), 15)

    def buckets(self) -> np.ndarray:
        """For each place `(h·w,)` its context, 0 the quietest, about as many places to each."""
        padded = np.pad(self.energy, 1, mode="edge")
        height, width = self.energy.shape
        around = sum(padded[y : y + height, x : x + width] for y in range(3) for x in range(3))
        around = (around + 3 * self.energy).ravel()
        bounds = np.sort(around)[[around.size * b // self.count for b in range(1, self.count)]]
        return np.searchsorted(bounds, around, side="right")


def _predict(plane: np.ndarray) -> tuple[int, int, np.ndarray]:
    """How a channel is told most cheaply: (0 about its mean, 1 by rows, 2 by columns, 3 by both), offset, residual."""
    plane = plane.astype(np.int64)
    offset = int(np.clip(np.round(np.median(plane)), -(2**15), 2**15 - 1))
    plane = plane - offset
    rows, columns = (_difference(plane, axis) for axis in (1, 0))
    ways = (plane, rows, columns, np.diff(np.diff(plane, axis=0, prepend=0), axis=1, prepend=0))
    costs = [np.log2(1 + np.abs(way)).sum() for way in ways]
    mode = int(np.argmin(costs))
    return mode, offset, ways[mode]


def _difference(plane: np.ndarray, axis: int) -> np.ndarray:
    """Each value less its neighbour before along `axis`; the first of each line less that of the line before."""
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
