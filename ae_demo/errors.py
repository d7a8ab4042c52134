"""The exceptions that AE Demo raises for invalid input: catch `AEDemoError` for all of them.

A message says what was given, what is allowed, and what to do.
"""

from __future__ import annotations

from typing import Any


class AEDemoError(Exception):
    """Base class of all errors of AE Demo. Its message can be shown to a user.

    AEDemoError("{name} holds {count:,} files; 10 are allowed.", name="a.zip", count=1200)

    template: the message in English with named placeholders, as of `str.format`: the key of its translations. Without
        values it is the message as it stands.
    values: what stands in the placeholders; another `AEDemoError` stands for its message
    """

    def __init__(self, template: str = "", **values: Any) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template, self.values = template, values


class ConfigError(AEDemoError, ValueError):
    """A setting is unknown, of the wrong type or out of range."""


class DataError(AEDemoError):
    """A data set is missing, damaged or empty."""


class PictureError(AEDemoError, ValueError):
    """A file or array is not a picture, or cannot be used."""


class ShapeError(AEDemoError, ValueError):
    """A tensor's shape does not fit the model."""


class CheckpointError(AEDemoError):
    """A checkpoint is missing, damaged, or not suitable for the task."""


class TrainingError(AEDemoError, RuntimeError):
    """A run cannot continue, for example because its loss is not finite."""
