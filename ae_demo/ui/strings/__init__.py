"""The interface's texts, in English, 简体中文 and 繁體中文: one JSON file a language, the same keys in each.

`t("key")` is a text that the browser resolves to its own language; it goes to labels, titles and Markdown.
"""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr

LOCALES = ("en", "zh-CN", "zh-TW")


def load_strings(locale: str) -> dict[str, str]:
    """The texts of one language by key."""
    return json.loads((Path(__file__).parent / f"{locale}.json").read_text(encoding="utf-8"))


def texts_under(prefix: str) -> dict[str, dict[str, str]]:
    """By language, the texts whose keys begin with `prefix`, without it: for a component's `strings`."""
    return {
        locale: {k.removeprefix(prefix): text for k, text in load_strings(locale).items() if k.startswith(prefix)}
        for locale in LOCALES
    }


t = gr.I18n(**{locale: load_strings(locale) for locale in LOCALES})
