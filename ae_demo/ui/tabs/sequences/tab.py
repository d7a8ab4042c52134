"""Sequences: series, heartbeats and words through a code of a few numbers and back, and the walk between two."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .... import checkpoints
from ....data.heartbeats import RATE, RECORDS, TRAINED_ON
from ....inference import get_model, interpolate, reconstruct_series, reconstruct_words
from ....models.seq2seq import Seq2SeqAutoencoder
from ...components.busy import busy
from ...components.cards import cards
from ...components.recording import recording
from ...components.sequence import sequence
from ...components.sequence_code import sequence_code
from ...live import LiveView
from ...shared.controls import slider
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import takes_models
from ...shared.model_view import column, diagram_of, explanation, model_card, model_diagram, no_model
from ...shared.source import model_choice
from ...shared.user_runs import resolve
from ...strings import t, texts_under
from ...toasts import toast_errors
from .decoders import list_sequence_models, serves
from .recordings import MINUTES, list_channels
from .request import EXAMPLE, FILE, SequenceRequest
from .view import full, preview

NAME = "sequences"
DEFAULT = "seq2seq-heartbeats"
MINUTE = 26  # of the recording, at first: it has a ventricular beat
WORDS = ("summer", "winter")
TRIES = {
    "beat": "minute=26",
    "ventricular": "record=208&minute=5",
    "words": "checkpoint=seq2seq-words&word=light&other=fever",
    "waves": "checkpoint=seq2seq-waves&sample=57&second=40",
}
SUFFIXES = [".csv", ".tsv", ".txt", ".npy", ".npz"]

takes_models(NAME)(serves)


def build_tab(page: gr.Tab) -> list[dict]:
    """Input, code, output, and the recording under them. Returns the listeners for the time when the tab is opened."""
    choices = list_sequence_models()
    if not choices:
        return no_model(Seq2SeqAutoencoder, "waves")
    first = DEFAULT if DEFAULT in choices else choices[0]
    model = get_model(first)
    strings = texts_under("sequences.card.")
    line = build_line(NAME, TRIES)
    with gr.Row():
        with gr.Column(elem_id="sequences-left"):
            with column("input"):
                inputs = _build_inputs(page, choices, first)
            with gr.Column(elem_id="sequences-model"):  # on a phone, below the results
                diagram = model_diagram(model, "sequences-diagram")
                facts = cards("sequences-facts", strings)
                model_card(NAME, inputs["checkpoint"])
        with gr.Column(scale=3), gr.Row():
            with column("code"):
                sequence_code(label=t("the_code"), elem_id="sequences-code")
            with column("output", 2):
                bar = busy("sequences-busy")
                recording(label=t("sequences.recording"), elem_id="sequences-recording")
                output = sequence(elem_id="sequences-output")
    explanation(NAME, Seq2SeqAutoencoder, reconstruct_series, reconstruct_words, interpolate)
    moving = ["sample", "second", "minute", "word", "other"]
    linked = {name: control for name, control in inputs.items() if name != "path"}
    links = TabLink(NAME, linked, line, maxima={"minute": lambda values: MINUTES[values["record"]]})
    outputs = {"output": output, "facts": facts, "link": links.share}
    view = LiveView(SequenceRequest, inputs, outputs, bar, full=links.after(full), preview=preview, moving=moving)
    shown = [inputs[name] for name in CONTROLS]
    view.before(inputs["checkpoint"].change, show_model, [inputs["checkpoint"], inputs["source"]], [diagram, *shown])
    hidden = {"queue": False, "api_visibility": "private"}
    inputs["source"].change(show_controls, [inputs["checkpoint"], inputs["source"]], shown, **hidden)
    view.before(inputs["record"].change, offer_minutes, [inputs["record"], inputs["minute"]], inputs["minute"])
    view.before(inputs["path"].change, offer_channels, inputs["path"], inputs["channel"])
    return links.when_opened(view)


CONTROLS = (
    "source",
    "sample",
    "second",
    "record",
    "minute",
    "word",
    "other",
    "path",
    "channel",
    "length",
    "rate",
    "scaling",
)


def _build_inputs(page: gr.Tab, choices: list[str], first: str) -> dict[str, gr.components.Component]:
    """The controls, by the names of the fields of `SequenceRequest`; which ones are seen depends on the model."""
    visible = controls_of(first, EXAMPLE)
    sources = [(t("sequences.example"), EXAMPLE), (t("sequences.own"), FILE)]
    records = [(t(f"sequences.record.{name}"), name) for name in RECORDS]
    scalings = [(t("sequences.fit"), "fit"), (t("sequences.none"), "none")]

    def settings(name: str) -> dict[str, Any]:
        return {"label": t(f"sequences.{name}"), "elem_id": f"sequences-{name}", "visible": name in visible}

    return {
        "checkpoint": model_choice(page, NAME, choices, first, serves),
        "source": gr.Radio(sources, value=EXAMPLE, **settings("source")),
        "sample": slider(1, 1000, 7, step=1, **settings("sample")),
        "second": slider(1, 1000, 12, step=1, **settings("second")),
        "record": gr.Radio(records, value=TRAINED_ON, **settings("record")),
        "minute": slider(1, MINUTES[TRAINED_ON], MINUTE, step=1, **settings("minute")),
        "word": gr.Textbox(WORDS[0], max_length=12, **settings("word")),
        "other": gr.Textbox(WORDS[1], max_length=12, **settings("other")),
        "path": gr.File(file_types=SUFFIXES, height=120, elem_classes="ae-low-upload", **settings("path")),
        "channel": gr.Number(1, minimum=1, precision=0, **settings("channel")),
        "length": gr.Number(0, minimum=0, precision=0, info=t("sequences.length_info"), **settings("length")),
        "rate": gr.Number(RATE, minimum=1, info=t("sequences.rate_info"), **settings("rate")),
        "scaling": gr.Radio(scalings, value="fit", **settings("scaling")),
    }


def controls_of(checkpoint: str, source: str) -> set[str]:
    """The names of the controls that are seen."""
    shape, data = get_model(resolve(checkpoint)).config.input_shape, checkpoints.data_of(resolve(checkpoint))
    if len(shape) == 1:
        return {"word", "other"}
    if source == FILE:
        return {"source", "path", "channel", "scaling", "rate" if data == "heartbeats" else "length"}
    return {
        "source",
        *({"record", "minute"} if data == "heartbeats" else {"sample", "second"} if data == "waves" else {"path"}),
    }


@toast_errors
def show_controls(checkpoint: str, source: str) -> list[Any]:
    """The controls that a model and a source have."""
    visible = controls_of(checkpoint, source)
    return [gr.update(visible=name in visible) for name in CONTROLS]


@toast_errors
def show_model(checkpoint: str, source: str) -> list[Any]:
    """Another model: its diagram, and the controls that it has."""
    return [diagram_of(get_model(resolve(checkpoint))), *show_controls(checkpoint, source)]


def offer_minutes(record: str, minute: float) -> Any:
    """The minutes that a record has; the last one if there are fewer than chosen."""
    return gr.update(maximum=MINUTES[record], value=min(int(minute), MINUTES[record]))


@toast_errors
def offer_channels(path: str | None) -> Any:
    """The number of the channel, from 1 to as many as the file has."""
    count = len(list_channels(path)) if path else 1
    return gr.update(value=1, maximum=count, interactive=count > 1)
