"""The endpoint /train."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Iterator
from typing import Any

import gradio as gr

from ....errors import ConfigError, TrainingError
from ....models import DEFAULT_FAMILY, FAMILIES
from ....training import Failed
from ....training.worker import RunSpec, Worker
from ...toasts import toast_errors
from . import run_queue, user_run
from .settings import PageSettings


def build_endpoint() -> None:
    """Give /train its parameters."""
    inputs = [
        gr.Dropdown(list(FAMILIES), value=DEFAULT_FAMILY, label="family"),
        gr.Textbox("digits", label="data"),
        gr.JSON({"epochs": 1}, label="settings"),
    ]
    limits = {"concurrency_id": "training", "concurrency_limit": 2}
    gr.Button().click(train, inputs, gr.JSON(label="event"), api_name="train", **limits)


@toast_errors
def train(family: str, data: str, settings: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Train a model; the run's events, one after the other. `settings`: fields of the config and of the options."""
    if not isinstance(settings, dict | None):
        raise ConfigError(
            f'settings is {str(settings)[:80]}; give an object of names and values, such as {{"epochs": 3}}.'
        )
    chosen = PageSettings.from_flat(family, data, {**(settings or {}), "threads": 1})
    chosen.check()
    with run_queue.slot(), tempfile.TemporaryDirectory(prefix=user_run.PREFIX) as folder:
        spec = RunSpec(chosen, folder, scratch=folder)
        with Worker(spec) as worker:
            for event in itertools.chain.from_iterable(worker.events()):
                if isinstance(event, Failed):
                    raise TrainingError(event.message)
                line = {"event": type(event).__name__.lower(), **dataclasses.asdict(event)}
                line.pop("folder", None)  # the server's own, and gone when the run ends
                yield line
