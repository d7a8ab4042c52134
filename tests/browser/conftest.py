"""Fixtures: a real browser, whose page may ask nothing of another host."""

from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from install_browser import DESKTOP, find_chromium, start_chromium
from PIL import Image

from ae_demo.data import ASSETS

HOME = {"127.0.0.1", "localhost"}
NO_TOUR = "try { localStorage.setItem('ae-tour', '1'); } catch {}"
FIRST_VISIT = """
try {
  if (!sessionStorage.getItem("visited")) localStorage.clear();
  sessionStorage.setItem("visited", "1");
} catch {}
"""


def pytest_collection_modifyitems(items):
    """Mark every test of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser():
    """A running Chromium: the system's, or the one that `playwright install chromium` fetched."""
    playwright = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTS: pip install playwright")
    with playwright.sync_playwright() as running:
        if not Path(find_chromium(running)).exists():
            pytest.skip("NO BROWSER TESTS: no chromium and no chrome; run 'playwright install chromium'")
        chromium = start_chromium(running, "--process-per-site")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def watched_page(browser):
    """`with watched_page(locale="zh-CN") as page:` opens a page in a context of its own, and watches whom it asks.

    `tour`: let the tour begin, as on a first visit.
    """

    @contextmanager
    def watch(tour=False, **settings):
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **settings})
        if not tour:
            context.add_init_script(NO_TOUR)
        page = context.new_page()
        with watched(page):
            yield page
            context.close()

    return watch


@contextmanager
def watched(page):
    """Fail if the page has asked another host for anything."""
    strangers = []

    def note(request):
        url = urlparse(request.url)
        if url.scheme not in ("data", "blob", "about") and url.hostname not in HOME:
            strangers.append(request.url)

    page.on("request", note)
    yield
    assert not strangers, f"the page asked other hosts: {strangers}"


@pytest.fixture(scope="session")
def kept_context(browser):
    """A context whose process lives from page to page, and with it what Gradio's scripts are compiled to."""
    context = browser.new_context(viewport=DESKTOP, locale="en-US")
    context.add_init_script(FIRST_VISIT + NO_TOUR)
    keeper = context.new_page()
    keeper.route("http://127.0.0.1/", lambda route: route.fulfill(body="<p>kept</p>", content_type="text/html"))
    keeper.goto("http://127.0.0.1/")
    yield context
    context.close()


@pytest.fixture
def new_page(watched_page):
    """Opens pages that are closed after the test: `new_page(has_touch=True, viewport={...})`."""
    with ExitStack() as pages:
        yield lambda **settings: pages.enter_context(watched_page(**settings))


@pytest.fixture
def page(kept_context):
    """A page at 1440x900, in English, with nothing remembered. Loading it takes half the time of one of `new_page`."""
    kept_context.clear_cookies()
    page = kept_context.new_page()
    with watched(page):
        yield page
        page.close()


@pytest.fixture
def demo(served, page):
    page.set_default_timeout(60_000)  # ms; the machine may be busy
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure")
    return page


def save_coffee(folder, size):
    path = folder / "coffee.jpg"
    image = Image.open(ASSETS / "photos" / "coffee.jpg").resize(size, Image.Resampling.LANCZOS)
    image.save(path, quality=95)
    return str(path)


@pytest.fixture
def long_work(tmp_path, monkeypatch):
    """A photograph of 1.3 megapixels: models take seconds; the classical filters, on a small part, do not."""
    from ae_demo.ui.tabs.denoise import view

    monkeypatch.setattr(view, "FILTER_PIXELS", 10_000)
    return save_coffee(tmp_path, (1400, 934))


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A photograph that counts as large: larger than what is shown."""
    from ae_demo.ui.components import data_uri
    from ae_demo.ui.tabs.denoise import view

    monkeypatch.setattr(view, "FILTER_PIXELS", 10_000)
    monkeypatch.setattr(data_uri, "LARGE", 200_000)
    return save_coffee(tmp_path, (560, 374))


@pytest.fixture
def in_full(monkeypatch):
    """Each request that Denoise answers at full size."""
    from ae_demo.ui import live

    asked = []

    begin = live.begin

    def noted(key, request=None):
        pending = begin(key, request)
        if key[0] == "denoise-busy" and request is not None and not pending.repeated:
            asked.append(request)
        return pending

    monkeypatch.setattr(live, "begin", noted)
    return asked
