"""Stopping, resuming and closing a run: it ends with the weights of an uninterrupted one."""

from dataclasses import replace

import pytest
from training_runs import data_for, same, start, stop_after, weights_of

from ae_demo import checkpoints
from ae_demo.errors import CheckpointError
from ae_demo.training import Checkpointed, Evaluated, Stepped, run_to_end, state


@pytest.mark.parametrize(
    ("family", "epoch", "optimizer"),
    [("dense", 2, "adam"), ("dense", 1, "sgd"), ("denoising", 2, "adam"), ("vae", 3, "adam"), ("conv", 2, "muon")]
    + [("stacked", epoch, "adam") for epoch in (1, 2, 3, 4, 5)]  # layer 1, layer 2, then fine-tuning
    + [("colorization", 2, "adam")],
)
def test_a_resumed_run_ends_with_the_same_weights(family, epoch, optimizer, digits, tmp_path):
    data, settings = data_for(family, digits), {"optimizer": optimizer, "epochs": 6 if family == "stacked" else 4}
    run_to_end(start(family, data, tmp_path / "whole", **settings)[1])

    halves = tmp_path / "halves"
    events = stop_after(epoch, lambda stop: start(family, data, halves, should_stop=stop, **settings)[1])
    assert events[-1].stopped
    assert events[-1].epochs == epoch
    assert isinstance(events[-2], Checkpointed)
    assert (halves / "state.json").exists()
    checkpoints.load(halves)  # is a checkpoint already
    assert checkpoints.load_metrics(halves)["epochs"] == epoch

    _, run = start(family, data, halves, resume=True, **settings)
    assert next(run).first_epoch == epoch
    finished = run_to_end(run)
    assert not finished.stopped
    assert not list(halves.glob("state*"))
    assert same(weights_of(halves), weights_of(tmp_path / "whole"))
    whole, resumed = (checkpoints.load_metrics(tmp_path / name)["history"] for name in ("whole", "halves"))
    assert resumed == whole


def test_a_run_stopped_within_an_epoch_repeats_it(digits, tmp_path, every_step):
    steps = []
    _, run = start("dense", digits, tmp_path, should_stop=lambda: len(steps) >= 7)
    for event in run:
        steps += [event] if isinstance(event, Stepped) else []
    assert event == replace(event, epochs=1, stopped=True)
    assert len(steps) == 7
    assert checkpoints.load_metrics(tmp_path)["epochs"] == 1

    events = list(start("dense", digits, tmp_path, resume=True)[1])
    assert events[0].first_epoch == 1
    assert [e.epoch for e in events if isinstance(e, Evaluated)] == [2, 3, 4]
    assert events[-1] == replace(events[-1], epochs=4, stopped=False)
    assert [entry["epoch"] for entry in checkpoints.load_metrics(tmp_path)["history"]] == [1, 2, 3, 4]


def test_a_stop_in_the_last_epoch_finishes_the_run(digits, tmp_path):
    events = stop_after(4, lambda stop: start("dense", digits, tmp_path, should_stop=stop)[1])
    assert not events[-1].stopped
    assert not list(tmp_path.glob("state*"))


def test_resuming_needs_the_same_settings(digits, tmp_path):
    with pytest.raises(CheckpointError, match="no unfinished run"):
        next(start("dense", digits, tmp_path, resume=True)[1])
    stop_after(1, lambda stop: start("dense", digits, tmp_path, should_stop=stop)[1])
    for wrong in ({"lr": 0.5}, {"epochs": 9}, {"model_settings": {"latent_dim": 5}}):
        with pytest.raises(CheckpointError, match="give the same"):
            next(start("dense", digits, tmp_path, resume=True, **wrong)[1])
    with pytest.raises(CheckpointError, match="family"):
        next(start("sparse", digits, tmp_path, resume=True)[1])
    assert next(start("dense", digits, tmp_path, resume=True, threads=2)[1]).first_epoch == 1
    path = tmp_path / state.TENSORS
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="damaged"):
        next(start("dense", digits, tmp_path, resume=True)[1])


def test_closing_the_generator_saves_nothing(digits, tmp_path, every_step):
    _, run = start("dense", digits, tmp_path / "a")
    for event in run:
        if isinstance(event, Stepped) and event.step == 7:
            break
    run.close()
    assert not list((tmp_path / "a").iterdir())
    with pytest.raises(StopIteration):
        next(run)
    for name in "ab":
        run_to_end(start("dense", digits, tmp_path / name)[1])
    assert same(weights_of(tmp_path / "a"), weights_of(tmp_path / "b"))
