"""Train: choose a model and data, see its size, and watch it learn; each visitor's run is their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ....errors import AEDemoError
from ....models import Autoencoder
from ....training import engine
from ...components.bars import bars
from ...components.cards import cards
from ...components.curve import curve
from ...components.layers import layers, layers_value
from ...components.link import link
from ...components.preview import preview
from ...components.progress import progress
from ...components.scatter import scatter
from ...shared import user_runs
from ...shared.model_view import column, diagram_of, explanation, model_diagram
from ...strings import t, texts_under
from ...toasts import toast_errors
from . import runs
from .estimate import estimate_seconds
from .form import FIRST, build_form
from .links import to_query
from .run_view import View, facts_of, pca_card, view_of_checkpoint
from .settings import settings_of

NAME = "train"


def build_tab() -> list[dict]:
    """The form, the model as it is configured, and the run."""
    card_texts, first = texts_under("train.card."), FIRST.outline()
    with gr.Row():
        with column("input"):
            form = build_form()
            share = link(elem_id="train-link")
        with column("code"):
            picture_of_model = model_diagram(first, "train-diagram")
            known = facts_of(first, estimate_seconds(FIRST))
            facts = cards(elem_id="train-facts", strings=card_texts, value=known)
            table = layers(elem_id="train-layers", value=layers_value(first.layers()))
            problem = gr.Markdown(elem_id="train-problem", visible=False)
            activations = bars(label=t("train.activations"), elem_id="train-activations", retiring=True)
            plane = scatter(label=t("train.plane"), elem_id="train-plane")
        with column("output", 2):
            status = progress(elem_id="train")
            losses = curve(label=t("train.curve"), elem_id="train-curve")
            pictures = preview(label=t("train.preview"), elem_id="train-preview")
            figures = cards(elem_id="train-figures", strings=card_texts)
            with gr.Row():
                download = gr.DownloadButton(t("train.download"), interactive=False, elem_id="train-download")
                report = gr.DownloadButton(t("train.report"), interactive=False, elem_id="train-report")
                upload = gr.UploadButton(t("train.load"), file_types=[".zip"], elem_id="train-load")
            gr.Markdown(t("train.use"))
    explanation(NAME, Autoencoder.batch_loss, engine._train_epoch)

    views = {
        "diagram": picture_of_model,
        "facts": facts,
        "layers": table,
        "status": status,
        "curve": losses,
        "preview": pictures,
        "plane": plane,
        "activations": activations,
        "figures": figures,
        "zip": download,
        "report": report,
    }

    def show(changes: dict[str, Any]) -> dict[Component, Any]:
        """Changes of a run as values of the page's components."""
        for name in changes.keys() & {"zip", "report"}:
            path = changes[name] and str(changes[name])
            changes[name] = gr.DownloadButton(value=path, interactive=path is not None)
        return {views[name]: value for name, value in changes.items()} or {status: gr.skip()}

    def show_kept(folder: Path, fill: bool = True) -> dict[Component, Any]:
        """The run in `folder`, in the form as well."""
        settings = settings_of(folder) if fill else None
        return show(view_of_checkpoint(folder)) | (form.filled(settings) if settings else {})

    def describe(values: dict[Component, Any]) -> tuple:
        """The model as the controls are set just now, or what is wrong with them."""
        try:
            settings = form.read(values)
            model = settings.sized()
        except AEDemoError as error:
            return gr.skip(), [], [], gr.Markdown(str(error), visible=True), gr.skip(), None
        shown = diagram_of(model), facts_of(model, estimate_seconds(settings)), layers_value(model.layers())
        variant = form.variant_of(values[form.experiment], values)
        return *shown, gr.Markdown(visible=False), to_query(settings), variant

    @toast_errors
    async def run(values: dict, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[Component, Any]]:
        """Start a run as the controls are set, and show it; or move the one that goes on."""
        what, session = event._data["what"], request.session_hash
        going = runs.find(session)
        settings = None if going and what != "start" else form.read(values)
        if going and settings in (None, going.settings) and going.view.status["state"] != "stopping":
            going.do("go" if what == "start" else what)  # a second press of Start does no harm
            yield show({})
            return
        seen: dict[str, Any] = {}
        async with aclosing(runs.follow(session, settings, "go" if what == "start" else what)) as told_by_run:
            async for changes in told_by_run:
                if folder := changes.pop("folder", None):
                    beside = await asyncio.to_thread(pca_card, settings)
                    changes["figures"] = [*seen["figures"], *beside]
                    changes["zip"] = await asyncio.to_thread(user_runs.zip_checkpoint, folder)
                    await asyncio.to_thread(user_runs.keep, session, folder, seen | changes)
                seen |= changes
                yield show(changes)

    def press(event: gr.EventData, request: gr.Request) -> dict[Component, Any]:
        """Act on the visitor's run; what follows from it is shown by `run`."""
        what, going = event._data["what"], runs.find(request.session_hash)
        if what == "reset":
            if going:
                going.drop()
            return show({**View(FIRST).clear(), "status": {"state": "idle"}})
        if going and what == "steer":
            going.steer(event._data["name"], event._data["value"])
        elif going:
            going.do(what)
        return show({})

    @toast_errors
    def load(path: str, request: gr.Request) -> dict[Component, Any]:
        """Take a checkpoint that was downloaded here, or made by the command line, as one's own."""
        if going := runs.find(request.session_hash):
            going.drop()
        return show_kept(user_runs.load_zip(request.session_hash, path))

    def welcome(event: gr.EventData, request: gr.Request) -> dict[Component, Any]:
        """Make ready for a visitor who sees the tab; one who has loaded the page again finds their run.

        The form is left to a link that says how to fill it.
        """
        runs.prepare()
        if visitor := event._data["visitor"]:
            user_runs.know_again(request.session_hash, str(visitor))
        folder = user_runs.find(request.session_hash)
        return show_kept(folder, fill=not event._data["linked"]) if folder else show({})

    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    described, everything = [picture_of_model, facts, table, problem, share, form.variant], list(views.values())
    gr.on(
        [c.change for c in form.controls],
        describe,
        {*form.controls, form.experiment},
        described,
        trigger_mode="always_last",
        **hidden,
    )
    # Without a limit: runs wait in a line of their own, which tells them their place.
    status.run(run, form.controls, everything, concurrency_limit=None, trigger_mode="multiple", **hidden)
    upload.upload(load, upload, [*everything, *form.controls], **hidden)
    status.seen(welcome, None, [*everything, *form.controls], queue=False, **hidden)
    status.press(press, None, everything, queue=False, trigger_mode="multiple", **hidden)
    return []
