"""The walk between two points of the latent plane: as strips, as an animation at the screen's rate, and to keep.

Straight, z(t) = (1 − t) a + t b, and spherical, z(t) = [sin((1 − t)Ω) a + sin(tΩ) b] / sin Ω with Ω the angle between
a and b (Shoemake, 1985, "Animating rotation with quaternion curves"; White, 2016, arXiv:1609.04468), and along a line
drawn by hand. All of it happens in the page, with the model and the ends that the map has (`latent_map/hub.js`).
"""

from __future__ import annotations

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def latent_path(elem_id: str = "latent-path", strings: Strings | None = None) -> gr.HTML:
    """Make the walk; on a page without a `latent_map` it stays empty. It has no value and asks the server for nothing.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    return html_component("latent_path", strings=strings, elem_id=elem_id, value="")
