"""The whole demo through its named endpoints, as a program would use it."""

import io

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from ae_demo import checkpoints, inference
from ae_demo.data import ASSETS
from ae_demo.data.pictures import to_pixels, to_tensor
from ae_demo.functional import noise
from ae_demo.ui.tabs import TABS

PHOTO = ASSETS / "photos" / "coffee.jpg"


@pytest.fixture(scope="module")
def client(served, tmp_path_factory):
    return Client(served, verbose=False, download_files=str(tmp_path_factory.mktemp("answers")))


def pixels_of(path):
    return np.asarray(Image.open(path))


def write(path, pixels):
    Image.fromarray(pixels).save(path)
    return handle_file(str(path))


def test_the_endpoints_have_their_names(client):
    names = client.view_api(return_format="dict")["named_endpoints"]
    others = {"/decode", "/train", "/anomaly", "/sequence", "/encode", "/style", "/models"}
    assert {"/reconstruct", "/denoise", "/colorize", *others} == set(names)


def test_no_listener_has_the_page_or_a_whole_tab_as_its_output(served):
    """Gradio's page reads all that is in such an output, at every step of every later event: seconds for each tab."""
    page = httpx.get(f"{served}config").json()
    parts = [page]
    for event in page["dependencies"]:
        if event["render_id"] is not None:
            body = {"data": [], "fn_index": event["id"], "session_hash": "outputs"}
            answer = httpx.post(f"{served}gradio_api/run/predict", json=body, timeout=120)
            parts.append(answer.raise_for_status().json()["render_config"])
    assert len(parts) > len(TABS)
    kinds = {each["id"]: each["type"] for part in parts for each in part["components"]}
    listeners = [event for part in parts for event in part["dependencies"] if event["backend_fn"]]
    changed = {kinds[output] for event in listeners for output in event["outputs"]}
    assert "html" in changed
    assert not changed & {"tabs", "tabitem", "column", "row"}
    # The page also gives each component on which progress is reported a new status, at every step of every event.
    reported = [event for event in listeners if event["show_progress"] != "minimal"]
    (empty,) = {component for event in reported for component in event["show_progress_on"]}
    assert kinds[empty] == "html"
    assert empty not in {output for event in listeners for output in event["outputs"]}
    assert {event["show_progress"] for event in reported} == {"hidden"}


def test_encode_answers_what_the_library_answers(client):
    example = ASSETS / "examples" / "digit-2.png"
    answer = client.predict(handle_file(str(example)), "dense-mnist", api_name="/encode")
    assert answer["shape"] == [32]
    np.testing.assert_allclose(answer["code"], inference.encode([Image.open(example)], "dense-mnist")[0], atol=1e-3)


def test_reconstruct_answers_what_the_library_answers(client):
    image, figures = client.predict(handle_file(str(PHOTO)), api_name="/reconstruct")
    expected = inference.reconstruct(Image.open(PHOTO))
    assert np.abs(pixels_of(image).astype(int) - expected.image).max() <= 1
    assert figures["psnr"] == pytest.approx(expected.psnr, abs=0.05)


@pytest.mark.parametrize("name", [c for c in checkpoints.list_checkpoints() if c.endswith(("mnist", "fashion"))])
def test_every_small_checkpoint_reconstructs_an_example(client, name):
    example = "sneaker.png" if name.endswith("fashion") else "digit-2.png"
    _, figures = client.predict(handle_file(str(ASSETS / "examples" / example)), name, api_name="/reconstruct")
    assert figures["psnr"] > 12


def test_denoise_betters_a_noisy_photograph(client, tmp_path):
    clean = pixels_of(PHOTO)[:240, :320]
    noisy = to_pixels(noise.corrupt(to_tensor(clean), noise.Noise(gaussian=0.1), seed=1))
    out = client.predict(write(tmp_path / "noisy.png", noisy), api_name="/denoise")
    out = pixels_of(out)
    assert out.shape == clean.shape
    errors = [np.square(x.astype(float) - clean).mean() for x in (noisy, out)]
    assert errors[1] < errors[0] / 4  # 6 dB


def test_colorize_keeps_the_size_and_gives_colour(client, tmp_path):
    grey = np.asarray(Image.open(ASSETS / "photos" / "china.jpg").convert("L"))
    out = pixels_of(client.predict(write(tmp_path / "grey.png", grey), api_name="/colorize"))
    assert out.shape == (*grey.shape, 3)
    assert np.ptp(out.astype(int), axis=2).mean() > 3


def test_colorize_takes_warmth_and_hints(client, tmp_path):
    grey = np.asarray(Image.open(ASSETS / "photos" / "china.jpg").convert("L").resize((160, 120)))
    path, hints = write(tmp_path / "grey.png", grey), [[0.5, 0.5, [200, 30, 30]]]
    out = pixels_of(client.predict(path, warmth=0.5, hints=hints, api_name="/colorize"))
    expected = inference.colorize(grey, warmth=0.5, hints=hints)
    assert np.abs(out.astype(int) - expected).max() <= 1
    assert np.abs(out.astype(int) - inference.colorize(grey)).max() > 10
    with pytest.raises(AppError, match="A hint is 'blue'"):
        client.predict(path, hints=["blue"], api_name="/colorize")


def test_decode_gives_the_picture_of_a_place(client):
    here, there = (pixels_of(client.predict(x, y, api_name="/decode")) for x, y in ((0.0, 0.0), (2.0, -1.0)))
    assert here.shape[:2] == (28, 28)
    assert np.abs(here.astype(int) - there).mean() > 5


def test_train_streams_its_events_and_learns(client):
    settings = {"epochs": 3, "hidden": [128], "latent_dim": 16}
    job = client.submit("dense", "digits", settings, api_name="/train")
    last = job.result(timeout=120)
    events = job.outputs()
    assert next(e for e in events if e["event"] not in ("working", "preparing"))["event"] == "started"
    assert last["event"] == "finished"
    assert last["figures"]["mse"] < 0.07  # a black picture has 0.1


def test_train_names_an_invalid_setting(client):
    with pytest.raises(AppError, match="latent_dim"):
        client.predict("dense", "digits", {"latent_dim": -3}, api_name="/train")


HOSTILE = {
    "text.png": b"this is no picture",
    "empty.png": b"",
    "cut.jpg": PHOTO.read_bytes()[:3000],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_invalid_picture_gives_a_message_and_the_demo_continues(client, tmp_path, name):
    (tmp_path / name).write_bytes(HOSTILE[name])
    with pytest.raises(AppError, match=r"\w+ \w+ \w+"):
        client.predict(handle_file(str(tmp_path / name)), api_name="/denoise")
    assert client.predict(0.0, 0.0, api_name="/decode")


def test_a_decompression_bomb_is_refused(client, tmp_path):
    buffer = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(buffer, "PNG")
    (tmp_path / "bomb.png").write_bytes(buffer.getvalue())
    with pytest.raises(AppError, match=r"megapixels|large"):
        client.predict(handle_file(str(tmp_path / "bomb.png")), api_name="/denoise")


@pytest.mark.parametrize("size", [(1, 1), (3000, 5), (37, 501)])
def test_any_size_works(client, tmp_path, size):
    picture = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    for endpoint in ("/denoise", "/colorize"):
        out = client.predict(write(tmp_path / "odd.png", picture), api_name=endpoint)
        assert pixels_of(out).shape[:2] == picture.shape[:2]


@pytest.mark.parametrize(
    ("endpoint", "values", "message"),
    [
        ("/decode", ("1.5", 0), r"x is '1\.5'; give a finite number"),
        ("/decode", (None, 0), "x is None; give a finite number"),
        ("/decode", (0, 0, "/etc"), "checkpoint is '/etc'; choose one of dense"),
        ("/denoise", ("text", "denoising-mnist"), "image is 'text'; send an uploaded file"),
        ("/denoise", (None, "denoising-mnist"), "Send one as `image`"),
        ("/sequence", ([[[[[1]]]]],), "sequence is nested too deeply"),
        ("/sequence", ([1, "a"],), "sequence has the element 'a'"),
        ("/sequence", ("cat", "seq2seq-words", "dog", "3"), "steps is '3'; give an integer"),
        ("/train", (None, "digits", {}), "family is None"),
        ("/anomaly", ("a", "b"), "normal is 'a'; send an uploaded file"),
    ],
)
def test_values_of_another_kind_get_a_sentence(client, endpoint, values, message):
    with pytest.raises(AppError, match=message):
        client.predict(*values, api_name=endpoint)


def test_a_picture_that_was_not_uploaded_is_not_read(served, tmp_path):
    Image.new("RGB", (30, 30)).save(tmp_path / "private.png")
    call = f"{served}gradio_api/call/denoise"
    values = [{"path": str(tmp_path / "private.png")}, "denoising-mnist", None, None]
    event = httpx.post(call, json={"data": values}).json()
    answer = httpx.get(f"{call}/{event['event_id']}", timeout=60).text
    assert "The picture was not uploaded" in answer
    assert str(tmp_path) not in answer


def test_the_former_name_of_a_picture_is_accepted(client):
    example = ASSETS / "examples" / "digit-2.png"
    by_name = [client.predict(**{name: handle_file(str(example))}, api_name="/encode") for name in ("image", "path")]
    assert by_name[0] == by_name[1]
