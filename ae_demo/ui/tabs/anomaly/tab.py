"""Anomaly: what a model of normal samples alone does not reconstruct, with a threshold to drag."""

from __future__ import annotations

import gradio as gr

from ....analysis.anomaly import CLASSICAL, SCORES, anomaly_detector, score_errors
from ....analysis.reconstructors import HIDDEN, LocalHull, Pca, network_families
from ....data import get_data_set
from ....models import DEFAULT_FAMILY, build_model, get_family
from ...components.busy import busy
from ...components.cards import cards
from ...components.curve import curve
from ...components.detection import detection
from ...components.table import table
from ...live import QUIET, LiveView
from ...shared.appearance import on_each_opening
from ...shared.controls import slider
from ...shared.links import TabLink, build_line
from ...shared.model_view import column, explanation, main_column, model_diagram, open_layers
from ...shared.source import my_run_choice
from ...shared.user_runs import MY_RUN
from ...strings import load_strings, t, texts_under
from ...toasts import toast_errors
from .detail import describe
from .fitting import AnomalyRequest, fit, takes_series
from .sources import OWN, PICTURE_SETS, SETS
from .view import full, layer_input

NAME = "anomaly"
FIRST_CLASSES = ["3"]  # normal in the example that is shown on open
TRIES = {
    "beats": "data=heartbeats",
    "record": "data=heartbeats-208&model=pca",
    "bags": "data=fashion-small&classes=8",
    "pca": "model=pca",
    "many": "classes=0_1_2_3_4_5_6_7_8",
}


def build_tab(page: gr.Tab) -> list[dict]:
    """Samples and model; the clicked sample and the scores. Returns the listeners of the tab's opening."""
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            data = gr.Radio(
                [(t(f"anomaly.data.{n}"), n) for n in SETS],
                value=SETS[0],
                label=t("anomaly.data"),
                elem_id="anomaly-data",
            )
            classes = gr.CheckboxGroup(
                class_choices(SETS[0]), value=FIRST_CLASSES, label=t("anomaly.classes"), elem_id="anomaly-classes"
            )
            normal = files("normal", visible=False)
            model = gr.Dropdown(model_choices(), value=DEFAULT_FAMILY, label=t("checkpoint"), elem_id="anomaly-model")
            score = gr.Dropdown(score_choices(), value="relative", label=t("anomaly.score"), elem_id="anomaly-score")
            latent = slider(2, 128, 32, step=1, label=t("anomaly.latent"), elem_id="anomaly-latent")
            with gr.Accordion(t("anomaly.judge"), open=False, elem_id="anomaly-judge") as judge:
                test = files("test")
        with main_column():
            strip = model_diagram(build_model(DEFAULT_FAMILY, hidden=HIDDEN), "anomaly-diagram")
            with gr.Row(elem_id="anomaly-results"):
                with column("code"):
                    detail = cards("anomaly-detail", strings=texts_under("anomaly.card."))
                    words = texts_under("anomaly.curve.")
                    lines = curve(label=t("anomaly.lines"), elem_id="anomaly-lines", strings=words)
                    lines.visible = "hidden"
                with column("output", 2):
                    bar = busy("anomaly-busy")
                    found = detection("anomaly-found", strings=texts_under("anomaly.found."))
                    figures = table("anomaly-table", strings=texts_under("anomaly.found."))
    explanation(NAME, anomaly_detector, score_errors, Pca, LocalHull)
    inputs = {"data": data, "classes": classes, "normal": normal, "test": test, "model": model, "score": score}
    inputs["latent_dim"] = latent
    outputs = {"found": found, "table": figures, "detail": detail, "lines": lines, "diagram": strip}
    linked = {name: inputs[name] for name in ("data", "classes", "model", "score", "latent_dim")}
    links = TabLink(NAME, linked, line, choices=CHOICES)
    view = LiveView(AnomalyRequest, inputs, {**outputs, "link": links.share}, bar, full=links.after(full))
    view.before(data.change, show_source, [data, classes, model, score], [classes, normal, model, score, judge])
    on_each_opening(page, offer_run, [data, model], model)
    found.select(show_sample, [*inputs.values()], [detail, lines, strip], **QUIET)
    open_layers(strip, view, layer_input, [detail.change, lines.change])
    return links.when_opened(view)


def files(name: str, visible: bool = True) -> gr.File:
    """The input of the visitor's pictures, zips or series."""
    return gr.File(
        label=t(f"anomaly.files.{name}"),
        file_count="multiple",
        height=120,
        visible=visible,
        elem_id=f"anomaly-{name}",
        elem_classes="ae-low-upload",
    )


def class_choices(data: str) -> list[tuple[str, str]]:
    """The classes of a bundled set, with their labels as values."""
    names = get_data_set(data).classes
    texts = load_strings("en")
    shown = [t(f"anomaly.class.{name}") if f"anomaly.class.{name}" in texts else name for name in names]
    return [(name, str(label)) for label, name in enumerate(shown)]


def model_choices(series: bool = False) -> list[tuple[str, str]]:
    """The models that are fitted within seconds: the classical ones, and autoencoders of dense layers."""
    dense = [n for n in network_families(series) if "hidden" in get_family(n).Config.__dataclass_fields__]
    names = [DEFAULT_FAMILY, *(name for name in dense if name != DEFAULT_FAMILY), *CLASSICAL]
    return [(t(f"anomaly.found.model.{name}"), name) for name in names]


def score_choices(series: bool = False) -> list[tuple[str, str]]:
    """The scores; of series without those of pictures."""
    return [(t(f"anomaly.found.score.{n}"), n) for n in SCORES if not (series and n == "ssim")]


def is_series(data: str) -> bool:
    """Whether the samples of a choice are series; of the visitor's own it is not known before they are here."""
    return data not in PICTURE_SETS and data != OWN


CHOICES = {  # that depend on the data; classes are hidden where there are none
    "classes": lambda values: class_choices(values["data"] if values["data"] in PICTURE_SETS else SETS[0]),
    "model": lambda values: model_choices(is_series(values["data"])),
    "score": lambda values: score_choices(is_series(values["data"])),
}


def show_source(data: str, classes: list[str], model: str, score: str, visitor: gr.Request) -> tuple:
    """Other samples: their classes or the inputs of files, and the models and scores that suit them."""
    offered = {name: choices({"data": data}) for name, choices in CHOICES.items()}
    scores = [value for _, value in offered["score"]]
    return (
        gr.CheckboxGroup(offered["classes"], value=classes or FIRST_CLASSES, visible=data in PICTURE_SETS),
        gr.update(visible=data == OWN),
        offer_run(data, model, visitor),
        gr.Dropdown(offered["score"], value=score if score in scores else "mse"),
        gr.Accordion(open=True) if data == OWN else gr.skip(),
    )


def offer_run(data: str, model: str, visitor: gr.Request) -> gr.Dropdown:
    """The models for a choice of samples; with the visitor's own files also their last run, if it is of series."""
    run = my_run_choice(visitor, takes_series) if data == OWN else []
    choices = [*model_choices(is_series(data)), *run]
    return gr.Dropdown(choices, value=DEFAULT_FAMILY if model == MY_RUN and not run else model)


@toast_errors
def show_sample(event: gr.EventData, *values: object) -> tuple:
    """The sample that was clicked: cards of a picture, or curves of a series."""
    request = AnomalyRequest(*values)
    if request.source() is None:
        return (gr.skip(),) * 3
    fitted = fit(request, request.model, lambda share: None)
    index = min(len(fitted.scores) - 1, max(0, int(event._data["index"])))
    quantile = min(1.0, max(0.0, float(event._data["quantile"])))
    shown = describe(fitted, index, quantile, float(event._data["threshold"]))
    return shown["detail"], shown["lines"], gr.HTML(sample=index)
