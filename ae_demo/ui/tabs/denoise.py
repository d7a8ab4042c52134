"""Denoise: noise of one's own mixing, and the model beside the classical filters, live as a slider moves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gradio as gr
import numpy as np
from PIL import Image

from ... import baselines, checkpoints, metrics, pipelines
from ...data.pictures import to_tensor
from ...noise import Noise
from ..components.busy import busy, busy_value
from ..components.cards import card, cards
from ..components.data_uri import is_large
from ..components.table import table, table_value
from ..mine import resolve
from ..model_view import column, diagram_of, explanation, model_card, model_diagram
from ..picture import shown_in_cards, told
from ..source import build_source, read_source
from ..strings import t
from ..working import Job, Superseded, Turn

NAME = "denoise"
FAMILY = "denoising"
LARGEST = 12_000_000  # pixels of a picture
PREVIEW = 100_000  # pixels while a slider moves
FILTERED = 250_000  # pixels, from the middle, that the classical filters are shown, which take long


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
            model_card(NAME, source.checkpoint)
        with column("output", 2):
            waiting = busy(elem_id="denoise-busy")
            results = cards(elem_id="denoise-results")
            filters = cards(elem_id="denoise-filters")
            figures = table(elem_id="denoise-table")
    explanation(NAME, pipelines.denoise, pipelines.run_tiled)

    inputs = [*source, noisy_already, seed, *sliders]
    outputs = [results, waiting, filters, figures]
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
    gr.on(whole, show, inputs, outputs, **hidden)
    return {"fn": show, "inputs": inputs, "outputs": outputs}


@shown_in_cards(1)
def show_preview(request: gr.Request, checkpoint, kind, path, drawing, already, seed, *levels) -> list[dict]:
    """A small version, at the speed of the hand; it ends the full-size work of before."""
    Turn(NAME, request)
    clean = _read(kind, path, drawing, preview=True)
    if clean is None:
        return []
    noisy = _noisy(clean, already, seed, levels)
    return pictures(clean, noisy, pipelines.denoise(noisy, resolve(checkpoint, FAMILY)), already)


@told
def show(request: gr.Request, checkpoint, kind, path, drawing, already, seed, *levels) -> Iterator[tuple]:
    """The picture at its full size, how far it is, and then the classical filters on the same noise."""
    turn, kept = Turn(NAME, request), gr.skip()
    clean = _read(kind, path, drawing)
    if clean is None:
        yield [], None, [], None
        return
    checkpoint, noisy = resolve(checkpoint, FAMILY), _noisy(clean, already, seed, levels)
    job = Job(lambda progress: pipelines.denoise(noisy, checkpoint, progress=progress), turn)
    try:
        for share in job:
            yield kept, busy_value(share, job.seconds), kept, kept
        denoised = job.result
    except Superseded:
        yield kept, None, kept, kept
        return
    yield pictures(clean, noisy, denoised, already), None, kept, kept
    yield kept, None, *compare(checkpoint, clean, noisy, already)


def pictures(clean: np.ndarray, noisy: np.ndarray, denoised: np.ndarray, already: bool) -> list[dict]:
    """Before and after, with their figures; of a large picture also a part at its full size."""
    truth = None if already else clean
    shown = [card("output", "denoised", denoised, before=noisy, **_figures(denoised, truth))]
    if is_large(clean):
        shown.append(card("output", "detail", middle(denoised, 200_000), before=middle(noisy, 200_000)))
    if already:
        return shown
    return [*shown, card("input", "clean", clean), card("error", "noisy", noisy, **_figures(noisy, truth))]


def compare(checkpoint: str, clean: np.ndarray, noisy: np.ndarray, already: bool) -> tuple[list[dict], dict | None]:
    """What one would use without a model, and the table of all, on the middle of the picture if it is large."""
    part, truth = middle(noisy, FILTERED), None if already else middle(clean, FILTERED)
    methods = {"denoised": lambda pixels: pipelines.denoise(pixels, checkpoint), **baselines.FILTERS}
    shown = []
    for name, run in methods.items():
        began = time.perf_counter()
        out = run(part)
        figures = _figures(out, truth, time.perf_counter() - began)
        shown.append(card("output" if name == "denoised" else "other", name, out, **figures))
    rows = shown if already else [card("error", "noisy", part, **_figures(part, truth)), *shown]
    return shown[1:], table_value(rows, "table_crop" if part.shape != noisy.shape else None)


def middle(pixels: np.ndarray, most: int) -> np.ndarray:
    """The middle of a picture, of its shape, with at most so many pixels."""
    height, width = pixels.shape[:2]
    share = min(1.0, (most / (height * width)) ** 0.5)
    rows, columns = max(1, int(height * share)), max(1, int(width * share))
    top, left = (height - rows) // 2, (width - columns) // 2
    return pixels[top : top + rows, left : left + columns]


def _noisy(clean: np.ndarray, already: bool, seed: float, levels: tuple) -> np.ndarray:
    return clean if already else pipelines.add_noise(clean, Noise(*levels), int(seed or 0))


def _figures(pixels: np.ndarray, clean: np.ndarray | None, seconds: float | None = None) -> dict:
    if clean is None:
        return {"seconds": seconds}
    x_hat, x = to_tensor(pixels), to_tensor(clean)
    ssim = None if is_large(pixels) else metrics.ssim(x_hat, x).item()  # it would take longer than the model
    return {"psnr": metrics.psnr(x_hat, x).item(), "ssim": ssim, "seconds": seconds}


def _read(kind: str, path: str | None, drawing: str, preview: bool = False) -> np.ndarray | None:
    pixels = read_source(kind, path, drawing, max_pixels=PREVIEW if preview else LARGEST, preview=preview)
    if kind == "draw" and pixels is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize((28, 28), Image.Resampling.BOX))
    return pixels
