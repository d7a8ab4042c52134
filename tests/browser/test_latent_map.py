"""The latent plane in a real browser: decoded in the page as PyTorch decodes, with no request, wherever one points."""

import base64
import io

import numpy as np
import pytest
import torch
from latent_page import INSIDE, choose, coords, decoded, demo, kept_page, opened, pixels_of, stroke, view  # noqa: F401
from pages import drag, until
from PIL import Image

from ae_demo import checkpoints, export, inference
from ae_demo.data.digits import prepare_digit
from ae_demo.data.pictures import to_pixels
from ae_demo.ui.tabs.latent_walk import plane_pictures, planes

pytestmark = pytest.mark.thorough


def run_in_page(page, places):
    """Pictures at `places` and the codes of those pictures, from the page's model."""
    script = """([path, places]) => { const { model } = path; return places.map(([x, y]) => {
        const picture = model.decode(x, y); return [[...picture], model.encode(picture)]; }) }"""
    return page.evaluate(f"places => ({script})([{INSIDE}.plane, places])", [[float(v) for v in p] for p in places])


def grid(extent, count):
    line = np.linspace(-extent, extent, count)
    return np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)


@pytest.mark.parametrize("name", ["vae-mnist", "vae-fashion", "dense-mnist-2d", "dense-fashion-2d"])
def test_a_shipped_plane_is_decoded_as_by_pytorch(opened, name):
    if name not in checkpoints.list_checkpoints():
        pytest.skip(f"{name} is not here")
    if name != "vae-mnist":
        choose(opened, name)
    about = planes.open_plane(name)
    assert (len(export.export_model(inference.get_model(name)))) <= 1_500_000
    places = grid(1.3 * about["home"]["half"], 17) + np.array([about["home"]["x"], about["home"]["y"]])
    pictures, codes = zip(*run_in_page(opened, places), strict=True)
    expected = inference.decode_points(places, name)
    assert np.abs(np.array(pictures).reshape(expected.shape) - expected.numpy()).max() * 255 < 0.1
    found = np.array([code["place"] for code in codes])
    z = inference.get_model(name).encode(expected)
    z = (z[0] if isinstance(z, tuple) else z).numpy()
    assert np.abs(found - z).mean() < 0.015 * about["home"]["half"]  # of int8 weights: a few pixels


@pytest.mark.parametrize("name", ["vae-odd", "dense-odd", "sparse-odd"])
def test_any_layer_sizes_run_in_the_page(opened, demo, name):
    choose(opened, name)
    places = grid(3, 7)
    pictures, codes = zip(*run_in_page(opened, places), strict=True)
    model = inference.get_model(demo[1] / name)
    expected = model.decode(torch.tensor(places, dtype=torch.float32))
    assert np.abs(np.array(pictures) - expected.flatten(1).numpy()).max() * 255 < 0.1
    z = model.encode(expected)
    mean = z[0] if isinstance(z, tuple) else z
    np.testing.assert_allclose([c["place"] for c in codes], mean.numpy(), atol=0.03)
    if isinstance(z, tuple):
        np.testing.assert_allclose([c["sigma"] for c in codes], (0.5 * z[1]).exp().numpy(), rtol=0.03)
    home = planes.describe(demo[1] / name)["home"]
    drag(opened, "#latent-map canvas", [(0.75, 0.25)])
    z = [home["x"] + home["half"] / 2, home["y"] + home["half"] / 2]
    shown = to_pixels(model.decode(torch.tensor([z]))).reshape(decoded(opened).shape[0], -1)
    assert (
        np.abs(decoded(opened)[..., : shown.shape[1] // decoded(opened).shape[1]].reshape(shown.shape) - shown).max()
        <= 2
    )


def test_a_model_that_cannot_run_in_the_page_is_decoded_by_the_server(opened, demo):
    choose(opened, "conv-odd")
    drag(opened, "#latent-map canvas", [(0.3, 0.6), (0.75, 0.25)])
    opened.locator('#latent-decoded canvas[data-z="1.60,1.60"]').wait_for()
    expected = inference.decode(1.6, 1.6, demo[1] / "conv-odd")
    assert np.abs(decoded(opened)[..., 0] - expected).max() <= 1


def test_the_picture_is_that_of_the_coordinates_to_the_pixel(opened):
    for place in [(0.75, 0.25), (0.111, 0.222), (0.9, 0.97)]:
        drag(opened, "#latent-map canvas", [place])
        x, y = map(float, coords(opened)[5:-1].split(", "))
        assert abs(x - (6.4 * place[0] - 3.2)) < 0.02
        assert np.abs(decoded(opened)[..., 0] - inference.decode(x, y).astype(int)).max() <= 1


def test_a_drag_asks_the_server_for_nothing_and_draws_every_move(opened):
    script = """async () => {
        const canvas = document.querySelector('#latent-map canvas'), box = canvas.getBoundingClientRect();
        const context = document.querySelector('#latent-decoded canvas').getContext('2d'), seen = new Set();
        const fire = (name, i) => canvas.dispatchEvent(new PointerEvent(name, { pointerId: 1, button: 0,
            clientX: box.left + box.width * (0.2 + 0.01 * i), clientY: box.top + box.height * (0.3 + 0.005 * i) }));
        canvas.setPointerCapture = () => {};
        fire('pointerdown', 0);
        for (let i = 1; i <= 60; i++) {
            await new Promise(requestAnimationFrame);
            fire('pointermove', i);
            seen.add([...context.getImageData(0, 0, 28, 28).data].join());
        }
        fire('pointerup', 60);
        return seen.size;
    }"""
    assert opened.evaluate(script) == 60
    assert opened.requests == []


def marked(page):
    """Where the point is marked, in shares of the plane's width and height."""
    plane, marker = (page.locator(f"#latent-map {part}").bounding_box() for part in ("canvas", ".marker"))
    return [(marker[at] + marker[size] / 2 - plane[at]) / plane[size] for at, size in (("x", "width"), ("y", "height"))]


def test_the_point_is_marked_where_it_is(opened):
    drag(opened, "#latent-map canvas", [(0.75, 0.25)])
    assert marked(opened) == pytest.approx([0.75, 0.25], abs=0.005)
    others = opened.evaluate(
        """all => all.map(({ plane, node, place }) => {
            const boxOf = part => node.querySelector(part).getBoundingClientRect();
            const [box, mark] = [boxOf(".plane canvas"), boxOf(".marker")];
            const at = [mark.x + mark.width / 2 - box.x, mark.y + mark.height / 2 - box.y];
            return plane.toPixel(place).map((v, i) => v / plane.ratio - at[i]);
        })""",
        opened.evaluate_handle(f"{INSIDE}.contrast.others"),
    )
    assert len(others) == 2
    assert np.abs(others).max() < 1
    before = view(opened)
    opened.locator(".nearer").click()
    opened.locator(".nearer").click()
    assert view(opened) != before
    x, y = opened.evaluate(f"{INSIDE}.plane.toPixel([1.6, 1.6]).map(v => v / {INSIDE}.plane.side)")
    assert marked(opened) == pytest.approx([x, y], abs=0.005)


def test_hovering_shows_the_picture_there_and_goes_back(opened):
    box = opened.locator("#latent-map canvas").bounding_box()
    at_rest = decoded(opened)
    opened.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.875)
    assert coords(opened) == "z = (0.00, -2.40)"
    assert np.abs(decoded(opened)[..., 0] - inference.decode(0, -2.4).astype(int)).max() <= 1
    opened.mouse.move(2, 2)
    assert coords(opened) == "z = (0.00, 0.00)"
    np.testing.assert_array_equal(decoded(opened), at_rest)


def test_a_test_picture_under_the_pointer_is_shown_with_its_reconstruction(opened):
    codes = planes.encode_pictures(inference.get_model("vae-mnist"), plane_pictures.test_pictures("mnist")[0])
    index = int(np.argmax(codes[:, 0] * (np.abs(codes).max(1) < 3)))  # far out, where it has no neighbours
    x, y = (codes[index] * [1, -1] + 3.2) / 6.4
    box = opened.locator("#latent-map canvas").bounding_box()
    opened.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    note = opened.locator(".hovered .note").inner_text()
    shown = int(note.split("No. ")[1].split(":")[0]) - 1
    pictures, labels = plane_pictures.test_pictures("mnist")
    assert np.abs(codes[shown] - codes[index]).max() < 0.1
    assert note.endswith(f": {labels[shown]}")
    truth, again = (pixels_of(opened, f".hovered {part}")[..., 0] for part in (".truth", ".again"))
    np.testing.assert_array_equal(truth, pictures[shown, 0].numpy())
    expected = inference.decode(*codes[shown].tolist())
    assert np.abs(again - expected.astype(int)).max() <= 1


def test_keys_walk_and_zoom(opened):
    opened.locator("#latent-map canvas").focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp"]:
        opened.keyboard.press(key)
    assert coords(opened) == "z = (0.20, 0.40)"
    assert np.abs(decoded(opened)[..., 0] - inference.decode(0.2, 0.4).astype(int)).max() <= 1
    opened.keyboard.press("+")
    assert view(opened)["half"] == pytest.approx(3.2 / 1.5)
    opened.keyboard.press("0")
    assert view(opened)["half"] == 3.2
    for _ in range(10):
        opened.keyboard.press("Shift+ArrowLeft")
    assert coords(opened) == "z = (-4.80, 0.40)"
    assert view(opened)["x"] < -1.5  # the view has followed


def test_wheel_and_pan_change_the_view_and_never_blank_it(opened):
    box = opened.locator("#latent-map canvas").bounding_box()
    opened.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    before = coords(opened)
    opened.mouse.wheel(0, -700)
    until(opened, lambda: view(opened)["half"] < 1)
    assert coords(opened)[:8] == before[:8]  # the same place is under the pointer
    blank = f"""() => {{ const {{ plane }} = {INSIDE}; plane.paintPictures();
        const {{ data }} = plane.pictures.getContext('2d').getImageData(0, 0, plane.side, plane.side);
        let bright = 0; const n = 8, size = Math.floor(plane.side / n);
        for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {{ let most = 0;
            for (let y = 0; y < size; y += 2) for (let x = 0; x < size; x += 2)
                most = Math.max(most, data[4 * ((j * size + y) * plane.side + i * size + x)]);
            bright += most > 60; }}
        return bright; }}"""
    assert opened.evaluate(blank) > 56  # of 64 fields
    opened.wait_for_function(f"{INSIDE}.plane.refined")
    assert opened.evaluate(f"{INSIDE}.plane.level") >= 4
    opened.keyboard.down("Shift")
    before = view(opened)
    drag(opened, "#latent-map canvas", [(0.8, 0.5), (0.1, 0.5)])
    opened.keyboard.up("Shift")
    assert view(opened)["x"] > before["x"] + before["half"]
    assert opened.evaluate(blank) > 56
    opened.mouse.wheel(0, 9000)
    until(opened, lambda: view(opened)["half"] == pytest.approx(16 * 3.2))
    assert opened.evaluate(blank) > 56
    opened.locator("#latent-map canvas").click(position={"x": 0.99 * box["width"], "y": 0.5 * box["height"]})
    x, y = map(float, coords(opened)[5:-1].split(", "))
    assert x > 45  # where no picture has ever been
    assert np.abs(decoded(opened)[..., 0] - inference.decode(x, y).astype(int)).max() <= 1


def test_two_fingers_zoom(opened):
    script = """() => {
        const canvas = document.querySelector('#latent-map canvas'), box = canvas.getBoundingClientRect();
        canvas.setPointerCapture = () => {};
        const clientY = box.top + box.height / 2;
        const fire = (name, pointerId, x) => canvas.dispatchEvent(
            new PointerEvent(name, { pointerId, button: 0, clientX: box.left + x * box.width, clientY }));
        fire('pointerdown', 1, 0.4); fire('pointerdown', 2, 0.6);
        fire('pointermove', 1, 0.3); fire('pointermove', 2, 0.7);
        fire('pointerup', 1, 0.3); fire('pointerup', 2, 0.7);
    }"""
    opened.evaluate(script)
    assert view(opened)["half"] == pytest.approx(1.6)


def test_a_phone_shows_plane_and_picture_first_and_takes_fingers(served, new_page):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.set_default_timeout(120_000)
    page.goto(f"{served}?tab=latent_walk")
    page.wait_for_function(f"{INSIDE}?.complete && {INSIDE}.plane.refined")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tops = [page.locator(f"#latent-{name}").bounding_box() for name in ("map", "decoded", "checkpoint", "pad")]
    assert [box["y"] for box in tops] == sorted(box["y"] for box in tops)
    assert tops[1]["y"] + tops[1]["height"] < 844
    box = page.locator("#latent-map canvas").bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind, *places):
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": i}
            for i, (x, y) in enumerate(places)
        ]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.5, 0.5))
    for i in range(1, 6):
        touch("touchMove", (0.5 + 0.05 * i, 0.5))
    touch("touchEnd")
    x, y = map(float, coords(page)[5:-1].split(", "))
    assert (x, y) == pytest.approx((1.6, 0), abs=0.05)
    assert page.evaluate("scrollY") == 0
    touch("touchStart", (0.4, 0.5), (0.6, 0.5))
    for i in range(1, 6):
        touch("touchMove", (0.4 - 0.02 * i, 0.5), (0.6 + 0.02 * i, 0.5))
    touch("touchEnd")
    until(page, lambda: view(page)["half"] == pytest.approx(1.6, rel=0.02))


def test_the_axes_can_be_quantiles_of_the_prior(opened):
    opened.get_by_label("Axes in quantiles").check()
    drag(opened, "#latent-map canvas", [(0.8413447, 0.0227501)])
    x, y = map(float, coords(opened)[5:-1].split(", "))
    assert (x, y) == pytest.approx((1, 2), abs=0.05)
    assert marked(opened) == pytest.approx([0.8413447, 0.0227501], abs=0.005)
    assert "20%" in opened.locator(".columns").inner_text()
    opened.get_by_label("Axes in quantiles").uncheck()


def test_the_legend_hides_the_points_of_a_class(opened):
    shown = f"""() => {{ const {{ dots, side }} = {INSIDE}.plane;
        const {{ data }} = dots.canvas.getContext('2d').getImageData(0, 0, side, side);
        return data.reduce((count, value, i) => count + (i % 4 === 3 && value > 0), 0); }}"""
    every = opened.evaluate(shown)
    assert every > 20_000  # pixels
    opened.locator(".classes").get_by_label("1", exact=True).uncheck()
    until(opened, lambda: 0 < opened.evaluate(shown) < 0.97 * every)
    opened.get_by_role("button", name="None").click()
    until(opened, lambda: opened.evaluate(shown) == 0)
    opened.get_by_role("button", name="All").click()
    until(opened, lambda: opened.evaluate(shown) == every)


def test_a_drawing_lands_while_it_is_drawn_as_python_would_place_it(opened):
    drag(opened, "#latent-pad canvas", [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)])
    uri = opened.evaluate("document.querySelector('#latent-pad canvas').toDataURL()")
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("L").resize((140, 140)))
    mu, logvar = inference.get_model("vae-mnist").encode(prepare_digit(pixels).x)
    place = [float(v) for v in coords(opened)[5:-1].split(", ")]
    assert np.abs(mu[0].numpy() - place).max() < 0.15
    note = opened.locator(".landed .note").inner_text()
    assert "σ = (" in note
    assert float(note.split("σ = (")[1].split(",")[0]) == pytest.approx(float((0.5 * logvar[0, 0]).exp()), abs=0.05)
    assert opened.requests == []


def test_a_drawing_lands_on_the_plane_of_another_model_as_well(opened):
    drag(opened, "#latent-pad canvas", [(0.5, 0.2), (0.5, 0.8)])
    first, given = coords(opened), pixels_of(opened, ".landed .given")
    choose(opened, "dense-mnist-2d")
    assert opened.locator(".landed").is_visible()
    assert np.array_equal(pixels_of(opened, ".landed .given"), given)
    x = torch.from_numpy(given[..., 0].copy()).float().view(1, 1, 28, 28) / 255
    place = [float(v) for v in coords(opened)[5:-1].split(", ")]
    assert np.abs(inference.get_model("dense-mnist-2d").encode(x)[0].numpy() - place).max() < 0.2
    assert coords(opened) != first


def test_a_picture_from_python_lands(opened):
    opened.get_by_role("button", name="land").click()
    opened.locator(".landed .given").wait_for()
    x = torch.from_numpy(stroke(28)).float().view(1, 1, 28, 28) / 255
    mu, _ = inference.get_model("vae-mnist").encode(x)
    place = [float(v) for v in coords(opened)[5:-1].split(", ")]
    assert np.abs(mu[0].numpy() - place).max() < 0.05
    opened.get_by_role("button", name="Use as A").click()
    assert opened.evaluate(f"{INSIDE}.get('ends')[0]") == pytest.approx(place, abs=0.01)


def test_other_planes_move_with_this_one(opened):
    assert opened.evaluate(f"{INSIDE}.contrast.others.length") == 2
    drag(opened, "#latent-map canvas", [(0.75, 0.4)])
    opened.locator(".others .below").first.scroll_into_view_if_needed()
    x, y = map(float, coords(opened)[5:-1].split(", "))
    picture = inference.decode_points(np.array([[x, y]]), "vae-mnist")
    expected = inference.get_model("dense-mnist-2d").encode(picture)[0].numpy()
    place = f"{INSIDE}.contrast.others[0].place"
    until(opened, lambda: np.abs(opened.evaluate(place) - expected).max() < 0.1)
    opened.locator(".others canvas.beside").first.click(position={"x": 60, "y": 60})
    assert coords(opened) != f"z = ({x:.2f}, {y:.2f})"


def test_the_page_says_what_the_picture_looks_like(opened):
    drag(opened, "#latent-map canvas", [(0.85, 0.55)])
    opened.wait_for_function(
        "document.querySelector('#latent-decoded canvas').ariaLabel?.includes('Most similar class: 0')"
    )
