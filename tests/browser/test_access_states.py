"""WCAG 2.2 AA also holds in passing states: the tour, an error message, an explanation, a run, the presenter mode."""

import pytest
from tabs import NAMES, open_tab
from test_access import AXE, violations

from ae_demo.ui.shared import user_runs

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        not AXE.exists(), reason="ACCESSIBILITY IS NOT CHECKED: axe-core is not installed (npm install)"
    ),
]


@pytest.fixture
def opened(served, new_page):
    """Opens the demo by a query, with axe-core in the page."""

    def open_page(query="", ready="#reconstruct-results figure", **settings):
        page = new_page(**settings)
        page.set_default_timeout(120_000)  # ms; the machine may be busy
        page.goto(f"{served}{query}")
        page.wait_for_selector(ready)
        page.add_style_tag(content="* { transition: none !important }")  # colours are measured at once
        page.evaluate(AXE.read_text(encoding="utf-8"))
        return page

    yield open_page
    user_runs.clear()


def test_the_tour_an_error_and_an_explanation_keep_the_rules(opened, tmp_path):
    page = opened(tour=True)
    page.wait_for_selector("#ae-topbar .tour >> visible=true")
    wrong = violations(page, "'#ae-topbar'")
    page.locator("#ae-header").click()
    page.locator("#tab-reconstruct .ae-term[data-term=psnr]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#ae-tip >> visible=true")
    wrong += violations(page, "'#ae-tip, #reconstruct-results'")
    (tmp_path / "broken.png").write_text("this is no picture")
    page.locator("#reconstruct-picture button[aria-label='Remove Image']").click()
    page.set_input_files("#reconstruct-picture input[type=file]", str(tmp_path / "broken.png"))
    page.wait_for_selector(".toast-body")
    page.wait_for_function("!document.querySelector('.ae-stale')")  # what is out of date is pale until the answer
    wrong += violations(page, "'.toast-wrap, #tab-reconstruct'")
    assert wrong == []


def test_a_run_keeps_the_rules(opened):
    page = opened("?tab=train&family=vae&hidden=32&decoder_hidden=32&epochs=500", "#train-start")
    page.wait_for_function("document.querySelector('#train-epochs input').value === '500'")
    page.locator("#train-start").click()
    page.wait_for_selector("#train .progress.running")
    page.wait_for_selector("#train-preview figure, #train-preview canvas")
    wrong = violations(page, "'#tab-train'")
    page.locator("#train-stop").click()
    page.wait_for_selector("#train .progress.stopped")
    assert wrong == []


def test_every_presented_tab_keeps_the_rules(opened):
    page = opened("?present=1")
    wrong = []
    for name in NAMES:
        open_tab(page, name)
        wrong += violations(page, f"'#tab-{name}, #ae-topbar .stage'")
    assert wrong == []
