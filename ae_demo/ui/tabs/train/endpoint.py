"""The endpoint /train."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import gradio as gr

from ....errors import ConfigError, Message, TrainingError
from ....inference.arguments import shown
from ....models import DEFAULT_FAMILY, FAMILIES
from ....training.events import Event, Failed, Finished
from ...shared.clients import while_read
from ...shared.endpoint_inputs import unchecked
from ...strings.messages import localized
from ...toasts import toast_errors
from . import spare_worker
from .queued_run import QueuedRun
from .settings import PageSettings

SILENT_SECONDS = 1.0  # at most, between two events: sending one reveals whether the client has gone
REASONS = {
    "time_limit": Message("The run was stopped after half an hour."),
    "not_saved": Message(
        "The run was stopped after half an hour, in the middle of a very long step, so nothing was saved."
    ),
}


def build_endpoint() -> None:
    """Give /train its parameters."""
    inputs = [
        gr.Dropdown(list(FAMILIES), value=DEFAULT_FAMILY, label="family"),
        gr.Textbox("digits", label="data"),
        gr.JSON({"epochs": 1}, label="settings"),
    ]
    spare_worker.size()  # raises its error now rather than when the first process is started
    # Without Gradio's limit: runs wait in `run_queue`, after their settings were checked.
    gr.Button().click(train, unchecked(inputs), gr.JSON(label="event"), api_name="train", concurrency_limit=None)


@toast_errors
async def train(
    family: str, data: str, settings: dict[str, Any] | None, request: gr.Request
) -> AsyncIterator[dict[str, Any]]:
    """Train an autoencoder on the server, which takes seconds to minutes.

    Args:
        family: the kind of autoencoder
        data: the data set, such as digits or garments (its bundled samples)
        settings: fields of the model's config and of the training options, such as {"epochs": 3, "latent_dim": 8}

    Returns:
        the run's events, one after the other: "waiting" has the number of runs `ahead`; "working" follows whenever
        nothing has happened for a second; "finished" has the figures
    """
    for name, value in (("family", family), ("data", data)):
        if not isinstance(value, str):
            raise ConfigError("{name} is {given}; give a name.", name=name, given=shown(value))
    if not isinstance(settings, dict | None):
        raise ConfigError(
            'settings is {given}; give an object of names and values, such as {{"epochs": 3}}.', given=shown(settings)
        )
    chosen = PageSettings.from_flat(family, data, {**(settings or {}), "threads": 1})
    chosen.check()
    async with aclosing(while_read(lines_of(chosen), request)) as lines:
        async for line in lines:
            yield line


async def lines_of(settings: PageSettings) -> AsyncGenerator[dict[str, Any], None]:
    """Train, and yield what the endpoint sends. A place in the queue is taken after the first line."""
    began = sent = time.monotonic()
    last: Event | None = None
    yield {"event": "working", "seconds": 0.0}
    with QueuedRun(settings) as run:
        async with aclosing(run.events()) as batches:
            async for events in batches:
                for event in events:
                    if isinstance(event, Failed):
                        raise TrainingError(event.message)
                    if event != last:  # the place in the queue is repeated
                        yield line_of(event, run.reason)
                        last, sent = event, time.monotonic()
                if time.monotonic() - sent > SILENT_SECONDS:
                    sent = time.monotonic()
                    yield {"event": "working", "seconds": round(sent - began, 1)}
    if not isinstance(last, Finished):
        raise TrainingError("{happened} Choose smaller layers or a smaller batch size.", happened=REASONS["not_saved"])


def line_of(event: Event, reason: str | None) -> dict[str, Any]:
    """The event as it is sent, its messages in the client's language.

    The checkpoint's folder is left out, since it is removed when the run ends.
    """
    if isinstance(event, Finished) and reason:
        event = dataclasses.replace(event, notice=REASONS[reason])
    values = {k: localized(v) if isinstance(v, Message) else v for k, v in dataclasses.asdict(event).items()}
    values.pop("folder", None)
    return {"event": type(event).__name__.lower(), **values}
