"""The engine: its events, that a seed decides everything, stopping and resuming, failing, and its report."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from ae_demo import checkpoints
from ae_demo.data import Samples, load_dataset
from ae_demo.errors import CheckpointError, TrainingError
from ae_demo.models import FAMILIES, build_model
from ae_demo.training import (
    Checkpointed,
    Evaluated,
    Failed,
    Finished,
    Started,
    Stepped,
    TrainOptions,
    engine,
    evaluate,
    run_to_end,
    state,
    train,
)
from ae_demo.training.engine import plan_phases, rate_factor
from ae_demo.training.events import event_from_json

SMALL = {
    "dense": {"hidden": (24,), "latent_dim": 4, "dropout": 0.2},
    "conv": {"channels": (4, 6), "blocks": 1, "latent_dim": 0, "code_channels": 4, "nested": True},
    "denoising": {"channels": (4, 6)},
    "vae": {"hidden": (24,), "decoder_hidden": (24,)},
    "stacked": {"hidden": (24,), "latent_dim": 4},
    "seq2seq": {"hidden_size": 8, "latent_dim": 4},
    "colorization": {"channels": (4, 6)},
}


@pytest.fixture(scope="module")
def digits():
    data = load_dataset("digits", limit=150)
    return replace(data, test=data.test[:40], test_labels=data.test_labels[:40])


def data_for(family, digits):
    if family != "colorization":
        return digits
    pictures = torch.randint(256, (190, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples("patches", pictures[:150], pictures[150:])


def options_for(**settings):
    return TrainOptions(**{"epochs": 4, "batch_size": 32, "threads": 1, **settings})


def start(family, data, folder=None, *, model_settings=None, **settings):
    """A run as the command line starts it. Settings that are the engine's own go to it."""
    own = {k: settings.pop(k) for k in ("resume", "should_stop", "command") if k in settings}
    options = options_for(**settings)
    torch.manual_seed(options.seed)
    model = build_model(family, **{**SMALL.get(family, {}), **(model_settings or {}), "input_shape": data.sample_shape})
    return model, train(model, data, options, folder=folder, device="cpu", **own)


def weights_of(folder):
    return checkpoints.load(folder, "cpu").state_dict()


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.fixture
def tell_every_step(monkeypatch):
    monkeypatch.setattr(engine, "STEP_SECONDS", 0.0)


def test_events_come_in_order_and_go_through_json(digits, tmp_path, tell_every_step, monkeypatch):
    monkeypatch.setattr(engine, "SAVE_SECONDS", 0.0)
    model, run = start("vae", digits, tmp_path)
    events = list(run)
    kinds = [type(event) for event in events]
    epoch = [Stepped] * 5 + [Evaluated]
    assert kinds == [Started, *[*epoch, Checkpointed] * 3, *epoch, Finished]
    first, last = events[0], events[-1]
    assert (first.family, first.data, first.device) == ("vae", "digits", "cpu")
    assert (first.parameters, first.train_pictures, first.test_pictures) == (model.parameter_count(), 150, 40)
    assert (first.epochs, first.first_epoch, first.steps_per_epoch, first.phases) == (4, 0, 5, {"train": 4})
    steps = [event for event in events if isinstance(event, Stepped)]
    assert [event.step for event in steps] == list(range(1, 21))
    assert [event.epoch for event in steps] == pytest.approx([n / 5 for n in range(1, 21)])
    assert all(event.images_per_second > 0 and event.seconds_left >= 0 for event in steps)
    assert steps[-1].seconds_left == 0
    evaluated = [event for event in events if isinstance(event, Evaluated)]
    assert [event.epoch for event in evaluated] == [1, 2, 3, 4]
    assert all(set(event.losses) == {"loss", "bce", "kl"} for event in evaluated)
    assert all({"mse", "negative_elbo"} <= set(event.figures) for event in evaluated)
    of_epoch = [event.losses["loss"] for event in steps[:5]]
    assert evaluated[0].losses["loss"] == pytest.approx(sum(of_epoch) / 5)
    assert (last.epochs, last.stopped, last.folder) == (4, False, str(tmp_path))
    assert [event_from_json(event.to_json()) for event in events] == events
    assert all("\n" not in event.to_json() for event in events)
    assert not list(tmp_path.glob("state*"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_trains_and_its_figures_are_of_the_checkpoint(family, digits, tmp_path):
    data = data_for(family, digits)
    model, run = start(family, data, tmp_path, epochs=3, command="python -m ae_demo train …")
    finished = run_to_end(run)
    report = checkpoints.load_metrics(tmp_path)
    figures = evaluate(checkpoints.load(tmp_path, "cpu"), data.test)
    assert report["figures"] == pytest.approx(figures, abs=1e-6)
    assert finished.figures == pytest.approx(figures, abs=1e-6)
    assert report["data"] == {"name": data.name, "train": 150, "test": 40, "notice": None}
    assert report["seed"] == report["options"]["seed"] == 0
    assert report["command"] == "python -m ae_demo train …"
    assert report["parameters"] == model.parameter_count()
    assert report["epochs"] == 3
    assert report["versions"]["torch"] == torch.__version__
    assert {"ae_demo", "python"} <= set(report["versions"])
    assert [entry["epoch"] for entry in report["history"]] == [1, 2, 3]
    quantiles = report["error_quantiles"]
    assert len(quantiles) == 101
    assert quantiles == sorted(quantiles)
    assert (report["phases"] is None) == (family != "stacked")
    assert "NaN" not in (tmp_path / "metrics.json").read_text()


@pytest.mark.parametrize("family", ["dense", "denoising", "vae"])
def test_the_seed_decides_the_weights(family, digits, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        torch.rand(7)  # what was drawn before must not matter
        run_to_end(start(family, digits, tmp_path / name, epochs=2, seed=seed)[1])
    a, b, c = (weights_of(tmp_path / name) for name in "abc")
    assert same(a, b)
    assert not any(torch.equal(a[name], c[name]) for name in a if name.endswith("weight"))


def stop_after(epoch, run_with):
    """Run until `epoch` epochs are evaluated, then ask to stop."""
    reached = []
    events = []
    for event in run_with(lambda: bool(reached)):
        events.append(event)
        if isinstance(event, Evaluated) and event.epoch == epoch:
            reached.append(epoch)
    return events


@pytest.mark.parametrize(
    ("family", "epoch", "optimizer"),
    [("dense", 2, "adam"), ("dense", 1, "sgd"), ("denoising", 2, "adam"), ("vae", 3, "adam"), ("conv", 2, "muon")]
    + [("stacked", epoch, "adam") for epoch in (1, 2, 3, 4, 5)]  # layer 1, layer 2, then fine-tuning
    + [("colorization", 2, "adam")],
)
def test_stopped_and_resumed_ends_as_if_never_stopped(family, epoch, optimizer, digits, tmp_path):
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


def test_stopped_within_an_epoch_goes_on_from_its_start(digits, tmp_path, tell_every_step):
    seen = []
    _, run = start("dense", digits, tmp_path, should_stop=lambda: len(seen) >= 7)
    for event in run:
        seen += [event] if isinstance(event, Stepped) else []
    assert event == replace(event, epochs=1, stopped=True)
    assert len(seen) == 7
    assert checkpoints.load_metrics(tmp_path)["epochs"] == 1

    events = list(start("dense", digits, tmp_path, resume=True)[1])
    assert events[0].first_epoch == 1
    assert [e.epoch for e in events if isinstance(e, Evaluated)] == [2, 3, 4]
    assert events[-1] == replace(events[-1], epochs=4, stopped=False)
    assert [entry["epoch"] for entry in checkpoints.load_metrics(tmp_path)["history"]] == [1, 2, 3, 4]


def test_asked_to_stop_in_the_last_epoch_it_is_finished(digits, tmp_path):
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


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("conv", {"lr": 10.0, "optimizer": "sgd", "model_settings": {"output": "linear"}}),
        ("dense", {"lr": 10.0, "optimizer": "sgd", "l2": 1.0, "epochs": 50}),
        ("vae", {"lr": 10.0, "optimizer": "sgd", "batch_size": 150, "epochs": 6}),  # shows in the figures first
    ],
)
def test_a_loss_that_is_no_number_fails(family, settings, digits, tmp_path):
    events = list(start(family, digits, tmp_path, **settings)[1])
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(event, (Failed, Finished)) for event in events[:-1])
    message = events[-1].message
    assert "10" in message
    assert "learning rate" in message
    assert message.endswith(".")
    assert not (tmp_path / checkpoints.METRICS).exists()
    with pytest.raises(TrainingError, match="no longer finite"):
        run_to_end(start(family, digits, **settings)[1])


def test_figures_that_are_no_numbers_fail(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "evaluate", lambda model, pictures: {"mse": float("nan")})
    events = list(start("dense", digits, tmp_path)[1])
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(event, Evaluated) for event in events)
    assert not list(tmp_path.iterdir())


def test_weights_beyond_half_precision_fail(digits, tmp_path, monkeypatch):
    model, run = start("dense", digits, tmp_path, epochs=1)
    for event in run:
        if isinstance(event, Evaluated):
            model.decoder[0].weight.data.fill_(1e6)
    assert isinstance(event, Failed)
    assert "too large" in event.message
    assert not (tmp_path / checkpoints.WEIGHTS).exists()


def test_what_cannot_be_done_is_said(digits, tmp_path):
    waves = load_dataset("waves", limit=40)
    events = list(start("seq2seq", replace(waves, test=waves.test[:10]), augment=0.1)[1])
    assert isinstance(events[-1], Failed)
    assert "leave augment, mirror, contrast off" in events[-1].message
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError, match="another folder"):
        next(start("dense", digits, tmp_path / "file")[1])


def test_a_model_that_learnt_nothing_says_what_to_change(digits):
    idle = run_to_end(start("dense", digits, epochs=1, lr=1e-7)[1])
    assert "On held-out samples the model is no better than their mean" in idle.notice
    x = digits.test.float() / 255
    assert f"of their mean {(x - x.mean(0)).square().mean():.4f})" in idle.notice
    better = run_to_end(start("dense", digits, epochs=40, lr=1e-2)[1])
    assert better.figures["mse"] < (x - x.mean(0)).square().mean()
    assert better.notice is None


def test_closing_it_early_leaves_no_harm(digits, tmp_path, tell_every_step):
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


def test_without_a_folder_nothing_is_written(digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_to_end(start("dense", digits, epochs=1)[1]).folder is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_the_learning_rate_follows_its_schedule(schedule, digits, tell_every_step, monkeypatch):
    made, build_optimizer = [], engine.build_optimizer
    monkeypatch.setattr(engine, "build_optimizer", lambda *given: made.append(build_optimizer(*given)) or made[-1])
    rates = []
    for event in start("dense", digits, schedule=schedule, lr=0.01, epochs=20)[1]:
        if isinstance(event, Stepped):
            rates.append(made[0].param_groups[0]["lr"])
    assert len(rates) == 100
    assert rates == pytest.approx([0.01 * rate_factor(schedule, step / 100) for step in range(100)])
    assert rates[0] < 0.001  # warms up
    assert max(rates) == pytest.approx(0.01, rel=0.01)
    if schedule == "cosine":
        assert rates[50] == pytest.approx(0.005)
        assert rates[-1] < 1e-5
        assert all(a > b for a, b in pairwise(rates[4:]))
    else:
        assert rates[5:] == [0.01] * 95


@pytest.mark.parametrize(("name", "power"), [("l1", 1), ("l2", 2)])
def test_penalties_shrink_the_weights(name, power, digits):
    sizes = []
    for weight in (0.0, 1e-3):
        model, run = start("dense", digits, epochs=15, lr=3e-3, **{name: weight})
        run_to_end(run)
        sizes.append(sum(p.abs().pow(power).sum().item() for p in model.parameters()))
    assert sizes[1] < 0.8 * sizes[0]


def test_augmenting_changes_what_is_learnt(digits, tmp_path):
    for name, share in (("plain", 0.0), ("augmented", 0.2), ("again", 0.2)):
        run_to_end(start("dense", digits, tmp_path / name, epochs=1, augment=share)[1])
    plain, augmented, again = (weights_of(tmp_path / name) for name in ("plain", "augmented", "again"))
    assert not same(plain, augmented)
    assert same(augmented, again)


def test_evaluating_disturbs_nothing(digits):
    model = build_model("vae", **SMALL["vae"])
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = evaluate(model, digits.test)
    assert torch.equal(torch.rand(3), expected)
    assert model.training
    assert evaluate(model, digits.test) == first
    split = evaluate(model, digits.test, batch_size=7)
    assert split["mse"] == pytest.approx(first["mse"], rel=1e-5)


def test_sequences_and_symbols_train_too(tmp_path):
    waves = load_dataset("waves", limit=64)
    waves = replace(waves, test=waves.test[:20])
    for family in ("seq2seq", "dense", "vae"):
        finished = run_to_end(start(family, waves, tmp_path / family, epochs=2)[1])
        assert {"mse", "psnr"} <= set(finished.figures)
    symbols = torch.randint(5, (60, 6), generator=torch.Generator().manual_seed(0))
    data = Samples("array", symbols[:50], symbols[50:])
    finished = run_to_end(start("seq2seq", data, tmp_path / "symbols", epochs=2, model_settings={"symbols": 5})[1])
    assert set(finished.figures) == {"accuracy"}
    assert checkpoints.load_metrics(tmp_path / "symbols")["error_quantiles"] is None


@pytest.mark.parametrize("epochs", range(1, 13))
def test_phases_share_out_all_epochs(epochs):
    phases = build_model("stacked", hidden=(8, 8)).phases()
    plan = plan_phases(phases, epochs)
    assert sum(count for _, count in plan) == epochs
    assert all(count > 0 for _, count in plan)
    assert plan[-1][0].name == "fine-tuning"
    assert len(plan) == (1 if epochs < 4 else 4)
    if epochs == 10:
        assert [count for _, count in plan] == [1, 1, 1, 7]


def test_a_stacked_run_with_fewer_epochs_than_phases(digits, tmp_path):
    events = list(start("stacked", digits, tmp_path, epochs=2)[1])
    assert events[0].phases == {"fine-tuning": 2}
    assert json.loads((tmp_path / checkpoints.METRICS).read_text())["epochs"] == 2
