"""The figures of cards as a table: a row for each method, a column for each figure, the best of a column in bold.

figures = table(elem_id="denoise-table")
return table_value([card("output", "denoised", psnr=31.2, ssim=0.9), card("other", "median", psnr=26.1, ssim=0.7)])
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from ae_demo.ui.components import HERE, Strings, html_component

BEST = {"psnr": max, "ssim": max, "auroc": max, "f1": max}  # the larger is better; other columns have no best value
JUDGED = ("output", "other")  # roles whose best values are marked; the others are for comparison


def table(elem_id: str | None = None, strings: Strings | None = None) -> gr.HTML:
    """Make the table, hidden until a listener returns `table_value(...)`; its words are those of `cards`."""
    texts: Strings = json.loads((HERE / "cards" / "strings.json").read_text(encoding="utf-8"))
    for locale, changed in (strings or {}).items():
        texts[locale] = {**texts.get(locale, {}), **changed}
    return html_component("table", strings=texts, elem_id=elem_id, value=None)


def table_value(
    shown: list[dict], note: str | None = None, best: Mapping[str, Callable[..., float]] = BEST
) -> dict[str, Any] | None:
    """The table of these cards, of those that have figures; None for none.

    Args:
        shown: from `card`.
        note: a key for a line of small print.
        best: by the name of a figure, `max` or `min`: which of its values is the best.

    Cards with a `group` (a key) stand under its heading; those that compete should be in one.
    """
    rows = [about for about in shown if about["figures"]]
    columns = list(dict.fromkeys(name for about in rows for name, _ in about["figures"]))
    if not columns:
        return None
    top = {}
    for name, choose in best.items():
        numbers = [a["numbers"][name] for a in rows if a["role"] in JUDGED and name in a["numbers"]]
        if len(numbers) > 1:
            top[name] = choose(numbers)
    return {
        "columns": columns,
        "rows": [
            {
                "role": about["role"],
                "title": about["title"],
                "group": about.get("group"),
                "cells": [dict(about["figures"]).get(name, "") for name in columns],
                "best": [
                    name in top and about["role"] in JUDGED and about["numbers"].get(name) == top[name]
                    for name in columns
                ],
            }
            for about in rows
        ],
        "note": note,
    }
