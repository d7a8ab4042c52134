"""Messages for the user, and the exceptions raised for invalid input: catch `AEDemoError` for all of them.

A message says what was given, what is allowed, and what to do.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any


class Message(str):
    """A sentence for the user: the English text, with its template and values, from which translations are made.

    Message("{name} holds {count:,} files; 10 are allowed.", name="a.zip", count=1200)

    template: the text with named placeholders as in `str.format`, which is the key of its translations. Without values
        it is used unchanged.
    values: the values of the placeholders. A `Message` among them is translated, too; an exception is replaced by its
        message.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str = "", /, **values: Any) -> Message:
        values = {k: getattr(v, "message", str(v)) if isinstance(v, BaseException) else v for k, v in values.items()}
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template, message.values = template, values
        return message

    def with_values(self, **values: Any) -> Message:
        """The message with other values for some of the placeholders."""
        return Message(self.template, **{**self.values, **values})

    def without(self, part: str) -> Message:
        """The message with `part`, such as a path, removed from its values."""
        return self.with_values(**{k: v.replace(part, "") for k, v in self.values.items() if type(v) is str})

    def to_json(self) -> dict[str, Any]:
        """The template and the values; values other than numbers and messages are converted to text."""
        return {"template": self.template, "values": {k: _plain(v) for k, v in self.values.items()}}

    @classmethod
    def from_json(cls, parts: dict[str, Any]) -> Message:
        """The inverse of `to_json`."""
        values = {k: cls.from_json(v) if isinstance(v, dict) else v for k, v in parts["values"].items()}
        return cls(parts["template"], **values)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


class AEDemoError(Exception):
    """Base class of all errors of AE Demo. Its message can be shown to a user.

    AEDemoError("{name} holds {count:,} files; 10 are allowed.", name="a.zip", count=1200)

    message: a template, or a complete `Message`
    """

    def __init__(self, message: str = "", /, **values: Any) -> None:
        self.message = message if isinstance(message, Message) else Message(message, **values)
        super().__init__(self.message)


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
