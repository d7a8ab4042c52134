"""The Features tab in a browser: the map is moved and searched in the page, and a drawing is placed on it."""

import pytest
from pages import all_fetched, drag, until

CANVAS = "#features-map .pane > canvas"
PANE = f"document.querySelector('{CANVAS}').pane"


@pytest.fixture
def opened(served, page):
    page.goto(f"{served}?tab=features")
    page.wait_for_function(f"document.querySelector('{CANVAS}')?.pane?.painted > 0", timeout=60_000)
    page.wait_for_selector("#features-table tbody tr", timeout=60_000)
    return page


def place_of(page, index):
    """Where a picture's dot is, in the canvas."""
    return page.evaluate(f"i => {{ const [x, y] = {PANE}.toPixel({PANE}.pointOf(i)); return {{x, y}}; }}", index)


def chosen(page):
    return page.locator("#features-neighbours .chosen").inner_text()


def test_moving_the_map_and_clicking_a_dot_ask_the_server_for_nothing(opened):
    page = opened
    all_fetched(page)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    before = page.evaluate(f"{PANE}.view.x")
    drag(page, CANVAS, [(0.5, 0.5), (0.6, 0.55)])
    assert page.evaluate(f"{PANE}.view.x") != before
    page.locator(CANVAS).hover()
    page.mouse.wheel(0, -800)
    page.wait_for_function(f"{PANE}.view.half < 0.6 * {PANE}.home.half")
    page.get_by_role("button", name="Whole map").click()
    assert page.evaluate(f"{PANE}.view.half === {PANE}.home.half")
    page.locator(CANVAS).click(position=place_of(page, 42))
    until(page, lambda: page.locator("#features-neighbours .row button").count() == 10)
    assert "of the same class" in page.locator("#features-neighbours .lists").inner_text()
    label = chosen(page)
    page.locator(CANVAS).press("ArrowRight")
    page.locator("#features-neighbours .row button").first.click()
    assert chosen(page)
    assert label in list("0123456789")
    assert not [url for url in requests if "heartbeat" not in url]


def test_close_up_dots_become_pictures(opened):
    page = opened
    page.evaluate(f"{PANE}.zoom(30, {PANE}.toPixel({PANE}.pointOf(0)))")
    page.wait_for_function(f"{PANE}.inView().length < 220")
    greys = (
        f"(() => {{ const c = document.querySelector('{CANVAS}');"
        "const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        "const seen = new Set(); for (let i = 0; i < data.length; i += 4)"
        "  if (data[i] === data[i + 1] && data[i] === data[i + 2]) seen.add(data[i]); return seen.size; })()"
    )
    page.wait_for_function(f"{greys} > 50")  # strokes have soft edges; dots are in colour


def test_another_model_beside_it(opened):
    page = opened
    page.locator("#features-beside input").click()
    page.get_by_role("option", name="Raw pixels").click()
    page.wait_for_function("document.querySelectorAll('#features-map .pane').length === 2", timeout=30_000)
    until(page, lambda: page.locator("#features-neighbours .row").count() == 2, 20)
    titles = page.locator("#features-map .pane > p").all_inner_texts()
    assert titles == ["Convolutional: digits, 32 numbers → UMAP", "Raw pixels → UMAP"]
    for part in ("map", "neighbours", "labels", "table", "noise"):
        assert "-mnist" not in page.locator(f"#features-{part}").inner_text()


def test_a_class_is_hidden_by_its_box_in_the_legend(opened):
    page = opened
    count = page.evaluate(f"{PANE}.inView().length")
    page.locator("#features-map .legend label", has_text="3").click()
    page.wait_for_function(f"{PANE}.inView().length < {count} - 300")


def test_a_drawing_lands_on_the_map(opened):
    page = opened
    page.locator("#features-own .label-wrap").click()
    page.wait_for_selector("#features-pad canvas")
    page.wait_for_timeout(500)
    drag(page, "#features-pad canvas", [(0.5, 0.15), (0.5, 0.35), (0.5, 0.6), (0.5, 0.85)], 30)
    until(page, lambda: "Your picture" in chosen(page), 20)
    until(page, lambda: "Most frequent class: 1" in page.locator("#features-neighbours .lists").inner_text(), 20)
    page.locator("#features-pad .clear").click()
    until(page, lambda: "Your picture" not in chosen(page), 20)


def test_the_map_fits_a_phone(served, new_page):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{served}?tab=features")
    page.wait_for_function(f"document.querySelector('{CANVAS}')?.pane?.painted > 0", timeout=60_000)
    page.wait_for_selector("#features-table tbody tr", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(CANVAS).bounding_box()
    assert box["width"] > 300
