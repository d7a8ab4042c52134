"""The live loop in the page: previews while a control moves, full answers in full and once, newest first."""

import threading

import pytest
from pages import until
from photo_page import at_rest, hold_slider, open_photo, settled
from test_browser import clear, figure, upload

from ae_demo import inference
from ae_demo.ui import live
from ae_demo.ui.tabs.denoise import view
from ae_demo.ui.tabs.reconstruct import view as reconstruct

pytestmark = pytest.mark.thorough


def test_a_drag_on_a_large_photograph_is_answered_by_previews(demo, large, monkeypatch):
    open_photo(demo, "denoise")
    clear(demo, "#denoise-picture")
    upload(demo, "#denoise-picture", large)
    demo.wait_for_function("document.querySelector('#denoise-results a.save')?.textContent.includes('560 × 374')")
    gate, run = threading.Event(), inference.denoise

    def wait_for_the_gate(*args, **kwargs):
        """A full answer, of two orientations, takes until the preview has been seen, however slow the machine is."""
        if kwargs["orientations"] > 1:
            gate.wait(60)
        return run(*args, **kwargs)

    monkeypatch.setattr(inference, "denoise", wait_for_the_gate)
    hold_slider(demo, "#noise-gaussian", 0.4, 0.7)
    demo.wait_for_function("!document.querySelector('#denoise-results a.save').textContent.includes('560 × 374')")
    gate.set()
    demo.mouse.up()
    demo.wait_for_function("document.querySelector('#denoise-results a.save').textContent.includes('560 × 374')")


def begin_long_work(page, photograph, monkeypatch):
    """Have Denoise begin on a photograph, and see its progress."""
    open_photo(page, "denoise")
    at_rest(page)
    monkeypatch.setattr(live, "BUSY_AFTER_SECONDS", 0.0)
    clear(page, "#denoise-picture")
    upload(page, "#denoise-picture", photograph)
    page.wait_for_selector("#denoise-busy .busy:not([hidden])")


DRAG = """async element => {
    for (let i = 1; i <= 20; i++) {
        element.value = 0.02 * i;
        element.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(after => setTimeout(after, 20));
    }
}"""


@pytest.mark.serial  # on a busy machine a drag pauses, and a pause is a rest
def test_whatever_moves_a_slider_is_answered_in_full_and_once(demo, in_full):
    open_photo(demo, "denoise")
    at_rest(demo)
    slider = demo.locator("#noise-gaussian input[type=range]")
    for move, sigma in (
        (lambda: slider.press("ArrowRight"), 0.21),
        (lambda: slider.evaluate(DRAG), 0.4),
        (lambda: demo.locator("#noise-gaussian input[type=number]").fill("0.1"), 0.1),
    ):
        in_full.clear()
        before = demo.locator("#denoise-table td").first.inner_text()
        move()
        settled(demo)
        assert [asked.gaussian for asked in in_full] == [sigma]
        noisy = figure(demo, "#denoise-results", 2, "PSNR")  # the same in the cards and in the table
        after = demo.locator("#denoise-table td").first.inner_text()
        assert before != after == f"{noisy} dB"


def test_what_is_newer_ends_what_is_under_way(demo, long_work, in_full, monkeypatch):
    begin_long_work(demo, long_work, monkeypatch)
    for _ in range(3):
        demo.wait_for_selector("#denoise-busy .busy:not([hidden])")
        in_full.clear()
        demo.locator("#denoise-reroll").click()
        until(demo, lambda: in_full, 60)
    at_rest(demo)
    assert [asked.seed for asked in in_full] == [3]
    assert demo.locator("#denoise-busy .busy").is_hidden()
    noisy = figure(demo, "#denoise-results", 3, "PSNR")
    assert 13 < noisy < 16
    assert "1400 × 934" in demo.locator("#denoise-results a.save").first.inner_text()


def test_an_answer_that_a_late_preview_ended_is_asked_for_again(demo, long_work, in_full, monkeypatch):
    begin_long_work(demo, long_work, monkeypatch)
    session = next(session for view, session in reversed(live._latest) if view == "denoise-busy")
    live.begin(("denoise-busy", session))  # as a preview of another request begins
    until(demo, lambda: in_full.count(in_full[-1]) == 2, 60)
    at_rest(demo)
    assert demo.locator("#denoise-busy .busy").is_hidden()
    assert "1400 × 934" in demo.locator("#denoise-results a.save").first.inner_text()


def test_an_example_is_answered_once_with_its_models_own_settings(demo, monkeypatch):
    asked = []
    results = reconstruct.compressed_results
    monkeypatch.setattr(reconstruct, "compressed_results", lambda *a, **k: asked.append(a[2]) or results(*a, **k))
    demo.locator("#reconstruct-examples button:has(img)").nth(6).click()
    settled(demo)
    assert asked == [64]  # channels; the model before had no such slider


def test_a_seed_too_large_is_rolled_on_and_a_share_too_large_is_its_end(demo, in_full, monkeypatch):
    monkeypatch.setattr(view, "FILTER_PIXELS", 10_000)
    open_photo(demo, "denoise")
    at_rest(demo)
    seed = demo.locator("#denoise-seed input")
    seed.fill("99999999999999999999")
    settled(demo)
    assert in_full[-1].seed == view.MAX_SEED
    demo.locator("#denoise-reroll").click()
    settled(demo)
    assert seed.input_value() == "1"
    demo.locator("#noise-mask input[type=number]").fill("9")
    settled(demo)
    assert in_full[-1].mask == 0.7
    assert demo.locator(".toast-body").count() == 0
