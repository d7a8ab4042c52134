"""Our own controls, each a folder: `component.py`, `template.html`, `style.css`, `script.js`, `strings.json`.

They are `gr.HTML` with a script; nothing is built and nothing is fetched. `prelude.js`, which comes before every
script, says how a component finds the visitor's language and notices dark mode; `prelude.css`, which comes before every
style sheet, how buttons, headings, charts and bars look.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

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


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
