"""Denoise: noise of one's own mixing, and the model beside the classical filters, live as a slider moves."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
import numpy as np
from PIL import Image

from .... import checkpoints, inference
from ....functional.noise import Noise
from ...components.busy import busy, busy_ended, busy_value, when_still
from ...components.cards import cards
from ...components.table import table
from ...live import Job, Superseded, Turn, preview_of
from ...shared.controls import bounded, slider
from ...shared.model_view import column, diagram_of, explanation, model_card, model_diagram, no_model
from ...shared.picture_input import clearing, shown_in_cards, told
from ...shared.source import build_source, read_source
from ...shared.user_runs import family_of, resolve
from ...strings import t
from .view import compare, pictures

NAME = "denoise"
FAMILY = "denoising"
LARGEST = 12_000_000  # pixels of a picture
TWICE = 500_000  # pixels, up to which the better and slower way is taken
LAST_SEED = 2**31 - 1
PREVIEW = 100_000  # pixels while a slider moves


def build_tab() -> dict | None:
    """Input and noise, the model, and what comes out. Returns what to do at the first sight."""
    choices = [c for c in checkpoints.list_checkpoints() if c.startswith("denoising")]
    if not choices:
        return no_model("denoising", "mnist")
    first = "denoising-photo" if "denoising-photo" in choices else choices[0]
    with gr.Row():
        with column("input"):
            source = build_source(NAME, choices, first, lambda run: family_of(run) == FAMILY)
            noisy_already = gr.Checkbox(False, label=t("denoise.already"), elem_id="denoise-already")
            sliders = [
                slider(0, 0.5, 0.2, step=0.01, label=t("noise.gaussian"), elem_id="noise-gaussian"),
                slider(0, 0.7, 0.0, step=0.01, label=t("noise.salt_and_pepper"), elem_id="noise-salt-and-pepper"),
                slider(0, 0.7, 0.0, step=0.01, label=t("noise.mask"), elem_id="noise-mask"),
                slider(0, 0.5, 0.0, step=0.01, label=t("noise.dropout"), elem_id="noise-dropout"),
            ]
            with gr.Row():
                seed = bounded(
                    gr.Number(0, precision=0, minimum=0, maximum=LAST_SEED, label=t("seed"), elem_id="denoise-seed")
                )
                again = gr.Button(t("reroll"), elem_id="denoise-reroll")
        with column("code"):
            picture_of_model = model_diagram(inference.get_model(first), "denoise-diagram")
            gr.Markdown(t("denoise.code"))
            model_card(NAME, source.checkpoint)
        with column("output", 2):
            waiting = busy("denoise-busy", stale=["denoise-results", "denoise-filters", "denoise-table"])
            results = cards(elem_id="denoise-results")
            filters = cards(elem_id="denoise-filters")
            figures = table(elem_id="denoise-table")
    explanation(NAME, inference.denoise, inference.run_tiled)

    inputs = [*source, noisy_already, seed, *sliders]
    outputs = [results, waiting, filters, figures]
    hidden = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    source.checkpoint.change(
        told(lambda c: diagram_of(inference.get_model(resolve(c, FAMILY)))),
        source.checkpoint,
        picture_of_model,
        **hidden,
    )
    gr.on([s.input for s in sliders], show_preview, inputs, results, queue=False, **hidden)
    again.click(lambda n: (n or 0) % LAST_SEED + 1, seed, seed, queue=False, api_visibility="private")
    changes = [part.change for part in (source.image, source.checkpoint, source.kind, noisy_already, seed, *sliders)]
    when_still([*changes, source.drawing.release], waiting, show, inputs, outputs, **hidden)
    return {"fn": show, "inputs": inputs, "outputs": outputs}


@preview_of(NAME)
@shown_in_cards(1)
def show_preview(request: gr.Request, checkpoint, kind, path, drawing, already, seed, *levels) -> list[dict]:
    """A small version, at the speed of the hand."""
    clean = _read(kind, path, drawing, preview=True)
    if clean is None:
        return []
    noisy = _noisy(clean, already, seed, levels)
    return pictures(clean, noisy, inference.denoise(noisy, resolve(checkpoint, FAMILY), quick=True), already)


@told
@clearing([], None, [], None)
def show(request: gr.Request, checkpoint, kind, path, drawing, already, seed, *levels) -> Iterator[tuple]:
    """The picture at its full size, how far it is, and then the classical filters on the same noise."""
    turn, kept = Turn(NAME, request, (checkpoint, kind, path, drawing, already, seed, *levels)), gr.skip()
    if turn.repeated:
        yield kept, None, kept, kept
        return
    clean = _read(kind, path, drawing)
    if clean is None:
        yield [], None, [], None
        return
    checkpoint, noisy = resolve(checkpoint, FAMILY), _noisy(clean, already, seed, levels)
    quick = clean.shape[0] * clean.shape[1] > TWICE
    job = Job(lambda progress: inference.denoise(noisy, checkpoint, quick=quick, progress=progress), turn)
    try:
        for share in job:
            yield kept, busy_value(share, job.seconds), kept, kept
        yield pictures(clean, noisy, job.result, already), kept, kept, kept
        job = Job(lambda progress: compare(checkpoint, clean, noisy, already, progress), turn)
        yield kept, None, *job.result
    except Superseded:
        yield kept, busy_ended(turn.ended_by_preview), kept, kept


def _noisy(clean: np.ndarray, already: bool, seed: float, levels: tuple) -> np.ndarray:
    return clean if already else inference.add_noise(clean, Noise(*levels), int(seed or 0))


def _read(kind: str, path: str | None, drawing: str, preview: bool = False) -> np.ndarray | None:
    pixels = read_source(kind, path, drawing, max_pixels=PREVIEW if preview else LARGEST, preview=preview)
    if kind == "draw" and pixels is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize((28, 28), Image.Resampling.BOX))
    return pixels
