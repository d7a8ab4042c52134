"""Fixtures: checkpoints with random weights, and the whole demo, served."""

import os

import pytest
from random_models import save_random_models

from ae_demo import checkpoints

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# Both are read when gradio is imported. Each process has ports of its own, so that two servers never try for one.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_SERVER_PORT", str(7860 + 100 * WORKER))
os.environ.setdefault("AE_SPARE_WORKERS", "0")  # only tests of training have a process wait for a run


def pytest_collection_modifyitems(items):
    """Put what is slow first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def random_models(tmp_path_factory):
    """A folder of checkpoints with random weights, see `random_models.py`."""
    root = tmp_path_factory.mktemp("checkpoints")
    save_random_models(root)
    return root


@pytest.fixture
def random_checkpoints(random_models, monkeypatch):
    """The checkpoints of `random_models` in place of the shipped ones; their folder."""
    monkeypatch.setattr(checkpoints, "ROOT", random_models)
    return random_models


@pytest.fixture(scope="session")
def served():
    """The address of the whole demo, served with the shipped checkpoints."""
    from ae_demo.ui.app import build_app, launch

    app = build_app()
    _, url, _ = launch(app, prevent_thread_lock=True, quiet=True, server_port=None)
    yield url
    app.close()
