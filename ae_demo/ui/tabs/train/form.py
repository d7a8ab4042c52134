"""The Train tab's input column: what is to be trained, on what, and how."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr
from gradio.components import Component

from ....errors import ConfigError
from ....models import FAMILIES
from ...shared.controls import NONE, build_controls, read_controls, text
from ...strings import t
from ...toasts import toast_errors
from .experiments import BY_NAME
from .links import TAB, from_query
from .settings import OWN, RunOptions, Settings, data_of

FIRST = Settings("dense", "digits")
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
    experiment: Component
    variant: Component
    look_for: Component

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
            options=read_controls(RunOptions, options),
            pictures=tuple(values[self.pictures] or ()),
            limit=read_limit(values[self.limit]),
        )

    def values_of(self, settings: Settings) -> dict[Component, Any]:
        """What the controls hold to say `settings`; what these leave open is back where it began."""
        values = {self.family: settings.family, self.data: settings.data, self.limit: settings.limit}
        for controls, given in ((self.options, settings.options), (self.configs[settings.family], settings.config)):
            for name, control in controls.items():
                value = given.get(name, control.value)
                values[control] = (" ".join(map(str, value)) or NONE) if isinstance(value, tuple) else value
        return values

    def filled(self, settings: Settings) -> dict[Component, Any]:
        """The updates that make the controls say `settings`."""
        choices = [(text("train.data", name), name) for name in data_of(settings.family)]
        return {**self.values_of(settings), self.data: gr.Dropdown(choices, value=settings.data)}

    def variant_of(self, experiment: str | None, values: dict[Component, Any]) -> str | None:
        """Which run of the experiment the controls say, if any."""
        says, runs = self.read(values), BY_NAME[experiment].variants if experiment else {}
        same = (name for name, run in runs.items() if self.read(values | self.values_of(run)) == says)
        return next(same, None)


def build_form() -> Form:
    """The input column's controls; of the families' own only those of the chosen one show."""
    names = [(text("experiment.name", name), name) for name in BY_NAME]
    experiment = gr.Dropdown(
        names, value=None, label=t("train.experiment"), info=t("train.experiment.info"), elem_id="train-experiment"
    )
    variant = gr.Radio([], show_label=False, container=False, visible=False, elem_id="train-variant")
    look_for = gr.Markdown(visible=False, elem_id="train-look-for")
    families = [(text("train.family", name), name) for name in FAMILIES]
    family = gr.Dropdown(families, value=FIRST.family, label=t("train.family"), elem_id="train-family")
    sets = [(text("train.data", name), name) for name in data_of(FIRST.family)]
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
    more = [field.name for field in fields(RunOptions) if field.name not in MAIN]
    with gr.Group():
        options = build_controls(RunOptions, "train", skip=more)
    with gr.Accordion(t("train.more"), open=False):
        options |= build_controls(RunOptions, "train", skip=(*MAIN, *NOT_HERE))
        limit = gr.Number(0, label=t("train.limit"), info=t("train.limit.info"), elem_id="train-limit")
    form = Form(family, data, pictures, configs, options, limit, experiment, variant, look_for)
    connect_form(form, groups)
    return form


def read_limit(value: Any) -> int:
    """How many training pictures are used. Raises `ConfigError`."""
    if isinstance(value, int | float) and float(value).is_integer():
        return int(value)
    raise ConfigError(f"{value!r} training pictures were asked for; give a whole number, or 0 for all.")


def connect_form(form: Form, groups: list[gr.Group]) -> None:
    """What the form does by itself: families show their own controls, experiments and links fill it."""
    hidden = {"show_progress": "hidden", "api_visibility": "private"}

    def choose_experiment(name: str | None) -> dict[Component, Any]:
        """Its runs to choose from, and what to look for; the first one fills the form."""
        if name is None:  # the list was opened and closed
            return {form.variant: gr.skip()}
        variants = BY_NAME[name].variants
        first, settings = next(iter(variants.items()))
        buttons = gr.Radio(list(variants), value=first, visible=True)
        look_for = gr.Markdown(t(f"experiment.{name}"), visible=True)
        return {form.variant: buttons, form.look_for: look_for, **form.filled(settings)}

    def fill(name: str, variant: str) -> dict[Component, Any]:
        """The settings of an experiment's run."""
        return form.filled(BY_NAME[name].variants[variant])

    @toast_errors
    def restore(request: gr.Request) -> dict[Component, Any]:
        """The settings of the link that the page was opened with."""
        words = dict(request.query_params)
        return form.filled(from_query(words)) if words.get("tab") == TAB and len(words) > 1 else gr.skip()

    form.family.change(choose_family, [form.family, form.data], [form.data, *groups], queue=False, **hidden)
    form.data.change(lambda data: gr.File(visible=data == OWN), form.data, form.pictures, queue=False, **hidden)
    everything = [form.variant, form.look_for, *form.controls]
    form.experiment.input(choose_experiment, form.experiment, everything, queue=False, **hidden)
    form.variant.input(fill, [form.experiment, form.variant], list(form.controls), queue=False, **hidden)
    gr.on(None, restore, None, list(form.controls), queue=False, **hidden)


def choose_family(family: str, data: str) -> list[Any]:
    """Show the family's own controls, and data that it can learn from; what is chosen stays where it may."""
    allowed = data_of(family)
    choices = [(text("train.data", name), name) for name in allowed]
    sets = gr.Dropdown(choices) if data in allowed else gr.Dropdown(choices, value=allowed[0])
    return [sets, *(gr.Group(visible=name == family) for name in FAMILIES)]
