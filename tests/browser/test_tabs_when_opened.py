"""Tabs that are built when they are opened: their controls can be used, and their components' files are there."""

import pytest
from pages import all_fetched
from tabs import NAMES, open_tab

DISABLED = "[...document.querySelectorAll('input')].filter((e) => e.offsetParent && e.disabled).map((e) => e.ariaLabel)"


@pytest.mark.parametrize("tab", ["denoise", "colorize", "latent_walk", "style", "anomaly", "features"])
def test_no_control_is_disabled(served, page, tab):
    page.goto(f"{served}?tab={tab}")
    page.wait_for_selector("input:visible", timeout=60_000)
    page.wait_for_timeout(3000)
    assert page.evaluate(DISABLED) == []


@pytest.mark.thorough
def test_the_page_has_the_files_of_all_components_before_their_tabs_are_opened(served, page):
    page.set_default_timeout(120_000)  # ms; the machine may be busy
    page.goto(served)
    all_fetched(page)
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    for name in NAMES[1:]:
        open_tab(page, name)
    assert [url for url in requested if "/file=" in url and url.endswith((".js", ".css", "/strings.json"))] == []


DIMMED = """
window.dimmed = [];
new MutationObserver(() => {
  const drawn = document.querySelector("#reconstruct-results figure");
  const now = drawn && Boolean(drawn.closest(".ae-stale"));
  if (now !== null && now !== dimmed.at(-1)) dimmed.push(now);
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


@pytest.mark.parametrize(
    ("query", "dimmed"),
    [("", [False]), ("?tab=reconstruct&checkpoint=conv-mnist", [True, False])],
    ids=["initial", "of a link"],
)
def test_the_first_results_are_dimmed_only_if_a_link_names_other_settings(served, page, query, dimmed):
    page.add_init_script(DIMMED)
    page.goto(served + query)
    page.wait_for_function("document.querySelectorAll('#reconstruct-results figure').length", timeout=60_000)
    page.wait_for_timeout(4000)
    assert page.evaluate("dimmed") == dimmed


def test_a_link_with_a_wrong_value_says_so_and_does_not_keep_the_results_from_coming(served, page):
    page.set_default_timeout(60_000)  # ms; the machine may be busy
    page.goto(f"{served}?tab=anomaly&model=wrong")
    page.wait_for_function("document.querySelectorAll('#anomaly-table tbody tr').length === 3")
    page.wait_for_function("!document.querySelector('.ae-stale')")
    assert "model is 'wrong' in the link; give one of " in page.locator("#anomaly-link [role=alert]").inner_text()
    page.locator("#anomaly-classes input").last.check()
    page.wait_for_selector("#anomaly-link [role=alert]", state="hidden")
