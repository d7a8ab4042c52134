"""Actions on a page of photographs, for tests in a browser."""

from test_browser import open_tab


def open_photo(page, tab):
    open_tab(page, tab)
    page.wait_for_selector(f"#{tab}-table tbody tr >> nth=2")


def at_rest(page):
    """Wait until no work is going on."""
    page.wait_for_function("!document.querySelector('.ae-stale')")


def settled(page):
    """Wait until the work that a change started is done."""
    page.wait_for_function("document.querySelector('.ae-stale')")
    at_rest(page)


def hold_slider(page, block, start, end):
    """Drag a slider between two shares of its width, and do not let go."""
    slider = page.locator(f"{block} input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + start * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], box["y"] + box["height"] / 2, steps=5)
