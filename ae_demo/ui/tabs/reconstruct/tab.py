"""Reconstruct: any picture through a code and back, beside PCA, JPEG and WebP."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from .... import checkpoints, codec, inference
from ...components.bars import bars
from ...components.busy import busy, busy_ended, busy_value, not_before, when_still
from ...components.cards import cards
from ...components.table import table
from ...live import Job, Superseded, Turn, preview_of
from ...shared.model_view import column, diagram_of, explanation, model_card, model_diagram, no_model, source_of_family
from ...shared.picture_input import clearing, shown_in_cards, told
from ...shared.source import build_source, read_source
from ...shared.user_runs import resolve
from ...strings import t
from .compression_view import show_compressed
from .fixed_size_view import show_whole
from .photographs import fit_checkpoint

NAME = "reconstruct"
DEFAULT = "conv-mnist"
OUTPUTS = ("results", "code", "map", "facts", "table")
LARGEST, PREVIEW = 4_000_000, 100_000  # pixels: at rest, and while a slider moves


def list_choices() -> list[str]:
    """Checkpoints that give back what they are given."""
    return [c for c in checkpoints.list_checkpoints() if c.split("-")[0] not in ("denoising", "colorization")]


def build_tab() -> dict | None:
    """Input, code, output; everything follows as soon as something changes. Returns what to do at the first sight."""
    choices = list_choices()
    if not choices:
        return no_model("conv", "mnist")
    first = DEFAULT if DEFAULT in choices else choices[0]
    with gr.Row():
        with column("input"):
            source = build_source(NAME, choices, first, lambda run: True)
        with column("code"):
            model = inference.get_model(first)
            picture_of_model = model_diagram(model, "reconstruct-diagram")
            code = bars(label=t("the_code"), elem_id="reconstruct-code")
            channels = gr.Slider(1, 32, 32, step=1, label=t("channels"), visible=False, elem_id="reconstruct-channels")
            step = gr.Slider(0.05, 1, 0.3, step=0.05, label=t("step"), visible=False, elem_id="reconstruct-step")
            facts = cards(elem_id="reconstruct-facts")
            code_map = cards(elem_id="reconstruct-map")
            model_card(NAME, source.checkpoint)
        with column("output", 2):
            waiting = busy("reconstruct-busy", stale=[f"{NAME}-{each}" for each in OUTPUTS])
            results = cards(elem_id="reconstruct-results")
            figures = table(elem_id="reconstruct-table")
            threshold = gr.Slider(50, 100, 95, step=1, label=t("threshold"), elem_id="reconstruct-threshold")
    explanation(NAME, inference.reconstruct, codec.compress)
    with gr.Accordion(t("model_code"), open=False):
        source_code = gr.Code(source_of_family(model.family), language="python", interactive=False, show_label=False)

    inputs = [*source, channels, step, threshold]
    outputs = [results, waiting, code, code_map, facts, figures]
    fast = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    chosen = [picture_of_model, code, channels, step, threshold, source_code]
    not_before(source.checkpoint.change, waiting, choose, source.checkpoint, chosen, **fast)
    not_before(
        source.image.input, waiting, fit_checkpoint, [source.image, source.checkpoint], source.checkpoint, **fast
    )
    changes = [part.change for part in (source.image, source.kind, channels, step, threshold)]
    when_still([*changes, source.drawing.release], waiting, show, inputs, outputs, **fast)
    gr.on([source.drawing.input, channels.input, step.input], show_preview, inputs, outputs, queue=False, **fast)
    return {"fn": show, "inputs": inputs, "outputs": outputs}


@told
def choose(checkpoint: str) -> tuple:
    """What the page shows of another checkpoint."""
    checkpoint = resolve(checkpoint)
    model = inference.get_model(checkpoint)
    count, is_map = getattr(model.config, "code_channels", 1), len(model.code_shape) == 3
    channels = gr.update(visible=is_map, maximum=max(2, count), value=count)
    numbers, judged = (gr.update(visible="hidden" if is_map else True) for _ in range(2))
    return diagram_of(model), numbers, channels, gr.update(visible=is_map), judged, source_of_family(model.family)


@preview_of(NAME)
@shown_in_cards(6)
def show_preview(request: gr.Request, checkpoint, kind, path, drawing, channels, step, threshold) -> tuple:
    """At the speed of the hand: a small version of a photograph; a drawing as it is."""
    pixels = read_source(kind, path, drawing, max_pixels=PREVIEW, preview=True)
    return _shown(pixels, resolve(checkpoint), channels, step, threshold, True, lambda share: None)


@told
@clearing([], None, [], [], [], None)
def show(request: gr.Request, checkpoint, kind, path, drawing, channels, step, threshold) -> Iterator[tuple]:
    """Everything that follows from the picture, at its full size: results, code, map, figures."""
    turn, kept = Turn(NAME, request, (checkpoint, kind, path, drawing, channels, step, threshold)), [gr.skip()] * 4
    if turn.repeated:
        yield gr.skip(), None, *kept
        return
    pixels = read_source(kind, path, drawing, max_pixels=LARGEST)
    checkpoint = resolve(checkpoint)
    job = Job(lambda progress: _shown(pixels, checkpoint, channels, step, threshold, False, progress), turn)
    try:
        for share in job:
            yield gr.skip(), busy_value(share, job.seconds), *kept
        yield job.result
    except Superseded:
        yield gr.skip(), busy_ended(turn.ended_by_preview), *kept


def _shown(pixels, checkpoint, channels, step, threshold, preview, progress) -> tuple:
    if pixels is None:
        return [], None, [], [], [], None
    if len(inference.get_model(checkpoint).code_shape) == 3:
        shown, maps, facts, rows = show_compressed(
            pixels, checkpoint, int(channels), step, preview=preview, progress=progress
        )
        return shown, None, [], maps, facts, rows
    return show_whole(pixels, checkpoint, threshold)
