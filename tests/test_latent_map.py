"""The latent plane in a real browser: where one points, what is asked for, and what is shown."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from pages import drag, until

gr = pytest.importorskip("gradio")

from ae_demo.ui.components.latent_map import EXTENT, latent_map, latent_map_value, move_marker  # noqa: E402
from ae_demo.ui.theme import CSS_PATH, build_theme  # noqa: E402


def picture_at(x, y):
    """A picture that tells its place: 4x4 pixels of one shade each for x and y."""
    shade = [round((number + EXTENT) / (2 * EXTENT) * 255) for number in (x, y)]
    return np.array([[shade[0]] * 2 + [shade[1]] * 2] * 4, np.uint8)


class Decoder:
    """Notes what was asked of it, and how much of it at once."""

    def __init__(self):
        self.asked, self.now, self.most, self.pause, self.broken = [], 0, 0, 0.0, False
        self.lock = threading.Lock()

    def __call__(self, x, y, model=""):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.pause)
        with self.lock:
            self.now -= 1
            self.asked.append((round(x, 2), round(y, 2), *([model] if model else [])))
        if self.broken:
            raise RuntimeError("no decoder")
        return picture_at(x, y)


@pytest.fixture(scope="module")
def demo():
    """A plane on a page. `chosen` is what Python got from it, `decoder.asked` what the page asked for."""
    chosen, decoder = [], Decoder()
    with gr.Blocks(analytics_enabled=False) as blocks:
        points = {"x": [1.0, 2.0, -1.5], "y": [1.0, -1.0, 0.5], "label": [0, 3, 3]}
        plane = latent_map(np.full((64, 64), 90, np.uint8), points, decoder, elem_id="latent-map")
        plane.input(chosen.append, plane, trigger_mode="always_last", show_progress="hidden")
        gr.Button("mark").click(lambda: move_marker(-1.5, 9), None, plane)
        gr.Button("bare").click(lambda: latent_map_value(np.zeros((8, 8), np.uint8), {}, "other"), None, plane)
    settings = {"theme": build_theme(), "css_paths": CSS_PATH, "ssr_mode": False, "quiet": True}
    _, url, _ = blocks.launch(prevent_thread_lock=True, server_name="127.0.0.1", **settings)
    yield SimpleNamespace(url=url, chosen=chosen, decoder=decoder)
    blocks.close()


@pytest.fixture(scope="module")
def kept_page(watched_page):
    """One context for all tests here, so that Gradio's scripts are fetched and compiled once."""
    with watched_page() as page:
        yield page


@pytest.fixture
def opened(demo, kept_page):
    kept_page.goto(demo.url)
    kept_page.locator("#latent-decoded canvas[data-z]").wait_for()
    demo.chosen.clear(), demo.decoder.asked.clear()
    demo.decoder.most, demo.decoder.pause, demo.decoder.broken = 0, 0.0, False
    return kept_page


def shades(page):
    """The decoded picture's left and right half, as `picture_at` made them."""
    script = "c => [...c.getContext('2d').getImageData(0, 0, 4, 1).data]"
    data = page.locator("#latent-decoded canvas").evaluate(script)
    return data[0], data[12]


def test_click_gives_coordinates_and_their_picture(demo, opened):
    drag(opened, "#latent-map canvas", [(0.75, 0.25)])
    assert opened.locator("#latent-coords").inner_text() == "z = (1.60, 1.60)"
    opened.locator('#latent-decoded canvas[data-z="1.60,1.60"]').wait_for()
    assert shades(opened) == tuple(picture_at(1.6, 1.6)[0, [0, 3]])
    until(opened, lambda: demo.chosen)
    assert demo.chosen[-1] == pytest.approx([1.6, 1.6], abs=0.01)


def test_pointer_tells_where_it_is_without_asking_for_a_picture(demo, opened):
    opened.locator("#latent-map canvas").scroll_into_view_if_needed()
    box = opened.locator("#latent-map canvas").bounding_box()
    opened.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.875)
    assert opened.locator("#latent-coords").inner_text() == "z = (0.00, -2.40)"
    opened.mouse.move(2, 2)
    assert opened.locator("#latent-coords").inner_text() == "z = (0.00, 0.00)"  # the marker's
    opened.wait_for_timeout(200)
    assert demo.decoder.asked == []


def test_arrow_keys_move_the_point(demo, opened):
    opened.locator("#latent-map canvas").focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp"]:
        opened.keyboard.press(key)
    assert opened.locator("#latent-coords").inner_text() == "z = (0.20, 0.40)"
    opened.locator('#latent-decoded canvas[data-z="0.20,0.40"]').wait_for()
    assert demo.decoder.asked[-1] == (0.2, 0.4)
    until(opened, lambda: demo.chosen and demo.chosen[-1] == [0.2, 0.4])
    for _ in range(10):
        opened.keyboard.press("Shift+ArrowLeft")
    assert opened.locator("#latent-coords").inner_text() == "z = (-3.20, 0.40)"  # the border holds it


def test_a_drag_asks_one_at_a_time_and_ends_at_the_last_place(demo, opened):
    demo.decoder.pause = 0.05
    drag(opened, "#latent-map canvas", [(0.1 + 0.02 * i, 0.5) for i in range(41)], pause=5)
    opened.locator('#latent-decoded canvas[data-z="2.56,0.00"]').wait_for()
    assert demo.decoder.asked[-1] == (2.56, 0.0)
    assert demo.decoder.most == 1
    assert 3 <= len(demo.decoder.asked) < 100  # of 161 places


def test_a_decoder_in_the_page_is_used_instead_of_the_server(demo, opened):
    script = """canvas => {
        let node = canvas;
        while (!node.matches(".html-container > *")) node = node.parentElement;
        node.decodeInPage = (x, y) => { const c = document.createElement("canvas"); c.width = 7; return c; };
    }"""
    opened.locator("#latent-map canvas").evaluate(script)
    drag(opened, "#latent-map canvas", [(0.25, 0.5)])
    opened.locator('#latent-decoded canvas[data-z="-1.60,0.00"][width="7"]').wait_for()
    assert demo.decoder.asked == []


def test_a_failed_decoding_is_said_and_the_next_one_works(demo, opened):
    demo.decoder.broken = True
    drag(opened, "#latent-map canvas", [(0.25, 0.5)])
    opened.get_by_role("alert").get_by_text("could not be decoded").wait_for()
    demo.decoder.broken = False
    drag(opened, "#latent-map canvas", [(0.75, 0.5)])
    opened.locator('#latent-decoded canvas[data-z="1.60,0.00"]').wait_for()
    assert not opened.get_by_text("could not be decoded").is_visible()


def test_python_moves_the_point_and_changes_the_plane(demo, opened):
    opened.get_by_role("button", name="mark").click()
    opened.locator('#latent-decoded canvas[data-z="-1.50,3.20"]').wait_for()
    assert opened.locator("#latent-coords").inner_text() == "z = (-1.50, 3.20)"
    opened.get_by_role("button", name="bare").click()
    opened.locator("#latent-map-block .legend").wait_for(state="hidden")
    assert opened.locator("#latent-coords").inner_text() == "z = (-1.50, 3.20)"
    until(opened, lambda: demo.decoder.asked[-1] == (-1.5, 3.2, "other"))  # the same place, by the other model


def test_legend_hides_the_points_of_a_class(opened):
    script = """c => { const s = c.width / 6.4, at = [(2 + 3.2) * s, (3.2 + 1) * s];
        return [...c.getContext('2d').getImageData(...at, 1, 1).data.slice(0, 3)] }"""
    plane = opened.locator("#latent-map canvas")
    assert plane.evaluate(script) == [0x94, 0xA4, 0xA2]  # the colour of class 3
    entry = opened.locator(".classes").get_by_label("3")
    entry.uncheck()
    opened.wait_for_timeout(100)
    assert plane.evaluate(script) == [45, 45, 45]  # the pictures behind, at half strength
    opened.get_by_role("button", name="All").click()
    assert entry.is_checked()
