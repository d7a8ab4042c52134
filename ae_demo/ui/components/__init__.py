"""Our own controls, each a folder: `component.py`, `template.html`, `style.css`, `script.js`, `strings.json`.

They are `gr.HTML` with a script; nothing is built and nothing is fetched. `prelude.js`, which comes before every
script, says how a component finds the visitor's language and notices dark mode; `prelude.css`, which comes before every
style sheet, how buttons, headings, charts and bars look.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import to_thread
from gradio.context import LocalContext

HERE = Path(__file__).parent

Strings = dict[str, dict[str, str]]  # {"en": {"undo": "Undo"}, "zh-CN": {...}, "zh-TW": {...}}


def html_component(
    name: str, *, strings: Strings | None = None, scripts: Sequence[str] = ("script",), **settings
) -> gr.HTML:
    """Make the control whose files lie in the folder `name`.

    Args:
        name: the folder's name.
        strings: texts by locale and key, put over those of the folder's `strings.json`. They travel in a dict
            because Gradio resolves `t("key")` only in `label`, not in other props.
        scripts: the folder's scripts, in the order in which they run, as one; "other/name" is one of another folder.
        settings: `gr.HTML`'s own settings (`value`, `label`, `elem_id`, `server_functions` ...); every other name
            becomes a prop of the script. To change a prop later, return `gr.HTML(prop=...)` from a listener.
    """
    folder = HERE / name
    paths = [HERE / f"{script}.js" if "/" in script else folder / f"{script}.js" for script in scripts]
    texts: Strings = json.loads(_read(folder / "strings.json"))
    for locale, changed in (strings or {}).items():
        texts[locale] = {**texts.get(locale, {}), **changed}
    return gr.HTML(
        html_template=_read(folder / "template.html"),
        css_template=_read(HERE / "prelude.css") + _read(folder / "style.css"),
        js_on_load="".join(_read(path) for path in (HERE / "prelude.js", *paths)),
        apply_default_css=False,
        elem_classes="ae-component",
        strings=texts,
        **settings,
    )


def in_session(function: Callable[[Any], Any]) -> Callable:
    """A server function of a component that is called as listeners are: in a thread, and knowing for which visitor.

    Gradio hands such functions the bare request; whose it is stands in its body.
    """

    async def call(data: Any, request: gr.Request) -> Any:
        body = await request.json()
        LocalContext.request.set(gr.Request(session_hash=str(body["session_hash"])))
        return await to_thread.run_sync(function, data)

    call.__name__ = function.__name__
    return call


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
