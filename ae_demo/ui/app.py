"""The assembly of the interface: a header and the tabs, and how it is served."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import ModuleType

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported: nothing calls home

import gradio as gr
from gradio.context import get_render_context
from starlette.middleware import Middleware

from .. import checkpoints, inference
from ..errors import ConfigError
from .components.topbar import topbar
from .compression import PageCompression
from .page_script import PageScript
from .strings import t
from .tabs import TABS
from .theme import CSS_PATH, build_theme

MAX_UPLOAD = "20mb"


def build_app() -> gr.Blocks:
    """The whole demo, not yet served."""
    with gr.Blocks(title="AE Demo", analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as app:
        with gr.Row(elem_id="ae-top"):
            gr.Markdown(t("header"), elem_id="ae-header")
            topbar([tab.NAME for tab in TABS])
        with gr.Tabs(elem_id="ae-tabs") as tabs:
            for tab in TABS:
                with gr.Tab(t(f"{tab.NAME}.title"), id=tab.NAME, elem_id=f"tab-{tab.NAME}") as page:
                    if tab is TABS[0]:
                        build_page(tab, page)
                    else:
                        build_when_opened(tab, page)
        app.load(open_tab, None, tabs, queue=False, show_progress="hidden", api_visibility="private")
    with app.route("Endpoints", "endpoints", show_in_navbar=False), gr.Group(visible=False):
        for tab in TABS:  # on a page of their own, so that the first one fetches nothing for them
            tab.build_endpoint()
    return app


def build_page(tab: ModuleType, page: gr.Tab, *again: Callable) -> None:
    """Build what is on a tab, and its listeners for the time when it is in the page, and for the events `again`."""
    listeners = tab.build_tab(page)
    opened = appearance()
    for listener in listeners:
        gr.on([opened.submit, *again], **listener, show_progress="hidden", api_visibility="private")


def build_when_opened(tab: ModuleType, page: gr.Tab) -> None:
    """Build a tab when a visitor first opens it.

    So the page is small and appears soon, however many tabs there are: before it shows anything, Gradio fetches the
    scripts of every kind of component in the page's configuration.
    """
    opened = appearance()

    @gr.render(triggers=[opened.submit], queue=False, show_progress="hidden")
    def build() -> None:
        build_page(tab, page, page.select)  # later visits: the visitor's run may be another one
        make_interactive(get_render_context())


def make_interactive(block: gr.blocks.Block) -> None:
    """Let the controls within a block take input, but for those that are declared otherwise.

    In what is built later, Gradio takes every component that some listener changes for an output that nobody may touch.
    """
    for child in getattr(block, "children", []):
        if getattr(child, "interactive", False) is None:
            child.interactive = True
        make_interactive(child)


def appearance() -> gr.HTML:
    """An empty component whose event `submit` happens once, when it is first in the page: when its tab is opened."""
    return gr.HTML(js_on_load="trigger('submit');", elem_classes=["ae-appearance"], apply_default_css=False)


def open_tab(request: gr.Request) -> gr.Tabs:
    """Open the tab that a link names: `?tab=train`."""
    wanted = request.query_params.get("tab")
    return gr.Tabs(selected=wanted) if wanted in [tab.NAME for tab in TABS] else gr.skip()


def warm_up() -> None:
    """Do what the first visitor would wait for: slow imports, what tabs make for their opening, and the models."""
    for tab in TABS:
        getattr(tab, "warm_up", lambda: None)()
    for checkpoint in checkpoints.list_checkpoints():
        inference.get_model(checkpoint)


def launch(app: gr.Blocks | None = None, **settings):
    """Serve the demo on `HOST` (127.0.0.1; every interface on a Space) and `PORT` (7860) and print the address.

    `settings` go to Gradio's `launch`, over ours. Raises `ConfigError` for a `PORT` that is no number.
    """
    port = os.environ.get("PORT") or "7860"
    if not port.isdecimal():
        raise ConfigError(f"PORT is {port!r}; give an integer, such as 7860.")
    if not settings.get("prevent_thread_lock"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: runs end, and their files go
    app = app or build_app()
    threading.Thread(target=warm_up, daemon=True).start()
    ours = {
        "server_name": os.environ.get("HOST") or ("0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1"),
        "server_port": int(port),
        "theme": build_theme(),
        "css_paths": [CSS_PATH],
        "i18n": t,
        "max_file_size": MAX_UPLOAD,
        "show_error": False,
        "ssr_mode": False,
        "app_kwargs": {"middleware": [Middleware(PageCompression), Middleware(PageScript)]},
        "max_threads": 100,  # as many jobs at once: each visitor who trains or waits for it has one
    }
    return app.queue(default_concurrency_limit=2, max_size=64).launch(**{**ours, **settings})
