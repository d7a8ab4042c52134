"""Our own controls, in a real browser: what is drawn, clicked and typed arrives in Python, and the other way round."""

import base64
import io
import json
import re
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ae_demo.errors import ConfigError, PictureError, ShapeError

gr = pytest.importorskip("gradio")

from ae_demo.ui import components  # noqa: E402
from ae_demo.ui.components.bars import bars, bars_value  # noqa: E402
from ae_demo.ui.components.data_uri import PREFIX, to_data_uri  # noqa: E402
from ae_demo.ui.components.diagram import diagram, diagram_value  # noqa: E402
from ae_demo.ui.components.latent_map import EXTENT, latent_map, latent_map_value, move_marker, read_place  # noqa: E402
from ae_demo.ui.components.pad import PAD_SIDE, decode_pad, pad  # noqa: E402
from ae_demo.ui.theme import CSS_PATH, build_theme  # noqa: E402

DENSE = ([("784", 784), ("512", 512)], ("32", 32), [("512", 512), ("784", 784)])
CONV = ([("28×28", 784), ("Conv 8×14×14", 1568)], ("16", 16), [("Conv 8×14×14", 1568), ("28×28", 784)])
CODE = [0.5, -2.0, 1.25, 0.0, 4.0]


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
    """All components on one page. `drawn` and `chosen` are what Python got from them."""
    drawn, chosen, decoder = [], [], Decoder()

    texts = gr.I18n(en={"draw": "Draw a digit"}, **{"zh-TW": {"draw": "畫一個數字"}})
    with gr.Blocks(analytics_enabled=False) as blocks:
        picture = diagram(*DENSE, caption={"en": "Dense", "zh-TW": "全連接"}, elem_id="figure")
        drawing = pad(label=texts("draw"), elem_id="pad")
        chart = bars(label="Code", elem_id="chart", code=CODE)
        plane = latent_map(
            np.full((64, 64), 90, np.uint8),
            {"x": [1.0, 2.0, -1.5], "y": [1.0, -1.0, 0.5], "label": [0, 3, 3]},
            decoder,
            elem_id="latent-map",
        )
        drawing.input(drawn.append, drawing, trigger_mode="always_last", queue=False)
        plane.input(chosen.append, plane, trigger_mode="always_last", show_progress="hidden")
        gr.Button("conv").click(lambda: diagram_value(*CONV, caption="Convolutional"), None, picture)
        gr.Button("code").click(lambda: bars_value(np.linspace(-1, 1, 512)), None, chart)
        gr.Button("digit").click(lambda: to_data_uri(np.eye(PAD_SIDE, dtype=np.uint8) * 255), None, drawing)
        gr.Button("mark").click(lambda: move_marker(-1.5, 9), None, plane)
        gr.Button("bare").click(lambda: latent_map_value(np.zeros((8, 8), np.uint8), {}, "other"), None, plane)
    settings = {
        "theme": build_theme(),
        "css_paths": CSS_PATH,
        "i18n": texts,
        "ssr_mode": False,
        "quiet": True,
    }
    _, url, _ = blocks.launch(prevent_thread_lock=True, server_name="127.0.0.1", **settings)
    yield SimpleNamespace(url=url, drawn=drawn, chosen=chosen, decoder=decoder)
    blocks.close()


@pytest.fixture(scope="module")
def kept_page(watched_page):
    """One context for all tests here, so that Gradio's scripts are fetched and compiled once."""
    with watched_page() as page:
        yield page


@pytest.fixture
def opened(demo, kept_page):
    show(kept_page, demo)
    return kept_page


def show(page, demo):
    page.goto(demo.url)
    page.locator("#latent-decoded canvas[data-z]").wait_for()  # the last thing to happen at the start
    demo.drawn.clear(), demo.chosen.clear(), demo.decoder.asked.clear()
    demo.decoder.most, demo.decoder.pause, demo.decoder.broken = 0, 0.0, False


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


def last_drawing(page, demo):
    """What Python has once nothing more comes."""
    until(page, lambda: demo.drawn)
    seen = None
    while seen != len(demo.drawn):
        seen = len(demo.drawn)
        page.wait_for_timeout(200)
    return decode_pad(demo.drawn[-1])


# Pad


def test_drawing_reaches_python_as_drawn(demo, opened):
    drag(opened, "#pad canvas", [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5), (0.8, 0.8)])
    pixels = last_drawing(opened, demo)
    assert pixels.shape == (PAD_SIDE, PAD_SIDE)
    assert pixels.dtype == np.uint8
    assert (pixels[70, 30:110] > 250).all()  # the stroke along the middle
    assert (pixels[70:110, 112] > 250).all()  # and down
    assert not pixels[:60].any()
    assert not pixels[80:, :100].any()
    assert 9 <= (pixels[:, 60] > 127).sum() <= 13  # 8 % of the side is 11 pixels


def test_undo_clear_and_keys_change_what_python_has(demo, opened):
    drag(opened, "#pad canvas", [(0.3, 0.3), (0.7, 0.3)])
    one = last_drawing(opened, demo)
    drag(opened, "#pad canvas", [(0.3, 0.7), (0.7, 0.7)])
    assert last_drawing(opened, demo)[98, 70] == 255
    opened.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(last_drawing(opened, demo), one)
    opened.get_by_role("button", name="Clear").click()
    assert last_drawing(opened, demo) is None
    opened.keyboard.press("Tab")
    opened.locator("#pad canvas").focus()
    opened.keyboard.press("Control+z")  # clearing can be undone
    np.testing.assert_array_equal(last_drawing(opened, demo), one)
    opened.keyboard.press("Delete")
    for key in [" ", *["ArrowRight"] * 5, " "]:  # pen down, a line of 0.1 from the middle, pen up
        opened.keyboard.press(key)
    pixels = last_drawing(opened, demo)
    assert (pixels[70, 70:84] > 250).all()
    assert not pixels[70, 95:].any()


def test_a_stroke_sends_at_most_ten_values_a_second(demo, opened):
    zigzag = [(0.1 + 0.04 * i, 0.3 + 0.3 * (i % 2)) for i in range(20)]
    start = time.monotonic()
    drag(opened, "#pad canvas", zigzag, pause=50)
    lasted = time.monotonic() - start
    last_drawing(opened, demo)
    assert 2 <= len(demo.drawn) <= 10 * lasted + 2  # one at the end
    assert max(map(len, demo.drawn)) < 10_000


def test_a_finger_draws(demo, new_page):
    page = new_page(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    show(page, demo)
    page.locator("#pad canvas").scroll_into_view_if_needed()
    box = page.locator("#pad canvas").bounding_box()
    finger = page.context.new_cdp_session(page)
    for kind, part in [("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.8), ("touchEnd", None)]:
        points = [] if part is None else [{"x": box["x"] + box["width"] / 2, "y": box["y"] + part * box["height"]}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert (last_drawing(page, demo)[32:108, 70] > 250).all()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_python_puts_a_picture_on_the_pad(demo, opened):
    opened.get_by_role("button", name="digit").click()
    opened.get_by_role("button", name="Undo").and_(opened.locator(":enabled")).wait_for()
    drag(opened, "#pad canvas", [(0.8, 0.1), (0.9, 0.1)])
    pixels = last_drawing(opened, demo)
    assert pixels[14, 119] == 255  # the stroke
    assert (pixels.diagonal() > 100).all()  # on the diagonal line that Python gave


def png(width, height):
    return to_data_uri(np.full((height, width), 200, np.uint8))


@pytest.mark.parametrize(
    "value",
    [
        "hello",
        7,
        ["data:image/png;base64,"],
        PREFIX + "!!!!",
        PREFIX + base64.b64encode(b"GIF89a").decode(),
        png(PAD_SIDE, PAD_SIDE)[:-200],
        png(28, 28),
        png(20_000, 20_000)[:60_000],
        PREFIX + "A" * 100_000,
    ],
    ids=["text", "number", "list", "no base64", "no png", "truncated", "small", "bomb", "long"],
)
def test_a_bad_drawing_is_refused(value):
    with pytest.raises(PictureError, match="140x140 PNG"):
        decode_pad(value)


def test_no_drawing_is_none():
    assert decode_pad(None) is None
    assert decode_pad("") is None
    assert decode_pad(to_data_uri(np.zeros((PAD_SIDE, PAD_SIDE), np.uint8))) is None


# Diagram


def test_diagram_shows_real_sizes_and_changes_with_the_model(opened):
    figure = opened.locator("#figure")
    assert figure.locator(".name").all_text_contents() == ["784", "512", "32", "512", "784"]
    titles = figure.locator(".title").all_text_contents()
    assert sorted(titles) == ["Code", "Decoder", "Encoder", "Input", "Output"]
    height = [float(bar.get_attribute("height")) for bar in figure.locator("rect").all()]
    assert height[0] > height[1] > height[2] < height[3] < height[4]
    assert height[0] / height[2] == pytest.approx(np.log1p(784) / np.log1p(32), rel=1e-3)
    assert figure.locator("figcaption").inner_text() == "Dense"
    said = figure.locator("svg").get_attribute("aria-label")
    assert said.startswith("Input 784 (784 numbers) → 512")
    assert "Code 32 (32 numbers)" in said
    opened.get_by_role("button", name="conv").click()
    figure.get_by_text("Convolutional").wait_for()
    assert figure.locator(".name.code").text_content() == "16"
    assert "Conv 8×14×14" in figure.locator(".name").nth(1).text_content()


def test_diagram_refuses_what_is_no_model():
    with pytest.raises(ConfigError, match="encoder"):
        diagram_value([], ("2", 2), [("784", 784)])
    with pytest.raises(ConfigError, match="'nothing'"):
        diagram_value([("784", 784)], ("nothing", 0), [("784", 784)])


# Bars


def test_bars_draw_the_code_and_tell_its_numbers(opened):
    chart = opened.locator("#chart")
    bounds = re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", chart.locator(".columns").get_attribute("d"))
    zero, ends = float(bounds[0][0]), np.array([float(end) for _, end in bounds])
    np.testing.assert_allclose((zero - ends) / 100 * 6, CODE, atol=1e-4)  # the scale spans -2 to 4
    box = chart.locator(".plot").bounding_box()
    opened.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    assert chart.locator(".reading").inner_text() == "z[2] = 1.25"
    opened.mouse.move(0, 0)
    chart.locator(".plot").focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowRight")
    assert chart.locator(".reading").inner_text() == "z[1] = -2"
    opened.get_by_role("button", name="code").click()
    chart.get_by_text("512 numbers").wait_for()
    assert chart.locator(".columns").get_attribute("d").count("M") == 512


def test_bars_refuse_what_they_cannot_show():
    with pytest.raises(ShapeError, match="513"):
        bars_value(np.zeros(513))
    with pytest.raises(ShapeError, match="1 of them not finite"):
        bars_value([0.0, float("nan")])


# Latent map


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


@pytest.mark.parametrize("place", [None, 3, [], [1], ["a", "b"], [float("nan"), 0], {"x": 1}, [[1], [2]], [1, 2, 3]])
def test_nonsense_is_no_place(place):
    with pytest.raises(ConfigError, match="two finite numbers"):
        read_place(place)


@pytest.mark.parametrize(
    "call", [None, 3, [], [1, ""], ["a", "b", ""], [float("nan"), 0, ""], {"x": 1}, [[1], [2], []]]
)
def test_the_server_answers_no_nonsense(call):
    decoder = Decoder()
    with gr.Blocks():
        plane = latent_map(np.zeros((8, 8), np.uint8), {}, decoder)
    assert plane.decode_at(call) is None
    assert decoder.asked == []
    assert plane.decode_at([1e9, -1e9, ""]).startswith(PREFIX)
    assert decoder.asked == [(EXTENT, -EXTENT)]


def test_points_must_fit_together():
    with pytest.raises(ShapeError, match="2 x, 1 y"):
        latent_map_value(np.zeros((8, 8), np.uint8), {"x": [0, 1], "y": [0], "label": [0, 1]})
    with pytest.raises(ShapeError, match="0 to 9"):
        latent_map_value(np.zeros((8, 8), np.uint8), {"x": [0], "y": [0], "label": [10]})


# All of them


def test_components_speak_the_language_gradio_speaks(demo, new_page):
    page = new_page(locale="zh-TW")
    show(page, demo)
    assert page.locator("#pad .title").inner_text() == "畫一個數字"
    assert page.get_by_role("button", name="復原").count() == 1
    assert page.locator("#figure .title").first.text_content() == "輸入"
    assert page.locator("#figure figcaption").inner_text() == "全連接"
    page.evaluate("document.documentElement.lang = 'de'")  # as Gradio's own settings do; German falls back to English
    page.get_by_role("button", name="Undo").wait_for()


def test_every_language_has_every_string():
    for file in Path(components.__file__).parent.glob("*/strings.json"):
        texts = json.loads(file.read_text(encoding="utf-8"))
        assert set(texts) == {"en", "zh-CN", "zh-TW"}, file
        assert len({frozenset(keys) for keys in texts.values()}) == 1, file


def test_a_caller_can_change_strings():
    with gr.Blocks():
        drawing = pad(strings={"en": {"hint": "Sign here"}, "fr": {"hint": "Signez"}})
    assert drawing.props["strings"]["en"] == {
        **drawing.props["strings"]["en"],
        "hint": "Sign here",
        "undo": "Undo",
    }
    assert drawing.props["strings"]["fr"] == {"hint": "Signez"}


def test_pictures_survive_the_way_to_the_page():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    uri = to_data_uri(pixels)
    np.testing.assert_array_equal(Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(PREFIX)))), pixels)
    assert to_data_uri(base64.b64decode(uri.removeprefix(PREFIX))) == to_data_uri(uri) == uri
    with pytest.raises(PictureError, match="ndarray"):
        to_data_uri(np.zeros((4, 4)))


def luminance(colour):
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("mode", [":root", ".dark"])
def test_colours_of_text_have_contrast(mode):
    block = re.search(rf"^{re.escape(mode)} {{(.*?)^}}", CSS_PATH.read_text(encoding="utf-8"), re.M | re.S)[1]
    colour = dict(re.findall(r"--ae-(\w+): (#\w{6})", block))
    for text in ("input", "code", "output", "error", "ink", "muted"):
        for ground in ("surface", "well", "page"):
            low, high = sorted([luminance(colour[text]), luminance(colour[ground])])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)
