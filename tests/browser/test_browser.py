"""The whole demo in a real browser: every tab works on a picture that is not among the examples."""

import re

import numpy as np
import pytest
from PIL import Image

from ae_demo.ui.tabs import TABS

WAIT = 60_000  # ms; the machine may be busy


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A picture that is not among the examples: smooth colours and a few shapes."""
    y, x = np.mgrid[0:150, 0:200] / 200
    picture = np.stack([x, y, 0.5 + 0.4 * np.sin(9 * x + 5 * y)], axis=-1)
    picture[40:90, 60:130] = (0.9, 0.6, 0.2)
    path = tmp_path_factory.mktemp("upload") / "mine.png"
    Image.fromarray((255 * picture).astype(np.uint8)).save(path)
    return str(path)


def open_tab(page, name):
    page.locator("#ae-tabs button[role=tab]").nth([tab.NAME for tab in TABS].index(name)).click()


def sources(page, block):
    """The pictures that a block of cards shows."""
    return page.eval_on_selector_all(f"{block} img.after", "all => all.map(one => one.src)")


def wait_for_change(page, block, before):
    page.wait_for_function(
        "([block, before]) => { const now = [...document.querySelectorAll(block + ' img.after')].map(one => one.src);"
        " return now.length && JSON.stringify(now) !== JSON.stringify(before); }",
        arg=[block, before],
    )
    return sources(page, block)


def upload(page, block, path):
    page.locator(f"{block} input[type=file]").first.set_input_files(path)


def clear(page, block):
    page.locator(f"{block} button[aria-label='Remove Image']").click()


def figure(page, block, card, name):
    text = page.locator(f"{block} figure").nth(card).locator(f"dt:has-text('{name}') + dd").first.inner_text()
    return float(re.search(r"[\d.]+", text)[0])


def test_reconstruct_shows_an_example_at_once_and_takes_an_upload(demo, photo):
    before = sources(demo, "#reconstruct-results")
    assert len(before) >= 4
    assert figure(demo, "#reconstruct-results", 1, "PSNR") > 15
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", photo)
    wait_for_change(demo, "#reconstruct-results", before)


def test_reconstruct_takes_a_drawing(demo):
    before = sources(demo, "#reconstruct-results")
    demo.locator("#reconstruct-source label").nth(1).click()
    pad = demo.locator("#reconstruct-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    demo.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    demo.mouse.down()
    demo.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=8)
    demo.mouse.up()
    wait_for_change(demo, "#reconstruct-results", before)
    assert figure(demo, "#reconstruct-results", 1, "PSNR") > 12  # a stroke is a one


def test_denoise_follows_its_slider(demo):
    open_tab(demo, "denoise")
    demo.wait_for_selector("#denoise-results figure >> nth=2")
    before = sources(demo, "#denoise-results")
    noisy = figure(demo, "#denoise-results", 2, "PSNR")
    assert figure(demo, "#denoise-results", 0, "PSNR") > noisy + 3
    slider = demo.locator("#noise-gaussian input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    demo.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2)
    demo.mouse.down()
    for step in range(5):
        demo.mouse.move(box["x"] + (0.5 + 0.05 * step) * box["width"], box["y"] + box["height"] / 2)
    wait_for_change(demo, "#denoise-results", before)
    demo.mouse.up()
    demo.wait_for_function(
        "!document.querySelector('.ae-stale')"
    )  # of a small picture the preview was the whole already
    assert figure(demo, "#denoise-results", 2, "PSNR") < noisy - 2
    demo.wait_for_selector("#denoise-filters figure >> nth=2")


def test_colorize_takes_an_upload_and_shows_figures(demo, photo):
    open_tab(demo, "colorize")
    demo.wait_for_selector("#colorize-proposals figure >> nth=2")
    before = sources(demo, "#colorize-results")
    clear(demo, "#colorize-picture")
    upload(demo, "#colorize-picture", photo)
    wait_for_change(demo, "#colorize-results", before)
    assert figure(demo, "#colorize-results", 0, "colourfulness") > 0


def test_latent_walk_decodes_where_one_clicks_and_lands_a_drawing(demo):
    open_tab(demo, "latent_walk")
    plane = demo.locator("#latent-map canvas")
    plane.wait_for()
    picture = "document.querySelector('#latent-decoded canvas').toDataURL()"
    demo.wait_for_function(f"{picture}.length > 500")
    before = demo.evaluate(picture)
    box = plane.bounding_box()
    plane.click(position={"x": 0.25 * box["width"], "y": 0.25 * box["height"]})
    demo.wait_for_function(f"before => {picture} !== before", arg=before)
    assert re.fullmatch(r"z = \(-1\.[56]\d, 1\.[56]\d\)", demo.locator("#latent-coords").inner_text())
    pad = demo.locator("#latent-pad canvas")
    box = pad.bounding_box()
    demo.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    demo.mouse.down()
    demo.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=8)
    demo.mouse.up()
    demo.locator("#latent-map-block .landed .given").wait_for()


def test_train_streams_stops_and_offers_its_checkpoint(demo):
    open_tab(demo, "train")
    demo.locator("#train-epochs input").first.fill("400")
    demo.locator("#train-epochs input").first.press("Enter")
    demo.locator("#train-start").click()
    demo.wait_for_selector("#train-preview img")
    demo.locator("#train-stop").click()
    demo.wait_for_selector("#train-figures figure")
    demo.wait_for_selector("#train-download:not([disabled])")


def test_an_invalid_picture_gives_a_message_and_the_tab_continues(demo, photo, tmp_path):
    (tmp_path / "text.png").write_text("this is no picture")
    before = sources(demo, "#reconstruct-results")
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", str(tmp_path / "text.png"))
    demo.wait_for_selector(".toast-body")
    assert "text.png" in demo.locator(".toast-body").first.inner_text()
    clear(demo, "#reconstruct-picture")
    upload(demo, "#reconstruct-picture", photo)
    wait_for_change(demo, "#reconstruct-results", before)


def test_the_page_is_shown_in_chinese(served, new_page):
    page = new_page(locale="zh-TW")
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure", timeout=WAIT)
    assert page.locator("#ae-tabs button[role=tab]").first.inner_text() == "重建"
    assert "重建" in page.locator("#reconstruct-results").inner_text()


def test_nothing_overflows_on_a_phone(served, new_page):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure", timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
