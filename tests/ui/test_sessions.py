"""What visitors share and what is private: parts of the page that are built once, and bounded sessions."""

import gradio as gr
import pytest
from gradio.routes import App
from starlette.testclient import TestClient

from ae_demo.ui import sessions
from ae_demo.ui.app import lifespan
from ae_demo.ui.sessions import SharedPart


class Page:
    """A page with a part that is built when it is opened: a list of choices, and a button that adds another choice."""

    def __init__(self):
        self.built = []
        with gr.Blocks() as self.blocks:
            opened = gr.Button()
            SharedPart(self.build, opened.click)
        self.blocks.queue()
        self.app = App.create_app(self.blocks, app_kwargs={"lifespan": lifespan})

    def build(self):
        self.built.append(sessions.LocalContext.request.get(None))
        chosen, name, mine = gr.Dropdown(["a", "b"], value="a"), gr.Textbox(), gr.Button()
        said = gr.Textbox()
        mine.click(lambda own: gr.Dropdown(["a", "b", own]), name, chosen, queue=False)
        chosen.change(lambda value: f"chosen: {value}", chosen, said, queue=False)


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def call(page):
    """`call(session, number of the listener, *values)` gives the answer of the server."""
    with TestClient(page.app) as client:

        def post(session, fn_index, *values):
            body = {"data": list(values), "fn_index": fn_index, "session_hash": session}
            return client.post("/gradio_api/run/predict", json=body)

        yield post


def test_a_part_is_built_once_and_for_nobody(page, call):
    configs = [call(session, 0).json()["render_config"] for session in ("ann", "bob")]
    assert page.built == [None]
    assert configs[0]["components"] == configs[1]["components"]
    assert [each["id"] for each in configs[0]["dependencies"]] == [1, 2]
    assert {each["type"] for each in configs[0]["components"]} >= {"dropdown", "textbox", "button"}


def test_what_is_changed_for_a_visitor_is_theirs_alone(call):
    for session in ("ann", "bob"):
        call(session, 0)
    call("ann", 1, "secret run")
    assert call("ann", 2, "secret run").json()["data"] == ["chosen: secret run"]
    assert call("bob", 2, "secret run").status_code == 500
    assert call("bob", 2, "b").json()["data"] == ["chosen: b"]
    for session in ("carl", "ann"):  # ann opens it anew
        assert "secret run" not in str(call(session, 0).json()["render_config"])
    assert call("ann", 2, "secret run").status_code == 500


def test_a_forgotten_visitor_can_go_on(page, call, monkeypatch):
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 3)
    call("ann", 0)
    for name in "bcdef":
        call(name, 0)
    held = page.app.state_holder
    assert list(held.session_data) == ["d", "e", "f"]
    assert call("ann", 2, "b").json()["data"] == ["chosen: b"]
    monkeypatch.setattr(sessions, "IDLE_SECONDS", -1)
    held.forget_idle()
    assert not held.session_data


def test_a_visitor_holds_no_values(page, call):
    call("ann", 0)
    call("ann", 2, "b")
    visitor = page.app.state_holder["ann"]
    assert visitor.config_values == {}
    assert visitor.blocks_config.blocks.maps[0] == {}
    call("ann", 1, "own")
    assert len(visitor.blocks_config.blocks.maps[0]) == 1  # the list with their own choice
