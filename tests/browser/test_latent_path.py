"""Walks and samples in a real browser: computed in the page, and the saved files match what was shown."""

import base64
import re
from pathlib import Path

import numpy as np
import pytest
from latent_page import INSIDE, coords, demo, kept_page, opened, pixels_of  # noqa: F401
from pages import drag, until
from PIL import Image

from ae_demo import inference

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def ends(opened):
    """Move A and B to the places that the tests use."""
    opened.evaluate(f"{INSIDE}.set('ends', [[-2, 0.5], [1, 1.5]]); {INSIDE}.set('path', null)")
    opened.wait_for_timeout(100)


def spherical(a, b, t):
    a, b = (complex(*place) for place in (a, b))
    walk = ((1 - t) * abs(a) + t * abs(b)) * np.exp(1j * (np.angle(a) + t * np.angle(b / a)))
    return np.hstack([walk.real, walk.imag])


@pytest.mark.parametrize(("a", "b"), [((-2, 0.5), (1, 1.5)), ((-0.9, 1), (1.2, -1.4)), ((1, 0), (-2, 0))])
def test_the_strips_are_the_straight_and_the_spherical_walk(opened, a, b):
    opened.evaluate(f"{INSIDE}.set('ends', [{list(a)}, {list(b)}])")
    opened.wait_for_timeout(100)
    a, b = np.array(a), np.array(b)
    steps = np.linspace(0, 1, 11)[:, None]
    for name, places in (("straight", a + steps * (b - a)), ("spherical", spherical(a, b, steps))):
        shown = pixels_of(opened, f"#latent-path .{name} canvas")[..., 0]
        expected = inference.decode_points(places, "vae-mnist")[:, 0].mul(255).round().numpy()
        assert np.abs(shown - np.hstack(expected)).max() <= 1, name
    text = opened.locator("#latent-path .differ").inner_text()
    nearest = np.linalg.norm(a + np.linspace(0, 1, 101)[:, None] * (b - a), axis=1).min()
    assert f"within {nearest:.2f} of" in text
    assert "between {:.2f} and {:.2f}".format(*sorted(np.linalg.norm(p) for p in (a, b))) in text


@pytest.mark.serial
def test_the_animation_runs_at_the_screens_rate_along_the_walk(opened):
    film = opened.locator("#latent-path .film")
    film.scroll_into_view_if_needed()
    script = """async () => {
        const film = document.querySelector('#latent-path .film'), seen = new Set();
        let frames = 0;
        for (const end = performance.now() + 800; performance.now() < end; frames++) {
            await new Promise(requestAnimationFrame);
            seen.add(film.dataset.z);
        }
        return [frames, [...seen]];
    }"""
    frames, places = opened.evaluate(script)
    assert len(places) >= 0.9 * frames
    for place in places:
        x, y = map(float, place.split(","))
        assert y == pytest.approx(0.5 + (x + 2) / 3, abs=0.01)
    opened.get_by_role("button", name="Pause").click()
    opened.wait_for_timeout(100)
    before = film.get_attribute("data-z")
    opened.wait_for_timeout(200)
    assert film.get_attribute("data-z") == before
    x, y = map(float, before.split(","))
    assert np.abs(pixels_of(opened, "#latent-path .film")[..., 0] - inference.decode(x, y).astype(int)).max() <= 1


def test_an_end_can_be_dragged_on_the_plane(opened):
    drag(opened, "#latent-map canvas", [(1.2 / 6.4, 2.7 / 6.4), (0.5, 0.8)])
    a, b = opened.evaluate(f"{INSIDE}.get('ends')")
    assert a == pytest.approx([0, -1.92], abs=0.03)
    assert b == [1, 1.5]


def test_a_path_drawn_by_hand_is_walked_at_constant_speed(opened):
    assert opened.locator("#latent-path .drawn").is_hidden()
    opened.locator("#latent-map-block").get_by_text("Draw a path").click()
    drag(opened, "#latent-map canvas", [(0.2, 0.8), (0.5, 0.8), (0.5, 0.2)])
    opened.locator("#latent-path .drawn canvas").wait_for()
    shown = pixels_of(opened, "#latent-path .drawn canvas")[..., 0]
    z = [6.4 * v - 3.2 for v in (0.2, 0.5, 0.8)]
    for picture, place in ((0, (z[0], z[0])), (10, (z[1], z[2]))):
        part = shown[:, 28 * picture : 28 * picture + 28]
        assert np.abs(part - inference.decode(*place).astype(int)).mean() < 4
    opened.get_by_role("button", name="Delete the drawn path").click()
    assert opened.locator("#latent-path .drawn").is_hidden()
    opened.locator("#latent-map-block").get_by_text("Move point", exact=True).click()


def test_the_gif_and_the_png_hold_the_walk(opened):
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Save as GIF").click()
    with Image.open(download.value.path()) as gif:
        assert gif.info["loop"] == 0
        assert gif.n_frames == 62
        frames = []
        for i in range(gif.n_frames):
            gif.seek(i)
            frames.append(np.asarray(gif.convert("L").resize((28, 28), Image.Resampling.BOX)).astype(int))
    assert np.abs(frames[0] - inference.decode(-2, 0.5)).mean() < 6
    assert np.abs(frames[31] - inference.decode(1, 1.5)).mean() < 6
    assert np.abs(frames[40] - frames[22]).max() <= 1  # there and back
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Save the strips").click()
    with Image.open(download.value.path()) as sheet:
        pixels = np.asarray(sheet.convert("L"))
    strip = pixels_of(opened, "#latent-path .straight canvas")[..., 0]
    np.testing.assert_array_equal(pixels[: 4 * 28 : 4, ::4], strip)


def test_the_webm_shows_the_walk_forwards_and_backwards(opened):
    opened.locator("#latent-path .speed input").fill("9")  # two seconds
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Save as WebM").click()
    assert opened.locator("#latent-path .webm").is_enabled()
    film = Path(download.value.path()).read_bytes()
    assert film[:4] == b"\x1a\x45\xdf\xa3"  # EBML
    script = """async (film) => {
        const video = document.createElement('video'), canvas = document.createElement('canvas');
        const bytes = Uint8Array.from(atob(film), (c) => c.charCodeAt(0));
        video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/webm' }));
        const shown = [];
        for (let at = 0.01; at < 2; at += 0.1) {
            video.currentTime = at;
            await new Promise((resolve) => (video.onseeked = resolve));
            Object.assign(canvas, { width: 28, height: 28 });
            const context = canvas.getContext('2d');
            context.drawImage(video, 0, 0, 28, 28);
            shown.push([...context.getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0));
        }
        return [video.videoWidth, shown];
    }"""
    width, shown = opened.evaluate(script, base64.b64encode(film).decode())
    assert width == 336
    frames = np.array(shown).reshape(-1, 28, 28)
    far = [np.abs(frames - inference.decode(*place)).mean((1, 2)) for place in ((-2, 0.5), (1, 1.5))]
    assert far[0][0] < 10  # begins at A
    assert far[1].min() < 10  # and is at B on its way
    assert 0 < far[1].argmin() < len(frames) - 1


def test_samples_follow_the_temperature_and_lead_to_their_place(opened):
    block = opened.locator("#latent-samples")
    opened.requests.clear()
    block.get_by_role("button", name="Draw 64").click()
    places = np.array(opened.evaluate(f"{INSIDE}.get('samples')"))
    assert places.shape == (64, 2)
    assert 0.7 < places.std() < 1.3
    assert abs(places.mean()) < 0.5
    button = block.locator(".field button").nth(9)
    shown = pixels_of(opened, "#latent-samples .field canvas")[28:56, 28:56, 0]
    assert np.abs(shown - inference.decode(*places[9]).astype(int)).max() <= 1
    button.click()
    x, y = map(float, re.findall(r"-?\d+\.\d+", coords(opened)))
    assert [x, y] == pytest.approx(list(places[9]), abs=0.01)
    block.locator("input[type=range]").fill("0.5")
    until(opened, lambda: opened.evaluate(f"{INSIDE}.get('samples')[9][0]") == pytest.approx(places[9][0] / 2))
    button.focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Enter")
    x, y = map(float, re.findall(r"-?\d+\.\d+", coords(opened)))
    assert [x, y] == pytest.approx(list(places[10] / 2), abs=0.01)
    assert opened.requests == []


def test_two_pictures_dropped_on_the_plane_become_its_ends(opened, demo):
    script = """async () => {
        const sheet = document.createElement('canvas'), context = sheet.getContext('2d');
        sheet.width = sheet.height = 200;
        const data = new DataTransfer();
        for (const draw of [() => context.fillRect(92, 40, 16, 120), () => context.arc(100, 100, 50, 0, 7)]) {
            context.fillStyle = '#fff';
            context.fillRect(0, 0, 200, 200);
            [context.fillStyle, context.strokeStyle, context.lineWidth] = ['#222', '#222', 16];
            context.beginPath();
            draw();
            context.stroke();
            const blob = await new Promise((resolve) => sheet.toBlob(resolve));
            data.items.add(new File([blob], 'drawn.png', { type: 'image/png' }));
        }
        const plane = document.querySelector('#latent-map');
        plane.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    before = opened.evaluate(f"{INSIDE}.get('ends')")
    opened.evaluate(script)
    until(opened, lambda: all(a != b for a, b in zip(before, opened.evaluate(f"{INSIDE}.get('ends')"), strict=True)))
    kinds = opened.evaluate(f"{INSIDE}.get('ends').map((at) => {INSIDE}.plane.dots.neighbours(at).kind)")
    assert kinds == [1, 0]
