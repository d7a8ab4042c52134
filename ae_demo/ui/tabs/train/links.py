"""Converts the settings of a run to the query of a link and back: `tab=train&family=vae&beta=4&epochs=20`.

A link has only the values that differ from the defaults, so that it is short, and can be written by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ....errors import ConfigError
from ....models import DEFAULT_FAMILY, get_family
from ...shared.controls import parse
from ...shared.links import Line, TabLink
from .form import Form, data_sets, show_chosen
from .settings import PageOptions, PageSettings

TAB = "train"


class TrainLink(TabLink):
    """The form's link. Its values are those of a run's settings, whose names differ from family to family."""

    def __init__(self, form: Form, line: Line) -> None:
        choices = {"data": lambda values: data_sets(values["family"])}
        super().__init__(TAB, form.linked, line, choices=choices, following=[form.pictures, *form.groups])
        self.form = form

    def follow(self, values: dict[str, Any]) -> list[Any]:
        """Family and data have no event "change" if they are mounted with these values."""
        return show_chosen(values["family"], values["data"])

    def to_query(self, values: Mapping[str, Any]) -> str:
        """The query that restores these values of the controls."""
        given = {self.controls[name]: value for name, value in {**self.start, **values}.items()}
        return to_query(self.form.read({**given, self.form.pictures: None}))

    def from_query(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The values of all controls of the family that a query names; none if it names nothing but the tab."""
        if not query.keys() - {"tab"}:
            return {}
        given = self.form.values_of(from_query(query))
        return {name: given[control] for name, control in self.controls.items() if control in given}


def to_query(settings: PageSettings) -> str:
    """The query that restores these settings."""
    query = {"tab": TAB, "family": settings.family, "data": settings.data}
    for name, value in settings.to_flat(changed=True).items():
        query[name] = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return urlencode(query)


def from_query(query: Mapping[str, str]) -> PageSettings:
    """The settings of a link. Raises `ConfigError` for unknown names and for values that are out of range."""
    family, data = query.get("family", DEFAULT_FAMILY), query.get("data", "digits")
    values: dict[str, Any] = {}
    for options in (get_family(family).Config, PageOptions):
        fields = [field for field in dataclasses.fields(options) if field.name != "input_shape"]
        values |= {field.name: parse_value(field, query[field.name]) for field in fields if field.name in query}
    limit = query.get("limit", "0")
    if not limit.isdecimal():
        raise ConfigError("limit is {given!r} in the link; give an integer.", given=limit[:40])
    settings = PageSettings.from_flat(family, data, {**values, "limit": int(limit)})
    settings.checked_outline()
    return settings


def parse_value(field: dataclasses.Field, text: str) -> Any:
    """Convert a value of a link to the type of its field. Raises `ConfigError`."""
    if isinstance(field.default, bool):
        if text not in ("True", "False"):
            raise ConfigError("{name} is {given!r} in the link; give True or False.", name=field.name, given=text[:40])
        return text == "True"
    if isinstance(field.default, tuple):
        return parse(field, text.replace("-", " ") or "none")
    if isinstance(field.default, int | float):
        try:
            return parse(field, float(text))
        except ValueError as error:
            raise ConfigError(
                "{name} is {given!r} in the link; give a number.", name=field.name, given=text[:40]
            ) from error
    return text
