"""The README is correct: its table, its Python, its commands, its front matter."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import scores
import train_all
from PIL import Image

import ae_demo
from ae_demo import checkpoints, cli
from ae_demo.data import ASSETS, load_dataset

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_table_of_scores_is_what_metrics_json_says():
    assert scores.table() in README, "run: python benchmarks/scores.py --write"


def test_the_python_example_runs():
    image = Image.open(ASSETS / "photos" / "cat.jpg")
    digits = load_dataset("digits")
    pictures, labels = digits.test[:60], digits.test_labels[:60]
    names = {"image": image, "pictures": pictures, "labels": labels, "a": Image.new("L", (28, 28)), "b": image}
    names["series"] = np.sin(np.arange(300) / 4)
    names["a"].paste(255, (10, 4, 14, 24))
    exec(blocks("python")[0], names)
    assert names["r"].image.shape == names["rgb"].shape == np.asarray(image).shape == names["clean"].shape
    assert names["r"].psnr > 20
    assert names["points"].shape == (60, 2)
    assert names["walk"].shape == (9, 28, 28)
    assert names["s"].reconstruction.shape == (300, 1)
    assert not names["model"].training


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if "ae_demo" in line])
def test_the_commands_are_understood(line):
    words = shlex.split(line.partition(" -m ae_demo ")[2])
    parsed = cli.build_parser().parse_args(words)
    assert callable(parsed.run)


def test_make_knows_the_targets_that_are_named():
    makefile = (ROOT / "Makefile").read_text()
    targets = [target for block in blocks("sh") for target in re.findall(r"^make (\w+)", block, re.MULTILINE)]
    assert targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_space_installs_the_gradio_that_is_pinned():
    pinned = re.search(r"^gradio==(.+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)[1]
    assert f"sdk_version: {pinned}\n" in README


def test_every_checkpoint_has_a_recipe_and_says_how_it_was_made():
    names = checkpoints.list_checkpoints()
    assert set(names) == set(train_all.RECIPES)
    for name in names:
        made = shlex.split(checkpoints.load_metrics(name)["command"])[3:]
        recipe = ["train", *train_all.commands(name, "data")[-1]]
        parsed = [vars(cli.build_parser().parse_args(words)) for words in (made, recipe)]
        for options in parsed:
            options.pop("out")
            options.pop("data_dir")
            options["init"] = [Path(folder).name for folder in options["init"] or []]
        assert parsed[0] == parsed[1], name


def test_checkpoints_are_small_enough_for_a_space():
    sizes = {f: f.stat().st_size for f in (ROOT / "checkpoints").glob("*/*")}
    assert max(sizes.values()) < 9e6
    assert sum(sizes.values()) < 80e6


def test_the_public_names_are_there():
    for name in ae_demo.__all__:
        assert getattr(ae_demo, name) is not None
