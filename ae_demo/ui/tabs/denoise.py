"""Denoise: noise of one's own mixing, and the model beside the classical filters, live as a slider moves."""

from __future__ import annotations

import time

import gradio as gr
import numpy as np
from PIL import Image

from ... import baselines, checkpoints, metrics, pipelines
from ...data.pictures import to_tensor
from ...noise import Noise
from ..components.cards import card, cards
from ..mine import resolve
from ..model_view import column, diagram_of, explanation, model_diagram
from ..picture import told
from ..source import build_source, read_source
from ..strings import t

NAME = "denoise"
FAMILY = "denoising"
PREVIEW = 256  # pixels on the long side while a slider moves
FILTERED = 1_000_000  # pixels up to which the classical filters are run, which take long


def build_tab() -> dict:
    """Input and noise, the model, and what comes out. Returns what to do at the first sight."""
    choices = [c for c in checkpoints.list_checkpoints() if c.startswith("denoising")]
    first = "denoising-photo" if "denoising-photo" in choices else choices[0]
    with gr.Row():
        with column("input"):
            source = build_source(NAME, choices, first)
            noisy_already = gr.Checkbox(False, label=t("denoise.already"), elem_id="denoise-already")
            sliders = [
                gr.Slider(0, 0.5, 0.2, step=0.01, label=t("noise.gaussian"), elem_id="noise-gaussian"),
                gr.Slider(0, 0.7, 0.0, step=0.01, label=t("noise.salt_and_pepper"), elem_id="noise-salt-and-pepper"),
                gr.Slider(0, 0.7, 0.0, step=0.01, label=t("noise.mask"), elem_id="noise-mask"),
                gr.Slider(0, 0.5, 0.0, step=0.01, label=t("noise.dropout"), elem_id="noise-dropout"),
            ]
            with gr.Row():
                seed = gr.Number(0, precision=0, minimum=0, label=t("seed"), elem_id="denoise-seed")
                again = gr.Button(t("reroll"), elem_id="denoise-reroll")
        with column("code"):
            picture_of_model = model_diagram(pipelines.get_model(first), "denoise-diagram")
            gr.Markdown(t("denoise.code"))
        with column("output", 2):
            results = cards(elem_id="denoise-results")
            filters = cards(elem_id="denoise-filters")
    explanation(NAME, pipelines.denoise, pipelines.run_tiled)

    inputs = [*source, noisy_already, seed, *sliders]
    hidden = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    source.checkpoint.change(
        told(lambda c: diagram_of(pipelines.get_model(resolve(c, FAMILY)))),
        source.checkpoint,
        picture_of_model,
        **hidden,
    )
    gr.on([s.input for s in sliders], show_preview, inputs, results, queue=False, **hidden)
    again.click(lambda n: int(n or 0) + 1, seed, seed, queue=False, api_visibility="private")
    whole = [s.release for s in sliders]
    whole += [
        source.image.change,
        source.drawing.release,
        source.checkpoint.change,
        source.kind.change,
        noisy_already.change,
        seed.change,
    ]
    gr.on(whole, show, inputs, results, **hidden).then(show_filters, inputs, filters, **hidden)
    return {"fn": show_all, "inputs": inputs, "outputs": [results, filters]}


@told
def show_all(*values) -> tuple:
    """Model and filters at once."""
    return show(*values), show_filters(*values)


@told
def show_preview(checkpoint, kind, path, drawing, already, seed, *levels) -> list[dict]:
    """A small version, at the speed of the hand."""
    return compare(checkpoint, _read(kind, path, drawing, preview=True), already, seed, levels)


@told
def show(checkpoint, kind, path, drawing, already, seed, *levels) -> list[dict]:
    """The picture at its full size."""
    return compare(checkpoint, _read(kind, path, drawing), already, seed, levels)


@told
def show_filters(checkpoint, kind, path, drawing, already, seed, *levels) -> list[dict]:
    """What one would use without a model, on the same noise."""
    clean = _read(kind, path, drawing)
    if clean is None or clean.shape[0] * clean.shape[1] > FILTERED:
        return []
    noisy = clean if already else pipelines.add_noise(clean, Noise(*levels), int(seed or 0))
    shown = []
    for name, run in baselines.FILTERS.items():
        began = time.perf_counter()
        out = run(noisy)
        shown.append(card("other", name, out, **_figures(out, None if already else clean, time.perf_counter() - began)))
    return shown


def compare(checkpoint: str, clean: np.ndarray | None, already: bool, seed: float, levels: tuple) -> list[dict]:
    """Clean, noisy and denoised, with their figures; given and denoised where the picture is noisy already."""
    if clean is None:
        return []
    noisy = clean if already else pipelines.add_noise(clean, Noise(*levels), int(seed or 0))
    began = time.perf_counter()
    denoised = pipelines.denoise(noisy, resolve(checkpoint, FAMILY))
    seconds = time.perf_counter() - began
    shown = [card("input", "given", noisy)]
    if not already:
        shown = [card("input", "clean", clean), card("error", "noisy", noisy, **_figures(noisy, clean))]
    return [
        *shown,
        card("output", "denoised", denoised, **_figures(denoised, None if already else clean, seconds)),
    ]


def _figures(pixels: np.ndarray, clean: np.ndarray | None, seconds: float | None = None) -> dict:
    if clean is None:
        return {"seconds": seconds}
    x_hat, x = to_tensor(pixels), to_tensor(clean)
    return {"psnr": metrics.psnr(x_hat, x).item(), "ssim": metrics.ssim(x_hat, x).item(), "seconds": seconds}


def _read(kind: str, path: str | None, drawing: str, preview: bool = False) -> np.ndarray | None:
    pixels = read_source(kind, path, drawing, max_pixels=4_000_000)
    if kind == "draw" and pixels is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize((28, 28), Image.Resampling.BOX))
    if preview and pixels is not None and max(pixels.shape[:2]) > PREVIEW:
        small = Image.fromarray(pixels)
        small.thumbnail((PREVIEW, PREVIEW), Image.Resampling.BILINEAR)
        pixels = np.asarray(small)
    return pixels
