"""The project's own controls in a real browser: what is drawn reaches Python, and Python's values are shown."""

import re
import time
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from pages import drag, until

from ae_demo.ui.components.bars import bars, bars_value
from ae_demo.ui.components.data_uri import to_data_uri
from ae_demo.ui.components.diagram import diagram, diagram_value
from ae_demo.ui.components.pad import PAD_SIDE, decode_pad, pad
from ae_demo.ui.theme import CSS_PATHS, build_theme

DENSE = ([("784", 784), ("512", 512)], ("32", 32), [("512", 512), ("784", 784)])
CONV = ([("28×28", 784), ("Conv 8×14×14", 1568)], ("16", 16), [("Conv 8×14×14", 1568), ("28×28", 784)])
CODE = [0.5, -2.0, 1.25, 0.0, 4.0]


@pytest.fixture(scope="module")
def demo():
    """Pad, diagram and bars on one page. `drawn` is what Python got from the pad."""
    drawn = []
    texts = gr.I18n(en={"draw": "Draw a digit"}, **{"zh-TW": {"draw": "畫一個數字"}})
    with gr.Blocks(analytics_enabled=False) as blocks:
        picture = diagram(*DENSE, caption={"en": "Dense", "zh-TW": "全連接"}, elem_id="figure")
        drawing = pad(label=texts("draw"), elem_id="pad")
        chart = bars(label="Code", elem_id="chart", code=CODE)
        drawing.input(drawn.append, drawing, trigger_mode="always_last", queue=False)
        gr.Button("conv").click(lambda: diagram_value(*CONV, caption="Convolutional"), None, picture)
        gr.Button("code").click(lambda: bars_value(np.linspace(-1, 1, 512)), None, chart)
        gr.Button("digit").click(lambda: to_data_uri(np.eye(PAD_SIDE, dtype=np.uint8) * 255), None, drawing)
        pad(elem_id="signature", strings={"en": {"hint": "Sign here"}})
    settings = {"theme": build_theme(), "css_paths": CSS_PATHS, "i18n": texts, "ssr_mode": False, "quiet": True}
    _, url, _ = blocks.launch(prevent_thread_lock=True, server_name="127.0.0.1", **settings)
    yield SimpleNamespace(url=url, drawn=drawn)
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
    page.locator("#figure .title").first.wait_for()
    page.locator("#chart .columns[d]").wait_for(state="attached")
    page.locator("#pad .undo:disabled").wait_for()  # each script has run
    page.evaluate("document.addEventListener('drawn', (event) => { window.onPad = event.detail; })")
    demo.drawn.clear()


def last_drawing(page, demo):
    """What Python has received once it is what the pad shows."""
    shown = page.evaluate("onPad()?.toDataURL('image/png') ?? ''")
    until(page, lambda: demo.drawn[-1:] == [shown])
    return decode_pad(shown)


def test_a_callers_texts_override_those_of_the_component(page):
    with gr.Blocks(analytics_enabled=False) as blocks:
        pad(elem_id="signature", strings={"en": {"hint": "Sign here"}})
        pad(elem_id="pad")
    _, url, _ = blocks.launch(prevent_thread_lock=True, server_name="127.0.0.1", ssr_mode=False, quiet=True)
    page.goto(url)
    signature = page.locator("#signature")
    signature.get_by_text("Sign here").wait_for()
    assert "Undo" in signature.inner_text()
    page.locator("#pad").get_by_text("Undo").wait_for()
    assert "Sign here" not in page.locator("#pad").inner_text()
    blocks.close()


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
    opened.locator("#pad").get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(last_drawing(opened, demo), one)
    opened.locator("#pad").get_by_role("button", name="Clear").click()
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


@pytest.mark.serial
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
    opened.locator("#pad").get_by_role("button", name="Undo").and_(opened.locator(":enabled")).wait_for()
    drag(opened, "#pad canvas", [(0.8, 0.1), (0.9, 0.1)])
    pixels = last_drawing(opened, demo)
    assert pixels[14, 119] == 255  # the stroke
    assert (pixels.diagonal() > 100).all()  # on the diagonal line that Python gave


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


# Bars


def test_bars_draw_the_code_and_report_its_numbers(opened):
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


# All of them


def test_components_use_the_language_of_gradio(demo, new_page):
    page = new_page(locale="zh-TW")
    show(page, demo)
    assert page.locator("#pad .title").inner_text() == "畫一個數字"
    assert page.locator("#pad").get_by_role("button", name="復原").count() == 1
    assert page.locator("#figure .title").first.text_content() == "輸入"
    assert page.locator("#figure figcaption").inner_text() == "全連接"
    page.evaluate("document.documentElement.lang = 'de'")  # as Gradio's own settings do; German falls back to English
    page.locator("#pad").get_by_role("button", name="Undo").wait_for()
