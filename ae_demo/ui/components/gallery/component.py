"""Cards of models in groups, with filters, and the same models as tables that are sorted by a click.

The picture, series or word of a card is asked of the server when the card is first in view.

shown = gallery(make_samples, elem_id="models")        # make_samples(["conv-mnist", …]) -> {"conv-mnist": {…}, …}
return gr.HTML(models=[entry, …])

The value is what is shown, `SHOWN` at the start: the filters' choices, the search, cards or tables, and the figure by
which tables are sorted. `input` comes when the visitor has changed it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ae_demo.ui.components import Strings, html_component, in_session

SHOWN = {"task": "", "subject": "", "family": "", "search": "", "layout": "cards", "sort": ""}  # "-psnr": downwards


def gallery(
    samples: Callable[[Any], dict[str, dict]],
    models: list[dict] | None = None,
    elem_id: str | None = None,
    strings: Strings | None = None,
) -> gr.HTML:
    """Make the gallery.

    Args:
        samples: the samples of models by their names: `kind` ("picture", "series", "word" or "problem"), `input`,
            `code` and `output`, each a data URI, a list of numbers or a word.
        models: a dict for each model: `name`, `error`, `task`, `subject`, `family`, `tabs`, `command`; texts by locale
            `title`, `about`, `fails`, `data`, `subjectName`, `familyName`; `facts` and `figures`, lists of
            `[key, text, number]`, and `main`, the keys of the figures on the card.
        elem_id: the id in the page.
        strings: see `html_component`; `tab.<name>` is the title of a tab.
    """

    def make_samples(names: Any) -> dict[str, dict]:
        return samples(names)

    functions = [in_session(make_samples)]
    settings = {"elem_id": elem_id, "value": dict(SHOWN), "models": models or [], "server_functions": functions}
    return html_component("gallery", strings=strings, **settings)
