"""Colorize: the lightness of a picture in, its colours guessed; before and after under one slider."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
import numpy as np

from .... import checkpoints, inference
from ....data.pictures import to_tensor
from ....errors import PictureError
from ....functional import metrics
from ....inference.colorization import greyed, spread_hints
from ...components.busy import busy, busy_ended, busy_value, when_still
from ...components.cards import card, cards
from ...components.hints import hints, hints_value, read_hints
from ...components.table import table, table_value
from ...live import Job, Superseded, Turn, preview_of
from ...shared.controls import slider
from ...shared.examples import example_row, examples_of
from ...shared.model_view import column, explanation, model_card, model_diagram, no_model
from ...shared.picture_input import clearing, picture_input, read_picture, read_preview, shown_in_cards, told
from ...strings import t

NAME = "colorize"
LARGEST, PREVIEW = 12_000_000, 150_000  # pixels: at rest, and while a slider moves
PROPOSALS = {"proposal_cold": -1.0, "proposal_likely": 0.0, "proposal_warm": 1.0}
VISIBLE = 2.0  # colourfulness from which a picture is not a grey one


def build_tab() -> dict | None:
    """Input, the model, and the colours. Returns what to do at the first sight."""
    choices = [c for c in checkpoints.list_checkpoints() if c.startswith("colorization")]
    if not choices:
        return no_model("colorization", "folder --data-dir photos")
    given = examples_of(NAME, choices)
    with gr.Row():
        with column("input"):
            image = picture_input(t("picture"), "colorize-picture", value=str(given[0][0]) if given else None)
            checkpoint = gr.Dropdown(choices, value=choices[0], label=t("checkpoint"), visible=len(choices) > 1)
            example_row(NAME, given, image, checkpoint)
            saturation = slider(0, 2, 1, step=0.05, label=t("saturation"), elem_id="colorize-saturation")
            warmth = slider(-1, 1, 0, step=0.05, label=t("warmth"), elem_id="colorize-warmth")
        with column("code"):
            model_diagram(inference.get_model(choices[0]), "colorize-diagram")
            gr.Markdown(t("colorize.code"))
            known = hints(elem_id="colorize-hints")
            model_card(NAME, checkpoint)
        with column("output", 2):
            waiting = busy("colorize-busy", stale=["colorize-results", "colorize-proposals", "colorize-table"])
            results = cards(elem_id="colorize-results")
            proposals = cards(elem_id="colorize-proposals")
            figures = table(elem_id="colorize-table")
    explanation(NAME, inference.colorize, spread_hints)
    inputs = [image, saturation, warmth, known, checkpoint]
    outputs = [results, waiting, proposals, figures]
    hidden = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    image.change(show_grey, image, known, **hidden)
    changes = [image.change, saturation.change, warmth.change, checkpoint.change, known.input]
    when_still(changes, waiting, show, inputs, outputs, **hidden)
    gr.on([saturation.input, warmth.input], show_preview, inputs, results, queue=False, **hidden)
    return {"fn": show_first, "inputs": inputs, "outputs": [known, *outputs]}


def show_grey(path: str | None) -> gr.HTML:
    """The picture that hints are put on; those of the picture before are gone. `show` says what is wrong with it."""
    try:
        pixels = read_preview(path, PREVIEW)
    except PictureError:
        pixels = None
    return hints_value(None if pixels is None else greyed(pixels))


@told
def show_first(request: gr.Request, path, saturation, warmth, known, checkpoint) -> Iterator[tuple]:
    """Everything, hints' picture included."""
    grey = show_grey(path)
    for shown in show(request, path, saturation, warmth, [], checkpoint):
        yield grey, *shown
        grey = gr.skip()


@preview_of(NAME)
@shown_in_cards(1)
def show_preview(request: gr.Request, path, saturation, warmth, known, checkpoint) -> list[dict]:
    """A small version, at the speed of the hand."""
    pixels = read_preview(path, PREVIEW)
    return [] if pixels is None else _pictures(pixels, checkpoint, saturation, warmth, known, lambda share: None)[0]


@told
@clearing([], None, [], None)
def show(request: gr.Request, path, saturation, warmth, known, checkpoint) -> Iterator[tuple]:
    """The picture at its full size, and then the proposals, small."""
    turn, kept = Turn(NAME, request, (path, saturation, warmth, known, checkpoint)), gr.skip()
    if turn.repeated:
        yield kept, None, kept, kept
        return
    pixels = read_picture(path, max_pixels=LARGEST)
    if pixels is None:
        yield [], None, [], None
        return
    job = Job(lambda progress: _pictures(pixels, checkpoint, saturation, warmth, known, progress), turn)
    try:
        for share in job:
            yield kept, busy_value(share, job.seconds), kept, kept
        shown, rows = job.result
    except Superseded:
        yield kept, busy_ended(turn.ended_by_preview), kept, kept
        return
    yield shown, kept, kept, table_value(rows)
    small, given = read_preview(path, PREVIEW // 3), read_hints(known)
    guesses = {
        name: inference.colorize(small, checkpoint, saturation=saturation, warmth=lean, hints=given)
        for name, lean in PROPOSALS.items()
    }
    beside = [card("output", name, guess) for name, guess in guesses.items()]
    yield kept, None, [*beside, card("other", "truth", pixels)] if len(rows) == 3 else beside, kept


def _pictures(pixels: np.ndarray, checkpoint, saturation, warmth, known, progress) -> tuple[list[dict], list[dict]]:
    """Before and after; and the rows of the table, with the truth where the upload was in colour."""
    grey = greyed(pixels)
    progress(0.3)
    guess = inference.colorize(pixels, checkpoint, saturation=saturation, warmth=warmth, hints=read_hints(known))
    progress(0.8)
    x = to_tensor(pixels).expand(-1, 3, -1, -1)
    vivid = metrics.colourfulness(x).item()
    truth = x if pixels.ndim == 3 and vivid > VISIBLE else None
    shown = [card("output", "colorized", guess, before=grey, **_figures(guess, truth))]
    rows = [card("input", "grey", **_figures(grey, truth)), *shown]
    if truth is None:
        return shown, []
    return shown, [*rows, card("other", "truth", colourfulness=vivid)]


def _figures(pixels: np.ndarray, truth) -> dict:
    x = to_tensor(pixels)
    psnr = None if truth is None else metrics.psnr(x, truth).item()
    return {"psnr": psnr, "colourfulness": metrics.colourfulness(x).item()}
