"""A model's layers as a table: what each gives, how many numbers, and how many parameters it has.

table = layers(elem_id="layers")
choice.change(lambda name: layers_value(load(name).layers()), choice, table)
"""

import math
from collections.abc import Iterable

import gradio as gr

from ae_demo.ui.components import Strings, html_component


def layers(elem_id: str | None = None, strings: Strings | None = None, value: list | None = None) -> gr.HTML:
    """Make the table.

    Args:
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
        value: see `layers_value`.
    """
    return html_component("layers", strings=strings, elem_id=elem_id, value=value or [])


def layers_value(stations: Iterable[tuple[str, tuple[int, ...]]]) -> list[list]:
    """Give layers, `(name, shape of what it gives)`, in the form the table takes."""
    return [[name, "×".join(map(str, shape)), math.prod(shape)] for name, shape in stations]
