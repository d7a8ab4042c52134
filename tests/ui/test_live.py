"""The live loop: busy bar, cancelling by a newer request, previews never after the full result, errors."""

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ae_demo.data import load_bundled_photos
from ae_demo.errors import PictureError
from ae_demo.inference.scheduler import Client
from ae_demo.ui import live
from ae_demo.ui.components.busy import busy, busy_value
from ae_demo.ui.components.cards import cards
from ae_demo.ui.components.hints import hints
from ae_demo.ui.components.table import table
from ae_demo.ui.tabs.reconstruct import view as reconstruct

SKIP = gr.skip()


@dataclass(frozen=True)
class Request:
    value: float


def visitor(session):
    return SimpleNamespace(session_hash=session)


def build_view(full, preview=None):
    """A view of one slider, with cards and a table, and a busy bar with an id of its own."""
    with gr.Blocks():
        inputs = {"value": gr.Slider(0, 9, 0)}
        outputs = {"results": cards("view-results"), "table": table("view-table")}
        bar = busy(f"busy-{time.monotonic_ns()}")
        moving = ["value"] if preview else []
        return live.LiveView(Request, inputs, outputs, bar, full=full, preview=preview, moving=moving)


def answer(request, progress):
    yield {"results": [f"full {request.value}"]}


def test_a_view_of_one_output_shows_its_previews():
    with gr.Blocks() as page:
        outputs = {"results": cards("only-results")}
        inputs = {"value": gr.Slider(0, 9, 0)}
        preview = {"full": answer, "preview": lambda request: {"results": [request.value]}, "moving": ["value"]}
        live.LiveView(Request, inputs, outputs, busy("only-busy"), **preview)
    (listener,) = (fn for fn in page.fns.values() if fn.name == "show_preview")
    with ThreadPoolExecutor(1) as other:  # a browser test before may have left a running loop in this thread
        shown = other.submit(lambda: asyncio.run(page.process_api(listener, [3], request=visitor("only")))).result()
    assert shown["data"] == [[3]]


def pending(session="s", request=None):
    return live.begin(("view", session), request)


@pytest.fixture
def hasty(monkeypatch):
    """Show the busy bar at once, and update it often."""
    monkeypatch.setattr(live, "BUSY_AFTER_SECONDS", 0.005)
    monkeypatch.setattr(live, "BUSY_SECONDS", 0.005)


def test_a_job_gives_shares_and_then_results(hasty):
    def work(request, progress):
        for step in range(20):
            progress(step / 20)
            time.sleep(0.01)
        yield {"results": request}

    *shares, results = live.Job(work, "done", pending())
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert results == {"results": "done"}


def test_quick_work_shows_no_share():
    assert list(live.Job(answer, Request(1), pending())) == [{"results": ["full 1"]}]


def test_each_stage_has_a_bar_of_its_own(hasty):
    def work(request, progress):
        for stage in "ab":
            for step in range(10):
                progress(step / 10)
                time.sleep(0.01)
            yield {"results": stage}

    events = list(live.Job(work, None, pending()))
    stages = [at for at, event in enumerate(events) if not isinstance(event, float)]
    assert [events[at]["results"] for at in stages] == ["a", "b"]
    first, second = events[: stages[0]], events[stages[0] + 1 : stages[1]]
    assert first == sorted(first)
    assert second == sorted(second)
    assert second[0] < first[-1]


def test_a_job_ends_when_something_newer_is_asked_or_the_visitor_leaves(hasty):
    steps = []

    def work(request, progress):
        for step in range(1000):
            progress(step / 1000)
            steps.append(step)
            time.sleep(0.005)
        yield {}

    job = live.Job(work, None, pending("a"))
    pending("b")  # another visitor's request ends nothing
    time.sleep(0.05)
    assert job.pending.current
    pending("a")
    with pytest.raises(live.Superseded):
        list(job)
    assert len(steps) < 500
    job = live.Job(work, None, pending("a"))
    watched = iter(job)
    next(watched)
    watched.close()
    time.sleep(0.05)
    count = len(steps)
    time.sleep(0.1)
    assert len(steps) == count


def test_a_job_ends_as_soon_as_the_connection_of_its_request_does(hasty, monkeypatch):
    """Gradio closes the generator only when it yields again."""
    ended = []

    def work(request, progress):
        progress(0.0)
        ended.append(True)
        progress(0.5)
        yield {}

    monkeypatch.setattr(live, "client_of_request", lambda: Client("a", lambda: bool(ended)))
    with pytest.raises(live.Superseded):
        list(live.Job(work, None, pending("a")))


def test_a_job_that_ended_early_keeps_no_picture(hasty):
    """The error's frames would hold it until Python next collects cycles."""
    held = []

    def work(request, progress):
        picture = np.zeros(10)
        held.append(weakref.ref(picture))
        pending("a")
        progress(0.5)
        yield {}

    job = live.Job(work, None, pending("a"))
    gc.disable()
    try:
        with pytest.raises(live.Superseded) as raised:
            list(job)
        assert raised.value.__traceback__
        assert held[0]() is None
    finally:
        gc.enable()


def test_a_jobs_error_is_raised_where_its_results_are_asked_for():
    def work(request, progress):
        raise PictureError("no")
        yield {}

    with pytest.raises(PictureError, match="no"):
        list(live.Job(work, None, pending()))


def test_the_same_request_at_once_is_one(monkeypatch):
    first, again = pending("twice", "a"), pending("twice", "a")
    assert not first.repeated
    assert again.repeated
    assert first.current
    assert not pending("twice", "b").repeated
    assert not first.current
    monkeypatch.setattr(live, "REPEAT_SECONDS", 0.0)  # later, the same may have another answer: a run has ended
    assert not pending("twice", "b").repeated
    assert not pending("", "b").repeated


def test_a_late_preview_does_not_end_the_full_answer_to_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "BUSY_AFTER_SECONDS", 0.0)
    path, who = str(tmp_path / "a.png"), visitor("late")
    Image.fromarray(load_bundled_photos()["coffee"][::4, ::4]).save(path)
    names = ("checkpoint", "kind", "path", "drawing", "channels", "step", "threshold")
    with gr.Blocks():
        inputs = {name: hints() if name == "drawing" else gr.Number(0) for name in names}
        outputs = {name: cards(f"late-{name}") for name in ("results", "code", "map", "facts", "table", "rate")}
        view = live.LiveView(
            reconstruct.ReconstructRequest,
            inputs,
            outputs,
            busy("late-busy"),
            full=reconstruct.full,
            preview=reconstruct.preview,
            moving=["channels"],
        )

    def asked(channels):
        return "conv-photo", "upload", path, "", channels, 0.3, 95

    steps = view.show_full(who, *asked(8))
    assert "share" in next(steps)[0]
    late = view.show_preview(who, *asked(8))[0]
    assert late == SKIP or late[0]["note"] == "preview"  # shown only until the full answer is there
    shown = [results for _, results, *_ in steps if results != SKIP]
    assert [about["title"] for about in shown[-1]][:2] == ["from_bytes", "error"]
    assert view.show_preview(who, *asked(8)) == [SKIP] * len(outputs)
    monkeypatch.setattr(live, "REPEAT_SECONDS", 0.0)
    steps = view.show_full(who, *asked(8))
    next(steps)
    assert view.show_preview(who, *asked(4))[0][0]["note"] == "preview"
    *_, last = steps
    assert last[1:] == [SKIP] * len(outputs)


def test_a_preview_that_ends_after_the_full_answer_has_begun_is_not_shown():
    newer = []

    def preview(request):
        for other, answered in newer:
            live.begin((view.bar.elem_id, "overtaken"), Request(other)).answered = answered
        return {"results": [request.value]}

    view, who = build_view(answer, preview), visitor("overtaken")
    newer = [(9, False)]
    assert view.show_preview(who, 1) == [SKIP, SKIP]
    newer = [(2, True)]
    assert view.show_preview(who, 2) == [SKIP, SKIP]
    newer = [(3, False)]  # while the full answer is being made, the preview is welcome
    assert view.show_preview(who, 3) == [[3], SKIP]
    newer = []
    assert view.show_preview(who, 4) == [[4], SKIP]


def test_an_answer_knows_whether_a_preview_ended_it():
    view, who = build_view(answer, lambda request: {}), visitor("ended")
    key = (view.bar.elem_id, "ended")
    first = live.begin(key, Request(1))
    assert not first.cancelled_by_preview
    view.show_preview(who, 2)
    assert first.cancelled_by_preview
    assert not first.current
    live.begin(key, Request(3))  # who asks in full is answered in full
    assert not first.cancelled_by_preview


def test_full_results_hide_the_bar_and_leave_other_outputs(hasty):
    def full(request, progress):
        progress(0.5)
        time.sleep(0.05)
        yield {"results": ["first"]}
        yield {"table": "second"}
        time.sleep(live.AT_ONCE_SECONDS)
        yield {"table": "third"}

    steps = list(build_view(full).show_full(visitor("stages"), 1))
    bars = [step for step in steps if step[0] is not None]
    assert bars
    assert all(bar["share"] in (0.0, 0.5) and kept == [SKIP, SKIP] for bar, *kept in bars)
    first, second, third = (step for step in steps if step[0] is None)
    assert first == [None, ["first"], SKIP]
    assert second == [None, ["first"], "second"]  # at once after the first, which the page may not have shown
    assert third == [None, SKIP, "third"]


def test_no_results_clear_the_outputs():
    def full(request, progress):
        yield None

    assert list(build_view(full).show_full(visitor("nothing"), 1)) == [[None, [], None]]


def test_an_error_in_full_clears_the_outputs_and_is_a_message():
    def full(request, progress):
        yield {"results": ["old"]}
        raise PictureError("a.png is broken")

    shown = build_view(full).show_full(visitor("broken"), 1)
    assert next(shown) == [None, ["old"], SKIP]
    assert next(shown) == [{"reason": "a.png is broken"}, [], None]  # which stays when the message has gone
    with pytest.raises(gr.Error, match=r"a\.png is broken"):
        next(shown)


def test_superseded_work_reports_no_progress_any_more(hasty):
    rest = threading.Event()

    def full(request, progress):
        rest.wait(10)
        yield {}

    view = build_view(full)
    shown = view.show_full(visitor("busy"), 1)
    assert next(shown)[0] == busy_value(0.0, 0.0)
    live.begin((view.bar.elem_id, "busy"), Request(2))
    assert next(shown)[0] == SKIP
    rest.set()


def test_an_error_in_a_preview_clears_the_outputs():
    def preview(request):
        raise PictureError("It is an HEIC picture: save it as JPEG.")

    assert build_view(answer, preview).show_preview(visitor("card"), 1) == [[], None]


def test_unknown_outputs_are_a_mistake_of_the_tab():
    def full(request, progress):
        yield {"result": 1}

    with pytest.raises(KeyError, match=r"result.*results"):
        list(build_view(full).show_full(visitor("mistake"), 1))


def test_the_time_left_is_guessed_from_the_share_and_the_seconds():
    assert busy_value(0.5, 2.0) == {"share": 0.5, "left": 2.0}
    assert busy_value(0.0, 2.0)["left"] is None
