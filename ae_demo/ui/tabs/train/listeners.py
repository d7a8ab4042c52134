"""The listeners of the Train tab: what its buttons do to a visitor's run, and what the page then shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ....errors import AEDemoError
from ...components.layers import layers_value
from ...shared import user_runs
from ...shared.model_view import diagram_of
from ...toasts import toast_errors
from . import user_run
from .checkpoint_view import view_of_checkpoint
from .estimate import estimate_seconds
from .facts import facts_of, pca_card
from .form import FIRST, Form
from .links import to_query
from .settings import settings_of
from .view import View

Updates = dict[Component, Any]


@dataclass
class TrainListeners:
    """Listeners over the form and the components `views`, which are named as in `View`."""

    form: Form
    views: dict[str, Component]

    def show(self, changes: dict[str, Any]) -> Updates:
        """Changes of a run as values of the page's components."""
        for name in changes.keys() & {"zip", "report"}:
            path = changes[name] and str(changes[name])
            changes[name] = gr.DownloadButton(value=path, interactive=path is not None)
        return {self.views[name]: value for name, value in changes.items()} or {self.views["status"]: gr.skip()}

    def show_checkpoint(self, folder: Path, fill: bool = True) -> Updates:
        """A finished run, in the form as well if `fill`."""
        settings = settings_of(folder) if fill else None
        return self.show(view_of_checkpoint(folder)) | (self.form.filled(settings) if settings else {})

    def describe(self, values: Updates) -> tuple:
        """The model that the controls describe, or what is wrong with them."""
        try:
            settings = self.form.read(values)
            model = settings.checked_outline()
        except AEDemoError as error:
            return gr.skip(), [], [], gr.Markdown(str(error), visible=True), gr.skip(), None
        shown = diagram_of(model), facts_of(model, estimate_seconds(settings)), layers_value(model.layers())
        variant = self.form.variant_of(values[self.form.experiment], values)
        return *shown, gr.Markdown(visible=False), to_query(settings), variant

    @toast_errors
    async def run(self, values: dict, event: gr.EventData, request: gr.Request) -> AsyncIterator[Updates]:
        """Start a run with the form's settings, and show it; or continue the one that is under way."""
        what, session = event._data["what"], request.session_hash
        current = user_run.find(session)
        settings = None if current and what != "start" else self.form.read(values)
        if current and settings in (None, current.settings) and current.view.status["state"] != "stopping":
            current.control("go" if what == "start" else what)  # a second press of Start changes nothing
            yield self.show({})
            return
        view: dict[str, Any] = {}
        async with aclosing(user_run.follow(session, settings, "go" if what == "start" else what)) as changes_of_run:
            async for changes in changes_of_run:
                if folder := changes.pop("folder", None):
                    beside = await asyncio.to_thread(pca_card, settings)
                    changes["figures"] = [*view["figures"], *beside]
                    changes["zip"] = await asyncio.to_thread(user_runs.zip_checkpoint, folder)
                    await asyncio.to_thread(user_runs.keep, session, folder, view | changes)
                view |= changes
                yield self.show(changes)

    def press(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Control the visitor's run. What follows from it is shown by `run`."""
        what, current = event._data["what"], user_run.find(request.session_hash)
        if what == "reset":
            if current:
                current.cancel()
            return self.show({**View(FIRST).clear(), "status": {"state": "idle"}})
        if current and what == "steer":
            current.change(event._data["name"], event._data["value"])
        elif current:
            current.control(what)
        return self.show({})

    @toast_errors
    def load(self, path: str, request: gr.Request) -> Updates:
        """Load a checkpoint that was downloaded here, or made by the command line, as the visitor's run."""
        if current := user_run.find(request.session_hash):
            current.cancel()
        return self.show_checkpoint(user_runs.load_zip(request.session_hash, path))

    def open(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Prepare for a visitor who has opened the tab; one who has reloaded the page finds their run.

        The form is left alone when a link fills it.
        """
        user_run.prepare()
        if visitor := event._data["visitor"]:
            user_runs.recognize(request.session_hash, str(visitor))
        folder = user_runs.find(request.session_hash)
        return self.show_checkpoint(folder, fill=not event._data["linked"]) if folder else self.show({})
