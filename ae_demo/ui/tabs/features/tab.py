"""Features: what codes are good for. A map of thousands of codes, classifiers with few labels, clusters."""

from __future__ import annotations

import gradio as gr

from .... import checkpoints
from ....analysis import features
from ....inference import encode, get_model
from ....models import DEFAULT_FAMILY, get_family
from ...components.busy import busy
from ...components.chart import chart
from ...components.code_map import code_map
from ...components.code_neighbours import code_neighbours
from ...components.pad import pad
from ...components.table import table
from ...live import LiveView
from ...shared.links import TabLink, build_line
from ...shared.model_tabs import takes_models
from ...shared.model_texts import short_titles
from ...shared.model_view import column, explanation, main_column, model_diagram, no_model
from ...shared.picture_input import picture_input
from ...shared.source import model_choice
from ...strings import t, texts_under
from .maps import DEFAULT, encodes_map_pictures
from .view import (
    CLASSES,
    NOTHING,
    PROJECTION_NAMES,
    FeaturesRequest,
    beside_choices,
    full,
    preview,
    show_model,
)

NAME = "features"
TRIES = {
    "pixels": "beside=pixels",
    "clusters": "colour=kmeans",
    "pca": "projection=pca",
    "garments": "checkpoint=dense-fashion&beside=pca",
}

takes_models(NAME)(encodes_map_pictures)


def build_tab(page: gr.Tab) -> list[dict]:
    """The model and the visitor's picture; the map; neighbours and figures. Returns the listeners for its opening."""
    choices = [name for name in checkpoints.list_checkpoints() if encodes_map_pictures(name)]
    if not choices:
        return no_model(get_family(DEFAULT_FAMILY), "mnist")
    first = DEFAULT if DEFAULT in choices else choices[0]
    titles = short_titles()
    words = {locale: {**titles[locale], **texts} for locale, texts in texts_under("features.word.").items()}
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            checkpoint = model_choice(page, NAME, choices, first, encodes_map_pictures)
            beside = gr.Dropdown(
                beside_choices(first), value=NOTHING, label=t("features.beside"), elem_id="features-beside"
            )
            projections = [(name, value) for value, name in PROJECTION_NAMES.items()]
            projection = gr.Radio(
                projections, value="umap", label=t("features.projection"), elem_id="features-projection"
            )
            colours = [(t(f"features.{each}"), each) for each in (CLASSES, *features.CLUSTERINGS)]
            colour = gr.Dropdown(colours, value=CLASSES, label=t("features.colour"), elem_id="features-colour")
            with gr.Accordion(t("features.own"), open=False, elem_id="features-own"):
                drawing = pad(label=t("features.draw"), elem_id="features-pad")
                path = picture_input(t("picture"), "features-picture")
        with main_column():
            diagram = model_diagram(get_model(first), "features-diagram")
            with gr.Row():
                with column("code", 2):
                    plane = code_map(label=t("features.map"), elem_id="features-map", strings=words)
                with column("output"):
                    bar = busy("features-busy")
                    code_neighbours(label=t("features.neighbours"), elem_id="features-neighbours")
                    labels = chart(label=t("features.labels"), elem_id="features-labels", strings=words)
    gr.Markdown(t("features.useful"), elem_classes="ae-title ae-output")
    figures = table("features-table", strings=words)
    gr.Markdown(t("features.noise"), elem_classes="ae-title ae-output")
    noise = table("features-noise", strings=words)
    with gr.Row(equal_height=False):
        with gr.Column():
            error = chart(label=t("features.error"), elem_id="features-error", strings=words)
        with gr.Column():
            accuracy = chart(label=t("features.accuracy"), elem_id="features-accuracy", strings=words)
    explanation(NAME, encode, features.evaluate, features.label_curve, features.project)

    inputs = {"checkpoint": checkpoint, "beside": beside, "projection": projection, "colour": colour}
    links = TabLink(NAME, inputs, line, choices={"beside": lambda values: beside_choices(values["checkpoint"])})
    inputs |= {"drawing": drawing, "path": path}
    outputs = {
        "map": plane,
        "table": figures,
        "labels": labels,
        "noise": noise,
        "error": error,
        "accuracy": accuracy,
        "link": links.share,
    }
    view = LiveView(FeaturesRequest, inputs, outputs, bar, full=links.after(full), preview=preview, moving=["drawing"])
    view.before(checkpoint.change, show_model, [checkpoint, beside], [diagram, beside])
    return links.when_opened(view)
