"""The interface's texts, in English, 简体中文 and 繁體中文, with the same keys in each.

Texts of several tabs are here, one JSON file for each language. Texts of one tab are in its folder's `strings.json`,
by language, under keys that begin with the tab's name.

`t("key")` is a text that the browser resolves to its own language; it goes to labels, titles and Markdown.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import gradio as gr

LOCALES = ("en", "zh-CN", "zh-TW")
HERE = Path(__file__).parent
TABS = HERE.parent / "tabs"


@cache
def load_strings(locale: str) -> dict[str, str]:
    """The texts of one language by key."""
    texts = _read(HERE / f"{locale}.json")
    for file in sorted(TABS.glob("*/strings.json")):
        texts |= _read(file)[locale]
    return texts


def texts_under(prefix: str) -> dict[str, dict[str, str]]:
    """By language, the texts whose keys begin with `prefix`, without it: for a component's `strings`."""
    return {
        locale: {k.removeprefix(prefix): text for k, text in load_strings(locale).items() if k.startswith(prefix)}
        for locale in LOCALES
    }


def _read(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


t = gr.I18n(**{locale: load_strings(locale) for locale in LOCALES})
