"""The form of the Train tab: experiment, family, data, config and options."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr
from gradio.components import Component

from ....data.named_samples import SERIES_SUFFIXES
from ....data.pictures import picture_suffixes
from ....models import DEFAULT_FAMILY, FAMILIES
from ....training.settings import OF_DATA
from ...shared.controls import NONE, build_controls, read_controls, text
from ...strings import t
from .experiments import EXPERIMENTS_BY_NAME
from .settings import SERIES, UPLOADED, PageOptions, PageSettings, data_sets_of

DEFAULTS = PageSettings.from_flat(DEFAULT_FAMILY, "digits")
MAIN_OPTIONS = ("epochs", "batch_size", "lr")  # the others are in a fold-out
HIDDEN_OPTIONS = ("threads", "precision")
PICTURE_TYPES = ["image", *sorted(picture_suffixes()), ".zip"]
SERIES_TYPES = [*sorted(SERIES_SUFFIXES), ".zip"]


@dataclass(frozen=True)
class Form:
    """The controls, which hold the settings of a run."""

    family: Component
    data: Component
    pictures: Component
    configs: dict[str, dict[str, Component]]  # of each family
    options: dict[str, Component]
    limit: Component
    experiment: Component
    variant: Component
    hint: Component
    groups: list[gr.Group]  # the controls of each family's config

    @property
    def controls(self) -> set[Component]:
        """All controls of settings; a listener with these inputs gets a dict, for `read`."""
        own = [c for controls in (self.options, *self.configs.values()) for c in controls.values()]
        return {self.family, self.data, self.pictures, self.limit, *own}

    def read(self, values: dict[Component, Any]) -> PageSettings:
        """The settings that the controls hold. Raises `ConfigError`."""
        family = values[self.family]
        config = {name: values[control] for name, control in self.configs[family].items()}
        options = {name: values[control] for name, control in self.options.items()}
        flat = read_controls(FAMILIES[family].Config, config) | read_controls(PageOptions, options)
        limit = values[self.limit]
        flat["limit"] = int(limit) if isinstance(limit, float) and limit.is_integer() else limit or 0
        return PageSettings.from_flat(family, values[self.data], flat, pictures=tuple(values[self.pictures] or ()))

    def values_of(self, settings: PageSettings) -> dict[Component, Any]:
        """The values of the controls that hold `settings`."""
        flat = settings.to_flat()
        values: dict[Component, Any] = {
            self.family: settings.family,
            self.data: settings.data,
            self.limit: settings.limit or 0,
        }
        for name, control in (self.options | self.configs[settings.family]).items():
            value = flat[name]
            values[control] = (" ".join(map(str, value)) or NONE) if isinstance(value, tuple) else value
        return values

    def updates_for(self, settings: PageSettings) -> dict[Component, Any]:
        """The updates that fill the controls with `settings`."""
        return {**self.values_of(settings), self.data: data_choices(settings.family, settings.data)}

    @property
    def linked(self) -> dict[str, Component]:
        """The controls that a link restores, by their names; those of a family's config are `<family>.<name>`."""
        configs = {f"{family}.{name}": c for family, made in self.configs.items() for name, c in made.items()}
        return {"family": self.family, "data": self.data, "limit": self.limit, **self.options, **configs}

    def variant_of(self, experiment: str, values: dict[Component, Any]) -> str | None:
        """The label of the experiment's run whose settings the controls hold, if any."""
        held, variants = self.read(values), EXPERIMENTS_BY_NAME[experiment].variants if experiment else {}
        same = (name for name, run in variants.items() if self.read(values | self.values_of(run)) == held)
        return next(same, None)


def build_form() -> Form:
    """Build the form. Only the controls of the chosen family's config are visible."""
    names = [(text("train.experiments.name", name), name) for name in EXPERIMENTS_BY_NAME]
    names.insert(0, (t("train.experiments.none"), ""))
    experiment = gr.Dropdown(
        names, value="", label=t("train.experiment"), info=t("train.experiment.info"), elem_id="train-experiment"
    )
    variant = gr.Radio([], show_label=False, container=False, visible=False, elem_id="train-variant")
    hint = gr.Markdown(visible=False, elem_id="train-hint")
    families = [(text("train.family", name), name) for name in FAMILIES]
    family = gr.Dropdown(families, value=DEFAULTS.family, label=t("train.family"), elem_id="train-family")
    data = gr.Dropdown(data_sets(DEFAULTS.family), value=DEFAULTS.data, label=t("train.data"), elem_id="train-data")
    pictures = gr.File(
        file_count="multiple",
        file_types=PICTURE_TYPES,
        height=220,
        visible=False,
        label=t("train.pictures"),
        elem_id="train-pictures",
    )
    configs, groups = {}, []
    for name, cls in FAMILIES.items():
        with gr.Group(visible=name == DEFAULTS.family, elem_id=f"train-{name}") as group:
            configs[name] = build_controls(cls.Config, f"train-{name}", skip=OF_DATA)
        groups.append(group)
    more = [field.name for field in fields(PageOptions) if field.name not in MAIN_OPTIONS]
    with gr.Group():
        options = build_controls(PageOptions, "train", skip=more)
    with gr.Accordion(t("train.more"), open=False):
        options |= build_controls(PageOptions, "train", skip=(*MAIN_OPTIONS, *HIDDEN_OPTIONS))
        limit = gr.Number(0, label=t("train.limit"), info=t("train.limit.info"), elem_id="train-limit")
    form = Form(family, data, pictures, configs, options, limit, experiment, variant, hint, groups)
    connect_form(form)
    return form


def connect_form(form: Form) -> None:
    """Add the form's listeners: a family shows its controls; experiments fill the form."""
    hidden = {"api_visibility": "private"}

    def choose_experiment(name: str) -> dict[Component, Any]:
        """Show the runs of an experiment and its hint; the first run fills the form."""
        if not name:
            return {form.variant: gr.Radio(visible=False), form.hint: gr.Markdown(visible=False)}
        variants = EXPERIMENTS_BY_NAME[name].variants
        first, settings = next(iter(variants.items()))
        buttons = gr.Radio(list(variants), value=first, visible=True)
        hint = gr.Markdown(t(f"train.experiments.{name}"), visible=True)
        return {form.variant: buttons, form.hint: hint, **form.updates_for(settings)}

    def fill(name: str, variant: str) -> dict[Component, Any]:
        """Fill the form with the settings of an experiment's run."""
        return form.updates_for(EXPERIMENTS_BY_NAME[name].variants[variant])

    form.family.input(data_choices, [form.family, form.data], form.data, queue=False, **hidden)
    # Without a value: that of the data may be on its way to the page, from the same link or experiment.
    form.family.change(show_family, form.family, form.groups, queue=False, **hidden)
    form.data.change(show_uploads, form.data, form.pictures, queue=False, **hidden)
    everything = [form.variant, form.hint, *form.controls]
    form.experiment.input(choose_experiment, form.experiment, everything, queue=False, **hidden)
    form.variant.input(fill, [form.experiment, form.variant], list(form.controls), queue=False, **hidden)


def show_chosen(family: str, data: str) -> list[Any]:
    """The input of files and the families' controls, visible or not; for values that are set without an event."""
    return [show_uploads(data), *show_family(family)]


def show_family(family: str) -> list[gr.Group]:
    """The families' controls, of which those of one are visible."""
    return [gr.Group(visible=name == family) for name in FAMILIES]


def show_uploads(data: str) -> gr.File:
    """The input of files, for the data sets that have some."""
    if data not in UPLOADED:
        return gr.File(visible=False)
    types = SERIES_TYPES if data == SERIES else PICTURE_TYPES
    return gr.File(visible=True, label=t("train.series" if data == SERIES else "train.pictures"), file_types=types)


def data_choices(family: str, data: str) -> gr.Dropdown:
    """The list of the data sets that a family can be trained on; `data` is selected if it is one of them."""
    choices = data_sets(family)
    allowed = [name for _, name in choices]
    return gr.Dropdown(choices, value=data if data in allowed else allowed[0])


def data_sets(family: str) -> list[tuple[Any, str]]:
    """The choices of that list."""
    return [(text("train.data", name), name) for name in data_sets_of(FAMILIES[family])]
