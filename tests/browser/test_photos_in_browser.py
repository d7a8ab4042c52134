"""Photographs in the page: large ones, their progress and their files, sliders, hints, bytes, failures, errors."""

import io
import re

import numpy as np
import pytest
from pages import choose_model, title_of, until
from photo_page import at_rest, hold_slider, open_photo
from PIL import Image
from test_browser import WAIT, clear, figure, open_tab, sources, upload, wait_for_change

from ae_demo import inference
from ae_demo.data import ASSETS
from ae_demo.ui import live

pytestmark = pytest.mark.thorough


def fetch_saved(page, block):
    """The file that a click on a pair's link would save."""
    link = page.locator(f"{block} a.save").first
    assert re.search(r"\.png$", link.get_attribute("download"))
    url = page.evaluate("element => element.href", link.element_handle())
    return Image.open(io.BytesIO(page.request.get(url).body()))


def test_a_large_photograph_reports_its_progress_and_is_saved_whole(demo, large, monkeypatch):
    monkeypatch.setattr(live, "BUSY_AFTER_SECONDS", 0.0)  # on a fast machine there would be nothing to tell
    open_photo(demo, "denoise")
    before = sources(demo, "#denoise-results")
    clear(demo, "#denoise-picture")
    upload(demo, "#denoise-picture", large)
    demo.wait_for_selector("#denoise-busy .busy:not([hidden])")
    wait_for_change(demo, "#denoise-results", before)
    demo.wait_for_selector("#denoise-busy .busy", state="hidden")
    demo.wait_for_function("document.querySelector('#denoise-results a.save').textContent.includes('560 × 374')")
    saved = fetch_saved(demo, "#denoise-results")
    assert saved.format == "PNG"
    assert saved.size == (560, 374)
    truth = np.asarray(Image.open(large)).astype(float)
    assert -10 * np.log10(np.square(np.asarray(saved) - truth).mean() / 255**2) > 20  # of σ 0.2 noise, 14 dB
    demo.wait_for_function("document.querySelector('#denoise-table .note').textContent.includes('part')")
    shown = demo.eval_on_selector("#denoise-results .compare img.after", "one => [one.naturalWidth, one.src.length]")
    assert shown[0] < 560
    assert shown[1] < 2_000_000


@pytest.mark.parametrize("tab", ["reconstruct", "denoise", "colorize"])
@pytest.mark.parametrize("words", ["", "this is no picture"])
def test_an_unreadable_file_is_reported_once_and_clears_the_result(demo, tmp_path, tab, words):
    (tmp_path / "broken.png").write_text(words)
    open_photo(demo, tab) if tab != "reconstruct" else None
    clear(demo, f"#{tab}-picture")
    upload(demo, f"#{tab}-picture", str(tmp_path / "broken.png"))
    demo.wait_for_selector(".toast-body")
    at_rest(demo)
    told = demo.locator(".toast-body").all_inner_texts()
    assert len(told) == 1
    assert "broken.png" in told[0]
    assert "(2)" not in told[0]
    assert demo.locator(f"#{tab}-results figure").count() == 0
    assert demo.locator(f"#{tab}-table tbody tr").count() == 0
    assert demo.locator(f"#{tab}-picture img").is_hidden()  # a browser draws a torn page
    demo.locator(".toast-close").click()
    reason = demo.locator(f"#{tab}-busy .reason")
    reason.wait_for()  # the page may show the message first
    assert "broken.png" in reason.inner_text()
    assert "(2)" not in reason.inner_text()
    demo.locator(f"#{tab}-examples button").first.click()
    demo.wait_for_selector(f"#{tab}-results figure")
    assert reason.is_hidden()
    assert demo.locator(f"#{tab}-picture img").is_visible()


def test_before_and_after_by_keyboard_and_mouse(demo):
    open_photo(demo, "colorize")
    compare = demo.locator("#colorize-results .compare").first
    slider = compare.locator("input")
    cut = "element => getComputedStyle(element.querySelector('.before')).clipPath"
    first = compare.evaluate(cut)
    slider.focus()
    for _ in range(10):
        demo.keyboard.press("ArrowRight")
    second = compare.evaluate(cut)
    assert second != first
    box = compare.bounding_box()
    demo.mouse.click(box["x"] + 0.1 * box["width"], box["y"] + 0.5 * box["height"])
    assert float(slider.input_value()) == pytest.approx(10, abs=3)
    assert compare.evaluate(cut) not in (first, second)


def test_a_hint_changes_the_colours_moves_is_recoloured_and_taken_back(demo):
    open_photo(demo, "colorize")
    demo.wait_for_selector("#colorize-proposals figure >> nth=2")
    before = sources(demo, "#colorize-results")
    stage = demo.locator("#colorize-hints .stage")
    dots = demo.locator("#colorize-hints .hint-dot")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    stage.click(position={"x": 0.3 * box["width"], "y": 0.4 * box["height"]})
    hinted = wait_for_change(demo, "#colorize-results", before)
    likely = demo.locator("#colorize-hints .swatches button")
    demo.wait_for_selector("#colorize-hints .swatches button")
    path = ASSETS / "photos" / "china.jpg"
    placed = dots.first.get_attribute("style").split(";")[0]
    x, y = map(float, re.findall(r"([\d.]+)%", dots.first.get_attribute("style")))
    expected = inference.likely_colors(Image.open(path), x / 100, y / 100)[1]
    shares = [int(text.split()[0]) for text in likely.all_inner_texts()]
    np.testing.assert_allclose(shares, 100 * expected[: len(shares)], atol=1.5)
    likely.nth(1).click()
    recoloured = wait_for_change(demo, "#colorize-results", hinted)
    demo.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    demo.mouse.down()
    demo.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.2 * box["height"], steps=5)
    demo.mouse.up()
    moved = wait_for_change(demo, "#colorize-results", recoloured)
    assert not dots.first.get_attribute("style").startswith(placed)
    at_rest(demo)
    demo.keyboard.press("Control+z")
    assert dots.first.get_attribute("style").startswith(placed)
    wait_for_change(demo, "#colorize-results", moved)
    demo.locator("#colorize-hints .remove").click()
    assert dots.count() == 0
    demo.wait_for_function("uri => document.querySelector('#colorize-results img.after').src === uri", arg=before[0])
    for _ in range(2):
        demo.locator("#colorize-hints .undo").click()
    assert dots.count() == 1
    dots.first.focus()
    demo.keyboard.press("Delete")
    assert dots.count() == 0
    assert demo.evaluate("document.activeElement.className") == "stage"
    demo.keyboard.press("ArrowUp")
    demo.keyboard.press("Enter")
    wait_for_change(demo, "#colorize-results", before)


def choose_photo_model(page):
    choose_model(page, "reconstruct", "conv-photo")
    page.wait_for_selector("#reconstruct-channels input[type=range]")
    page.wait_for_selector("#reconstruct-table tbody tr >> nth=4")


def test_compression_is_live_and_beside_jpeg_and_webp(demo):
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", str(ASSETS / "photos" / "astronaut.jpg"))
    choose_photo_model(demo)
    demo.wait_for_function("document.querySelector('#reconstruct-results a.save').textContent.includes('512')")
    rows = demo.locator("#reconstruct-table tbody tr:not(.group)").all_inner_texts()
    assert ["Decoded" in rows[0], "JPEG" in rows[1], "WebP" in rows[2]] == [True] * 3
    ours, jpeg = (int(re.search(r"[\d,]{4,}", row)[0].replace(",", "")) for row in rows[:2])
    assert 0.8 * ours < jpeg <= ours
    before = figure(demo, "#reconstruct-results", 0, "PSNR")
    hold_slider(demo, "#reconstruct-channels", 0.98, 0.05)
    demo.wait_for_function(
        "document.querySelector('#reconstruct-results .note').textContent.includes('while you drag')"
    )
    demo.mouse.up()
    demo.wait_for_function(
        "!document.querySelector('#reconstruct-results .note').textContent.includes('while you drag')"
    )
    assert figure(demo, "#reconstruct-results", 0, "PSNR") < before - 2


def test_a_photograph_is_given_to_the_model_of_photographs_until_another_is_chosen(demo, large):
    chosen = demo.locator("#reconstruct-checkpoint input")
    assert chosen.input_value() == title_of("conv-mnist")
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", large)
    demo.wait_for_function("document.querySelector('#reconstruct-results a.save')?.textContent.includes('560 × 374')")
    assert chosen.input_value() == title_of("conv-photo")
    until(demo, lambda: demo.locator("#reconstruct-table tr.group").count() == 2, 60)  # it comes after the picture
    choose_model(demo, "reconstruct", "dense-fashion")
    demo.wait_for_selector("#reconstruct-code .columns[d]")
    assert chosen.input_value() == title_of("dense-fashion")


def test_a_tiny_picture_has_room_for_hints_and_examples_have_names(demo, tmp_path):
    open_photo(demo, "colorize")
    Image.fromarray(np.arange(75, dtype=np.uint8).reshape(5, 5, 3)).save(tmp_path / "tiny.png")
    clear(demo, "#colorize-picture")
    upload(demo, "#colorize-picture", str(tmp_path / "tiny.png"))
    demo.wait_for_function("document.querySelector('#colorize-hints img').naturalWidth === 5")
    box = demo.locator("#colorize-hints img").bounding_box()
    assert min(box["width"], box["height"]) > 150
    names = demo.locator("#colorize-examples button:has(img)").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert names[0] == "Example: Chinese temple · Colorization autoencoder, photographs"
    assert len(set(names)) == len(names) > 3


def test_a_listener_that_bypasses_the_queue_says_what_is_wrong(demo, tmp_path):
    choose_photo_model(demo)
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500))
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", str(tmp_path / "phone.heic"))
    demo.wait_for_selector(".toast-body")
    assert "phone.heic is an HEIC picture" in demo.locator(".toast-body").first.inner_text()
    demo.locator(".toast-close").first.click()
    demo.wait_for_function("!document.querySelector('.toast-body')")
    slider = demo.locator("#reconstruct-channels input[type=range]")
    slider.focus()
    demo.keyboard.press("ArrowLeft")
    demo.wait_for_selector(".toast-body")
    said = demo.locator("#reconstruct-busy .reason").inner_text()
    assert "phone.heic is an HEIC picture" in said
    assert "JPEG or PNG" in said


@pytest.mark.parametrize("tab", ["reconstruct", "denoise", "colorize"])
def test_a_model_says_where_it_fails(demo, tab):
    open_tab(demo, tab)
    demo.locator(f"#{tab}-about button").first.click()
    demo.wait_for_selector(f"#{tab}-failures figure >> nth=1")
    assert "training samples" in demo.locator(f"#{tab}-failures figure").first.inner_text()
    assert figure(demo, f"#{tab}-failures", 1, "PSNR") < 35


@pytest.mark.parametrize("tab", ["denoise", "colorize"])
def test_nothing_overflows_on_a_phone(served, new_page, tab):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.set_default_timeout(WAIT)
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure")
    name = {"denoise": "Denoise", "colorize": "Colorize"}[tab]
    button = page.locator("#ae-tabs button[role=tab]", has_text=name).first
    if not button.is_visible():
        page.locator("#ae-tabs .overflow-menu > button").click()
        button = page.locator("#ae-tabs .overflow-dropdown button", has_text=name)
    button.click()
    page.wait_for_selector(f"#{tab}-table tbody tr >> nth=2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in page.locator(f"#{tab}-table .scroll, #{tab}-results dl, #{tab}-results dd").all():
        assert box.evaluate("element => element.scrollWidth <= element.clientWidth")
