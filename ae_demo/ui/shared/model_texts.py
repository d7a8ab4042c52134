"""Names and descriptions of models in the interface's languages, composed from their facts.

The texts are in `model_texts.json`. A checkpoint needs none of its own: a new one has a name and a description by its
family, its subject and its code.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import gradio as gr

from ...facts import ModelFacts, list_models
from ..strings import LOCALES, load_strings

TEXTS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def title_of(facts: ModelFacts, locale: str = "en") -> str:
    """For example "Convolutional autoencoder, digits, 32 numbers"; of a damaged checkpoint, its name."""
    return facts.name if facts.error else TEXTS[locale]["title"].format(**_words(facts, locale))


def short_title_of(facts: ModelFacts, locale: str = "en") -> str:
    """For example "Convolutional: digits, 32 numbers"; of a damaged checkpoint, its name."""
    return facts.name if facts.error else TEXTS[locale]["short_title"].format(**_words(facts, locale))


def about_of(facts: ModelFacts, locale: str = "en") -> str:
    """One sentence on what a model is for; empty for a damaged checkpoint."""
    return _sentence("about", facts, locale, facts.task)


def limits_of(facts: ModelFacts, locale: str = "en") -> str:
    """One sentence on where a model fails; empty if nothing is known."""
    return _sentence("fails", facts, locale, facts.subject)


def data_of(facts: ModelFacts, locale: str = "en") -> str:
    """The name of the test set that a model's figures are over."""
    return TEXTS[locale]["data"].get(facts.data, facts.data)


def subject_name(facts: ModelFacts, locale: str = "en") -> str:
    """What a model's samples show."""
    names = TEXTS[locale]["subject"]
    return names.get(facts.name) or names.get(facts.subject, facts.subject)


def family_name(facts: ModelFacts, locale: str = "en") -> str:
    """The name of a model's family in a list."""
    return TEXTS[locale]["short"].get(facts.family, facts.family)


def translations() -> gr.I18n:
    """The texts of the page, with a choice `model.<name>` of each checkpoint."""
    return gr.I18n(**{locale: load_strings(locale) | choices(locale) for locale in LOCALES})


def choices(locale: str) -> dict[str, str]:
    """What lists of models show of each checkpoint, by `model.<name>`."""
    return {f"model.{name}": title for name, title in _short_titles_in(locale).items()}


def short_titles() -> dict[str, dict[str, str]]:
    """By language, the short title of each checkpoint by its name, for a component's `strings`."""
    return {locale: _short_titles_in(locale) for locale in LOCALES}


def _short_titles_in(locale: str) -> dict[str, str]:
    """Short titles by name of the checkpoint, which is added where several have the same title."""
    titles = {each.name: short_title_of(each, locale) for each in list_models()}
    often = Counter(titles.values())
    return {name: title if often[title] == 1 else f"{title} · {name}" for name, title in titles.items()}


def _sentence(kind: str, facts: ModelFacts, locale: str, general: str) -> str:
    """The most specific sentence: by name, by family with code or subject, by subject with code, or by one of them."""
    texts = TEXTS[locale][kind]
    code = "map" if len(facts.code_shape) == 3 else str(facts.numbers)
    shape = "picture" if len(facts.input_shape) == 3 else facts.subject
    particular = (f"{facts.family}-{code}", f"{facts.family}-{facts.subject}", f"{facts.family}-{shape}")
    keys = (facts.name, *particular, f"{facts.subject}-{code}", facts.family, general)
    form = next((texts[key] for key in keys if key in texts), "")
    return "" if facts.error else form.format(**_words(facts, locale))


def _words(facts: ModelFacts, locale: str) -> dict[str, Any]:
    texts, shape = TEXTS[locale], facts.input_shape
    vector = len(facts.code_shape) == 1
    odd = vector and len(shape) == 3 and shape[1:] != (28, 28)
    size = texts["size"].format(size=" × ".join(map(str, shape[1:]))) if odd else ""
    return {
        "family": texts["family"].get(facts.family, facts.family),
        "short": family_name(facts, locale),
        "subject": subject_name(facts, locale),
        "size": size,
        "numbers": texts["numbers"].format(count=facts.numbers) if vector else "",
        "count": f"{facts.numbers:,}",
        "channels": facts.code_shape[0],
        "steps": shape[0],
    }
