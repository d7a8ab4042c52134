"""Validated settings, from which command-line flags, form controls and JSON are derived."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import ConfigError, Message

OptionsT = TypeVar("OptionsT", bound="Options")


def option(  # noqa: PLR0913 - keyword arguments of a declaration
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] | None = None,
    label: str | None = None,
    length: tuple[int, int] = (0, 16),
    live: bool = False,
) -> Any:
    """A field of a config. Validation, command-line flag, form control and JSON are derived from it.

    minimum, maximum: bounds of a number, or of each entry of a tuple; both are allowed values
    choices: the allowed strings
    label: name of the form control; None: the field's name
    length: minimum and maximum number of entries of a tuple
    live: whether it may change during a run, since only the loss reads it
    """
    metadata = {
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "label": label,
        "length": length,
        "live": live,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Base of validated settings. Raises `ConfigError`, with the allowed range, for an invalid value."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = self._coerced(field)
            object.__setattr__(self, field.name, value)
            if isinstance(value, tuple):
                self._check_length(field, value)
            for number in value if isinstance(value, tuple) else (value,):
                self._check_range(field, number)

    def _coerced(self, field: dataclasses.Field[Any]) -> Any:
        """The value, converted to the type of the field's default: JSON has lists for tuples, and 2.0 may mean 2."""
        value, default = getattr(self, field.name), field.default
        kind = tuple if default is dataclasses.MISSING else type(default)
        if kind is tuple and isinstance(value, (list, tuple)):
            if all(isinstance(n, int) and not isinstance(n, bool) for n in value):
                return tuple(value)
        elif kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
            with suppress(OverflowError):
                return float(value)
        elif kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        elif default is None or (type(value) is kind):
            return value
        raise ConfigError(
            "{name} is {given!r}, which is not {kind}.",
            name=field.name,
            given=str(value)[:80],
            kind=_KIND_NAMES.get(kind, kind.__name__),
        )

    def _check_length(self, field: dataclasses.Field[Any], value: tuple[int, ...]) -> None:
        shortest, longest = field.metadata["length"]
        if not shortest <= len(value) <= longest:
            allowed = Message("{low} to {high}", low=shortest, high=longest) if shortest < longest else shortest
            raise ConfigError(
                "{name} ({help}) has {count} entries; allowed is {allowed}.",
                name=field.name,
                help=field.metadata["help"],
                count=len(value),
                allowed=allowed,
            )

    def _check_range(self, field: dataclasses.Field[Any], value: Any) -> None:
        low, high, choices = (field.metadata.get(k) for k in ("minimum", "maximum", "choices"))
        if choices is not None and value not in choices:
            raise ConfigError(
                "{name} is {given!r}; choose one of {allowed}.",
                name=field.name,
                given=value,
                allowed=", ".join(map(str, choices)),
            )
        if value is None or isinstance(value, str):
            return
        too_low, too_high = low is not None and not value >= low, high is not None and not value <= high
        if too_low or too_high:
            low, high = (f"{end:g}" if isinstance(end, float) else end for end in (low, high))
            allowed = Message("{low} to {high}", low=low, high=high)
            if high is None:
                allowed = Message("at least {low}", low=low)
            elif low is None:
                allowed = Message("at most {high}", high=high)
            raise ConfigError("{name} is {given}; allowed is {allowed}.", name=field.name, given=value, allowed=allowed)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can represent, by field name."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls: type[OptionsT], values: dict[str, Any]) -> OptionsT:
        """The inverse of `to_dict`. Raises `ConfigError` for unknown names and for invalid values."""
        names = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - names):
            raise ConfigError(
                "{config} has no {given}; it has {allowed}.",
                config=cls.__name__,
                given=", ".join(unknown),
                allowed=", ".join(sorted(names)),
            )
        return cls(**values)


_KIND_NAMES = {
    tuple: Message("a list of integers"),
    float: Message("a number"),
    int: Message("an integer"),
    bool: Message("true or false"),
    str: Message("a name"),
}
