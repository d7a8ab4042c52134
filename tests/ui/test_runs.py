"""The Train tab's runs: what is refused before a process starts, and that nothing outlives a run."""

import asyncio
import json
import os
import re
import signal
import tempfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace

import pytest

from ae_demo.errors import ConfigError, DataError, TrainingError
from ae_demo.models import FAMILIES, build_model
from ae_demo.training.events import Moved, Preparing, Started, Stepped
from ae_demo.ui.components.curve.component import MAX_POINTS, thin
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.train import queued_run, run_queue, spare_worker, user_run
from ae_demo.ui.tabs.train.settings import PageSettings, data_sets_of
from ae_demo.ui.tabs.train.view import View

SMALL = PageSettings.from_flat("dense", "digits", {"hidden": (32,), "latent_dim": 2, "epochs": 1})
LONG = PageSettings.from_flat("dense", "digits", {"hidden": (32,), "epochs": 500})


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch, tmp_path):
    """Runs keep their folders under `tmp_path`; afterwards neither folder nor visitor is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("AE_SPARE_WORKERS", "1")
    yield
    assert not list(tmp_path.glob("ae-demo-*"))
    assert user_run.count() == 0
    assert run_queue.size() == 0


@pytest.fixture(scope="module", autouse=True)
def no_spare_worker_left():
    """The process that waits for the next run is taken by the next test's: it takes seconds to start."""
    yield
    spare_worker.end()


@pytest.mark.parametrize("family", FAMILIES)
def test_an_outline_has_the_size_of_the_model(family):
    for data in data_sets_of(FAMILIES[family]):
        settings = PageSettings.from_flat(family, data)
        real = build_model(family, **settings.config.to_dict())
        outline = settings.outline()
        assert outline.parameter_count() == real.parameter_count()
        assert list(outline.layers()) == list(real.layers())


@pytest.mark.parametrize(
    ("settings", "error", "pattern"),
    [
        (("nonsense", "digits"), ConfigError, "nonsense"),
        (("dense", "../secrets"), ConfigError, "secrets"),
        (("dense", "waves"), ConfigError, "waves"),
        (("colorization", "digits"), ConfigError, "choose one of folder"),
        (("dense", "digits", {"hidden": (8192,) * 16}), ConfigError, "40,000,000"),
        (("dense", "digits", {"latent_dim": 0}), ConfigError, "latent_dim"),
        (("dense", "digits", {"epochs": 100_000}), ConfigError, "epochs"),
        (("dense", "digits", {"batch_size": 65_536}), ConfigError, "batch size"),
        (("dense", "digits", {"limit": 60_001}), ConfigError, "60,000"),
        (("conv", "digits", {"patch": 32, "channels": (1,) * 8}), ConfigError, "smaller patch"),
        (("conv", "folder"), DataError, "given: 0"),
    ],
)
def test_settings_that_cannot_be_trained_are_refused_before_a_process_starts(settings, error, pattern, monkeypatch):
    monkeypatch.setattr(spare_worker, "Worker", None)
    with pytest.raises(error, match=pattern):
        collect("visitor", PageSettings.from_flat(*settings))


def run_alone(coroutine):
    """In a thread of its own: Playwright, in the same session of tests, keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def collect(session, settings, act=lambda run, changes: None, mode="go"):
    """All changes of a run; `act` is called with the run and each change."""

    async def read():
        collected, run = [], None
        async with aclosing(user_run.follow(session, settings, mode)) as changes:
            async for change in changes:
                collected.append(change)
                if folder := change.get("folder"):
                    names.extend(sorted(p.name for p in folder.iterdir()))
                    reports.append(change["report"].read_text(encoding="utf-8"))
                run = user_run.find(session) or run  # an ended run is no longer found
                act(run, change)
        return collected

    names, reports = [], []
    collected = run_alone(read())
    states = [change["status"]["state"] for change in collected if "status" in change]
    whole = {}
    for change in collected:
        whole |= change
    return SimpleNamespace(changes=collected, states=states, whole=whole, files=names, reports=reports)


def test_a_whole_run_ends_with_figures_and_a_checkpoint():
    run = collect("visitor", SMALL)
    assert run.files == ["config.json", "metrics.json", "model.safetensors"]
    assert run.states[-1] == "finished"
    assert run.whole["figures"][0]["figures"][0][0] == "mse"
    assert run.whole["preview"]["rows"] == ["truth", "reconstruction"]
    assert len(run.whole["plane"]["points"]) == 400
    assert run.whole["curve"]["parts"].keys() == {"loss"}  # the MSE is all of it
    assert len(run.whole["curve"]["parts"]["loss"]["held_out"]) == 1
    report = re.search(r'<script type="application/json" id="run">(.*?)</script>', run.reports[0], re.S)[1]
    report = json.loads(report)
    assert report["settings"]["Hidden layers"] == "[32]"
    assert report["figures"]["MSE"] == pytest.approx(float(run.whole["figures"][0]["figures"][0][1]), abs=1e-4)
    assert report["snapshots"][0]["epoch"] == 0  # the first picture is of the untrained model
    assert len(report["parts"]["loss"]["training"]) == len(run.whole["curve"]["parts"]["loss"]["training"])
    assert "http://" not in run.reports[0].replace("http://www.w3.org/2000/svg", "")  # it needs nothing else
    assert run.whole["curve"]["name"] == "dense · digits · Hidden layers 32 · Latent dimension 2 · Epochs 1"


def test_a_checkpoint_is_zipped_in_its_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zip") / "dense-digits"
    folder.mkdir()
    names = ("config.json", "metrics.json", "model.safetensors")
    for name in (*names, "state.json"):
        (folder / name).write_text(name)
    with zipfile.ZipFile(user_runs.zip_checkpoint(folder)) as file:
        assert sorted(file.namelist()) == [f"dense-digits/{name}" for name in names]
        assert file.testzip() is None


def test_a_second_run_and_a_closed_page_end_a_run_at_once():
    async def read():
        first = user_run.follow("visitor", LONG)
        await until(first, "running")
        process = user_run.find("visitor").worker.process
        second = user_run.follow("visitor", LONG)
        await anext(second)
        assert process.poll() is not None
        assert [change async for change in first] == []  # it has nothing more to say
        await until(second, "running")
        process = user_run.find("visitor").worker.process
        await second.aclose()
        assert process.poll() is not None

    run_alone(read())


async def until(changes, state, **values):
    async for change in changes:
        status = change.get("status", {})
        if status.get("state") == state and values.items() <= status.items():
            return
    raise AssertionError(state)


def test_visitors_wait_in_the_queue_and_see_how_many_are_ahead(monkeypatch):
    monkeypatch.setattr(run_queue, "MAX_RUNS", 1)

    async def read():
        first, second, third = (user_run.follow(name, LONG) for name in ("a", "b", "c"))
        await until(first, "running")
        for changes, ahead in ((second, 1), (third, 2)):
            await until(changes, "waiting", ahead=ahead)
        process = user_run.find("a").worker.process
        await second.aclose()  # leaves the line
        await until(third, "waiting", ahead=1)
        user_run.find("c").control("stop")
        assert [change["status"]["state"] async for change in third][-1] == "stopped"
        assert process.poll() is None  # nobody disturbed the first
        await first.aclose()

    run_alone(read())


def test_a_full_queue_refuses_a_run(monkeypatch):
    monkeypatch.setattr(run_queue, "MAX_WAITING", -run_queue.MAX_RUNS)
    with pytest.raises(TrainingError, match="training or waiting"):
        collect("visitor", SMALL)


def test_a_visitor_who_never_follows_leaves_nothing():
    user_run.follow("visitor", LONG)  # the page was gone before its first step
    assert user_run.count() == 0
    assert run_queue.size() == 0


def test_a_stop_while_the_process_starts_is_not_a_failure():
    def act(run, changes):
        if run.worker and not run.started:
            run.control("stop")

    run = collect("visitor", LONG, act)
    assert run.states[-1] == "stopped"
    assert run.whole["status"]["reason"] == "not_started"
    assert not {"stage", "waited", "ahead"} & set(run.whole["status"])  # nothing is left of other states


def test_a_reset_run_empties_the_page_last():
    def act(run, changes):
        if run.started:
            run.cancel(reset=True)

    run = collect("visitor", LONG, act)
    assert run.changes[-1]["status"] == {"state": "idle"}
    assert run.changes[-1]["preview"] is None


def test_a_run_is_paused_steered_and_stopped():
    def act(run, changes):
        state = run.view.status["state"]
        live = dict(run.view.status["live"])
        if state == "paused" and live["lr"] == 1e-3:
            run.change("lr", 0.002)
            run.change("lr", "fast")  # nonsense from the page is left alone
        elif state == "paused":
            run.control("stop")

    run = collect("visitor", LONG, act, mode="step")
    assert "paused" in run.states
    assert run.states[-1] == "stopped"
    assert run.whole["status"]["live"] == [["lr", 0.002]]
    assert run.whole["curve"]["marks"][0][1] == "lr 0.002"
    assert run.whole["status"]["step"] == 1


@pytest.mark.parametrize(("limit", "reason"), [("MAX_SECONDS", "time_limit"), ("MAX_PAUSE_SECONDS", "pause_limit")])
def test_a_run_is_stopped_at_its_time_limit(monkeypatch, limit, reason):
    def act(run, changes):
        if run.started:
            monkeypatch.setattr(queued_run, limit, 0)

    run = collect("visitor", LONG, act, mode="step" if limit == "MAX_PAUSE_SECONDS" else "go")
    assert run.states[-1] == "stopped"
    assert run.whole["status"]["reason"] == reason
    assert run.files  # what it has learnt is kept


def test_a_killed_process_gives_a_message():
    def act(run, changes):
        if run.started and run.worker.is_alive():
            os.kill(run.worker.process.pid, signal.SIGKILL)

    run = collect("visitor", LONG, act)
    assert run.states[-1] == "failed"
    assert "memory" in run.whole["status"]["message"]


def test_a_loss_that_is_not_finite_gives_a_message():
    values = {"hidden": (32,), "epochs": 3, "lr": 10.0, "optimizer": "sgd", "schedule": "constant"}
    run = collect("visitor", PageSettings.from_flat("vae", "digits", values))
    assert run.states[-1] == "failed"
    assert "learning rate" in run.whole["status"]["message"]


def test_starts_and_stops_leave_no_process_no_thread_and_no_file(monkeypatch):
    def act(run, changes):
        if run.started:
            run.control("stop")

    collect("visitor", LONG, act)
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for number in range(2):
        collect(f"visitor {number}", LONG, act)
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 2


def test_curves_are_thinned_and_keep_their_last_point():
    points = [[i / 10, float(i)] for i in range(5000)]
    kept = thin(points)
    assert len(kept) <= MAX_POINTS
    assert kept[0] == [0, 0]
    assert kept[-1] == [499.9, 4999]
    assert set(map(tuple, thin(points[:-1])[:-1])) <= set(map(tuple, kept))  # those kept stay as the curve grows
    assert thin([[1, float("nan")], [2, 3]]) == [[2, 3]]


def test_a_zip_of_pictures_becomes_a_set_with_its_classes(tmp_path_factory):
    root = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(root / "set.zip", "w") as file:
        for name in ("cats/1.png", "cats/2.PNG", "dogs/1.jpg", "notes.txt"):
            file.writestr(name, b"x")
    (root / "scratch").mkdir()
    settings = PageSettings.from_flat("conv", "folder", pictures=(str(root / "set.zip"),))
    settings.check()
    folder = Path(queued_run.make_spec(settings, root / "scratch").data_dir)
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*"))
    assert found == ["cats/1.png", "cats/2.PNG", "dogs/1.jpg"]


def test_a_zip_without_pictures_fails_with_a_message(tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "set.zip"
    for content in (None, b"garbage"):
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("notes.txt", b"x")
        if content:
            path.write_bytes(content)
        run = collect("visitor", PageSettings.from_flat("conv", "folder", pictures=(str(path),)))
        assert run.states[-1] == "failed"
        assert ("cannot be read as a zip" if content else "0 pictures") in run.whole["status"]["message"]


def test_uploads_keep_their_names_apart(tmp_path_factory):
    root = tmp_path_factory.mktemp("uploads")
    paths = [root / part / "same.png" for part in ("a", "b")] + [root / "notes.txt"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (root / "scratch").mkdir()
    spec = queued_run.make_spec(
        PageSettings.from_flat("conv", "folder", pictures=tuple(map(str, paths))), root / "scratch"
    )
    assert sorted(p.name for p in Path(spec.data_dir).iterdir()) == ["0000-same.png", "0001-same.png"]


def test_a_run_that_goes_on_at_another_machine_says_so_and_shows_no_step_twice():
    def started(first_epoch):
        return Started(
            "dense", "digits", "cpu", 1, 1, 1, epochs=9, first_epoch=first_epoch, steps_per_epoch=2, phases={}
        )

    def stepped(epoch):
        return Stepped(int(2 * epoch), epoch, "training", {"loss": 1 / epoch}, 100.0, 1.0)

    view = View(SMALL)
    view.update([started(0), *(stepped(epoch) for epoch in (0.5, 1.0, 1.5, 2.0, 2.5)), Moved()])
    assert view.status["state"] == "starting"
    view.update([Preparing("libraries"), started(1), stepped(1.5)])
    assert view.status["state"] == "running"
    assert view.status["reason"] == "moved"
    assert view.status["epoch"] == 1.5
    assert [epoch for epoch, _ in view.parts["loss"]["training"]] == [0.5, 1.0, 1.5]
