"""The listeners of the Train tab: buttons control the visitor's run, whose changes update the components."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ....errors import AEDemoError
from ...components.layers import layers_value
from ...shared import user_runs
from ...shared.clients import while_read
from ...shared.model_view import diagram_of
from ...strings.messages import message_of
from ...toasts import toast_errors
from . import spare_worker, user_run
from .checkpoint_view import view_of_checkpoint
from .estimate import estimate_seconds
from .facts import facts_of, pca_card
from .form import DEFAULTS, Form
from .links import to_query
from .settings import settings_of
from .view import View

Updates = dict[Component, Any]


@dataclass
class TrainListeners:
    """Listeners of the form and of the components that show a run, `views`, by the names of `View`.

    refused: says why a zip could not be loaded
    """

    form: Form
    views: dict[str, Component]
    refused: gr.Markdown

    def show(self, changes: dict[str, Any]) -> Updates:
        """Updates of the components for the changes of a run."""
        for name in changes.keys() & {"zip", "report"}:
            path = changes[name] and str(changes[name])
            changes[name] = gr.DownloadButton(value=path, interactive=path is not None)
        return {self.views[name]: value for name, value in changes.items()} or {self.views["status"]: gr.skip()}

    def show_checkpoint(self, folder: Path, fill: bool = True) -> Updates:
        """Show a finished run; `fill`: fill the form with its settings, too."""
        settings = settings_of(folder)
        form = self.form.updates_for(settings) if settings and fill else {}
        return self.show(view_of_checkpoint(folder, settings)) | form

    def describe(self, values: Updates) -> tuple:
        """Show the model that the form describes, or an error message."""
        try:
            settings = self.form.read(values)
            model = settings.checked_outline()
        except AEDemoError as error:
            return gr.skip(), [], [], gr.Markdown(message_of(error), visible=True), gr.skip(), None
        shown = diagram_of(model), facts_of(model, estimate_seconds(settings)), layers_value(model.layers())
        variant = self.form.variant_of(values[self.form.experiment], values)
        return *shown, gr.Markdown(visible=False), to_query(settings), variant

    @toast_errors
    async def run(self, values: dict, event: gr.EventData, request: gr.Request) -> AsyncIterator[Updates]:
        """Start a run with the form's settings and show it, or continue the current one."""
        command, session = event._data["what"], request.session_hash
        current = user_run.find(session)
        settings = self.form.read(values) if command == "start" or not current else current.settings
        if current and (settings == current.settings or current.stopping_since is not None):
            current.control("go" if command == "start" else command)  # pressing Start again does not restart the run
            yield self.show({})
            return
        view: dict[str, Any] = {}
        mode = "go" if command == "start" else command
        async with aclosing(while_read(user_run.follow(session, settings, mode), request)) as changes_of_run:
            async for changes in changes_of_run:
                if folder := changes.pop("folder", None):
                    baseline = await asyncio.to_thread(pca_card, settings)
                    changes["figures"] = [*view["figures"], *baseline]
                    changes["zip"] = await asyncio.to_thread(user_runs.zip_checkpoint, folder)
                    await asyncio.to_thread(user_runs.keep, session, folder, view | changes)
                view |= changes
                yield self.show(changes)

    def press(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Control the visitor's run; `run` shows the result."""
        command, current = event._data["what"], user_run.find(request.session_hash)
        if command == "reset":
            if current:
                current.cancel(reset=True)
            return self.show({**View(DEFAULTS).clear(), "status": {"state": "idle"}})
        if current and command == "steer":
            current.change(event._data["name"], event._data["value"])
        elif current:
            current.control(command)
        return self.show({})

    @toast_errors
    def load(self, path: str, request: gr.Request) -> Iterator[Updates]:
        """Load a zipped checkpoint, from this tab or from the command line, as the visitor's run."""
        try:
            folder = user_runs.load_zip(request.session_hash, path)
        except AEDemoError as error:
            yield {self.refused: gr.Markdown(message_of(error), visible=True)}
            raise
        if current := user_run.find(request.session_hash):
            current.cancel()
        yield {**self.show_checkpoint(folder), self.refused: gr.Markdown(visible=False)}

    def open(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Prepare for a run when a visitor opens the tab; after a reload of the page, show their last run.

        Its settings fill the form unless a link does.
        """
        spare_worker.prepare()
        if visitor := event._data["visitor"]:
            user_runs.recognize(request.session_hash, str(visitor))
        folder = user_runs.find(request.session_hash)
        return self.show_checkpoint(folder, fill=not event._data["linked"]) if folder else self.show({})
