"""Pictures side by side, each with a title in its colour and figures under it; a click on one saves it as PNG.

A card with a `before` is as wide as the row, with a slider between the two. A large picture is shown smaller, and saved
at its full size.

    results = cards(elem_id="denoise-results")
    slider.input(show, inputs, results, queue=False)      # return [card("output", "denoised", pixels, psnr=31.2)]

All pictures of a tab travel in one value of one component, which is the fastest way to the screen.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import is_large, to_data_uri, to_png_file

ROLES = ("input", "code", "output", "error", "other")
SMALL = 160  # pixels on a side up to which a picture's pixels are shown as squares


def cards(
    elem_id: str | None = None, strings: Strings | None = None, value: list[dict] | None = None, channel: str = ""
) -> gr.HTML:
    """Make the row of pictures, empty until a listener returns a list of `card(...)`.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; the titles and the figures' names are keys of `strings.json`.
        value: the cards at the start.
        channel: the channel of the page whose "edited" replaces fields of cards, by their titles.
    """
    return html_component("cards", strings=strings, elem_id=elem_id, value=value or [], channel=channel)


def card(
    role: str,
    title: str,
    pixels: np.ndarray | None = None,
    note: str | None = None,
    before: np.ndarray | None = None,
    text: str | None = None,
    *,
    quick: bool = False,
    **figures: Any,
) -> dict:
    """One picture with its title and figures, in the form `cards` takes.

    Args:
        role: one of `ROLES`, which gives the colour.
        title: a key of `strings.json`.
        pixels: uint8 (H, W) or (H, W, 3); None for figures alone.
        note: a key of `strings.json` for a line of small print.
        before: the picture, of the same size, left of the slider.
        text: a sentence as it stands.
        quick: whether the pictures are a preview, see `to_data_uri`.
        figures: by name (a key of `strings.json`), numbers or ready text, plain or by locale; None is left out. psnr is
            in dB.
    """
    about = {"role": role, "title": title, "note": note, "text": text}
    figures = {name: value for name, value in figures.items() if value is not None}
    about["figures"] = [[name, format_figure(name, value)] for name, value in figures.items()]
    about["numbers"] = {name: value for name, value in figures.items() if not isinstance(value, str | dict)}
    if pixels is not None:
        about |= {"uri": to_data_uri(pixels, quick=quick), "width": pixels.shape[1], "height": pixels.shape[0]}
        about["small"] = max(pixels.shape[:2]) <= SMALL
        if is_large(pixels):
            about["file"] = to_png_file(pixels)
    if before is not None:
        about["before"] = to_data_uri(before, quick=quick)
    return about


def format_figure(name: str, value: Any) -> str | dict[str, str]:
    """A figure as text: `psnr` with its unit, `mse` with five decimals; texts stay as they are."""
    if isinstance(value, str | dict):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if name == "psnr":
        return "∞ dB" if value >= 100 else f"{value:.1f} dB"
    if name == "bits":
        return f"{value:.2f}"
    if name == "mse":
        return f"{value:.5f}"
    return f"{value:.3f}" if value < 10 else f"{value:,.1f}"
