"""The Train tab's input column: what is to be trained, on what, and how."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr
from gradio.components import Component

from ..errors import ConfigError
from ..models import FAMILIES
from ..training import TrainOptions
from .controls import build_controls, read_controls, text
from .run_settings import SHAPES, Settings, data_of
from .strings import t

FIRST = Settings("dense", "digits")
EPOCHS = 10
MAIN = ("epochs", "batch_size", "lr")  # the other options are folded away
NOT_HERE = ("threads", "precision")


@dataclass(frozen=True)
class Form:
    """The controls, which say together what is to be trained."""

    family: Component
    data: Component
    pictures: Component
    configs: dict[str, dict[str, Component]]  # of each family
    options: dict[str, Component]
    limit: Component

    @property
    def controls(self) -> set[Component]:
        """All of them; a listener with these inputs gets a dict, for `read`."""
        own = [c for controls in (self.options, *self.configs.values()) for c in controls.values()]
        return {self.family, self.data, self.pictures, self.limit, *own}

    def read(self, values: dict[Component, Any]) -> Settings:
        """What the controls say. Raises `ConfigError`."""
        family = values[self.family]
        config = {name: values[control] for name, control in self.configs[family].items()}
        options = {name: values[control] for name, control in self.options.items()}
        return Settings(
            family=family,
            data=values[self.data],
            config=read_controls(FAMILIES[family].Config, config),
            options=read_controls(TrainOptions, options),
            pictures=tuple(values[self.pictures] or ()),
            limit=read_limit(values[self.limit]),
        )


def build_form() -> tuple[Form, list[gr.Group]]:
    """The input column's controls; of the families' own only those of the chosen one show."""
    families = [(text("train.family", name), name) for name in FAMILIES]
    family = gr.Dropdown(families, value=FIRST.family, label=t("train.family"), elem_id="train-family")
    sets = [(text("train.data", name), name) for name in SHAPES]
    data = gr.Dropdown(sets, value=FIRST.data, label=t("train.data"), elem_id="train-data")
    pictures = gr.File(
        file_count="multiple",
        file_types=["image", ".zip"],
        height=220,
        visible=False,
        label=t("train.pictures"),
        elem_id="train-pictures",
    )
    configs, groups = {}, []
    for name, cls in FAMILIES.items():
        with gr.Group(visible=name == FIRST.family, elem_id=f"train-{name}") as group:
            configs[name] = build_controls(cls.Config, f"train-{name}", skip=("input_shape", "symbols"))
        groups.append(group)
    more = [field.name for field in fields(TrainOptions) if field.name not in MAIN]
    with gr.Group():
        options = build_controls(TrainOptions, "train", skip=more, epochs=EPOCHS)
    with gr.Accordion(t("train.more"), open=False):
        options |= build_controls(TrainOptions, "train", skip=(*MAIN, *NOT_HERE))
        limit = gr.Number(0, label=t("train.limit"), info=t("train.limit.info"), elem_id="train-limit")
    return Form(family, data, pictures, configs, options, limit), groups


def read_limit(value: Any) -> int:
    """How many training pictures are used. Raises `ConfigError`."""
    if isinstance(value, int | float) and float(value).is_integer():
        return int(value)
    raise ConfigError(f"limit is {value!r} training pictures; give a whole number, or 0 for all.")


def choose_family(family: str, data: str) -> list[Any]:
    """Show the family's own controls, and data that it can learn from."""
    allowed = data_of(family)
    return [data if data in allowed else allowed[0], *(gr.Group(visible=name == family) for name in FAMILIES)]
