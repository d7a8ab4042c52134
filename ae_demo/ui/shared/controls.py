"""Gradio controls made from the fields of a config, and what they say read back and checked.

A field's label, help, range and choices come from `models.option`. Another language's words for the first two stand
in the interface's strings under `option.<the English words>`; without them the English is shown.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import gradio as gr
from gradio.components import Component

from ...errors import ConfigError
from ...models import Options
from ..strings import load_strings, t

NONE = "none"  # what stands in the box of a list that has no entries
MOST_STEPS = 32  # of a whole number's range, up to which a slider beats a box


def build_controls(
    config_cls: type[Options], prefix: str, skip: tuple[str, ...] = (), **values: Any
) -> dict[str, Component]:
    """Make a control for each field of `config_cls` but those in `skip`, in the order of the fields.

    The control of `field` has the id `<prefix>-<field>`, with dashes for underscores. `values` are put in place of
    the defaults. Call it where the controls are to stand.
    """
    fields = [field for field in dataclasses.fields(config_cls) if field.name not in skip]
    return {
        f.name: build_control(f, f"{prefix}-{f.name.replace('_', '-')}", values.get(f.name, f.default)) for f in fields
    }


def build_control(field: dataclasses.Field, elem_id: str, value: Any) -> Component:
    """The control of one field: check box, list, slider, number, or numbers with blanks between them."""
    about = field.metadata
    label, help = label_of(field), about["help"]
    settings = {"label": text("option", label), "info": text("option", help), "elem_id": elem_id, "interactive": True}
    if isinstance(field.default, bool):
        return gr.Checkbox(value, **settings)
    if about["choices"]:
        return gr.Dropdown(list(about["choices"]), value=value, **settings)
    if isinstance(field.default, tuple):
        return gr.Textbox(" ".join(map(str, value)) or NONE, **settings)
    if is_slider(field):
        low, high = about["minimum"], about["maximum"]
        step = 1 if isinstance(field.default, int) else low if 0 < low < 0.01 else 0.01
        return gr.Slider(low, high, value, step=step, **settings)
    return gr.Number(value, **settings)  # its range is left to `read_controls`, whose sentence is clearer


def slider(low: float, high: float, value: float, **settings: Any) -> gr.Slider:
    """A slider whose box takes any number: what is beyond its range is its end."""
    return bounded(gr.Slider(low, high, value, **settings))


def bounded(control: Component) -> Component:
    """Bring what is typed into a control of fixed range into it, as the page does once the box is left.

    Gradio would refuse it meanwhile, with a message for each listener.
    """
    low, high, read = control.minimum, control.maximum, control.preprocess
    control.preprocess = lambda value: read(value if value is None else min(high, max(low, value)))
    return control


def label_of(field: dataclasses.Field) -> str:
    """The English words of a field, by which other languages' are found."""
    return field.metadata["label"] or field.name.replace("_", " ")


def text(group: str, words: str) -> Any:
    """`words` in the visitor's language where the strings have `<group>.<words>`, else as they are."""
    key = f"{group}.{words}"
    return t(key) if key in load_strings("en") else words


def is_slider(field: dataclasses.Field) -> bool:
    """Whether a hand can hit the useful values: few whole numbers, or shares of one.

    A number in [0, 1] that is 0 by default is a weight rather than a share, and its useful values are tiny.
    """
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    if low is None or high is None:
        return False
    if isinstance(field.default, int):
        return high - low <= MOST_STEPS
    return high - low <= 1 and (field.default > 0 or high < 1)


def read_controls(config_cls: type[Options], values: dict[str, Any]) -> dict[str, Any]:
    """What the controls say as fields of `config_cls`, checked; those not among `values` keep their defaults.

    Raises `ConfigError`, which names the control as the form does, what it says and what is allowed.
    """
    fields = {field.name: field for field in dataclasses.fields(config_cls)}
    if unknown := sorted(set(values) - set(fields)):
        raise ConfigError(f"{config_cls.__name__} has no {', '.join(unknown)}; it has {', '.join(fields)}.")
    try:
        read = {name: parse(fields[name], value) for name, value in values.items()}
        config_cls(**read)  # checks ranges, choices and what does not go together
    except ConfigError as error:
        name, _, rest = str(error).partition(" ")
        if name not in fields:
            raise
        label = label_of(fields[name])
        raise ConfigError(f"{load_strings('en').get(f'option.{label}', label)} {rest}") from error
    return read


def parse(field: dataclasses.Field, value: Any) -> Any:
    """A control's value in the type of its field; raises `ConfigError` where it is empty or no number."""
    if isinstance(field.default, tuple):
        if isinstance(value, str) and value.strip().lower() == NONE and not field.metadata["length"][0]:
            return ()
        words = [word for word in re.split(r"[\s,;×x]+", str(value or "")) if word]
        if not words or not all(re.fullmatch(r"\d{1,9}", word) for word in words):
            given = f"{value!r}" if words else "empty"
            or_none = "" if field.metadata["length"][0] else f", or {NONE}"
            raise ConfigError(
                f"{field.name} is {given}; give whole numbers with blanks between them, such as 512 256{or_none}."
            )
        return tuple(map(int, words))
    if value is None or value == "":
        raise ConfigError(f"{field.name} is empty; {field.metadata['help']}: its default is {field.default}.")
    if isinstance(field.default, bool) or not isinstance(field.default, (int, float)):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigError(f"{field.name} is {value!r}; give a number.")
    return int(value) if isinstance(field.default, int) and float(value).is_integer() else value
