"""Long work for a visitor: it tells how far it is, ends for what is newer, and previews never come too late."""

import time
from types import SimpleNamespace

import gradio as gr
import pytest
from PIL import Image

from ae_demo.data import load_bundled_photos
from ae_demo.errors import PictureError
from ae_demo.ui import live
from ae_demo.ui.components.busy import busy_value
from ae_demo.ui.tabs.reconstruct import tab as reconstruct


def turn(session="s"):
    return live.Turn("tab", SimpleNamespace(session_hash=session))


def test_a_job_tells_its_shares_and_gives_its_result(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.01)
    monkeypatch.setattr(live, "OFTEN", 0.01)

    def work(progress):
        for i in range(20):
            progress(i / 20)
            time.sleep(0.01)
        return "done"

    job = live.Job(work, turn())
    shares = list(job)
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert job.result == "done"
    assert list(live.Job(lambda progress: 1, turn())) == []  # nothing is told of what is quick


def test_a_job_ends_when_something_newer_is_asked_or_the_visitor_leaves(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.01)
    steps = []

    def work(progress):
        for i in range(1000):
            progress(i / 1000)
            steps.append(i)
            time.sleep(0.005)

    job = live.Job(work, turn("a"))
    turn("b")  # another visitor's request ends nothing
    time.sleep(0.05)
    assert job.turn.current
    turn("a")
    with pytest.raises(live.Superseded):
        _ = job.result
    assert len(steps) < 500
    job = live.Job(work, turn("a"))
    watched = iter(job)
    next(watched)
    watched.close()
    with pytest.raises(live.Superseded):
        _ = job.result


def test_a_late_preview_does_not_end_the_full_answer_to_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.0)
    path, who = str(tmp_path / "a.png"), SimpleNamespace(session_hash="late")
    Image.fromarray(load_bundled_photos()["coffee"][::4, ::4]).save(path)

    def asked(channels):
        return "conv-photo", "upload", path, "", channels, 0.3, 95

    steps = reconstruct.show(who, *asked(8))
    next(steps)  # how far it is
    late = reconstruct.show_preview(who, *asked(8))
    assert late == gr.skip() or late[0][0]["note"] == "preview"  # shown only until the full answer is there
    *_, last = steps
    assert [about["title"] for about in last[0]][:2] == ["from_bytes", "error"]
    assert reconstruct.show_preview(who, *asked(8)) == gr.skip()
    monkeypatch.setattr(live, "AT_ONCE", 0.0)
    steps = reconstruct.show(who, *asked(8))
    next(steps)
    assert reconstruct.show_preview(who, *asked(4))[0][0]["note"] == "preview"
    *_, last = steps
    assert last[0] == gr.skip()


def test_the_same_words_at_once_are_one_request(monkeypatch):
    who = SimpleNamespace(session_hash="twice")
    first = live.Turn("tab", who, ("a",))
    again = live.Turn("tab", who, ("a",))
    assert not first.repeated
    assert again.repeated
    assert first.current
    assert not live.Turn("tab", who, ("b",)).repeated
    assert not first.current
    monkeypatch.setattr(live, "AT_ONCE", 0.0)  # later, the words may have another answer: a run has ended
    assert not live.Turn("tab", who, ("b",)).repeated
    assert not live.Turn("tab", SimpleNamespace(session_hash=None), ("b",)).repeated


def test_a_preview_that_ends_after_the_full_answer_has_begun_is_not_shown():
    who = SimpleNamespace(session_hash="overtaken")

    @live.preview_of("tab")
    def listener(request, value):
        for words, answered in newer:
            live.Turn("tab", request, words).answered = answered
        return value

    newer = [(("other",), False)]
    assert listener(who, 1) == gr.skip()
    newer = [((2,), True)]
    assert listener(who, 2) == gr.skip()
    newer = [((3,), False)]  # while the full answer is being made, the preview is welcome
    assert listener(who, 3) == 3
    newer = []
    assert listener(who, 4) == 4
    assert live.Job(lambda progress: 1, turn("done")).result
    assert live._latest["tab", "done"].answered


def test_an_answer_knows_whether_a_preview_ended_it():
    who = SimpleNamespace(session_hash="ended")
    answer = live.Turn("tab", who, ("a",))
    assert not answer.ended_by_preview
    live.preview_of("tab")(lambda request, value: value)(who, "b")
    assert answer.ended_by_preview
    assert not answer.current
    live.Turn("tab", who, ("c",))  # who asks in full is answered in full
    assert not answer.ended_by_preview


def test_a_jobs_error_is_raised_where_its_result_is_asked_for():
    def work(progress):
        raise PictureError("no")

    with pytest.raises(PictureError, match="no"):
        _ = live.Job(work, turn()).result


def test_time_left_is_guessed():
    assert busy_value(0.25, 3.0) == {"share": 0.25, "left": 9.0}
    assert busy_value(0.0, 3.0)["left"] is None
