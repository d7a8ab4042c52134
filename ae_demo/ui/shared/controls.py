"""Makes Gradio controls from the fields of a config, and converts and checks their values.

A field's label, help, range and choices come from `models.option`. Translations of labels and helps are in the strings
of the interface, under `option.<the English text>`; without one, the English text is shown.
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
from ..strings.messages import locale_of_visitor
from .preprocess import with_preprocess

NONE = "none"  # the text for a list without entries
MAX_SLIDER_STEPS = 32  # integers with a larger range get a box in place of a slider


def build_controls(
    config_cls: type[Options], prefix: str, skip: tuple[str, ...] = (), **values: Any
) -> dict[str, Component]:
    """Make a control for each field of `config_cls` except those in `skip`, in the order of the fields.

    The control of `field` has the id `<prefix>-<field>`, with dashes in place of underscores. `values` replace the
    defaults. Call it inside the layout that the controls belong to.
    """
    fields = [field for field in dataclasses.fields(config_cls) if field.name not in skip]
    return {
        f.name: build_control(f, f"{prefix}-{f.name.replace('_', '-')}", values.get(f.name, f.default)) for f in fields
    }


def build_control(field: dataclasses.Field, elem_id: str, value: Any) -> Component:
    """The control of one field: check box, list, slider, number, or text with numbers separated by spaces."""
    about = field.metadata
    label, help = label_of(field), about["help"]
    settings = {"label": text("option", label), "info": text("option", help), "elem_id": elem_id, "interactive": True}
    if isinstance(field.default, bool):
        return gr.Checkbox(value, **settings)
    if about["choices"]:
        return gr.Dropdown([(text("choice", choice), choice) for choice in about["choices"]], value=value, **settings)
    if isinstance(field.default, tuple):
        return gr.Textbox(" ".join(map(str, value)) or NONE, **settings)
    if is_slider(field):
        low, high = about["minimum"], about["maximum"]
        step = 1 if isinstance(field.default, int) else low if 0 < low < 0.01 else 0.01
        return gr.Slider(low, high, value, step=step, **settings)
    return gr.Number(value, **settings)  # `read_controls` checks its range, with a clearer message


def slider(low: float, high: float, value: float, **settings: Any) -> gr.Slider:
    """A slider whose box accepts any number and clips it to the range."""
    return bounded(gr.Slider(low, high, value, **settings))


def bounded(control: Component) -> Component:
    """Clip a typed number to the range of a control, as the page does when the box loses the focus.

    Until then, Gradio would refuse the number, with a message for each listener.
    """
    return with_preprocess(control, _clip)


def _clip(control: gr.Slider | gr.Number, value: float | None) -> float | None:
    base = gr.Slider if isinstance(control, gr.Slider) else gr.Number
    return base.preprocess(control, value if value is None else min(control.maximum, max(control.minimum, value)))


def label_of(field: dataclasses.Field) -> str:
    """The English label of a field, by which translations are found."""
    return field.metadata["label"] or field.name.replace("_", " ")


def text(group: str, words: str) -> Any:
    """`words` in the visitor's language if the strings have `<group>.<words>`, else unchanged."""
    key = f"{group}.{words}"
    return t(key) if key in load_strings("en") else words


def is_slider(field: dataclasses.Field) -> bool:
    """Whether the useful values can be set by dragging: integers with a small range, and fractions.

    A number in [0, 1] with the default 0 is a weight rather than a fraction, and its useful values are tiny.
    """
    low, high = field.metadata["minimum"], field.metadata["maximum"]
    if low is None or high is None:
        return False
    if isinstance(field.default, int):
        return high - low <= MAX_SLIDER_STEPS
    return high - low <= 1 and (field.default > 0 or high < 1)


def read_controls(config_cls: type[Options], values: dict[str, Any]) -> dict[str, Any]:
    """Convert the values of controls to fields of `config_cls`, and check them.

    Raises `ConfigError`, with the label of the control, its value and what is allowed.
    """
    fields = {field.name: field for field in dataclasses.fields(config_cls)}
    if unknown := sorted(set(values) - set(fields)):
        raise ConfigError(
            "{config} has no {given}; it has {allowed}.",
            config=config_cls.__name__,
            given=", ".join(unknown),
            allowed=", ".join(fields),
        )
    try:
        read = {name: parse(fields[name], value) for name, value in values.items()}
        config_cls(**read)  # checks ranges, choices and combinations
    except ConfigError as error:
        name, _, rest = str(error).partition(" ")
        if name not in fields:
            raise
        label = label_of(fields[name])
        texts = load_strings(locale_of_visitor())
        label = texts.get(f"option.{label}", label)
        if "name" not in error.message.values:
            raise ConfigError("{name} {rest}", name=label, rest=rest) from error
        raise ConfigError(error.message.with_values(name=label)) from error
    return read


def parse(field: dataclasses.Field, value: Any) -> Any:
    """Convert a control's value to the type of its field. Raises `ConfigError` if it is empty or not a number."""
    if isinstance(field.default, tuple):
        if isinstance(value, str) and value.strip().lower() == NONE and not field.metadata["length"][0]:
            return ()
        words = [word for word in re.split(r"[\s,;×x]+", str(value or "")) if word]
        if not words or not all(re.fullmatch(r"\d{1,9}", word) for word in words):
            given = repr(value) if words else ConfigError("empty")
            if field.metadata["length"][0]:
                raise ConfigError(
                    "{name} is {given}; give integers separated by spaces, such as 512 256.",
                    name=field.name,
                    given=given,
                )
            raise ConfigError(
                "{name} is {given}; give integers separated by spaces, such as 512 256, or {none}.",
                name=field.name,
                given=given,
                none=NONE,
            )
        return tuple(map(int, words))
    if value is None or value == "":
        raise ConfigError(
            "{name} is empty; {help}: its default is {default}.",
            name=field.name,
            help=field.metadata["help"],
            default=field.default,
        )
    if isinstance(field.default, bool) or not isinstance(field.default, (int, float)):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigError("{name} is {given!r}; give a number.", name=field.name, given=value)
    return int(value) if isinstance(field.default, int) and float(value).is_integer() else value
