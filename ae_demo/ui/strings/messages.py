"""Errors and notices in the visitor's language.

`messages.<locale>.json` has the translation of each template of a `Message`, with the same placeholders.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gradio as gr
from gradio.context import LocalContext

from ...errors import AEDemoError, Message

HERE = Path(__file__).parent
TRANSLATED = ("zh-CN", "zh-TW")


def message_of(error: AEDemoError) -> str:
    """The message of an error in the language of the request that is being answered."""
    return localized(error.message)


def localized(message: str) -> str:
    """A message in the language of the request that is being answered."""
    return translated(message, locale_of_visitor())


def locale_of_visitor() -> str:
    """The language of the request that is being answered; "en" outside of one."""
    return locale_of(LocalContext.request.get(None))


def translated(message: str, locale: str) -> str:
    """A message in a language; other texts, and messages without a translation, stay as they are."""
    template = load_messages(locale).get(message.template) if isinstance(message, Message) else None
    if template is None:
        return str(message)
    values = {k: translated(v, locale) if isinstance(v, Message) else v for k, v in message.values.items()}
    return template.format(**values) if values else template


def locale_of(request: gr.Request | None) -> str:
    """The language of the page that sent a request, chosen as in `early.js`; "en" for a program.

    It is `lang` in the page's address, which the browser sends as the referrer, else the first of the visitor's.
    """
    headers = getattr(request, "headers", None) or {}
    try:
        given = parse_qs(urlsplit(headers.get("referer", "")).query).get("lang", [])
    except ValueError:  # not an address
        given = []
    languages = [*given, *headers.get("accept-language", "").split(",")]
    return next(filter(None, map(_locale, languages)), "en")


@cache
def load_messages(locale: str) -> dict[str, str]:
    """The translations by template; none for English."""
    if locale not in TRANSLATED:
        return {}
    return json.loads((HERE / f"messages.{locale}.json").read_text(encoding="utf-8"))


def _locale(language: str) -> str | None:
    if re.match(r"\s*zh\b", language, re.IGNORECASE):
        return "zh-TW" if re.search("tw|hk|mo|hant", language, re.IGNORECASE) else "zh-CN"
    return "en" if re.match(r"\s*en\b", language, re.IGNORECASE) else None
