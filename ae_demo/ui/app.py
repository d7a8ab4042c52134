"""The assembly of the interface: a header and the tabs, and how it is served."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import ModuleType

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported: no telemetry

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.context import get_blocks_context, get_render_context
from gradio.routes import App
from starlette.middleware import Middleware

from .. import checkpoints
from .components import preloading
from .components.busy import shown_by
from .components.cards import card, cards
from .components.topbar import topbar
from .compression import PageCompression
from .guard import Guard
from .health import CountRequests, Health
from .heap import trim_heap
from .mcp_tools import adapt_tools
from .page_script import PageScript
from .replica import SameServer
from .sessions import Sessions, SharedPart
from .shared import user_runs
from .shared.appearance import appearance, invisible
from .shared.model_texts import translations
from .strings import t
from .tabs import TABS
from .temporary import Sweeper, remove_old_files, server_folder
from .theme import CSS_PATHS, build_theme

MAX_UPLOAD = "20mb"
SWEEP_SECONDS = 600  # between two clean-ups
TRIM_SECONDS = 60  # between two returns of freed memory
KEEP_SECONDS = 3600  # for which uploads and results are kept
PAUSE_SECONDS = 0.5  # without a request, after which a page is taken to have appeared
PATIENCE_SECONDS = 10.0  # after the start, for which the preparation waits for such pauses
END_SECONDS = 2.0  # for which the end waits for a preparation: a process that ends within PyTorch may abort

log = logging.getLogger(__name__)


def build_app() -> gr.Blocks:
    """The whole demo, not yet served."""
    server_folder()  # before any component copies its files to Gradio's cache
    with gr.Blocks(title="AE Demo", analytics_enabled=False, fill_width=True) as app:
        progress = invisible()
        with gr.Row(elem_id="ae-top"):
            gr.Markdown(t("header"), elem_id="ae-header")
            topbar([tab.NAME for tab in TABS])
        report_damage()
        with gr.Tabs(elem_id="ae-tabs") as tabs:
            for tab in TABS:
                with gr.Tab(t(f"{tab.NAME}.title"), id=tab.NAME, elem_id=f"tab-{tab.NAME}") as page:
                    build_when_opened(tab, page, progress)
        app.load(None, None, tabs, js=open_tab())
    with app.route("Endpoints", "endpoints", show_in_navbar=False), gr.Group(visible=False):
        for tab in TABS:  # on a page of their own, so that the first one fetches nothing for them
            tab.build_endpoint()
    report_progress_on(progress, app.fns.values())
    return app


def report_damage() -> None:
    """A card with the damaged files of checkpoints, which are left out, if there are any; the reasons are logged."""
    damaged = checkpoints.damaged_checkpoints()
    for name, reason in damaged.items():
        log.warning("The checkpoint %s is left out: %s%s%s", name, checkpoints.ROOT, os.sep, reason)
    if damaged:
        files = [damaged_file(name, reason) for name, reason in damaged.items()]
        cards(elem_id="ae-damaged", value=[card("error", "damaged", note="damaged_note", text=", ".join(files))])


def damaged_file(name: str, reason: str) -> str:
    """The file that a reason of `damaged_checkpoints` begins with."""
    files = (checkpoints.WEIGHTS, checkpoints.CONFIG, checkpoints.METRICS)
    found = (f"{name}/{file}" for file in files if reason.startswith(f"{name}/{file}"))
    return next(found, name)


def build_when_opened(tab: ModuleType, page: gr.Tab, progress: gr.HTML) -> None:
    """Build a tab when a visitor first opens it, the first one as soon as the page is there.

    So the page is small and appears soon, however many tabs there are: before it shows anything, Gradio fetches the
    scripts of every kind of component in the page's configuration.

    `build_tab` returns listeners that run whenever the tab is opened, since the visitor's run may have changed. At the
    first opening, a listener with "after" runs after that event, and tells its "bar" when its results are shown.
    """

    def build() -> None:
        listeners, appeared = tab.build_tab(page), appearance().submit
        for listener in listeners:
            settings = {**listener, "api_visibility": "private"}
            after, bar = settings.pop("after", None), settings.pop("bar", None)
            if after:
                for event in (after.success, after.failure):  # `then` does not run after an error
                    shown_by(event(**settings), bar)
                page.select(**settings)
            else:
                gr.on([appeared, page.select], **settings)
        make_interactive(get_render_context())
        report_progress_on(progress, get_blocks_context().fns.values())

    SharedPart(build, appearance(first=tab is TABS[0]).submit)


def report_progress_on(component: gr.HTML, listeners: Iterable[BlockFunction]) -> None:
    """Hide Gradio's signs of progress, and let its page report to one empty component; not where they are minimal.

    By default it gives every output of every listener that has run so far a new status at every step of every event,
    and searches all components for each: in the larger tabs more than half of the time until they are drawn.
    """
    for listener in listeners:
        if listener.show_progress != "minimal":
            listener.show_progress, listener.show_progress_on = "hidden", [component]


def make_interactive(block: gr.blocks.Block) -> None:
    """Make the controls within a block interactive, except those that are declared otherwise.

    In a part that is built later, Gradio treats every component that a listener changes as a read-only output.
    """
    for child in getattr(block, "children", []):
        if getattr(child, "interactive", False) is None:
            child.interactive = True
        make_interactive(child)


def open_tab() -> str:
    """JavaScript that opens the tab that a link names: `?tab=train`.

    A listener in Python would have the whole page as its output, which Gradio's page then reads at every later event.
    """
    script = Path(__file__).with_name("open_tab.js").read_text(encoding="utf-8")
    return script.replace("NAMES", json.dumps([tab.NAME for tab in TABS]))


def warm_up(app: gr.Blocks, sessions: Sessions, closed: threading.Event) -> None:
    """Do in advance what the first visitor would wait for: slow imports, the tabs, and their preparations.

    The first tab is first. What comes after it waits while a visitor's page appears. Ends when the server is `closed`.
    """
    works: list[Callable[[], object]] = []
    for tab, part in zip(TABS, app.renderables, strict=True):
        works += [tab.warm_up] if hasattr(tab, "warm_up") else []
        works.append(partial(part.prepare, sessions.shared))
    deadline = time.monotonic() + PATIENCE_SECONDS
    for number, work in enumerate(works):
        if number > 1:
            app.health.wait_for_a_pause(PAUSE_SECONDS, deadline)
        if closed.is_set():
            return
        try:
            work()
        except Exception:  # the request of a visitor will fail in the same way, and report it
            log.exception("A preparation in advance failed.")
    trim_heap()
    app.health.ready.set()


def launch(app: gr.Blocks | None = None, **settings):
    """Serve the demo; returns what Gradio's `launch` returns. `settings` override the arguments that it is given."""
    app, health = app or build_app(), Health()
    ours = {
        "theme": build_theme(),
        "css_paths": CSS_PATHS,
        "i18n": translations(),
        "max_file_size": MAX_UPLOAD,
        "show_error": False,
        "ssr_mode": False,
        "enable_monitoring": False,
        "run_history": False,  # would keep each visitor's pictures in the browser
        "app_kwargs": {
            "middleware": [
                Middleware(CountRequests, health),
                Middleware(SameServer),
                Middleware(Guard),
                Middleware(PageCompression),
                Middleware(PageScript, preloading()),
            ],
            "routes": health.routes,
            "lifespan": lifespan,
        },
        "max_threads": 100,  # simultaneous jobs: each visitor who trains or waits has one
    }
    app.health = health
    launched = app.queue(default_concurrency_limit=2, max_size=64).launch(**{**ours, **settings})
    if app.mcp_server_obj:
        adapt_tools(app.mcp_server_obj)
    return launched


@asynccontextmanager
async def lifespan(server: App) -> AsyncIterator[None]:
    """Bounds the sessions and cleans up regularly while the demo is served."""
    app, closed = server.get_blocks(), threading.Event()
    server.state_holder = sessions = Sessions(app)
    if health := getattr(app, "health", None):
        health.observe("ae_demo_sessions", "Visitors that are remembered", lambda: len(sessions.session_data))
        health.observe("ae_demo_queue_length", "Requests that wait for their turn", lambda: len(app._queue))
        warming = threading.Thread(target=warm_up, args=[app, sessions, closed], daemon=True)
        warming.start()

    def remove_files() -> None:
        keep = {path for block in [*sessions.shared.blocks.values()] for path in getattr(block, "keep_in_cache", ())}
        removed = remove_old_files(Path(server.uploaded_file_dir), KEEP_SECONDS, keep)
        for paths in app.temp_file_sets:
            paths -= removed

    sweepers = [
        Sweeper(SWEEP_SECONDS, remove_files, user_runs.sweep, sessions.forget_idle),
        Sweeper(TRIM_SECONDS, trim_heap),
    ]
    yield
    closed.set()
    if health:
        warming.join(END_SECONDS)
    for sweeper in sweepers:
        sweeper.close()
