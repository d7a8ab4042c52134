"""Latent walk: the plane of a two-dimensional code, decoded in the page under the pointer."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import numpy as np
import torch
from gradio.processing_utils import save_base64_to_cache, save_bytes_to_cache
from gradio.utils import get_upload_folder

from .... import inference
from ....data.pictures import as_pixels
from ....errors import AEDemoError
from ....models.vae import VariationalAutoencoder
from ....plots import FORMATS, write_figure
from ...components.latent_map import landed_value, latent_map
from ...components.latent_path import latent_path
from ...components.latent_samples import latent_samples
from ...components.pad import pad
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import takes_models
from ...shared.model_view import column, diagram_of, explanation, model_diagram, no_model
from ...shared.picture_input import picture_input, read_picture
from ...shared.source import model_choice
from ...shared.user_runs import MY_RUN
from ...strings import t
from ...strings.messages import message_of
from ...toasts import toast_errors
from .planes import find_plane, has_plane, list_planes, name_of, open_plane, plot_codes, plot_plane

NAME = "latent_walk"
TRIES = {
    "between": "z=0.1_0.4",
    "garments": "checkpoint=vae-fashion&z=0.9_-0.5",
    "plain": "checkpoint=dense-mnist-2d",
}

takes_models(NAME)(has_plane)


def build_tab(page: gr.Tab) -> list[dict]:
    """What lands on the plane; the plane, and what it decodes to; walks and samples; pictures to keep.

    Returns the listeners for the time when the tab is opened.
    """
    planes = list_planes()
    if not planes:
        return no_model(VariationalAutoencoder, "mnist")
    first = planes[0]
    line = build_line(NAME, TRIES)
    with gr.Row(elem_id="latent-row"):
        with column("input", 1):
            checkpoint = model_choice(page, "latent", planes, first, has_plane)
            picture_of_model = model_diagram(inference.get_model(first), "latent-diagram")
            pad(label=t("latent_walk.draw"), elem_id="latent-pad")
            image = picture_input(t("picture"), "latent-picture")
        with gr.Column(scale=4):
            plane = latent_map(first, describe=open_plane, decode=decode_for_page, prepare=prepare_dropped)
    with gr.Row():
        with gr.Column(scale=3):
            latent_path()
        with gr.Column(scale=2):
            latent_samples()
    with gr.Accordion(t("latent_walk.paper"), open=False), gr.Row():
        with gr.Column():
            count = gr.Slider(3, 40, 20, step=1, label=t("latent_walk.count"), elem_id="latent-count")
            quantiles = gr.Checkbox(label=t("latent_walk.quantiles"))
            kind = gr.Radio(list(FORMATS), value="pdf", label=t("latent_walk.format"), elem_id="latent-format")
            with gr.Row():
                grid_button = gr.Button(t("latent_walk.grid"), elem_id="latent-grid")
                scatter_button = gr.Button(t("latent_walk.scatter"), elem_id="latent-scatter")
            file = gr.File(label=t("latent_walk.file"), interactive=False, height=90, elem_id="latent-file")
        figure = gr.Image(label=t("latent_walk.figure"), interactive=False, height=420, elem_id="latent-figure")
    explanation(NAME, type(inference.get_model(first)), inference.decode_points)
    links = TabLink(NAME, {"checkpoint": checkpoint, "z": plane}, line)
    links.renew_by(checkpoint.input, plane.input)
    hidden = {"api_visibility": "private"}
    changed = checkpoint.change(choose, checkpoint, [plane, picture_of_model], **hidden)
    changed.success(land_picture, [image, checkpoint, checkpoint], plane, **hidden)
    grid_button.click(draw_grid, [checkpoint, count, quantiles, kind], [figure, file], **hidden)
    scatter_button.click(draw_scatter, [checkpoint, kind], [figure, file], **hidden)
    image.change(land_picture, [image, checkpoint], plane, **hidden)
    return [{"fn": renew, "inputs": checkpoint, "outputs": [plane, picture_of_model]}]


def decode_for_page(x: float, y: float, checkpoint: str) -> np.ndarray:
    """The picture under the pointer, where the model cannot run in the page, which may only name planes it is shown."""
    return inference.decode(x, y, find_plane(checkpoint))


def prepare_dropped(uri: str, checkpoint: str) -> np.ndarray:
    """A picture file dropped on the plane, as the model's input, uint8 `(C, H, W)`."""
    path = save_base64_to_cache(uri, get_upload_folder(), file_name="dropped")
    return prepare(read_picture(path), checkpoint)


def prepare(pixels: np.ndarray, checkpoint: str) -> np.ndarray:
    """A picture as the model's input, uint8 `(C, H, W)`: what lands on the plane."""
    known = find_plane(checkpoint)
    x = inference.prepare(as_pixels(pixels), known, inference.get_model(known)).x
    return x[0].mul(255).round().to(torch.uint8).numpy()


@toast_errors
def choose(checkpoint: str) -> tuple:
    """Another model's plane."""
    known = find_plane(checkpoint)
    return gr.HTML(model=name_of(known)), diagram_of(inference.get_model(known))


@toast_errors
def renew(checkpoint: str) -> tuple:
    """Update the plane of the visitor's run, which may have changed."""
    return choose(checkpoint) if checkpoint == MY_RUN else (gr.skip(), gr.skip())


@toast_errors
def land_picture(path: str | None, checkpoint: str, again: str = ""):
    """An uploaded picture, for the page to find its place, or why it has none; see `landed_value`."""
    if path is None:
        yield gr.skip()
        return
    try:
        yield gr.HTML(landed=landed_value(prepare(read_picture(path), checkpoint), again))
    except AEDemoError as error:
        yield gr.HTML(landed={"error": message_of(error)})
        raise


@toast_errors
def draw_grid(checkpoint: str, count: int, quantiles: bool, kind: str) -> tuple[str, str]:
    """The decoded plane as a figure for a paper."""
    count = min(40, max(3, int(count or 0)))
    known = find_plane(checkpoint)
    return _keep(plot_plane(known, count, quantiles), f"{Path(known).name}-grid", kind)


@toast_errors
def draw_scatter(checkpoint: str, kind: str) -> tuple[str, str]:
    """The test pictures' codes as a figure for a paper."""
    known = find_plane(checkpoint)
    return _keep(plot_codes(known), f"{Path(known).name}-codes", kind)


def _keep(figure, name: str, kind: str) -> tuple[str, str]:
    """A picture to show, and the file in the format that was asked for."""
    folder = get_upload_folder()
    paths = (save_bytes_to_cache(write_figure(figure, each), f"{name}.{each}", folder) for each in ("png", kind))
    return tuple(paths)
