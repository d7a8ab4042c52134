"""Visitors cannot reach each other's data by addresses, events, server functions or guessed names."""

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from ae_demo import checkpoints
from ae_demo.data import ASSETS
from ae_demo.models import build_model
from ae_demo.ui import static_files
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.latent_walk import planes
from ae_demo.ui.temporary import server_folder

ANN, BOB = "ann-secret-1", "bob-secret-2"


@pytest.fixture(scope="module")
def web(served):
    with httpx.Client(base_url=served, timeout=120, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def page(web):
    """The components and listeners of the page, with its first tab open."""
    config = web.get("/config").json()
    (first,) = listeners(config, "apply")
    part = call(web, "carl", first["id"], []).json()["render_config"]
    return {name: config[name] + part[name] for name in ("components", "dependencies")}


@pytest.fixture(scope="module")
def own_run(served, tmp_path_factory):
    """Ann's run, with a report and the files of its plane."""
    folder = tmp_path_factory.mktemp("run") / "vae-digits"
    metrics = {"data": {"name": "digits"}, "figures": {"mse": 0.1}}
    checkpoints.save(build_model("vae", hidden=(32,), latent_dim=2), folder, metrics)
    (report := folder.parent / "report.html").write_text("the report of ann")
    kept = user_runs.keep(ANN, folder, {"status": {"state": "finished"}, "report": str(report)})
    about = planes.describe(kept)
    yield kept, about
    user_runs.clear()


def call(web, session, fn_index, data):
    return web.post("/gradio_api/run/predict", json={"data": data, "fn_index": fn_index, "session_hash": session})


def fetch(web, path):
    return web.get("/gradio_api/file=" + quote(str(path), safe="/%"))


def listeners(page, name):
    return [each for each in page["dependencies"] if each["api_name"] == name]


def test_a_run_is_offered_to_its_visitor_alone(web, page, own_run):
    (offer,) = listeners(page, "offer")
    texts = [call(web, session, offer["id"], ["conv-mnist"]).text for session in (ANN, BOB)]
    assert ["my-run" in text for text in texts] == [True, False]


@pytest.mark.parametrize("name", ["my-run", "folder"])
def test_no_event_answers_with_anothers_run(web, page, own_run, name):
    checkpoint = str(own_run[0]) if name == "folder" else name
    values = {each["id"]: each["props"].get("value") for each in page["components"]}
    (preview,) = listeners(page, "show_preview")
    data = [values[i] for i in preview["inputs"]]
    assert call(web, BOB, preview["id"], data).is_success  # so that it fails for its checkpoint alone
    assert not call(web, BOB, preview["id"], [checkpoint, *data[1:]]).is_success
    (encode,) = listeners(page, "encode")
    assert not call(web, BOB, encode["id"], [data[2], checkpoint]).is_success


def test_no_file_of_a_run_is_served(web, own_run):
    kept, _ = own_run
    files = [path for path in kept.parent.rglob("*") if path.is_file()]
    assert len(files) >= 5
    for path in [*files, kept, kept.parent, kept.parent.parent]:
        assert fetch(web, path).status_code in (403, 404)
    root = Path(static_files._root().name)
    for climb in (f"{root}/../{kept.parent.name}/view.json", f"{root}/%2e%2e/{kept.parent.name}/view.json"):
        assert fetch(web, climb).status_code in (403, 404)


def test_the_plane_of_a_run_has_a_secret_name(web, own_run):
    _, about = own_run
    published = [value for value in json.dumps(about).split('"') if "ae-demo-static-" in value]
    assert published
    for address in published:
        path = Path("/" + address.partition("/")[2]) if "file=" in address else Path(address)
        assert len(path.parent.name) >= 20  # characters at random: it cannot be guessed
        assert fetch(web, path.parent).status_code in (403, 404)  # nor listed
        assert fetch(web, path.parent.parent).status_code in (403, 404)


def test_a_server_function_knows_its_visitor(web, page, own_run):
    parts = [call(web, BOB, each["id"], []) for each in page["dependencies"] if each["api_name"].startswith("apply")]
    made = [each for part in parts for each in part.json()["render_config"]["components"]]
    plane = next(each["id"] for each in made if each["props"].get("elem_id") == "latent-map-block")

    def ask(session, name):
        body = {"component_id": plane, "fn_name": "open_plane", "data": name, "session_hash": session}
        return web.post("/gradio_api/component_server", json=body).json()

    token = own_run[1]["name"]
    assert ask(ANN, "my-run")["file"] == own_run[1]["file"]
    for guess in ("my-run", token, "my-run/0", "../my-run", str(own_run[0])):
        assert ask(BOB, guess).keys() == {"error"}


def test_a_session_that_is_known_by_name_gives_no_values(web, page, own_run):
    values = {each["id"]: each["props"].get("value") for each in page["components"]}
    (preview,) = listeners(page, "show_preview")
    call(web, ANN, preview["id"], [values[i] for i in preview["inputs"]])
    link = web.get("/gradio_api/deep_link", params={"session_hash": ANN}).json()
    state = server_folder() / "gradio" / "deep_links" / link / "state.json"
    assert fetch(web, state).json() == []


SECRET_FILES = ["/etc/passwd", "/proc/self/environ", Path("app.py").resolve(), Path("pyproject.toml").resolve()]


@pytest.mark.parametrize("path", [*SECRET_FILES, "/etc/../etc/passwd", "..%2f..%2f..%2fetc/passwd", "%00", "~/.bashrc"])
def test_no_file_of_the_machine_is_served(web, path):
    for address in ("/gradio_api/file=", "/file=", "/static/", "/assets/", "/gradio_api/file/", "/svelte/"):
        answer = web.get(address + quote(str(path), safe="/%."))
        assert answer.status_code >= 400 or "root:" not in answer.text
        assert "PATH=" not in answer.text
        assert "[project]" not in answer.text


@pytest.mark.parametrize("path", ["/etc/passwd", "run"])
def test_no_listener_reads_a_file_that_was_not_uploaded(web, page, own_run, path):
    path = str(own_run[0] / checkpoints.CONFIG) if path == "run" else path
    (denoise,) = listeners(page, "denoise")
    given = {"path": path, "meta": {"_type": "gradio.FileData"}}
    answer = call(web, BOB, denoise["id"], [given, "denoising-photo"])
    assert answer.status_code == 500
    assert "root:" not in answer.text


def test_an_upload_is_stored_under_the_hash_of_its_content(web):
    content = (ASSETS / "examples" / "digit-2.png").read_bytes()
    (path,) = web.post("/gradio_api/upload", files={"files": ("../../../escape.png", content)}).json()
    assert Path(path).name == "escape.png"
    assert len(Path(path).parent.name) == 64
    assert fetch(web, path).content == content
    assert fetch(web, Path(path).parent).status_code in (403, 404)
    assert fetch(web, Path(path).parent.parent).status_code in (403, 404)


def test_monitoring_does_not_reveal_sessions(web):
    assert web.get("/monitoring/summary").status_code >= 400 or ANN not in web.get("/monitoring/summary").text
    assert web.get("/gradio_api/runs").status_code >= 400
