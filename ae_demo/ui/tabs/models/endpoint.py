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
    """The facts of every checkpoint, its tabs, and in one language its title, what it is for and where it fails."""
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
