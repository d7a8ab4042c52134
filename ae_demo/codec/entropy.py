"""A lossless static entropy coder for integers, close to the minimum size for given probabilities.

It is an interleaved range asymmetric numeral system: a state x encodes a symbol of frequency f and cumulative frequency
c as x ← ⌊x / f⌋ 2ᵖ + c + (x mod f), and emits 16 bits whenever it would exceed 2³² (Duda, 2013, "Asymmetric Numeral
Systems"; Giesen, 2014, "Interleaved Entropy Coders"). Many states, one for each lane, advance together as NumPy arrays.

Probabilities come from a fixed family of tables, so that a file identifies a table by its index, one byte.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import lru_cache

import numpy as np

from ..errors import DataError
from ..inference.scheduler import check_cancelled

BITS = 15  # the frequencies of a table sum to 2 ** BITS
LARGEST = 128  # integers of this magnitude and above are stored outside the tables
FAR_BITS = 24.0  # the assumed cost of an integer beyond a table's range
SCALES = 2.0 ** np.arange(-4.5, 6.6, 0.25)  # of the Laplace distributions
PEAKS = (0.0, 0.5)  # share of a second distribution, four times as wide, for heavier tails
TABLES = len(SCALES) * len(PEAKS)
LOW = np.uint64(1 << 16)
WORD = np.uint64(16)


@lru_cache(maxsize=1)
def tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies `(T, 257)`, their cumulative sums, bits per integer `(T, 257)`, and the range K of each table `(T,)`.

    Symbols are -128 … 128, at indices from 0; those of magnitude K also represent all larger ones.
    """
    edges = np.arange(-LARGEST - 0.5, LARGEST + 1)
    frequencies, reaches = [], []
    for scale in SCALES:
        for peak in PEAKS:
            below = (1 - peak) * _laplace(edges / scale) + peak * _laplace(edges / (4 * scale))
            p = np.diff(below)  # (257,)
            reach = min(LARGEST, 1 + np.count_nonzero(p[LARGEST + 1 :] > 2.0 ** (1 - BITS)))
            inner = np.abs(np.arange(-LARGEST, LARGEST + 1)) < reach
            p[[LARGEST - reach, LARGEST + reach]] = (1 - p[inner].sum()) / 2
            p[np.abs(np.arange(-LARGEST, LARGEST + 1)) > reach] = 0
            f = np.where(p > 0, np.maximum(1, np.floor(p * 2**BITS)), 0).astype(np.int64)
            f[LARGEST] += 2**BITS - f.sum()  # corrects the rounding, so that the sum is exact
            frequencies.append(f)
            reaches.append(reach)
    f = np.stack(frequencies)
    bits = np.where(f > 0, BITS - np.log2(np.maximum(f, 1)), FAR_BITS)
    return f.astype(np.uint64), (np.cumsum(f, 1) - f).astype(np.uint64), bits, np.array(reaches)


def _laplace(x: np.ndarray) -> np.ndarray:
    """The cumulative distribution function of the Laplace distribution with scale 1."""
    return np.where(x < 0, 0.5 * np.exp(-np.abs(x)), 1 - 0.5 * np.exp(-np.abs(x)))


@lru_cache(maxsize=1)
def _symbol_of_slot() -> np.ndarray:
    f, _, _, _ = tables()
    return np.stack([np.repeat(np.arange(f.shape[1], dtype=np.int16), row.astype(int)) for row in f])  # (T, 2^BITS)


def best_tables(values: np.ndarray, context: np.ndarray, contexts: int) -> tuple[np.ndarray, np.ndarray]:
    """For the integers of each context, the index of the table that needs the fewest bits, and these bits.

    values: integers `(n,)`
    context: that of each, `(n,)`, from 0 to `contexts` - 1
    """
    _, _, bits, _ = tables()
    symbols = bits.shape[1]
    at = context * symbols + np.clip(values, -LARGEST, LARGEST) + LARGEST
    costs = np.bincount(at, minlength=contexts * symbols).reshape(contexts, symbols) @ bits.T
    return costs.argmin(1), costs.min(1)


def lanes_for(count: int) -> int:
    """The number of interleaved states for `count` symbols: each takes four bytes and reduces the number of steps."""
    return int(np.clip(count // 4096, 1, 4096))


def encode(runs: Iterable[tuple[np.ndarray, np.ndarray]], lanes: int) -> bytes:
    """Encode runs of `(values, tables)`, integers `(n,)` and the indices of their tables `(n,)`, as bytes."""
    f, c, _, reach = tables()
    state = np.full(lanes, LOW, np.uint64)
    words: list[np.ndarray] = []
    excesses: list[np.ndarray] = []  # of integers outside their table
    for values, table in reversed(list(runs)):
        check_cancelled()
        k = reach[table]
        beyond = np.abs(values) >= k
        excesses.append((np.abs(values) - k)[beyond])
        symbol = np.clip(values, -k, k) + LARGEST
        frequency, begin = f[table, symbol], c[table, symbol]
        for start in reversed(range(0, len(values), lanes)):
            fs, cs = frequency[start : start + lanes], begin[start : start + lanes]
            x = state[: len(fs)]
            full = x >= fs << np.uint64(32 - BITS)
            words.append((x[full] & np.uint64(0xFFFF)).astype("<u2"))
            x = np.where(full, x >> WORD, x)
            quotient, rest = np.divmod(x, fs)
            state[: len(fs)] = (quotient << np.uint64(BITS)) + rest + cs
    far = np.concatenate([*excesses[::-1], np.zeros(0, int)])
    stream = np.concatenate([state.astype("<u4").view("<u2"), *words[::-1]])
    return len(far).to_bytes(4, "little") + far.astype("<u4").tobytes() + stream.tobytes()


def decode(data: bytes, lanes: int) -> Generator[np.ndarray, np.ndarray, None]:
    """Decode run by run: send the tables of a run to receive its values; start the generator with `next`.

    Raises `DataError` if the data are truncated.
    """
    f, c, _, reach = tables()
    count = int.from_bytes(data[:4], "little")
    head = 4 + 4 * count
    if len(data) < head + 4 * lanes or (len(data) - head) % 2:
        raise DataError(
            "The coded data have only {count} bytes: the file is truncated. Download or copy it again.", count=len(data)
        )
    far = np.frombuffer(data[4:head], "<u4").astype(np.int64)
    state = np.frombuffer(data[head : head + 4 * lanes], "<u4").astype(np.uint64)
    words = np.frombuffer(data[head + 4 * lanes :], "<u2").astype(np.uint64)
    at = far_at = 0
    values = np.zeros(0, np.int64)
    while True:
        table = yield values
        symbols = np.empty(len(table), np.int64)
        for start in range(0, len(table), lanes):
            which = table[start : start + lanes]
            x = state[: len(which)]
            slot = (x & np.uint64((1 << BITS) - 1)).astype(np.int64)
            symbol = _symbol_of_slot()[which, slot]
            symbols[start : start + lanes] = symbol
            x = f[which, symbol] * (x >> np.uint64(BITS)) + slot.astype(np.uint64) - c[which, symbol]
            empty = x < LOW
            wanted = int(np.count_nonzero(empty))
            if at + wanted > len(words):
                raise DataError("The coded data end too early: the file is truncated. Download or copy it again.")
            x[empty] = (x[empty] << WORD) | words[at : at + wanted]
            state[: len(which)] = x
            at += wanted
        values = symbols - LARGEST
        beyond = np.abs(values) >= reach[table]
        wanted = int(np.count_nonzero(beyond))
        if far_at + wanted > len(far):
            raise DataError("Coded integers are missing: the file is damaged. Download or copy it again.")
        values[beyond] += np.sign(values[beyond]) * far[far_at : far_at + wanted]
        far_at += wanted
