"""English words as sequences of symbols: 0 is a blank, 1 to 26 are the letters a to z.

These are the 60,540 words of 3 to 12 letters, without capitals and accents, of the word list `american-english` (SCOWL,
Kevin Atkinson), padded with blanks at the end to 12 symbols. One in ten is held out, by the CRC-32 of its letters,
which also determines the order in both sets; so they are the same on every machine, and the first samples are
representative. The list contains inflected forms: other forms of a word in the test set are often in the training set.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Sequence
from functools import lru_cache

import torch

from ..errors import DataError
from .bundled import ASSETS
from .samples import Samples

ALPHABET = " abcdefghijklmnopqrstuvwxyz"
SHORTEST, LONGEST = 3, 12  # letters of the listed words
TRAIN_WORDS, TEST_WORDS = 54_502, 6038
WORDS_FILE = "words.txt.xz"


@lru_cache(maxsize=1)
def list_words() -> tuple[str, ...]:
    """The words in alphabetical order. Raises `DataError` if the file is missing or damaged."""
    path = ASSETS / WORDS_FILE
    try:
        return tuple(lzma.decompress(path.read_bytes()).decode("ascii").split())
    except (OSError, lzma.LZMAError, ValueError) as error:
        raise DataError("{path} is missing or damaged: get it again from the repository.", path=path) from error


def is_held_out(word: str) -> bool:
    """Whether a word is in the test set: the CRC-32 of its letters is a multiple of 10."""
    return zlib.crc32(word.encode("ascii")) % 10 == 0


def to_symbols(words: Sequence[str], steps: int = LONGEST) -> torch.Tensor:
    """Words as symbols, int64 `(N, steps)`. Capitals are converted to lower case.

    Raises `DataError`, with the word, if one is empty, longer than `steps`, or has a character other than a to z.
    """
    rows = []
    for word in words:
        letters = word.strip().lower()
        strange = next((c for c in letters if c not in ALPHABET[1:]), None)
        if strange is not None:
            raise DataError(
                "{word!r} has the character {strange!r}: use the letters a to z only.", word=word[:40], strange=strange
            )
        if not 1 <= len(letters) <= steps:
            raise DataError(
                "{word!r} has {letters} letters: give 1 to {steps}.", word=word[:40], letters=len(letters), steps=steps
            )
        rows.append([ALPHABET.index(c) for c in letters.ljust(steps)])
    return torch.tensor(rows, dtype=torch.int64).reshape(-1, steps)


def to_words(symbols: torch.Tensor) -> list[str]:
    """The inverse of `to_symbols`, for symbols `(N, T)`; only blanks at the end are removed."""
    return ["".join(ALPHABET[i] for i in row).rstrip() for row in symbols.tolist()]


def load_words() -> Samples:
    """The words as int64 `(54502, 12)` and `(6038, 12)`. Raises `DataError` if the file is missing or damaged."""
    words = sorted(list_words(), key=lambda word: zlib.crc32(word.encode("ascii")))
    train, test = ([word for word in words if is_held_out(word) == held] for held in (False, True))
    return Samples("words", to_symbols(train), to_symbols(test))
