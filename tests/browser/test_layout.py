"""Details of the layout: what stands in one row, what must not move, and what says that there is more."""

import pytest
from pages import until
from tabs import READY, open_tab

pytestmark = pytest.mark.thorough

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TOPS = "all => new Set(all.filter(node => node.checkVisibility()).map(node => node.getBoundingClientRect().top)).size"
TOP = "document.querySelector('#reconstruct-results').getBoundingClientRect().top"
UNMARKED = """all => all.filter((frame) => frame.scrollWidth > frame.clientWidth
    && !getComputedStyle(frame).backgroundAttachment.includes("local")).length"""


def opened(page, url, ready="#reconstruct-results figure"):
    page.set_default_timeout(60_000)  # ms; the machine may be busy
    page.goto(url)
    page.wait_for_selector(ready)
    return page


def test_rows_of_cards_and_buttons_are_even_and_progress_moves_nothing(served, new_page):
    page = opened(new_page(viewport={"width": 1366, "height": 768}), served)
    top = page.evaluate(TOP)
    page.evaluate("document.querySelector('#reconstruct-busy .busy').hidden = false")
    assert page.locator("#reconstruct-busy .track").bounding_box()["height"] == 8
    assert page.evaluate(TOP) == top
    page.set_viewport_size({"width": 1920, "height": 1080})  # some titles have two lines, others one
    heights = "all => new Set(all.map(title => title.offsetHeight)).size"
    until(page, lambda: page.eval_on_selector_all("#reconstruct-results .title", heights) == 1)
    assert page.eval_on_selector_all("#reconstruct-results .frame", TOPS) == 2  # five pictures in rows of three
    page.set_viewport_size({"width": 1366, "height": 768})
    open_tab(page, "train")
    assert page.eval_on_selector_all("#train .buttons button", TOPS) == 1


def test_the_models_are_a_list_on_a_phone_which_taps_keys_and_links_open(served, new_page):
    page = opened(new_page(**PHONE), f"{served}?tab=models", "#models-gallery details.model")
    assert page.evaluate("document.documentElement.scrollHeight") < 5000
    assert page.locator("#models-gallery details.model[open]").count() == 0
    model = page.locator("#models-gallery [data-model=dense-mnist-2d]")
    model.locator("> summary").tap()
    model.locator("img").first.wait_for()
    model.locator("> summary").press("Enter")
    model.locator(".open").wait_for(state="hidden")
    opened(page, f"{served}?tab=models&search=dense-mnist-2d", "#models-gallery details.model[open] img")
    page.locator("#models-gallery .open button").first.tap()
    until(page, lambda: "tab=reconstruct&checkpoint=dense-mnist-2d" in page.url, 60)


def test_a_table_that_scrolls_sideways_on_a_phone_says_so(served, new_page):
    page = opened(new_page(**PHONE), f"{served}?tab=models&layout=table", "#models-gallery table")
    frames = "#models-gallery .scroll"
    assert page.eval_on_selector_all(frames, "all => all.some(frame => frame.scrollWidth > frame.clientWidth)")
    assert page.eval_on_selector_all(frames, UNMARKED) == 0


BOX = "node => { const box = node.getBoundingClientRect(); return [box.left, box.right, box.bottom] }"


@pytest.mark.parametrize(("size", "plane"), [((1366, 768), 448), ((1440, 900), 580), ((1920, 1080), 757)])
def test_plane_and_digits_use_the_screen_and_end_above_the_fold(served, new_page, size, plane):
    page = new_page(viewport={"width": size[0], "height": size[1]})
    opened(page, f"{served}?tab=latent_walk", READY["latent_walk"])
    left, right, bottom = page.locator("#latent-map canvas").evaluate(BOX)
    assert right - left == pytest.approx(plane, abs=6)
    assert bottom < size[1]
    page.wait_for_selector("#latent-map-block .legend")
    legend = page.locator("#latent-map-block .legend").evaluate(BOX)
    assert (legend[2] < size[1]) == (size[0] == 1920)  # beside the plane
    open_tab(page, "style")
    *_, bottom = page.locator("#style-sheet .ten").evaluate(BOX)
    assert bottom < size[1]
    left, right, _ = page.locator("#style-sheet .examples button").last.evaluate(BOX)
    edge = page.locator("#style-sheet .ten").evaluate(BOX)[1]
    assert (edge - right < 10) == (size[0] == 1920)  # the examples fill their row


def test_a_tablet_cuts_no_coordinates_and_shows_sequences_beside_their_controls(served, new_page):
    page = new_page(viewport={"width": 768, "height": 1024})
    opened(page, f"{served}?tab=latent_walk", READY["latent_walk"])
    page.wait_for_function("document.querySelector('#latent-map-block .coords').textContent")
    assert page.locator("#latent-map-block .coords").evaluate("node => node.clientWidth") > 300
    open_tab(page, "sequences")
    tops = [
        page.locator(f"#tab-sequences {name}").first.bounding_box()["y"] for name in (".ae-output", "#sequences-about")
    ]
    assert tops[0] < tops[1]
