"""Fixtures: checkpoints with random weights, and a real browser, whose page may ask nothing of another host."""

import os
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from install_browser import NAMES
from random_models import save_random_models

from ae_demo import checkpoints

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1440, "height": 900}
HOME = {"127.0.0.1", "localhost"}


@pytest.fixture(scope="session")
def random_models(tmp_path_factory):
    """A folder of checkpoints with random weights, see `random_models.py`."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_random_models(root)
    return root


@pytest.fixture
def random_checkpoints(random_models, monkeypatch):
    """Those instead of the shipped ones; their folder."""
    monkeypatch.setattr(checkpoints, "ROOT", random_models)
    return random_models


@pytest.fixture(scope="session")
def browser():
    """A running Chromium: the system's, or the one that `playwright install chromium` fetched."""
    playwright = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: pip install playwright")
    with playwright.sync_playwright() as running:
        found = next(filter(None, map(shutil.which, NAMES)), running.chromium.executable_path)
        if not Path(found).exists():
            pytest.skip("NO BROWSER TESTS: no chromium and no chrome; run 'playwright install chromium'")
        chromium = running.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def watched_page(browser):
    """`with watched_page(locale="zh-CN") as page:` opens a page in a context of its own, and watches whom it asks."""

    @contextmanager
    def watch(**settings):
        strangers = []

        def note(request):
            url = urlparse(request.url)
            if url.scheme not in ("data", "blob", "about") and url.hostname not in HOME:
                strangers.append(request.url)

        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **settings})
        context.on("request", note)
        yield context.new_page()
        context.close()
        assert not strangers, f"the page asked other hosts: {strangers}"

    return watch


@pytest.fixture
def new_page(watched_page):
    """Opens pages that are closed after the test: `new_page(has_touch=True, viewport={...})`."""
    with ExitStack() as pages:
        yield lambda **settings: pages.enter_context(watched_page(**settings))


@pytest.fixture
def page(new_page):
    """A fresh page at 1440x900, in English."""
    return new_page()


@pytest.fixture(scope="session")
def served():
    """The address of the whole demo, served with the shipped checkpoints."""
    from ae_demo.ui.app import build_app, launch

    app = build_app()
    _, url, _ = launch(app, prevent_thread_lock=True, quiet=True, server_port=None)
    yield url
    app.close()
