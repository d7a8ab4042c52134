"""The Train tab: choose a model and data, and watch the training. Each visitor has a run of their own."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

from ....models import Autoencoder
from ....training import engine
from ...components.bars import bars
from ...components.cards import cards
from ...components.curve import curve
from ...components.layers import layers, layers_value
from ...components.preview import preview
from ...components.progress import progress
from ...components.scatter import scatter
from ...shared.links import build_line
from ...shared.model_view import column, explanation, main_column, model_diagram
from ...strings import t, texts_under
from .estimate import estimate_seconds
from .facts import facts_of
from .form import DEFAULTS, build_form
from .links import TrainLink
from .listeners import TrainListeners

NAME = "train"
TRIES = {
    "two": "family=dense&latent_dim=2&hidden=512-256&loss=bce&epochs=30",
    "beta": "family=vae&data=fashion-small&latent_dim=2&beta=4.0&epochs=30",
    "overfit": "family=dense&hidden=256-128&limit=10&batch_size=2&epochs=40",
}


def build_tab(page: gr.Tab) -> list[dict]:
    """The form, the model that it describes, and the run."""
    texts, outline = texts_under("train.card."), DEFAULTS.outline()
    views: dict[str, Component] = {}
    line = build_line(NAME, TRIES)
    with gr.Row():
        with column("input"):
            form = build_form()
        with main_column():
            views["diagram"] = model_diagram(outline, "train-diagram")
            with gr.Row():
                with column("code"):
                    facts = facts_of(outline, estimate_seconds(DEFAULTS))
                    views["facts"] = cards(elem_id="train-facts", strings=texts, value=facts)
                    views["layers"] = layers(elem_id="train-layers", value=layers_value(outline.layers()))
                    problem = gr.Markdown(elem_id="train-problem", visible=False)
                    views["activations"] = bars(
                        label=t("train.activations"), elem_id="train-activations", retiring=True
                    )
                    views["plane"] = scatter(label=t("train.plane"), elem_id="train-plane")
                with column("output", 2):
                    views["status"] = status = progress(elem_id="train")
                    views["curve"] = curve(label=t("train.curve"), elem_id="train-curve")
                    views["preview"] = preview(label=t("train.preview"), elem_id="train-preview")
                    views["figures"] = cards(elem_id="train-figures", strings=texts)
                    with gr.Row():
                        views["zip"] = gr.DownloadButton(
                            t("train.download"), size="md", interactive=False, elem_id="train-download"
                        )
                        views["report"] = gr.DownloadButton(
                            t("train.report"), size="md", interactive=False, elem_id="train-report"
                        )
                        upload = gr.UploadButton(t("train.load"), size="md", file_types=[".zip"], elem_id="train-load")
                    refused = gr.Markdown(elem_id="train-refused", visible=False)
                    gr.Markdown(t("train.use"))
    explanation(NAME, Autoencoder.batch_loss, engine.train, engine._train_epoch)

    TrainLink(form, line)
    listeners = TrainListeners(form, views, refused)
    hidden = {"api_visibility": "private"}
    shown, everything = list(views.values()), [*views.values(), *form.controls]
    gr.on(
        [control.change for control in form.controls],
        listeners.describe,
        {*form.controls, form.experiment},
        [views["diagram"], views["facts"], views["layers"], problem, line.share, form.variant],
        trigger_mode="always_last",
        **hidden,
    )
    # Without Gradio's limit: runs wait in `run_queue`, which knows how many are ahead.
    status.run(listeners.run, form.controls, shown, concurrency_limit=None, trigger_mode="multiple", **hidden)
    upload.upload(listeners.load, upload, [*everything, refused], **hidden)
    status.seen(listeners.open, None, everything, queue=False, **hidden)
    status.press(listeners.press, None, shown, queue=False, trigger_mode="multiple", **hidden)
    return []
