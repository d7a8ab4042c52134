"""Models: every checkpoint with what it is for, what it does with a sample, its figures, and the tabs that take it."""

from __future__ import annotations

import gradio as gr

from .... import checkpoints, facts
from ...components.gallery import gallery
from ...shared.links import TabLink, build_line
from ...shared.model_view import explanation
from ...strings import LOCALES, load_strings
from .samples import make_samples
from .view import entries

NAME = "models"
TRIES = {
    "families": "subject=digits&task=reconstruct&layout=table&sort=-psnr",
    "numbers": "search=dense-mnist-&layout=table&sort=numbers",
    "noise": "task=denoise",
}


def build_tab(page: gr.Tab) -> list[dict]:
    """The gallery. Returns the listener that renews it when the tab is opened."""
    line = build_line(NAME, TRIES)
    shown = gallery(make_samples, entries(), elem_id="models-gallery", strings=titles_of_tabs())
    explanation(NAME, facts.describe_model, checkpoints.save, checkpoints.load, checkpoints.verify)
    TabLink(NAME, {"shown": shown}, line).renew_by(shown.input)
    return [{"fn": lambda: gr.HTML(models=entries()), "inputs": None, "outputs": shown, "queue": False}]


def titles_of_tabs() -> dict[str, dict[str, str]]:
    """`tab.<name>` in each language, for the buttons that open a tab."""
    ending = ".title"
    return {
        locale: {
            f"tab.{key.removesuffix(ending)}": text
            for key, text in load_strings(locale).items()
            if key.endswith(ending)
        }
        for locale in LOCALES
    }
