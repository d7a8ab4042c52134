"""Our own controls, each a folder: `component.py`, `template.html`, `style.css`, `script.js`, `strings.json`.

They are `gr.HTML` with a script, an ES module that exports `mount`. There is no build step, and nothing is fetched
from other hosts. The page fetches each script once, and the texts and styles of all components as one file each, by an
address with the hash of them all. `base/component.js` gives a script its texts, and calls it when the language, the
theme or its width changes; `base/base.css` has the rules that several components share. A `style.css` is nested in the
class that `html_component` gives to the block: `.ae-latent-map .html-container { ... }` for the folder `latent_map`.
"""

import json
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from anyio import to_thread
from gradio.context import LocalContext

from ae_demo.ui.static_files import publish_tree

HERE = Path(__file__).parent
FIRST = ["steps", "link", "pad", "examples", "diagram", "bars", "cards", "busy", "table", "chart"]  # in the first tab

Strings = dict[str, dict[str, str]]  # {"en": {"undo": "Undo"}, "zh-CN": {...}, "zh-TW": {...}}


LOADER = """
const root = (window.gradio_config?.root ?? location.origin).replace(/[/]$/, "");
const prefix = window.gradio_config?.api_prefix ?? "/gradio_api";
import(root + prefix + "/file=PATH/base/mount.js").then(({ mount }) =>
  mount("NAME", { element, props, trigger, watch, server, upload }));
"""


def html_component(name: str, *, strings: Strings | None = None, events: Sequence[str] = (), **settings) -> gr.HTML:
    """Make the control whose files lie in the folder `name`.

    Args:
        name: the folder's name.
        strings: texts by locale and key that override those of the folder's `strings.json`. They travel in a dict
            because Gradio resolves `t("key")` only in `label`, not in other props.
        events: names of the script's own events; Gradio looks for them, quoted, in `js_on_load`.
        settings: `gr.HTML`'s own settings (`value`, `label`, `elem_id`, `server_functions` ...); every other name
            becomes a prop of the script. To change a prop later, return `gr.HTML(prop=...)` from a listener.
    """
    folder = HERE / name
    path = published()
    return gr.HTML(
        html_template=_read(folder / "template.html"),
        js_on_load=LOADER.replace("PATH", path).replace("NAME", name) + "".join(f"// '{event}'\n" for event in events),
        apply_default_css=False,
        elem_classes=["ae-component", f"ae-{name.replace('_', '-')}"],
        strings=strings or {},
        **settings,
    )


@lru_cache(maxsize=1)
def published() -> str:
    """The path of the published scripts, `texts.json` (by component, locale and key) and `styles.css`."""
    texts = {file.parent.name: json.loads(_read(file)) for file in sorted(HERE.glob("*/strings.json"))}
    base_first = lambda sheet: (sheet.parent.name != "base", sheet)  # noqa: E731
    sheets = sorted(HERE.glob("*/*.css"), key=base_first)
    files = {file.relative_to(HERE).as_posix(): file.read_bytes() for file in sorted(HERE.glob("*/*.js"))}
    mount = files["base/mount.js"].decode()
    mount = mount.replace("MODULES = {}", f"MODULES = {json.dumps(_modules(files))}")
    files["base/mount.js"] = mount.replace("FIRST = []", f"FIRST = {json.dumps(FIRST)}").encode()
    files["texts.json"] = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()
    files["styles.css"] = b"".join(sheet.read_bytes() for sheet in sheets)
    return Path(publish_tree(files)).as_posix()


def _modules(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """By component, the paths of its script and of all modules that it imports, directly or not."""

    def imports(path: str) -> set[str]:
        found = re.findall(r'(?:from|import) "(\.[^"]+)"', files[path].decode())
        return {posixpath.normpath(posixpath.join(posixpath.dirname(path), each)) for each in found}

    modules = {}
    for name in component_names():
        found = new = {f"{name}/script.js"}
        while new := set().union(*map(imports, new)) - found:
            found |= new
        modules[name] = sorted(found)
    return modules


def preloading() -> str:
    """HTML links for the page's head, so that it fetches early what every component needs."""
    kinds = {
        "base/mount.js": 'rel="modulepreload"',
        "texts.json": 'rel="preload" as="fetch" crossorigin',
        "styles.css": 'rel="preload" as="style"',
    }
    return "".join(f'<link {kind} href="gradio_api/file={published()}/{file}">' for file, kind in kinds.items())


def component_names() -> list[str]:
    """The folders of all components."""
    return sorted(script.parent.name for script in HERE.glob("*/script.js"))


def notify(component: gr.HTML, word: str) -> str:
    """JavaScript for a listener, which sends the component's script the event `word`.

    Events keep their order, whereas Gradio may show only the last of several values in quick succession.
    """
    script = _read(HERE / "base" / "notify.js")
    return script.replace("BLOCK", component.elem_id).replace("WORD", word)


def in_session(function: Callable[[Any], Any]) -> Callable:
    """Let a server function of a component run like a listener: in a thread, with the visitor's session.

    Gradio passes such functions the bare request, whose body names the session.
    """

    async def call(data: Any, request: gr.Request) -> Any:
        body = await request.json()
        LocalContext.request.set(gr.Request(session_hash=str(body["session_hash"])))
        return await to_thread.run_sync(function, data)

    call.__name__ = function.__name__
    return call


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
