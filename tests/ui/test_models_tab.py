"""The Models tab: what it shows of each checkpoint, the samples, the names in lists, and links that choose a model."""

import base64
import io
import shutil

import numpy as np
from gradio_client import Client
from PIL import Image

from ae_demo import checkpoints, facts
from ae_demo.data.pictures import to_tensor
from ae_demo.functional import metrics
from ae_demo.ui.shared import examples, model_tabs, model_texts, source
from ae_demo.ui.strings import LOCALES
from ae_demo.ui.tabs.models import samples, view


def pixels_of(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


def test_every_shipped_model_has_its_texts_figures_and_a_tab():
    for entry in view.entries():
        assert entry["tabs"], entry["name"]
        assert entry["main"], entry["name"]
        for key in ("title", "about", "fails", "data", "subjectName"):
            texts = [entry[key][locale] for locale in LOCALES]
            assert all(texts), (entry["name"], key)
            assert not any("{" in text for text in texts)
    titles = {facts.name: model_texts.title_of(facts) for facts in facts.list_models()}
    for short in model_texts.short_titles().values():
        assert short.keys() == titles.keys()
        assert len(set(short.values())) == len(short)
    assert titles["conv-photo"] == "Convolutional autoencoder, photographs"
    assert titles["vae-mnist"] == "Variational autoencoder, digits, 2 numbers"


def test_tabs_take_what_their_models_are_for():
    assert model_tabs.tabs_for("colorization-photo") == ["colorize"]
    assert model_tabs.tabs_for("seq2seq-words") == ["sequences"]
    assert set(model_tabs.tabs_for("vae-mnist")) == {"reconstruct", "latent_walk", "features"}


def test_samples_are_made_by_the_models_and_are_small():
    made = samples.make_samples(["dense-mnist", "denoising-photo", "conv-photo", "seq2seq-words", "../etc", 3])
    assert list(made) == ["dense-mnist", "denoising-photo", "conv-photo", "seq2seq-words"]
    assert len(made["dense-mnist"]["code"]) == 32
    given, rebuilt = (pixels_of(made["dense-mnist"][key]) for key in ("input", "output"))
    assert 0 < metrics.mse(to_tensor(rebuilt), to_tensor(given)).item() < 0.02
    clean = to_tensor(samples.sample_picture("photographs"))
    noisy, denoised = (to_tensor(pixels_of(made["denoising-photo"][key])) for key in ("input", "output"))
    assert metrics.psnr(denoised, clean).item() > metrics.psnr(noisy, clean).item() + 5
    assert made["seq2seq-words"]["output"] == "summer"
    assert sum(len(str(each)) for each in made.values()) < 60_000


def test_a_new_or_damaged_checkpoint_has_an_entry_without_texts_of_its_own(random_models, tmp_path, monkeypatch):
    for name in ("vae-wide", "dense-folder", "conv-mnist"):
        shutil.copytree(random_models / name, tmp_path / name)
    (tmp_path / "conv-mnist" / checkpoints.CONFIG).write_text("{")
    monkeypatch.setattr(checkpoints, "ROOT", tmp_path)
    found = {entry["name"]: entry for entry in view.entries()}
    assert found["vae-wide"]["title"]["en"] == "Variational autoencoder, digits, 5 numbers"
    assert found["dense-folder"]["title"]["zh-CN"] == "全连接自编码器，照片（20 × 24），32 维"
    assert found["conv-mnist"]["error"]["zh-CN"].startswith("config.json 缺失或已损坏")
    assert samples.sample_of("dense-folder")["kind"] == "picture"
    labels = [str(label) for label, _ in source.named_models(["dense-folder", "vae-wide", "elsewhere"])]
    assert "model.vae-wide" in labels[0]  # digits before photographs
    assert labels[2] == "elsewhere"


def test_a_linked_model_has_an_example_that_suits_it():
    assert examples.suitable_example("denoise", "denoising-fashion").name == "boot.png"
    assert examples.suitable_example("reconstruct", "stacked-fashion").name in ("sneaker.png", "dress.png")


def test_the_endpoint_has_the_facts_of_all_models(served):
    answer = Client(served, verbose=False).predict("zh-TW", api_name="/models")
    assert {each["name"] for each in answer} == set(checkpoints.list_checkpoints())
    (colours,) = (each for each in answer if each["name"] == "colorization-photo")
    assert colours["title"] == "上色自編碼器，照片"
    assert colours["figures"] == checkpoints.load_metrics("colorization-photo")["figures"]
