"""Fixtures of the engine's tests."""

from dataclasses import replace

import pytest

from ae_demo.data import load_dataset
from ae_demo.training import engine


@pytest.fixture(scope="session")
def digits():
    """150 training and 40 test samples of the bundled digits."""
    data = load_dataset("digits", limit=150)
    return replace(data, test=data.test[:40], test_labels=data.test_labels[:40])


@pytest.fixture
def every_step(monkeypatch):
    """Have the engine yield an event for every step."""
    monkeypatch.setattr(engine, "STEP_SECONDS", 0.0)
