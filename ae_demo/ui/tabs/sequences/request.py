"""The values of the Sequences tab's controls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...shared.user_runs import resolve

EXAMPLE, FILE = "example", "file"


@dataclass(frozen=True)
class SequenceRequest:
    """The model, and where the sequences are from.

    source: "example" or "file", of series; words are typed
    sample, second: numbers of held-out waves, from 1
    record: of heartbeats, one of `RECORDS`; minute: of it, from 1
    word, other: two words
    path, channel: a file of series, and which of its channels, from 1
    length: steps of a window; 0: as many as the model has
    rate: samples a second of a file of heartbeats
    scaling: "fit" or "none"
    """

    checkpoint: str
    source: str
    sample: float
    second: float
    record: str
    minute: float
    word: str
    other: str
    path: str | None
    channel: float
    length: float
    rate: float
    scaling: str

    @property
    def model(self) -> str | Path:
        """The checkpoint, as `inference` takes it."""
        return resolve(self.checkpoint)
