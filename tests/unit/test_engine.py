"""The engine: its events, its report, what the seed determines, and what each option does."""

import json
import time
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from training_runs import SMALL, data_for, same, start, weights_of

from ae_demo import checkpoints
from ae_demo.data import Samples, load_dataset
from ae_demo.models import FAMILIES, build_model
from ae_demo.training import (
    Checkpointed,
    Evaluated,
    Finished,
    Started,
    Stepped,
    TrainOptions,
    engine,
    evaluate,
    run_to_end,
)
from ae_demo.training.events import event_from_json
from ae_demo.training.run import Run
from ae_demo.training.schedule import plan_phases, rate_factor


def test_events_come_in_order_and_go_through_json(digits, tmp_path, every_step, monkeypatch):
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
    assert steps[0].seconds_left > steps[-1].seconds_left > 0  # the last evaluation follows
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
    figures = evaluate(checkpoints.load(tmp_path, "cpu"), data.test, labels=data.test_labels)
    assert report["figures"] == pytest.approx(figures, rel=1e-6, abs=1e-6)
    assert finished.figures == pytest.approx(figures, rel=1e-6, abs=1e-6)
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
def test_the_seed_determines_the_weights(family, digits, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        torch.rand(7)  # what was drawn before must not matter
        run_to_end(start(family, digits, tmp_path / name, epochs=2, seed=seed)[1])
    a, b, c = (weights_of(tmp_path / name) for name in "abc")
    assert same(a, b)
    assert not any(torch.equal(a[name], c[name]) for name in a if name.endswith("weight"))


def test_without_a_folder_nothing_is_written(digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_to_end(start("dense", digits, epochs=1)[1]).folder is None
    assert not list(tmp_path.iterdir())


def test_without_test_samples_nothing_is_evaluated_and_the_weights_are_the_same(digits, tmp_path):
    untested = replace(digits, test=digits.test[:0], test_labels=digits.test_labels[:0])
    run_to_end(start("vae", digits, tmp_path / "tested", epochs=2)[1])
    events = list(start("vae", untested, tmp_path / "untested", epochs=2)[1])
    assert [event.figures for event in events if isinstance(event, Evaluated | Finished)] == [{}, {}, {}]
    assert checkpoints.load_metrics(tmp_path / "untested")["error_quantiles"] is None
    assert same(weights_of(tmp_path / "tested"), weights_of(tmp_path / "untested"))


def test_the_time_left_includes_evaluations_and_previews_but_not_pauses(digits):
    options = TrainOptions(epochs=10, batch_size=32)
    run = Run(build_model("dense", **SMALL["dense"]), digits, options, device=torch.device("cpu"))
    assert run.seconds_left(4.0, 100.0) == pytest.approx(6 * 150 / 100)
    run.began = time.monotonic() - 20
    run.controls.paused_seconds, run.step_seconds, run.evaluation_seconds = 8.0, 6.0, 0.01
    assert run.seconds_left(4.0, 100.0) == pytest.approx(2 * 6 * 150 / 100 + 40 * 0.01, rel=0.05)
    assert run.seconds_left(10.0, 100.0) == pytest.approx(40 * 0.01)


def test_the_losses_of_an_epoch_do_not_depend_on_the_times_of_events(digits, monkeypatch):
    losses = []
    for seconds in (0.0, 100.0):
        monkeypatch.setattr(engine, "STEP_SECONDS", seconds)
        _, run = start("vae", digits, epochs=3)
        losses.append([event.losses for event in run if isinstance(event, Evaluated)])
    assert losses[0] == losses[1]


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_the_learning_rate_follows_its_schedule(schedule, digits, every_step, monkeypatch):
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


def test_evaluation_restores_mode_and_random_state(digits):
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
    assert set(finished.figures) == {"accuracy", "exact", "cross_entropy"}
    assert len(checkpoints.load_metrics(tmp_path / "symbols")["error_quantiles"]) == 101


@pytest.mark.parametrize("epochs", range(1, 13))
def test_phases_share_all_epochs(epochs):
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
