"""Sixty-four pictures drawn from the prior, z ~ N(0, temperature² I), each a button that goes to its place.

They are drawn in the page, with the model that the map has (`latent_map/hub.js`); the server is asked for nothing.
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def latent_samples(elem_id: str = "latent-samples", strings: Strings | None = None) -> gr.HTML:
    """Make the samples; on a page without a `latent_map` it stays empty. It has no value.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("latent_samples", strings=strings, elem_id=elem_id, value="")
