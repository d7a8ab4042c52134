"""Waiting and dragging on a page, for tests in a browser."""

import time

from ae_demo.ui.shared.model_texts import short_titles


def until(page, condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(20)


def drag(page, selector, places, pause=0):
    """Press, move and release the mouse; places are fractions of the element's width and height."""
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=4)
        page.wait_for_timeout(pause)
    page.mouse.up()


def all_fetched(page):
    """Wait until the page has fetched the files of all tabs, which it does by itself when it is idle."""
    page.wait_for_selector("html[data-fetched]", state="attached", timeout=60_000)


def title_of(model):
    """What a list of models shows of a checkpoint, in English."""
    return short_titles()["en"][model]


def choose_model(page, tab, model):
    """Choose a checkpoint in the list of models of a tab."""
    page.locator(f"#{tab}-checkpoint input").click()
    page.locator(f'[role=option][aria-label="{title_of(model)}"]').click()
