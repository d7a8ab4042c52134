"""The named endpoints for programs: /reconstruct, /denoise, /colorize, /decode and /train.

from gradio_client import Client, handle_file
Client("http://127.0.0.1:7860").predict(handle_file("photo.jpg"), api_name="/denoise")
"""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
from collections.abc import Iterator
from typing import Any

import gradio as gr

from .. import checkpoints, inference
from ..errors import ConfigError, TrainingError
from ..models import DEFAULT_FAMILY, FAMILIES
from ..training import Failed
from ..training.worker import RunSpec, Worker
from .shared.picture_input import picture_input, read_picture
from .tabs.train import run_queue, user_run
from .tabs.train.settings import PageSettings
from .toasts import toast_errors


def build_endpoints() -> None:
    """Components that nobody sees, which give the endpoints their names and types."""
    names = checkpoints.list_checkpoints()

    def choice(default: str) -> gr.Dropdown:
        return gr.Dropdown(names, value=default if default in names else None, label="checkpoint")

    with gr.Group(visible=False):
        picture = picture_input("image")
        result = gr.Image(label="result", format="png")
        figures = gr.JSON(label="figures")
        reconstructing = choice("conv-photo")
        channels = gr.Number(0, precision=0, label="channels")
        denoising = choice("denoising-photo")
        decoding = choice("vae-mnist")
        saturation, warmth = gr.Number(1.0, label="saturation"), gr.Number(0.0, label="warmth")
        hints = gr.JSON([], label="hints")
        x, y = gr.Number(0.0, label="x"), gr.Number(0.0, label="y")
        family = gr.Dropdown(list(FAMILIES), value=DEFAULT_FAMILY, label="family")
        data = gr.Textbox("digits", label="data")
        settings = gr.JSON({"epochs": 1}, label="settings")
        event = gr.JSON(label="event")
        button = gr.Button("run")
    button.click(reconstruct, [picture, reconstructing, channels], [result, figures], api_name="reconstruct")
    button.click(denoise, [picture, denoising], result, api_name="denoise")
    button.click(colorize, [picture, saturation, warmth, hints], result, api_name="colorize")
    button.click(decode, [x, y, decoding], result, api_name="decode")
    button.click(
        train, [family, data, settings], event, api_name="train", concurrency_id="training", concurrency_limit=2
    )


@toast_errors
def reconstruct(path: str, checkpoint: str, channels: int) -> tuple:
    """A picture through a checkpoint's code and back; its figures against the picture given. `channels` 0: all."""
    result = inference.reconstruct(_given(path), checkpoint, channels=int(channels or 0) or None)
    figures = {name: getattr(result, name) for name in ("mse", "psnr", "ssim")}
    return result.image, {**figures, "numbers": result.code.size, "code_shape": list(result.code.shape)}


@toast_errors
def denoise(path: str, checkpoint: str):
    """A noisy picture without its noise."""
    return inference.denoise(_given(path), checkpoint)


@toast_errors
def colorize(path: str, saturation: float, warmth: float, hints: list | None):
    """A picture in predicted colours. `hints`: [[x, y, [red, green, blue]], …], x and y as shares of the picture."""
    return inference.colorize(_given(path), saturation=saturation, warmth=warmth, hints=hints or ())


@toast_errors
def decode(x: float, y: float, checkpoint: str):
    """The picture at a point of a latent plane."""
    return inference.decode(x, y, checkpoint)


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


def _given(path: str | None):
    pixels = read_picture(path)
    if pixels is None:
        raise gr.Error("No picture was given. Send one as `image`.")
    return pixels
