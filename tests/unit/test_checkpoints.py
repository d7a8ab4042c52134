"""Checkpoints: saving and loading, and all reasons for which a folder is refused."""

import json
import pickle
import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch

import ae_demo
from ae_demo import checkpoints
from ae_demo.errors import CheckpointError, ConfigError
from ae_demo.models import FAMILIES, build_model

SETTINGS = {"colorization": {"channels": (4, 6)}, "conv": {"latent_dim": 0, "channels": (4, 6)}}


def tiny():
    torch.manual_seed(0)
    return build_model("dense", hidden=(16,), latent_dim=4)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A valid checkpoint named dense-tiny."""
    monkeypatch.setattr(checkpoints, "ROOT", tmp_path / "root")
    return checkpoints.save(tiny(), tmp_path / "root" / "dense-tiny", {"figures": {"mse": 0.5}})


def edit(folder, **changes):
    """Change config.json: top-level names, or `config` field by field."""
    path = folder / checkpoints.CONFIG
    about = json.loads(path.read_text())
    about["config"] |= changes.pop("config", {})
    path.write_text(json.dumps(about | changes))


@pytest.mark.parametrize("family", FAMILIES)
def test_round_trip_in_half_precision(family, tmp_path):
    torch.manual_seed(0)
    model = build_model(family, **SETTINGS.get(family, {})).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    loaded = checkpoints.load(checkpoints.save(model, tmp_path / "it"), "cpu")
    assert loaded.config == model.config
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())
    assert {path.name for path in (tmp_path / "it").iterdir()} == {checkpoints.WEIGHTS, checkpoints.CONFIG}
    stored = safetensors.torch.load_file(tmp_path / "it" / checkpoints.WEIGHTS)
    assert {value.dtype for value in stored.values()} == {torch.float16}
    for name, value in loaded.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, before[name].half().float())
    assert all(torch.equal(model.state_dict()[name], before[name]) for name in before)  # saving changes nothing
    model.load_state_dict({name: value.half().float() for name, value in before.items()})
    x = torch.rand(2, *model.config.input_shape)
    torch.testing.assert_close(loaded.reconstruct(x), model.reconstruct(x))


def test_by_name_and_by_path(folder, monkeypatch):
    by_name = checkpoints.load("dense-tiny")
    for path in (folder, str(folder), folder / ".." / "dense-tiny"):
        assert torch.equal(checkpoints.load(path).encoder[0].weight, by_name.encoder[0].weight)
    monkeypatch.chdir(folder.parent)
    shutil.copytree(folder, "a-run")
    assert checkpoints.load("a-run").config == by_name.config
    assert ae_demo.load("dense-tiny").config == by_name.config
    assert checkpoints.load_metrics("dense-tiny") == {"figures": {"mse": 0.5}}


def test_the_list_is_in_the_order_of_the_families(folder):
    root = folder.parent
    for name, family in (("one", "vae"), ("conv-photo", "conv"), ("two", "conv")):
        checkpoints.save(build_model(family, **SETTINGS.get(family, {})), root / name)
    (root / "unfinished").mkdir()
    (root / "unfinished" / "state.json").write_text("{}")
    expected = ["dense-tiny", "conv-photo", "two", "one"]
    assert checkpoints.list_checkpoints() == expected
    assert ae_demo.list_checkpoints() == expected
    assert checkpoints.list_checkpoints(root / "nowhere") == []
    assert checkpoints.list_checkpoints(task="reconstruct") == expected
    assert checkpoints.list_checkpoints(task="denoise") == []
    assert checkpoints.damaged_checkpoints() == {}


DAMAGE = {
    "weights cut off": (checkpoints.WEIGHTS, lambda file: file.write_bytes(file.read_bytes()[:-10])),
    "weights missing": (checkpoints.WEIGHTS, Path.unlink),
    "weights of another model": (
        checkpoints.WEIGHTS,
        lambda file: checkpoints.write_tensors(file, {"encoder.0.weight": torch.zeros(3)}),
    ),
    "config cut off": (checkpoints.CONFIG, lambda file: file.write_bytes(file.read_bytes()[:-10])),
    "config missing": (checkpoints.CONFIG, Path.unlink),
    "another family": (checkpoints.CONFIG, lambda file: edit(file.parent, family="gan")),
    "metrics cut off": (checkpoints.METRICS, lambda file: file.write_bytes(file.read_bytes()[:-5])),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_checkpoint_is_left_out_and_its_file_is_named(folder, name):
    checkpoints.save(tiny(), folder.parent / "sound")
    assert checkpoints.list_checkpoints() == ["dense-tiny", "sound"]
    file, damage = DAMAGE[name]
    damage(folder / file)
    assert checkpoints.list_checkpoints() == ["sound"]
    damaged = checkpoints.damaged_checkpoints()
    assert damaged.keys() == {"dense-tiny"}
    assert damaged["dense-tiny"].startswith(f"{folder.name}/{file}")


def test_a_missing_checkpoint_is_reported_with_the_available_ones(folder):
    for name in ("dense-gone", "", "/nowhere/at/all", "../dense-tiny", "nul\0l"):
        with pytest.raises(CheckpointError, match=r"There is no checkpoint.*dense-tiny"):
            checkpoints.load(name)


def test_weights_missing_truncated_or_empty(folder):
    path = folder / checkpoints.WEIGHTS
    whole = path.read_bytes()
    for content in (whole[:-10], whole[:50], whole[:4], b"", b"\xff" * 200, whole + b"more"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"model\.safetensors is missing or damaged"):
            checkpoints.load(folder)
    path.unlink()
    with pytest.raises(CheckpointError, match="missing or damaged"):
        checkpoints.load(folder)
    path.mkdir()
    with pytest.raises(CheckpointError, match="missing or damaged"):
        checkpoints.load(folder)


class Trap:
    """When unpickled, writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "sprung")


@pytest.mark.parametrize("dump", [lambda it, path: path.write_bytes(pickle.dumps(it)), torch.save])
def test_a_pickle_is_never_opened(folder, tmp_path, dump):
    sprung = tmp_path / "sprung"
    dump({"weight": Trap(sprung)}, folder / checkpoints.WEIGHTS)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoints.load(folder)
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))  # it is a trap indeed
    assert sprung.exists()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[" * 100_000, "damaged"),
        ("[1, 2]", "not hold a JSON object"),
        ("{}", "no 'family'"),
        ('{"_class_name": "AutoencoderKL", "act_fn": "silu"}', "no 'family'"),
        ('{"family": "dense", "config": {}}', "no 'format'"),
    ],
)
def test_a_config_without_a_model_is_refused(folder, content, match):
    (folder / checkpoints.CONFIG).write_text(content)
    with pytest.raises(CheckpointError, match=match):
        checkpoints.load(folder)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"family": "gan"}, "no family 'gan'.*dense"),
        ({"family": ["dense"]}, "does not describe"),
        ({"family": None}, "does not describe"),
        ({"format": 2}, "format 2.*reads 1"),
        ({"format": "1"}, "format '1'"),
        ({"config": {"hiden": [3]}}, "has no hiden"),
        ({"config": {"latent_dim": "4"}}, "latent_dim"),
        ({"config": {"latent_dim": 0}}, "latent_dim"),
        ({"config": {"latent_dim": 8}}, r"does not fit.*16, 4.*16, 8"),
        ({"config": {"hidden": [16, 16]}}, "does not fit"),
        ({"config": {"hidden": [1] * 1000}}, "1000 entries"),
        ({"config": {"input_shape": [10**30, 10**30]}}, "config.json"),
        ({"family": "sparse"}, None),  # the same tensors: nothing to be found out
        ({"family": "vae"}, "does not fit|VAEConfig has no"),
    ],
)
def test_a_config_that_does_not_fit(folder, changes, match):
    edit(folder, **changes)
    if match is None:
        assert checkpoints.load(folder).family == "sparse"
        return
    with pytest.raises(CheckpointError, match=match) as caught:
        checkpoints.load(folder)
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)


def test_a_config_other_than_an_object_is_refused(folder):
    path = folder / checkpoints.CONFIG
    for config in ([], None, "dense", [["hidden", [3]]]):
        path.write_text(json.dumps({"format": 1, "family": "dense", "config": config}))
        with pytest.raises(CheckpointError, match="does not describe"):
            checkpoints.load(folder)


def test_foreign_tensors(folder):
    for tensors in ({"weight": torch.zeros(3)}, {}):
        safetensors.torch.save_file(tensors, folder / checkpoints.WEIGHTS)
        with pytest.raises(CheckpointError, match="does not fit"):
            checkpoints.load(folder)


@pytest.mark.parametrize(
    ("family", "config"),
    [
        ("dense", {"hidden": [8192] * 16}),
        ("dense", {"input_shape": [3, 100_000, 100_000]}),
        ("conv", {"channels": [2048] * 3, "blocks": 32, "latent_dim": 0}),
        ("seq2seq", {"input_shape": [7], "symbols": 100_000, "hidden_size": 2048, "layers": 4}),
        ("denoising", {"channels": [1024] * 8, "blocks": 16}),
    ],
)
def test_absurd_sizes_are_refused_before_memory_is_taken(folder, family, config):
    """Gigabytes to a terabyte of weights, of which the file holds a few kilobytes."""
    resource = pytest.importorskip("resource")
    (folder / checkpoints.CONFIG).write_text(json.dumps({"format": 1, "family": family, "config": config}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CheckpointError, match="does not fit"):
        checkpoints.load(folder)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300 * 1024  # kilobytes (bytes on a Mac, where it then proves little)


def test_a_huge_input_shape_costs_nothing_where_the_weights_fit(tmp_path):
    model = build_model("denoising", channels=(4, 6), input_shape=(1, 1_000_000, 1_000_000))
    loaded = checkpoints.load(checkpoints.save(model, tmp_path / "it"))
    assert loaded.code_shape == (4, 500_000, 500_000)
    assert loaded.reconstruct(torch.rand(1, 1, 9, 9)).shape == (1, 1, 9, 9)


def test_invalid_weights_are_not_saved(tmp_path):
    for value in (float("nan"), 1e6):
        model = tiny()
        torch.nn.init.constant_(model.encoder[0].bias, value)
        with pytest.raises(CheckpointError, match="nothing was saved"):
            checkpoints.save(model, tmp_path / "it")
        assert not list((tmp_path / "it").iterdir())


def test_saving_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="another folder"):
        checkpoints.save(tiny(), tmp_path / "file" / "it")


def test_metrics_missing_or_damaged(folder):
    (folder / checkpoints.METRICS).write_text("{]")
    with pytest.raises(CheckpointError, match=r"metrics\.json is missing or damaged"):
        checkpoints.load_metrics(folder)
    (folder / checkpoints.METRICS).unlink()
    with pytest.raises(CheckpointError, match=r"metrics\.json is missing or damaged"):
        checkpoints.load_metrics(folder)


def test_the_device_is_the_one_asked_for(folder, monkeypatch):
    monkeypatch.setenv("AE_DEVICE", "cpu")
    assert checkpoints.best_device() == torch.device("cpu")
    assert next(checkpoints.load(folder).parameters()).device.type == "cpu"
    for nonsense in ("toaster", "cuda:999", "meta", "cpu cpu"):
        monkeypatch.setenv("AE_DEVICE", nonsense)
        with pytest.raises(ConfigError, match=rf"{nonsense}.*use cpu, cuda or mps"):
            checkpoints.best_device()
    for unset in ("", None):
        monkeypatch.setenv("AE_DEVICE", unset) if unset is not None else monkeypatch.delenv("AE_DEVICE")
        expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        assert checkpoints.best_device().type == expected
