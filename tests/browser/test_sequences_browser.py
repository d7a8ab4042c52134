"""The Sequences tab in a real browser: bars that are dragged, the walk, the recording, a visitor's file, a phone."""

import re

import numpy as np
import pytest
from pages import all_fetched, choose_model, drag, until

pytestmark = pytest.mark.thorough

WAIT = 120_000  # ms; the machine may be busy
MADE = "document.querySelector('#sequences-output path.made').getAttribute('d')"


@pytest.fixture
def tab(served, page):
    page.set_default_timeout(WAIT)
    open_tab(page, served)
    return page


def open_tab(page, address):
    page.goto(f"{address}?tab=sequences")
    page.wait_for_selector("#sequences-output .sequence:not(.none)")
    page.wait_for_selector("#sequences-code .unit")


def mse(page):
    text = page.locator("#sequences-output dt:has-text('MSE') + dd").inner_text()
    return float(text)


def changes(page, act):
    """Whether the reconstruction that is drawn changes; without a request to the server."""
    all_fetched(page)
    before, asked = page.evaluate(MADE), []
    page.on("request", lambda request: asked.append(request.url))
    act()
    until(page, lambda: page.evaluate(MADE) != before, 60)
    return not [url for url in asked if "queue/join" in url or "/run/" in url]


def test_a_dragged_bar_changes_the_output_in_the_page_and_the_encoders_code_comes_back(tab):
    before, error = tab.evaluate(MADE), mse(tab)
    assert changes(tab, lambda: drag(tab, "#sequences-code .unit >> nth=2", [(0.5, 0.9), (0.5, 0.2)]))
    assert mse(tab) > error
    tab.locator("#sequences-code .reset").click()
    until(tab, lambda: tab.evaluate(MADE) == before, 60)


def test_bars_are_moved_by_keys(tab):
    tab.locator("#sequences-code .unit").first.focus()
    assert changes(tab, lambda: tab.keyboard.press("PageUp"))
    tab.keyboard.press("Delete")
    until(tab, lambda: tab.locator("#sequences-code .unit").first.get_attribute("aria-valuenow") == "0", 60)


def test_the_walk_ends_at_the_other_sequence(tab):
    assert changes(tab, lambda: tab.locator("#sequences-output .strip button").last.click())
    assert tab.locator("#sequences-output .walk input").input_value() == "1"


def test_the_recording_is_played_and_its_unusual_beats_are_found(tab):
    reading = tab.locator("#sequences-recording .reading")
    assert "V" in reading.inner_text()  # it begins at the most unusual beat of the minute
    number = re.search(r"\d+", reading.inner_text())[0]
    tab.locator("#sequences-recording .play").click()
    until(tab, lambda: re.search(r"\d+", reading.inner_text())[0] != number, 60)
    tab.locator("#sequences-recording .play").click()
    tab.locator("#sequences-recording .unusual").click()
    assert "threshold" in reading.inner_text()


def test_another_record_sets_the_minute_to_its_last_one_and_a_step_back(tab):
    minute = tab.locator("#sequences-minute input[type=number]")
    tab.locator("#sequences-record label").nth(1).click()
    until(tab, lambda: minute.input_value() == "5", 60)
    assert tab.locator("#sequences-minute input[type=range]").get_attribute("max") == "5"
    tab.locator("#sequences-steps button").first.click()  # minute 26 of the first record
    until(tab, lambda: minute.input_value() == "26", 60)
    tab.wait_for_timeout(1500)  # no later answer moves it
    assert minute.input_value() == "26"


def test_waves_and_an_uploaded_file(tab, tmp_path):
    choose_model(tab, "sequences", "seq2seq-waves")
    tab.locator("#sequences-sample").wait_for()
    until(tab, lambda: tab.locator("#sequences-recording .recording").is_hidden(), 60)
    tab.locator("#sequences-source label").nth(1).click()
    rows = ["time,a"] + [f"{i},{20 + np.sin(i / 4):.4f}" for i in range(500)]
    (tmp_path / "mine.csv").write_text("\n".join(rows))
    tab.locator("#sequences-path input[type=file]").set_input_files(str(tmp_path / "mine.csv"))
    tab.wait_for_selector("#sequences-recording canvas")
    until(tab, lambda: "mine.csv" in tab.locator("#sequences-facts").inner_text(), 60)
    assert "8 × 64" in tab.locator("#sequences-facts").inner_text()
    (tmp_path / "bad.csv").write_text("x\n1\nhigh\n")
    tab.locator("#sequences-path button[aria-label*='lear']").first.click()
    tab.locator("#sequences-path input[type=file]").set_input_files(str(tmp_path / "bad.csv"))
    tab.wait_for_selector(".toast-body")
    assert "row 3, column x" in tab.locator(".toast-body").first.inner_text()


def test_a_typed_word_is_rebuilt_letter_by_letter_and_walks_to_another(tab):
    choose_model(tab, "sequences", "seq2seq-words")
    tab.wait_for_selector("#sequences-output .tile")
    box = tab.locator("#sequences-word :is(input, textarea)").first

    def made():
        return "".join(tab.locator("#sequences-output .tile > .made").all_inner_texts()).rstrip("·")

    until(tab, lambda: made() == "summer", 60)
    box.fill("hello")
    until(tab, lambda: made() == "hello", 60)
    assert tab.locator("#sequences-output .strip button").last.inner_text() == "winter"
    box.fill("qxzjvwk")
    tab.wait_for_selector("#sequences-output .tile.wrong")
    tab.wait_for_selector("#sequences-output .figures .alarming")


@pytest.mark.parametrize("query", ["", "checkpoint=seq2seq-waves", "checkpoint=seq2seq-words"])
def test_on_a_phone_the_output_stands_between_the_controls_and_the_bars(served, new_page, query):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=sequences&{query}")
    page.wait_for_selector("#sequences-output .sequence:not(.none)")
    page.wait_for_selector("#sequences-code .unit")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    names = "#sequences-checkpoint", "#tab-sequences .ae-output", "#sequences-output .chart", "#sequences-code .bars"
    model, results, output, bars, diagram = (
        page.locator(name).first.bounding_box() for name in (*names, "#sequences-diagram")
    )
    assert 0 < results["y"] - model["y"] < 600
    assert bars["y"] + bars["height"] - output["y"] < 844, "the output leaves the screen while a bar is dragged"
    assert diagram["y"] > bars["y"]
