"""The endpoint /models."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ....facts import list_models
from ...shared import model_texts
from ...shared.model_tabs import tabs_for
from ...strings import LOCALES


def build_endpoint() -> None:
    """Give /models its parameter."""
    language = gr.Dropdown(list(LOCALES), value=LOCALES[0], label="language")
    gr.Button().click(describe_all, language, gr.JSON(label="models"), api_name="models")


def describe_all(language: str) -> list[dict[str, Any]]:
    """List the trained models (checkpoints) that the other endpoints take, with their facts.

    Args:
        language: of the texts: en, zh-CN or zh-TW

    Returns:
        for each its name, task, data, size of the code and figures, its tabs, its title, what it is for and where it
        fails
    """
    return [
        {
            **facts.to_dict(),
            "title": model_texts.title_of(facts, language),
            "about": model_texts.about_of(facts, language),
            "fails": model_texts.limits_of(facts, language),
            "tabs": [] if facts.error else tabs_for(facts.name),
        }
        for facts in list_models()
    ]
