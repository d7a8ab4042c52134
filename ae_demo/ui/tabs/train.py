"""Train: choose a model and data, see its size, and watch it learn; each visitor's run is their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.components import Component

from ...errors import AEDemoError
from ...models import Autoencoder
from ...training import engine
from .. import runs
from ..components.cards import cards
from ..components.curve import curve
from ..components.preview import preview
from ..components.progress import progress
from ..components.scatter import scatter
from ..model_view import column, diagram_of, explanation, model_diagram
from ..picture import told
from ..run_view import facts_of
from ..strings import LOCALES, load_strings, t
from ..train_form import FIRST, build_form, choose_family

NAME = "train"


def build_tab() -> None:
    """The form, the model as it is configured, and the run."""
    card_texts = {locale: texts_of(locale, "train.card.") for locale in LOCALES}
    with gr.Row():
        with column("input"):
            form, groups = build_form()
        with column("code"):
            picture_of_model = model_diagram(FIRST.outline(), "train-diagram")
            facts = cards(elem_id="train-facts", strings=card_texts, value=facts_of(FIRST.outline()))
            problem = gr.Markdown(elem_id="train-problem", visible=False)
            plane = scatter(label=t("train.plane"), elem_id="train-plane")
        with column("output", 2):
            with gr.Row():
                start = gr.Button(t("train.start"), variant="primary", elem_id="train-start")
                stop = gr.Button(t("train.stop"), elem_id="train-stop")
            status = progress(elem_id="train-status", prepare=runs.prepare)
            losses = curve(label=t("train.curve"), elem_id="train-curve")
            pictures = preview(label=t("train.preview"), elem_id="train-preview")
            figures = cards(elem_id="train-figures", strings=card_texts)
            download = gr.DownloadButton(t("train.download"), interactive=False, elem_id="train-download")
    explanation(NAME, Autoencoder.batch_loss, engine._train_epoch)

    views = {
        "status": status,
        "curve": losses,
        "preview": pictures,
        "plane": plane,
        "figures": figures,
        "zip": download,
    }

    def describe(values: dict[Component, Any]) -> tuple:
        """The model as the controls are set just now, or what is wrong with them."""
        try:
            model = form.read(values).outline()
        except AEDemoError as error:
            return gr.skip(), [], gr.Markdown(str(error), visible=True)
        return diagram_of(model), facts_of(model), gr.Markdown(visible=False)

    @told
    def press_start(values: dict[Component, Any], request: gr.Request) -> None:
        """Check the settings, and end the visitor's last run."""
        runs.begin(request.session_hash, form.read(values))

    def watch(request: gr.Request) -> Iterator[dict[Component, Any]]:
        """The run, in changes to the page."""
        for changes in runs.follow(request.session_hash):
            if "zip" in changes:
                changes["zip"] = gr.DownloadButton(value=changes["zip"], interactive=changes["zip"] is not None)
            yield {views[name]: value for name, value in changes.items()} or {status: gr.skip()}

    def press_stop(request: gr.Request) -> dict[str, str]:
        """End the visitor's run; what it has learnt is shown by `watch`."""
        return {"state": "stopped"} if runs.stop(request.session_hash) else gr.skip()

    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    form.family.change(choose_family, [form.family, form.data], [form.data, *groups], queue=False, **hidden)
    form.data.change(lambda data: gr.File(visible=data == runs.OWN), form.data, form.pictures, queue=False, **hidden)
    changes = [control.change for control in form.controls]
    gr.on(changes, describe, form.controls, [picture_of_model, facts, problem], trigger_mode="always_last", **hidden)
    pressed = start.click(press_start, form.controls, None, concurrency_limit=None, **hidden)
    waiting = pressed.success(lambda: {"state": "waiting"}, None, status, queue=False, **hidden)
    waiting.success(
        watch, None, list(views.values()),
        concurrency_id="training", concurrency_limit=2, trigger_mode="multiple", **hidden,
    )  # fmt: skip
    stop.click(press_stop, None, status, queue=False, **hidden)


def texts_of(locale: str, prefix: str) -> dict[str, str]:
    """A component's texts in one language, from the keys that begin with `prefix`."""
    return {k.removeprefix(prefix): text for k, text in load_strings(locale).items() if k.startswith(prefix)}
