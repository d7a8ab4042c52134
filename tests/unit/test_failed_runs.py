"""Runs that fail, or learn nothing: the message says what to do, and no checkpoint is left."""

from dataclasses import replace

import pytest
import torch
from training_runs import start

from ae_demo import checkpoints
from ae_demo.data import load_dataset
from ae_demo.errors import CheckpointError, TrainingError
from ae_demo.models import build_model
from ae_demo.training import Evaluated, Failed, Finished, engine, run_to_end
from ae_demo.training.evaluation import advice


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("conv", {"lr": 10.0, "optimizer": "sgd", "model_settings": {"output": "linear"}}),
        ("dense", {"lr": 10.0, "optimizer": "sgd", "l2": 1.0, "epochs": 50}),
        ("vae", {"lr": 10.0, "optimizer": "sgd", "batch_size": 150, "epochs": 6}),  # shows in the figures first
    ],
)
def test_a_loss_that_is_not_finite_fails(family, settings, digits, tmp_path):
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


def test_figures_that_are_not_finite_fail(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "evaluate", lambda model, pictures, **_: {"mse": float("nan")})
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


def test_impossible_settings_fail_with_a_message(digits, tmp_path):
    waves = load_dataset("waves", limit=40)
    events = list(start("seq2seq", replace(waves, test=waves.test[:10]), augment=0.1)[1])
    assert isinstance(events[-1], Failed)
    assert "set augment and contrast to 0, mirror to off" in events[-1].message
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CheckpointError, match="another folder"):
        next(start("dense", digits, tmp_path / "file")[1])


def test_a_model_that_learnt_nothing_says_what_to_change(digits):
    idle = run_to_end(start("dense", digits, epochs=1, lr=1e-7)[1])
    assert "no better than the mean of the training samples" in idle.notice
    x, mean = digits.test.float() / 255, (digits.train.float() / 255).mean(0)
    assert f"MSE of the mean: {(x - mean).square().mean():.4f})" in idle.notice
    better = run_to_end(start("dense", digits, epochs=40, lr=1e-2)[1])
    assert better.figures["mse"] < (x - x.mean(0)).square().mean()
    assert better.notice is None


def test_nothing_is_claimed_of_samples_that_are_alike(digits):
    model = build_model("dense", input_shape=(1, 28, 28))
    one, constant = digits.test[:1], torch.full((5, 1, 28, 28), 77, dtype=torch.uint8)
    far = (one.float() / 255 - (digits.train.float() / 255).mean(0)).square().mean().item()
    assert advice(model, {"mse": 0.9 * far}, one, digits.train) is None  # although better than a mean of itself is not
    assert "training samples" in advice(model, {"mse": 1.1 * far}, one, digits.train)
    assert advice(model, {"mse": 0.1}, constant, constant) is None
