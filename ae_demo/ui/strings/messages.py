"""Messages of errors in the visitor's language.

`messages.<locale>.json` has the translation of each template of an `AEDemoError`, with the same placeholders.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gradio as gr
from gradio.context import LocalContext

from ...errors import AEDemoError

HERE = Path(__file__).parent
TRANSLATED = ("zh-CN", "zh-TW")


def message_of(error: Exception) -> str:
    """The message of an error in the language of the request that is being answered."""
    return translated(error, locale_of_visitor())


def locale_of_visitor() -> str:
    """The language of the request that is being answered; "en" outside of one."""
    return locale_of(LocalContext.request.get(None))


def translated(error: Exception, locale: str) -> str:
    """The message of an error; in English if it is not translated."""
    template = load_messages(locale).get(error.template) if isinstance(error, AEDemoError) else None
    if template is None:
        return str(error)
    values = {
        name: translated(value, locale) if isinstance(value, AEDemoError) else value
        for name, value in error.values.items()
    }
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
