"""The demo with missing or damaged checkpoints: the page says what to do, and other models keep working."""

import re
import shlex
import shutil

import gradio as gr
import pytest

from ae_demo import checkpoints, cli
from ae_demo.ui.app import build_app
from ae_demo.ui.strings import LOCALES, load_strings
from ae_demo.ui.tabs import TABS
from ae_demo.ui.tabs.latent_walk import planes

SHIPPED = checkpoints.ROOT


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty folder in place of the shipped one."""
    monkeypatch.setattr(checkpoints, "ROOT", tmp_path)
    monkeypatch.setenv("AE_CHECKPOINTS", str(tmp_path))
    planes.list_planes.cache_clear()
    yield tmp_path
    planes.list_planes.cache_clear()


def build_all_tabs():
    """Every tab, built as if a visitor had opened it."""
    with gr.Blocks() as app, gr.Tabs():
        for tab in TABS:
            with gr.Tab() as page:
                tab.build_tab(page)
    return app


def commands_of(app):
    """The commands that the tabs without a model show."""
    texts = [block.value for block in app.blocks.values() if isinstance(block, gr.Markdown)]
    return [match[1] for text in texts if (match := re.fullmatch("`+shell\n(.*)\n`+", str(text)))]


def ids_of(app):
    return {block.elem_id for block in app.blocks.values()}


def test_tabs_without_a_model_say_how_to_train_one(root):
    build_app()
    app = build_all_tabs()
    commands = commands_of(app)
    families = []
    for command in commands:
        words = shlex.split(command)
        assert words[:3] == ["python", "-m", "ae_demo"]
        options = cli.build_parser().parse_args(words[3:])
        assert str(options.out).startswith("$AE_CHECKPOINTS/")
        assert str(root) not in command  # whoever visits need not know the server's folders
        families.append(options.family)
    assert families == ["conv", "denoising", "colorization", "vae", "cvae", "seq2seq", "dense"]
    assert "train-curve" in ids_of(app)
    for locale in LOCALES:
        assert load_strings(locale)["no_model"]


def test_one_checkpoint_is_enough_for_its_tab(root):
    (root / "dense-mnist").symlink_to(SHIPPED / "dense-mnist")
    app = build_all_tabs()
    assert [command.split()[4] for command in commands_of(app)] == [
        "denoising",
        "colorization",
        "vae",
        "cvae",
        "seq2seq",
    ]
    assert "reconstruct-results" in ids_of(app)


def test_damaged_checkpoints_are_named_and_the_others_serve(root, caplog):
    for name in ("conv-photo", "vae-mnist", "dense-mnist", "conv-mnist"):
        shutil.copytree(SHIPPED / name, root / name)
    weights = root / "conv-photo" / checkpoints.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1000])
    (root / "vae-mnist" / checkpoints.CONFIG).write_text("{")
    (root / "dense-mnist" / checkpoints.CONFIG).unlink()
    files = ["conv-photo/model.safetensors", "dense-mnist/config.json", "vae-mnist/config.json"]
    app = build_app()
    (shown,) = (block.value for block in app.blocks.values() if block.elem_id == "ae-damaged")
    assert [each["text"] for each in shown] == [", ".join(files)]
    assert all(str(root / file) in caplog.text for file in files)
    ids = ids_of(build_all_tabs())
    assert {"reconstruct-results", "features-diagram"} <= ids
    assert "latent-diagram" not in ids
