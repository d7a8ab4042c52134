"""The facts of checkpoints, whole and damaged."""

import json
import shutil
from itertools import pairwise

import pytest

import ae_demo
from ae_demo import checkpoints, facts
from ae_demo.errors import CheckpointError


def test_every_shipped_checkpoint_has_its_facts():
    found = {each.name: each for each in ae_demo.list_models()}
    assert set(found) == set(ae_demo.list_checkpoints())
    for name, each in found.items():
        model = checkpoints.load(name, "cpu")
        assert (each.error, each.task, each.parameters) == (None, model.task, model.parameter_count())
        assert each.figures == checkpoints.load_metrics(name)["figures"]
        assert each.test_count
        assert each.command.startswith("python -m ae_demo train")
        assert 2 * each.parameters <= each.size < 2.3 * each.parameters + 1e5  # half precision and a header
    assert (found["vae-mnist"].numbers, found["vae-mnist"].variational) == (2, True)
    assert (found["conv-photo"].any_size, found["dense-mnist"].any_size) == (True, False)
    subjects = {name: found[f"seq2seq-{name}"].subject for name in ("mnist", "fashion", "waves", "heartbeats", "words")}
    assert list(subjects.values()) == ["digits", "garments", "waves", "heartbeats", "words"]


def test_a_group_is_listed_together():
    groups = [(each.task, each.subject) for each in ae_demo.list_models()]
    assert sum(a != b for a, b in pairwise(groups)) == len(set(groups)) - 1


def cut(folder):
    path = folder / checkpoints.WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])


def rewrite(folder, change):
    path = folder / checkpoints.CONFIG
    about = json.loads(path.read_text())
    change(about)
    path.write_text(json.dumps(about))


DAMAGES = {
    "cut": cut,
    "no weights": lambda folder: (folder / checkpoints.WEIGHTS).unlink(),
    "no config": lambda folder: (folder / checkpoints.CONFIG).unlink(),
    "no JSON": lambda folder: (folder / checkpoints.CONFIG).write_text("{"),
    "other family": lambda folder: rewrite(folder, lambda about: about.update(family="strange")),
    "other size": lambda folder: rewrite(folder, lambda about: about["config"].update(latent_dim=31)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_is_last_with_the_reason_and_without_a_path(random_models, tmp_path, damage):
    for name in ("dense-mnist", "conv-mnist"):
        shutil.copytree(random_models / name, tmp_path / name)
    assert [each.error for each in facts.list_models(tmp_path)] == [None, None]
    DAMAGES[damage](tmp_path / "dense-mnist")
    whole, damaged = facts.list_models(tmp_path)
    assert (whole.name, whole.error, damaged.name) == ("conv-mnist", None, "dense-mnist")
    assert damaged.error
    assert str(tmp_path) not in damaged.error
    with pytest.raises(CheckpointError):
        facts.describe_model(tmp_path / "dense-mnist")


@pytest.mark.parametrize(
    "recorded", [None, {}, {"figures": [], "data": 3}, {"figures": {"mse": float("nan"), "psnr": "x"}}]
)
def test_metrics_that_are_missing_or_odd_leave_the_figures_empty(random_models, tmp_path, recorded):
    shutil.copytree(random_models / "vae-mnist", tmp_path / "vae-mnist")
    path = tmp_path / "vae-mnist" / checkpoints.METRICS
    path.unlink() if recorded is None else path.write_text(json.dumps(recorded))
    (each,) = facts.list_models(tmp_path)
    assert (each.error, each.figures, each.numbers) == (None, {}, 2)
    assert json.loads(json.dumps(each.to_dict(), allow_nan=False))["code_shape"] == [2]
