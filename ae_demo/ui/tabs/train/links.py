"""Settings of a run as the query of a link, and back: `tab=train&family=vae&beta=4&epochs=20`.

Only what differs from the form's defaults is in it, so that a link can be read, and written by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ....errors import ConfigError
from ....models import FAMILIES
from ...shared.controls import parse
from .settings import SHAPES, RunOptions, Settings

TAB = "train"


def to_query(settings: Settings) -> str:
    """The query that brings these settings back."""
    words: dict[str, str] = {"tab": TAB, "family": settings.family, "data": settings.data}
    if settings.limit:
        words["limit"] = str(settings.limit)
    for cls, values in ((FAMILIES[settings.family].Config, settings.config), (RunOptions, settings.options)):
        for field in dataclasses.fields(cls):
            value = values.get(field.name, field.default)
            if value != field.default:
                words[field.name] = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return urlencode(words)


def from_query(words: Mapping[str, str]) -> Settings:
    """The settings of a link. Raises `ConfigError` for what no such link says."""
    family, data = words.get("family", "dense"), words.get("data", "digits")
    if family not in FAMILIES or data not in SHAPES:
        raise ConfigError(f"The link asks for {family[:40]!r} on {data[:40]!r}; there are {', '.join(FAMILIES)}.")
    config, options = (
        {f.name: read(f, words[f.name]) for f in dataclasses.fields(cls) if f.name in words and f.name != "input_shape"}
        for cls in (FAMILIES[family].Config, RunOptions)
    )
    limit = words.get("limit", "0")
    if not limit.isdecimal():
        raise ConfigError(f"limit is {limit[:40]!r} in the link; it is a whole number.")
    settings = Settings(family, data, config, options, limit=int(limit))
    settings.sized()
    return settings


def read(field: dataclasses.Field, word: str) -> Any:
    """A value as it stands in a link, in the type of its field. Raises `ConfigError`."""
    if isinstance(field.default, bool):
        if word not in ("True", "False"):
            raise ConfigError(f"{field.name} is {word[:40]!r} in the link; it is True or False.")
        return word == "True"
    if isinstance(field.default, tuple):
        return parse(field, word.replace("-", " ") or "none")
    if isinstance(field.default, int | float):
        try:
            return parse(field, float(word))
        except ValueError as error:
            raise ConfigError(f"{field.name} is {word[:40]!r} in the link; it is a number.") from error
    return word
