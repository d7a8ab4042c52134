"""The Python side of the project's own controls: values that can be shown, and values that are refused."""

import asyncio
import base64
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from gradio.context import LocalContext
from PIL import Image

from ae_demo.errors import ConfigError, PictureError, ShapeError
from ae_demo.ui import components
from ae_demo.ui.components.bars import bars_value, editable_code, read_code
from ae_demo.ui.components.data_uri import PREFIX, to_data_uri
from ae_demo.ui.components.diagram import diagram_value, layer_value
from ae_demo.ui.components.latent_map import landed_value, latent_map, read_place
from ae_demo.ui.components.pad import PAD_SIDE, decode_pad, pad
from ae_demo.ui.components.topbar import topbar
from ae_demo.ui.strings import LOCALES, load_strings
from ae_demo.ui.theme import STYLES


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


def test_an_empty_drawing_is_read_as_none():
    assert decode_pad(None) is None
    assert decode_pad("") is None
    assert decode_pad(to_data_uri(np.zeros((PAD_SIDE, PAD_SIDE), np.uint8))) is None


def test_diagram_refuses_an_invalid_model():
    with pytest.raises(ConfigError, match="encoder"):
        diagram_value([], ("2", 2), [("784", 784)])
    with pytest.raises(ConfigError, match="'nothing'"):
        diagram_value([("784", 784)], ("nothing", 0), [("784", 784)])


def test_activations_are_sent_small_and_on_one_scale():
    maps = np.random.default_rng(0).standard_normal((185, 64, 96), np.float32)
    maps *= np.linspace(0, 1, 185, dtype=np.float32)[:, None, None]
    shown = layer_value("conv", maps)
    assert len(json.dumps(shown)) < 250_000
    assert shown["numbers"] == list(range(121, 185))  # the 64 that vary most
    levels = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown["uri"][len(PREFIX) :])))).astype(float)
    values = (levels.reshape(64, 32, 48) - 128) / 127 * shown["scale"]
    means = maps[121:].reshape(64, 32, 2, 48, 2).mean((2, 4))
    near = np.abs(values - means) <= 0.51 / 127 * shown["scale"]
    assert 0.997 <= near.mean() < 1  # but for the clipped ends
    units = layer_value("linear", np.arange(-5000, 5000, dtype=np.float32))
    assert len(units["values"]) == 4096
    assert units["shape"] == (10_000,)
    assert layer_value("input", np.full((3, 9, 7), 0.5, np.float32))["kind"] == "picture"


def test_bars_refuse_what_they_cannot_show():
    with pytest.raises(ShapeError, match="4097"):
        bars_value(np.zeros(4097))
    with pytest.raises(ShapeError, match="1 of them not finite"):
        bars_value([0.0, float("nan")])


def test_a_code_of_any_size_can_be_edited():
    code = np.linspace(-1, 1, 5000, dtype=np.float32)
    shown = editable_code(code, np.full((1, 2, 2), 0.5, np.float32))
    assert (len(shown["code"]), shown["numbers"]) == (4096, 5000)
    sent = code[:4096] + 1
    read = read_code(SimpleNamespace(_data={"code": sent.tolist()}), code)
    np.testing.assert_array_equal(read, np.concatenate([sent, code[4096:]]))


@pytest.mark.parametrize("sent", [None, 3, [1.0], [1.0, float("nan")], ["a", "b"], [[1, 2]], {"0": 1}, [1, 2, 3]])
def test_an_invalid_code_is_refused(sent):
    with pytest.raises(ShapeError, match="give 2 finite numbers"):
        read_code(SimpleNamespace(_data={"code": sent}), np.zeros(2, np.float32))


@pytest.mark.parametrize("place", [None, 3, [], [1], ["a", "b"], [float("nan"), 0], {"x": 1}, [[1], [2]], [1, 2, 3]])
def test_an_invalid_place_is_refused(place):
    with pytest.raises(ConfigError, match="two finite numbers"):
        read_place(place)


def build_map(asked):
    def decode(x, y, model):
        asked.append((x, y, model))
        return np.zeros((8, 8), np.uint8)

    def describe(name):
        raise ConfigError(f"There is no plane {name!r}.")

    with gr.Blocks():
        return latent_map("one", describe, decode, lambda uri, model: np.full((1, 2, 2), 7, np.uint8))


def ask(function, data, session="a"):
    """Call a server function as Gradio does, with the request whose body says for which visitor."""

    class Request:
        async def json(self):
            return {"session_hash": session, "data": data}

    with ThreadPoolExecutor(1) as pool:  # in this thread a browser's loop may be running
        return pool.submit(lambda: asyncio.run(function(data, Request()))).result()


def test_a_server_function_knows_for_which_visitor_it_is_called():
    def whose(data):
        return data, LocalContext.request.get().session_hash

    before = LocalContext.request.get(None)
    function = components.in_session(whose)
    assert function.__name__ == "whose"
    assert ask(function, [1], "a") == ([1], "a")
    assert ask(function, [2], "b") == ([2], "b")
    assert LocalContext.request.get(None) is before


@pytest.mark.parametrize(
    "call",
    [None, 3, [], [1, ""], ["a", "b", ""], [float("nan"), 0, ""], {"x": 1}, [[1], [2], []], [1e9, 0, ""]],
)
def test_the_server_refuses_invalid_requests(call):
    asked = []
    plane = build_map(asked)
    assert ask(plane.decode_at, call) is None
    assert asked == []
    assert "error" in ask(plane.prepare_picture, call)
    assert ask(plane.decode_at, [1.5, -2, "one"]).startswith(PREFIX)
    assert asked == [(1.5, -2.0, "one")]


def test_the_page_receives_the_error_of_a_refused_request():
    plane = build_map([])
    assert ask(plane.open_plane, "../../etc") == {"error": "There is no plane '../../etc'."}
    assert "error" in ask(plane.prepare_picture, ["file:///etc/passwd", "one"])
    assert "error" in ask(plane.prepare_picture, ["data:image/png;base64," + "A" * 17_000_000, "one"])
    assert ask(plane.prepare_picture, ["data:image/png;base64,AA", "one"]) == {"pixels": "BwcHBw==", "again": ""}
    assert landed_value(None) is None


def test_every_language_has_every_string():
    files = sorted(Path(components.__file__).parents[1].glob("*/*/strings.json"))
    assert {file.parent.parent.name for file in files} == {"components", "tabs"}
    for file in files:
        texts = json.loads(file.read_text(encoding="utf-8"))
        assert set(texts) == {"en", "zh-CN", "zh-TW"}, file
        assert len({frozenset(keys) for keys in texts.values()}) == 1, file
        if file.parent.parent.name == "tabs":
            assert all(key.startswith(f"{file.parent.name}.") for key in texts["en"]), file
    assert len({frozenset(load_strings(locale)) for locale in LOCALES}) == 1


def test_a_caller_can_change_strings():
    with gr.Blocks():
        drawing = pad(strings={"en": {"hint": "Sign here"}, "fr": {"hint": "Signez"}})
    assert drawing.props["strings"] == {"en": {"hint": "Sign here"}, "fr": {"hint": "Signez"}}  # over those of the file


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
    text = (STYLES / "colours.css").read_text(encoding="utf-8")
    block = re.search(rf"^{re.escape(mode)} {{(.*?)^}}", text, re.M | re.S)[1]
    colour = dict(re.findall(r"--ae-(\w+): (#\w{6})", block))
    for text in ("input", "code", "output", "error", "ink", "muted"):
        for ground in ("surface", "well", "page"):
            low, high = sorted([luminance(colour[text]), luminance(colour[ground])])
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_the_page_fetches_the_files_of_every_component_in_advance():
    folder = Path(components.__file__).parent
    names = topbar(["reconstruct"]).constructor_args["components"]
    assert {file.parent.name for file in folder.glob("*/component.py")} <= set(names)
    for name in names:
        assert {"script.js", "strings.json", "style.css"} <= {file.name for file in (folder / name).iterdir()}
