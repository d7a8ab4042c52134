"""A run in a worker process, end to end: its events, and every way in which it can end."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ae_demo import checkpoints
from ae_demo.data import load_dataset
from ae_demo.errors import ConfigError
from ae_demo.training.events import Evaluated, Failed, Finished, Paused, Preparing, Previewed, Started, Steered, Stepped
from ae_demo.training.preview import draw_series, picture_grid
from ae_demo.training.settings import RunSettings
from ae_demo.training.worker import RunSpec, Worker
from ae_demo.training.worker_run import MAX_BYTES, NICE, user_error

pytestmark = pytest.mark.slow
SMALL = {"hidden": (32,), "latent_dim": 2}


def spec(folder, family="dense", mode="go", scratch=None, **values):
    """A small model on the bundled digits."""
    settings = RunSettings.from_flat(family, "digits", {**SMALL, **values})
    return RunSpec(settings, str(folder), mode=mode, scratch=scratch)


def all_events(worker):
    return [event for batch in worker.events() for event in batch]


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Processes that start together, since each takes seconds to import torch: one for each test that needs it."""
    started = SimpleNamespace(**{name: Worker() for name in ("stopped", "refused", "orphan", "steered")})
    yield started
    for worker in vars(started).values():
        worker.kill()


@pytest.fixture(scope="module")
def whole(workers, tmp_path_factory):
    """All events of one epoch of a small dense model on the bundled digits, asked for as the process starts."""
    folder = tmp_path_factory.mktemp("whole") / "dense-digits"
    with Worker(spec(folder, epochs=1, lr=3e-3)) as worker:
        return all_events(worker)


def only(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_a_run_reports_its_start_its_progress_and_its_end(whole):
    (started,) = only(Started, whole)
    assert (started.family, started.data, started.epochs) == ("dense", "digits", 1)
    assert only(Stepped, whole)[-1].epoch == 1
    assert len(only(Evaluated, whole)) == 1
    assert isinstance(whole[-1], Finished)
    assert not whole[-1].stopped


def test_a_finished_run_leaves_a_checkpoint(whole):
    folder = whole[-1].folder
    assert checkpoints.load(folder, "cpu").parameter_count() == only(Started, whole)[0].parameters
    assert checkpoints.load_metrics(folder)["figures"]["mse"] == pytest.approx(whole[-1].figures["mse"], abs=1e-5)


def test_the_preview_is_a_picture_of_held_out_digits(whole):
    previews = only(Previewed, whole)
    assert len(previews) >= 2
    with Image.open(io.BytesIO(base64.b64decode(previews[-1].picture))) as picture:
        assert picture.format == "PNG"
        pixels = np.asarray(picture.convert("L"))
    assert previews[-1].rows == ["truth", "reconstruction"]
    assert pixels.shape == (2 * 30, 8 * 30)  # each 28 × 28 with a line about it
    test = load_dataset("digits").test
    assert np.array_equal(pixels[1:29, 1:29], test[0, 0].numpy())
    assert np.array_equal(pixels[1:29, -29:-1], test[-1, 0].numpy())
    assert pixels[31:59].std() > 5  # something is there


def test_a_code_of_two_numbers_is_placed_on_the_plane_with_its_class(whole):
    data = load_dataset("digits")
    for preview in only(Previewed, whole):
        assert [point[2] for point in preview.points] == data.test_labels[:400].tolist()
    z = np.array(only(Previewed, whole)[-1].points)[:, :2]
    assert (z.std(0) > 0.05).all()


def test_the_held_out_loss_is_on_the_scale_of_the_training_loss(whole):
    held_out = [event.held_out for event in only(Previewed, whole) if event.held_out]
    assert len(held_out) == 1  # at the end of the one epoch
    mse = only(Evaluated, whole)[0].figures["mse"]  # which is the loss
    assert held_out[0]["loss"] == pytest.approx(mse, rel=1e-3)


def test_stop_saves_the_run_and_ends_it(workers, tmp_path):
    workers.stopped.begin(spec(tmp_path / "run", epochs=100_000))
    events, asked = [], None
    for batch in workers.stopped.events():
        events += batch
        if asked is None and only(Stepped, events):
            workers.stopped.stop()
            asked = time.monotonic()
    assert time.monotonic() - asked < 15  # half a second, but on a machine that does nothing else
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped
    assert events[-1].figures["mse"] < 1
    assert checkpoints.load(tmp_path / "run", "cpu").config.hidden == (32,)


def test_an_impossible_spec_fails_with_a_message(workers, tmp_path):
    good = spec(tmp_path)
    workers.refused.begin(SimpleNamespace(to_json=lambda: {**good.to_json(), "family": "nonsense"}))
    events = all_events(workers.refused)
    assert len(events) == 1
    assert isinstance(events[0], Failed)
    assert "nonsense" in events[0].message
    assert "dense" in events[0].message  # what is allowed


def test_a_run_that_is_asked_for_early_says_what_it_waits_for(whole):
    assert whole[0] == Preparing("libraries")
    assert [each.stage for each in only(Preparing, whole[1:])] == ["data", "model"]


def test_a_spec_survives_json(tmp_path):
    given = spec(tmp_path, family="vae", mode="epoch", scratch="there", beta=2.0, lr=0.01, limit=70)
    assert RunSpec.from_json(json.loads(json.dumps(given.to_json()))) == given


def test_a_run_lowers_its_priority_and_ends_with_its_parent(workers, tmp_path):
    worker = workers.orphan
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def priority():
        return hasattr(os, "getpriority") and os.getpriority(os.PRIO_PROCESS, worker.process.pid)

    before = priority()
    assert before == (hasattr(os, "getpriority") and os.getpriority(os.PRIO_PROCESS, 0))  # it imports as others do
    worker.begin(spec(scratch / "run", scratch=str(scratch), epochs=100_000))
    next(batch for batch in worker.events() if only(Stepped, batch))
    assert before is False or priority() == min(19, before + NICE)
    assert before is False or os.getsid(worker.process.pid) == worker.process.pid
    group = Path(f"/proc/{worker.process.pid}/autogroup")
    assert not group.exists() or f"nice {NICE}" in group.read_text()
    worker.process.stdin.close()
    assert worker.process.wait(timeout=30) == 1
    assert not scratch.exists()  # nothing else could remove it


PARENT = """
import sys
from ae_demo.training.worker import Worker
print(Worker().process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the state of a process of another process")
def test_a_worker_that_imports_ends_with_a_killed_server():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        stat = Path(f"/proc/{int(parent.stdout.readline())}/stat")
        while "torch" not in stat.with_name("maps").read_text():  # it imports PyTorch
            time.sleep(0.01)
        parent.kill()
    end = time.monotonic() + 10  # 2 s, but on a machine that does nothing else
    while stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_process_that_dies_gives_failed():
    with Worker() as worker:
        os.kill(worker.process.pid, signal.SIGKILL)
        (event,) = all_events(worker)
    assert isinstance(event, Failed)
    assert "memory" in event.message
    assert "smaller" in event.message  # what to do


@pytest.mark.serial
def test_kill_ends_the_process_at_once_and_may_be_called_twice():
    worker = Worker()
    assert worker.is_alive()
    began = time.monotonic()
    worker.kill()
    worker.kill()
    worker.stop()
    assert not worker.is_alive()
    assert time.monotonic() - began < 2


def test_series_are_drawn_as_lines():
    import torch

    x = torch.zeros(1, 64, 1)
    x[:, 32:] = 1  # a step
    drawn = draw_series(x)
    assert drawn.shape == (1, 1, 64, 64)
    assert drawn[0, 0, -1, :32].all()  # low at first
    assert drawn[0, 0, 0, 33:].all()  # high in the end
    assert drawn[0, 0, :, 32].all()  # and joined
    assert drawn.sum() == 32 + 31 + 64
    assert picture_grid([x, x])


def test_a_run_pauses_runs_step_by_step_and_accepts_new_settings(workers, tmp_path):
    worker = workers.steered
    worker.begin(spec(tmp_path / "run", family="vae", mode="step", epochs=50))
    events = []

    def until(kind):
        while not only(kind, events):
            events.extend(worker.poll(1.0))
        found = only(kind, events)[0]
        earlier = [event for event in events if event is not found]
        events.clear()
        return found, earlier

    paused, earlier = until(Paused)
    assert [event.step for event in only(Stepped, earlier)] == [1]
    assert only(Previewed, earlier)[-1].epoch == paused.epoch  # the preview shows the effect of the step
    for step in (2, 3):
        worker.do("step")
        paused, earlier = until(Paused)
        assert [event.step for event in only(Stepped, earlier)] == [step]
    worker.set(lr=0.01, beta=4)
    steered, _ = until(Steered)
    assert steered.values == {"lr": 0.01, "beta": 4}
    assert steered.epoch == paused.epoch
    worker.set(lr=1e9)
    assert "lr is" in until(Steered)[0].problem
    worker.set(hidden=3)
    assert "hidden cannot change" in until(Steered)[0].problem
    assert not worker.poll(0.5)  # it is still paused
    worker.do("epoch")
    paused, earlier = until(Paused)
    assert only(Evaluated, earlier)[0].epoch == paused.epoch == 1
    worker.do("stop")
    finished, _ = until(Finished)
    assert finished.stopped
    assert checkpoints.load(tmp_path / "run", "cpu").config.beta == 4
    steered = checkpoints.load_metrics(tmp_path / "run")["steered"]
    assert [(s["lr"], s["beta"]) for s in steered] == [(0.01, 4)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not hold to the limit")
def test_the_memory_of_a_run_is_limited():
    code = """
import torch
from ae_demo.training.worker_run import MAX_BYTES, limit_memory, user_error
limit_memory()
torch.empty(MAX_BYTES // 2, dtype=torch.uint8)
try:
    torch.empty(2 * MAX_BYTES, dtype=torch.uint8)
except RuntimeError as error:
    print(user_error(error))
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert f"{MAX_BYTES >> 30} GB" in printed
    assert "smaller batch" in printed


def test_every_error_becomes_a_message_that_says_what_to_do():
    assert str(user_error(ConfigError("lr is 3."))) == "lr is 3."
    assert "smaller batch" in str(user_error(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")))
    assert "smaller batch" in str(user_error(MemoryError()))
    assert "No space left" in str(user_error(OSError(28, "No space left on device")))
    for error in (TypeError("'NoneType' object is not subscriptable"), ZeroDivisionError("/secret/path")):
        message = str(user_error(error))
        assert type(error).__name__ not in message
        assert str(error) not in message
        assert "again" in message
