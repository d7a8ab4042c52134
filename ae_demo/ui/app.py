"""The assembly of the interface: a header and the tabs, and how it is served."""

from __future__ import annotations

import os
import signal
import threading

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported: nothing calls home

import gradio as gr

from .. import checkpoints, inference
from ..errors import ConfigError
from .strings import t
from .tabs import TABS
from .tabs.latent_walk import planes
from .theme import CSS_PATH, build_theme

MAX_UPLOAD = "20mb"


def build_app() -> gr.Blocks:
    """The whole demo, not yet served."""
    with gr.Blocks(title="AE Demo", analytics_enabled=False, delete_cache=(600, 3600), fill_width=True) as app:
        gr.Markdown(t("header"), elem_id="ae-header")
        with gr.Tabs(elem_id="ae-tabs") as tabs:
            for tab in TABS:
                with gr.Tab(t(f"{tab.NAME}.title"), id=tab.NAME, elem_id=f"tab-{tab.NAME}") as page:
                    listeners = tab.build_tab()
                opened = app.load if tab is TABS[0] else page.select
                for listener in listeners:
                    opened(**listener, show_progress="hidden", api_visibility="private")
        with gr.Group(visible=False):
            for tab in TABS:
                tab.build_endpoint()
        app.load(open_tab, None, tabs, queue=False, show_progress="hidden", api_visibility="private")
    return app


def open_tab(request: gr.Request) -> gr.Tabs:
    """Open the tab that a link names: `?tab=train`."""
    wanted = request.query_params.get("tab")
    return gr.Tabs(selected=wanted) if wanted in [tab.NAME for tab in TABS] else gr.skip()


def warm_up() -> None:
    """Do what the first visitor would wait for: slow imports, and the models that the tabs begin with."""
    planes.warm_up()
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
        "max_threads": 100,  # as many jobs at once: each visitor who trains or waits for it has one
    }
    return app.queue(default_concurrency_limit=2, max_size=64).launch(**{**ours, **settings})
