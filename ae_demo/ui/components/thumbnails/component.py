"""Names, for who cannot see them, of the thumbnails of a `gr.Dataset`, which Gradio leaves without; itself unseen.

row = gr.Dataset(..., elem_id="denoise-examples")
name_thumbnails("denoise-examples", ["cat", "rocket"])
"""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def name_thumbnails(dataset: str, names: Sequence[str], strings: Strings | None = None) -> gr.HTML:
    """Name the thumbnails of the dataset with that id, in their order. `strings`: see `html_component`."""
    return html_component("thumbnails", strings=strings, visible="hidden", dataset=dataset, names=list(names))
