"""The settings of a run as the query of a link, and back: `tab=train&family=vae&beta=4&epochs=20`.

Only what differs from the defaults is in it, so that a link can be read, and written by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ....errors import ConfigError
from ....models import get_family
from ...shared.controls import parse
from .settings import PageOptions, PageSettings

TAB = "train"


def to_query(settings: PageSettings) -> str:
    """The query that restores these settings."""
    words = {"tab": TAB, "family": settings.family, "data": settings.data}
    for name, value in settings.to_flat(changed=True).items():
        words[name] = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return urlencode(words)


def from_query(words: Mapping[str, str]) -> PageSettings:
    """The settings of a link. Raises `ConfigError` for a link that makes no sense."""
    family, data = words.get("family", "dense"), words.get("data", "digits")
    values: dict[str, Any] = {}
    for options in (get_family(family).Config, PageOptions):
        fields = [field for field in dataclasses.fields(options) if field.name != "input_shape"]
        values |= {field.name: parse_word(field, words[field.name]) for field in fields if field.name in words}
    limit = words.get("limit", "0")
    if not limit.isdecimal():
        raise ConfigError(f"limit is {limit[:40]!r} in the link; give an integer.")
    settings = PageSettings.from_flat(family, data, {**values, "limit": int(limit)})
    settings.checked_outline()
    return settings


def parse_word(field: dataclasses.Field, word: str) -> Any:
    """A value of a link in the type of its field. Raises `ConfigError`."""
    if isinstance(field.default, bool):
        if word not in ("True", "False"):
            raise ConfigError(f"{field.name} is {word[:40]!r} in the link; give True or False.")
        return word == "True"
    if isinstance(field.default, tuple):
        return parse(field, word.replace("-", " ") or "none")
    if isinstance(field.default, int | float):
        try:
            return parse(field, float(word))
        except ValueError as error:
            raise ConfigError(f"{field.name} is {word[:40]!r} in the link; give a number.") from error
    return word
