"""The command line, mostly in this process: importing torch takes seconds."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ae_demo import checkpoints, cli
from ae_demo.cli.flags import given_flags
from ae_demo.models import FAMILIES
from ae_demo.training import Started, TrainOptions
from ae_demo.training.events import event_from_json

QUICK = ["--data", "digits", "--limit", "300", "--epochs", "1", "--threads", "1"]
SMALL = ["--hidden", "24", "--latent-dim", "4"]


@pytest.fixture
def run(capsys):
    """Run a command; gives its exit status, its output and its errors."""

    def run(*arguments):
        try:
            status = cli.main([str(each) for each in arguments])
        except SystemExit as exit:
            status = exit.code
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty folder in the place of the project's checkpoints."""
    monkeypatch.setattr(checkpoints, "ROOT", tmp_path / "root")
    return tmp_path / "root"


def test_train_shows_a_bar_and_a_line_for_each_evaluation(run, tmp_path):
    status, out, err = run("train", "dense", *QUICK, *SMALL, "--epochs", "2", "--out", tmp_path / "it")
    assert status == 0
    assert "dense on digits" in out
    assert out.count("epoch ") == 2
    assert "epoch 2 (train): loss" in out
    assert "finished after 2 epochs" in out
    assert f"saved in {tmp_path / 'it'}" in out
    assert "img/s" in err
    assert checkpoints.load(tmp_path / "it").config.hidden == (24,)


def test_train_prints_the_events_as_json(run, tmp_path):
    status, out, _ = run("train", "vae", *QUICK, "--hidden", 24, 16, "--out", tmp_path / "it", "--json")
    assert status == 0
    events = [json.loads(line) for line in out.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    (evaluated,) = (event for event in events if event["event"] == "evaluated")
    assert evaluated["images_per_second"] > 0
    assert {"mse", "kl"} <= set(evaluated["figures"])
    assert [event_from_json(line).to_json() for line in out.splitlines()] == out.splitlines()
    assert checkpoints.load(tmp_path / "it").config.hidden == (24, 16)


def test_the_record_has_no_folders_of_this_machine(run, tmp_path):
    run("train", "dense", *QUICK, *SMALL, f"--out={tmp_path / 'first'}", f"--data-dir={tmp_path}", "--json")
    run(
        "train", "dense", *QUICK, *SMALL, "--out", tmp_path / "it", "--data-dir", tmp_path, "--init", tmp_path / "first"
    )
    command = " ".join(["python -m ae_demo train dense", *QUICK, *SMALL])
    first, second = (checkpoints.load_metrics(tmp_path / name) for name in ("first", "it"))
    assert first["command"] == f"{command} --out checkpoints/first --data-dir data"
    assert second["command"] == f"{command} --out checkpoints/it --data-dir data --init checkpoints/first"
    assert second["figures"]["mse"] < first["figures"]["mse"]  # it went on from there


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_is_a_flag(family, run):
    status, out, _ = run("train", family, "--help")
    assert status == 0
    for name in [*FAMILIES[family].Config().to_dict(), *TrainOptions().to_dict()]:
        assert f"--{name.replace('_', '-')}" in out or name == "input_shape"


def test_flags_become_the_config(run, tmp_path):
    settings = "--channels 4 6 --blocks 1 --latent-dim 0 --code-channels 3 --nested --loss l1"
    run("train", "conv", *QUICK, *settings.split(), "--out", tmp_path / "a", "--json")
    config = checkpoints.load(tmp_path / "a").config
    assert (config.channels, config.latent_dim, config.code_channels, config.nested) == ((4, 6), 0, 3, True)
    assert config.loss == "l1"
    run("train", "conv", *QUICK, *settings.split(), "--no-nested", "--out", tmp_path / "b", "--json")
    assert checkpoints.load(tmp_path / "b").config.nested is False
    parser = cli.build_parser()
    options = parser.parse_args(["train", "stacked", "--hidden", "64", "32", "--lr", "0.01", "--seed", "7"])
    assert given_flags(options, FAMILIES["stacked"].Config) == {"hidden": [64, 32]}
    assert given_flags(options, TrainOptions) == {"lr": 0.01, "seed": 7}


@pytest.mark.parametrize(
    ("arguments", "status", "pattern"),
    [
        (["train", "gan"], 2, "invalid choice: 'gan'"),
        (["train", "dense", "--hiden", "3"], 2, "--hiden"),
        (["train", "dense", "--hid", "3"], 2, "--hid"),
        (["train", "dense", "--data", "cifar"], 2, "'cifar'"),
        (["train", "dense", "--epochs", "many"], 2, "'many'"),
        (["train", "dense", "--loss", "hinge"], 2, "'hinge'"),
        ([], 2, "COMMAND"),
        (["train", "dense", *QUICK, "--epochs", "0"], 1, "epochs is 0; allowed is 1 to"),
        (["train", "dense", *QUICK, "--lr", "nan"], 1, "lr is nan"),
        (["train", "dense", *QUICK, "--latent-dim", "0"], 1, "latent_dim is 0"),
        (["train", "conv", *QUICK, "--channels"], 1, "channels .* has 0 entries"),
        (["train", "conv", *QUICK, "--loss", "bce", "--output", "linear"], 1, "sigmoid"),
        (
            ["train", "conv", "--data", "waves", "--epochs", "1"],
            1,
            "conv cannot be trained on waves; choose one of mnist, ",
        ),
        (["train", "colorization", *QUICK], 1, "colorization cannot be trained on digits; choose one of folder"),
        (["train", "dense", *QUICK, "--limit", "0"], 1, "limit is 0"),
        (["train", "dense", "--data", "folder"], 1, "needs data_dir"),
        (["train", "dense", "--data", "folder", "--data-dir", "/no/such/place"], 1, "/no/such/place is not a folder"),
        (["train", "dense", *QUICK, "--init", "nothing"], 1, "no checkpoint 'nothing'"),
        (["train", "dense", *QUICK, "--resume", "--out", "/no/such/place"], 1, "no unfinished run"),
        (["evaluate", "nothing"], 1, "no checkpoint 'nothing'"),
    ],
)
def test_wrong_arguments_end_with_a_message(arguments, status, pattern, run, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert code == status
    assert "Traceback" not in err
    assert re.search(pattern, err)
    assert not out
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_reported_before_training(run, tmp_path):
    (tmp_path / "file").write_text("")
    status, out, err = run("train", "dense", *QUICK, "--out", tmp_path / "file", "--json")
    assert status == 1
    assert "another folder" in err
    assert not out


def test_weights_to_start_from_must_fit(run, tmp_path):
    run("train", "conv", *QUICK, "--channels", "2", "--out", tmp_path / "it", "--json")
    status, _, err = run("train", "dense", *QUICK, "--init", tmp_path / "it", "--out", tmp_path / "other")
    assert status == 1
    assert "does not fit: no layer" in err


def test_layers_of_another_shape_start_at_random_and_are_named(run, tmp_path):
    run("train", "dense", *QUICK, "--hidden", "8", "4", "--out", tmp_path / "it", "--json")
    wider = ("--hidden", "8", "6", "--lr", "1e-7", "--out", tmp_path / "wider")
    status, _, err = run("train", "dense", *QUICK, *wider, "--init", tmp_path / "it")
    kept, new = (checkpoints.load(tmp_path / name).state_dict() for name in ("it", "wider"))
    assert status == 0
    same = [key for key in kept if kept[key].shape == new[key].shape and torch.allclose(kept[key], new[key], atol=1e-4)]
    assert {"encoder.0.weight", "decoder.4.weight"} <= set(same)
    assert "4 new layers: decoder.0, decoder.2, encoder.2, encoder.4" in err


def test_training_starts_from_the_mean_of_several_checkpoints(run, tmp_path):
    places = [tmp_path / name for name in ("one", "two", "mean")]
    for seed, place in enumerate(places[:2]):
        run("train", "dense", *QUICK, *SMALL, "--seed", seed, "--out", place, "--json")
    end = ("--lr", "1e-7", "--out", places[2], "--json")  # nothing is learnt
    assert run("train", "dense", *QUICK, *SMALL, "--init", *places[:2], *end)[0] == 0
    one, two, mean = (checkpoints.load(place, "cpu").state_dict() for place in places)
    for key, value in mean.items():
        torch.testing.assert_close(value.float(), (one[key].float() + two[key].float()) / 2, atol=2e-3, rtol=1e-2)
    assert "--init checkpoints/one checkpoints/two --lr" in checkpoints.load_metrics(places[2])["command"]
    assert not (tmp_path / "other").exists()


def test_a_failed_run_has_its_own_exit_status(run, tmp_path):
    absurd = ["--lr", "10", "--optimizer", "sgd", "--l2", "1", "--epochs", "50", "--out", tmp_path]
    status, _, err = run("train", "dense", *QUICK, *SMALL, *absurd)
    assert status == 1
    assert "no longer finite" in err
    status, out, _ = run("train", "dense", *QUICK, *SMALL, *absurd, "--json")
    assert status == 1
    assert json.loads(out.splitlines()[-1])["event"] == "failed"


def test_symbols_from_a_file(run, tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "words.npy", rng.integers(0, 5, (80, 6)))
    given = ["--data", "array", "--data-dir", tmp_path / "words.npy", "--epochs", "1", "--hidden-size", "8"]
    status, _, _ = run("train", "seq2seq", *given, "--symbols", "5", "--out", tmp_path / "it", "--json")
    assert status == 0
    status, out, _ = run("evaluate", tmp_path / "it", "--data-dir", tmp_path / "words.npy", "--json")
    assert status == 0
    assert 0 <= json.loads(out)["figures"]["accuracy"] <= 1
    status, _, err = run("train", "seq2seq", *given, "--out", tmp_path / "other")
    assert status == 1
    assert "symbols" in err
    status, out, _ = run("train", "seq2seq", *given, "--symbols", "3", "--out", tmp_path / "other", "--json")
    assert status == 1
    assert "0 to 2" in json.loads(out.splitlines()[-1])["message"]


def test_evaluate_and_list(run, root):
    run("train", "dense", *QUICK, *SMALL, "--out", root / "dense-tiny", "--json")
    report = checkpoints.load_metrics("dense-tiny")
    status, out, _ = run("evaluate", "dense-tiny", "--json")
    assert status == 0
    answer = json.loads(out)
    assert answer["figures"] == pytest.approx(report["figures"], abs=1e-6)
    assert (answer["data"], answer["test"], answer["notice"]) == ("digits", 500, None)
    status, out, _ = run("evaluate", root / "dense-tiny", "--data", "digits")
    assert status == 0
    assert "500 test samples of digits" in out
    assert f"{report['figures']['mse']:.5g}" in out

    shutil.copytree(root / "dense-tiny", root / "vae-odd")
    (root / "vae-odd" / checkpoints.METRICS).unlink()
    status, out, err = run("list", "--json")
    assert status == 0
    listed = json.loads(out)
    assert listed["dense-tiny"]["figures"] == report["figures"]
    assert listed["dense-tiny"]["parameters"] == report["parameters"]
    assert "vae-odd" in err  # its damage does not hide the others
    status, out, _ = run("list")
    assert status == 0
    assert out.startswith("dense-tiny")
    assert f"{report['parameters']:,} parameters" in out
    status, _, err = run("evaluate", "vae-odd")
    assert status == 1
    assert "metrics.json" in err


def test_the_list_is_empty_at_first(run, root):
    assert run("list", "--json") == (0, "{}\n", "")
    assert run("list") == (0, "", "")


def test_a_full_set_without_a_network_has_a_notice(run, tmp_path, monkeypatch):
    import torchvision.datasets

    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])  # nobody answers there
    given = ["--data-dir", tmp_path, "--limit", "100", "--epochs", "1", *SMALL, "--out", tmp_path / "it"]
    status, out, _ = run("train", "dense", "--data", "mnist", *given)
    assert status == 0
    assert "are used instead" in out
    assert checkpoints.load_metrics(tmp_path / "it")["data"]["name"] == "digits"


@pytest.mark.slow
def test_ctrl_c_saves_and_resume_continues(tmp_path, run, monkeypatch):
    command = ["train", "dense", *QUICK, *SMALL, "--epochs", "100000", "--out", str(tmp_path / "it"), "--json"]
    home = Path(cli.__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "ae_demo", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env={**os.environ, "OMP_NUM_THREADS": "1", "AE_DEVICE": "cpu"},
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"evaluated"' in line:
                break
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    last = json.loads((lines + rest.splitlines())[-1])
    assert last["event"] == "finished"
    assert last["stopped"] is True
    assert last["epochs"] >= 1
    checkpoints.load(tmp_path / "it")
    assert checkpoints.load_metrics(tmp_path / "it")["epochs"] == last["epochs"]

    # Going on, here, and stopping again at once.
    events = []

    def interrupt(event):
        events.append(event)
        if isinstance(event, Started):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(cli.train, "print_json", interrupt)
    before = signal.getsignal(signal.SIGINT)
    status, _, _ = run(*command, "--resume")
    assert status == 0
    assert events[0].first_epoch == last["epochs"]
    assert events[-1].stopped
    assert events[-1].epochs >= last["epochs"]
    assert signal.getsignal(signal.SIGINT) == before
    assert torch.isfinite(checkpoints.load(tmp_path / "it").encoder[0].weight).all()


def test_the_version(run):
    assert run("--version")[0] == 0
