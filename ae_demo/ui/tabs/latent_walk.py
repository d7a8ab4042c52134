"""Latent walk: the plane of a two-dimensional VAE, decoded wherever one points."""

from __future__ import annotations

from functools import lru_cache

import gradio as gr
import numpy as np
import torch
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from ... import checkpoints, pipelines, plots
from ...data import load_dataset
from ...data.pictures import as_pixels, to_pixels
from ..components.cards import card, cards
from ..components.latent_map import latent_map, latent_map_value, move_marker
from ..components.latent_map.component import EXTENT
from ..components.pad import pad
from ..model_view import column, diagram_of, explanation, model_diagram
from ..picture import picture_input, read_picture, told
from ..strings import t

NAME = "latent_walk"
GRID = 20  # decoded pictures on a side of the map
WALK = 11  # pictures on a straight walk
FRAMES = 41  # of its animation, one way


@lru_cache(maxsize=1)
def list_planes() -> list[str]:
    """Variational checkpoints whose code has two numbers."""
    models = {name: pipelines.get_model(name) for name in checkpoints.list_checkpoints() if name.startswith("vae")}
    return [name for name, model in models.items() if model.code_shape == (2,)]


def build_tab() -> dict:
    """What lands on the plane; the plane, and what it decodes to; walks and samples. Returns the first sight."""
    planes = list_planes()
    first = "vae-mnist" if "vae-mnist" in planes else planes[0]
    with gr.Row():
        with column("input", 1):
            checkpoint = gr.Dropdown(planes, value=first, label=t("checkpoint"), elem_id="latent-checkpoint")
            drawing = pad(label=t("latent_walk.draw"), elem_id="latent-pad")
            image = picture_input(t("picture"), "latent-picture")
            landed = cards(elem_id="latent-landed")
        with column("code", 3):
            plane = latent_map(*plane_of(first), decode=decode_for_page, model=first)
    with gr.Row():
        with column("output", 1):
            with gr.Row():
                ends = ((-2, "z₁ A"), (-1, "z₂ A"), (2, "z₁ B"), (1, "z₂ B"))
                numbers = [gr.Number(value, label=name, min_width=60) for value, name in ends]
            walk_button = gr.Button(t("latent_walk.walk"), elem_id="latent-walk")
            temperature = gr.Slider(0.1, 2, 1, step=0.1, label=t("temperature"), elem_id="latent-temperature")
            sample_button = gr.Button(t("latent_walk.sample"), elem_id="latent-sample")
        with gr.Column(scale=2):
            results = cards(elem_id="latent-results")
        with gr.Column(scale=1):
            animation = gr.Image(
                label=t("latent_walk.animation"),
                type="filepath",
                format="gif",
                interactive=False,
                elem_id="latent-animation",
            )
    picture_of_model = model_diagram(pipelines.get_model(first), "latent-diagram")
    explanation(NAME, type(pipelines.get_model(first)), pipelines.decode_points)
    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    checkpoint.change(choose, checkpoint, [plane, picture_of_model], **hidden)
    live = {"queue": False, "trigger_mode": "always_last", **hidden}
    drawing.input(land_drawing, [drawing, checkpoint], [plane, landed], **live)
    image.change(land_picture, [image, checkpoint], [plane, landed], **hidden)
    walk_button.click(walk, [checkpoint, *numbers], [results, animation], **hidden)
    sample_button.click(sample, [checkpoint, temperature], [results, animation], **hidden)
    return {"fn": walk, "inputs": [checkpoint, *numbers], "outputs": [results, animation]}


def decode_for_page(x: float, y: float, checkpoint: str) -> np.ndarray:
    """The picture under the pointer; the page may only name planes that are shown."""
    return pipelines.decode(x, y, checkpoint if checkpoint in list_planes() else list_planes()[0])


@lru_cache(maxsize=8)
def plane_of(checkpoint: str) -> tuple[np.ndarray, dict]:
    """The decoded grid, its top left at (-EXTENT, EXTENT), and where held-out pictures of the bundled set lie."""
    step = 2 * EXTENT / GRID
    line = np.arange(GRID) * step - EXTENT + step / 2
    points = np.stack(np.meshgrid(line, line[::-1]), axis=-1).reshape(-1, 2)
    pictures = pipelines.decode_points(points, checkpoint)
    name = checkpoints.load_metrics(checkpoint)["data"]["name"]
    data = load_dataset("fashion-small" if name.startswith("fashion") else "digits")
    with torch.inference_mode():
        model = pipelines.get_model(checkpoint)
        mu, _ = model.encode(data.test.float().div(255).to(next(model.parameters()).device))
    mu = mu.cpu().numpy()
    labels = {"x": mu[:, 0], "y": mu[:, 1], "label": data.test_labels.numpy(), "names": list(data.classes)}
    return plots.plot_sheet(pictures, GRID), labels


@told
def choose(checkpoint: str) -> tuple:
    """Another plane on the map."""
    return latent_map_value(*plane_of(checkpoint), model=checkpoint), diagram_of(pipelines.get_model(checkpoint))


@told
def land_drawing(drawing: str, checkpoint: str) -> tuple:
    """Where a drawing lies on the plane, while it is being drawn."""
    return _land(read_picture(None, drawing), checkpoint)


@told
def land_picture(path: str | None, checkpoint: str) -> tuple:
    """Where an uploaded picture lies on the plane."""
    return _land(read_picture(path), checkpoint)


def _land(pixels: np.ndarray | None, checkpoint: str) -> tuple:
    if pixels is None:
        return gr.skip(), []
    model = pipelines.get_model(checkpoint)
    prepared = pipelines.prepare(as_pixels(pixels), checkpoint, model)
    with torch.inference_mode():
        mu, logvar = (v[0].cpu() for v in model.encode(prepared.x.to(next(model.parameters()).device)))
    x, y = mu.tolist()
    sigma = (0.5 * logvar).exp().tolist()
    figures = {"mu": f"({x:.2f}, {y:.2f})", "sigma": f"({sigma[0]:.2f}, {sigma[1]:.2f})"}
    return move_marker(x, y), [card("input", "landed", to_pixels(prepared.x), **figures)]


@told
def walk(checkpoint: str, x1: float, y1: float, x2: float, y2: float) -> tuple:
    """The straight line between two points: a strip, and an animation there and back."""
    a, b = np.array([[x1 or 0, y1 or 0], [x2 or 0, y2 or 0]], dtype=np.float32)
    steps = np.linspace(0, 1, FRAMES, dtype=np.float32)[:, None]
    pictures = pipelines.decode_points(a + steps * (b - a), checkpoint)
    animation = save_bytes_to_cache(plots.plot_loop(pictures), "walk.gif", get_upload_folder())
    return [card("output", "walk", plots.plot_sheet(pictures[:: FRAMES // (WALK - 1)], WALK))], animation


@told
def sample(checkpoint: str, temperature: float) -> tuple:
    """Sixty-four pictures from the prior."""
    points = np.random.default_rng().normal(0, temperature, (64, 2)).astype(np.float32)
    return [card("output", "sample", plots.plot_sheet(pipelines.decode_points(points, checkpoint), 8))], gr.skip()
