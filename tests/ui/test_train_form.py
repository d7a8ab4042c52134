"""The Train tab's settings: experiments, links that restore them, and the facts shown before a run."""

import collections
import dataclasses
import json
from urllib.parse import parse_qsl

import gradio as gr
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ae_demo.data import load_dataset
from ae_demo.errors import ConfigError
from ae_demo.models import FAMILIES
from ae_demo.training import Stepped, train
from ae_demo.training.controls import RunControls
from ae_demo.training.worker import RunSpec
from ae_demo.ui.strings import LOCALES, load_strings
from ae_demo.ui.tabs.train import estimate, links
from ae_demo.ui.tabs.train import form as train_form
from ae_demo.ui.tabs.train.experiments import EXPERIMENTS, EXPERIMENTS_BY_NAME
from ae_demo.ui.tabs.train.facts import facts_of
from ae_demo.ui.tabs.train.settings import PageSettings, data_sets_of
from ae_demo.ui.tabs.train.view import name_of

ALL = [(e.name, label, settings) for e in EXPERIMENTS for label, settings in e.variants.items()]


@pytest.fixture(scope="module")
def form():
    with gr.Blocks():
        return train_form.build_form()


def values_of(form, settings):
    """The values of the controls once they are filled with `settings`."""
    assert set(form.updates_for(settings)) <= form.controls
    return {control: control.value for control in form.controls} | form.values_of(settings)


def read_back(form, settings):
    """The settings that the form holds once it is filled with `settings`."""
    return form.read(values_of(form, settings))


def test_the_time_of_a_run_of_symbols_can_be_estimated():
    settings = PageSettings.from_flat("seq2seq", "words", {"hidden_size": 8, "latent_dim": 4})
    settings.check()
    assert all(seconds > 0 for seconds in estimate.phase_seconds(settings).values())
    assert "4 / 324" in json.dumps(facts_of(settings.outline()))  # 12 letters of 27


def test_there_are_eleven_experiments_with_a_hint_in_each_language():
    assert len(EXPERIMENTS) == 11
    for locale in LOCALES:
        texts = load_strings(locale)
        for experiment in EXPERIMENTS:
            assert texts[f"train.experiments.name.{experiment.name}"]
            assert len(texts[f"train.experiments.{experiment.name}"]) > 30
    assert all(len(experiment.variants) > 1 for experiment in EXPERIMENTS)


@pytest.mark.parametrize(("name", "label", "settings"), ALL, ids=[f"{name}-{label}" for name, label, _ in ALL])
def test_an_experiment_can_be_run_and_fills_the_form_and_a_link(name, label, settings, form):
    settings.check()
    read = read_back(form, settings)
    read.check()
    assert (read.family, read.data, read.limit) == (settings.family, settings.data, settings.limit)
    assert settings.config == read.config
    assert settings.options == read.options
    assert form.variant_of(name, values_of(form, settings)) == label
    assert form.variant_of(name, values_of(form, settings) | {form.options["seed"]: 7}) is None
    query = links.to_query(read)
    back = links.from_query(dict(parse_qsl(query, keep_blank_values=True)))
    assert read_back(form, back) == read


@pytest.mark.parametrize("family", FAMILIES)
def test_an_unchanged_form_gives_a_short_link(family, form):
    data = data_sets_of(FAMILIES[family])[0]
    read = read_back(form, PageSettings.from_flat(family, data))
    assert links.to_query(read) == f"tab=train&family={family}&data={data}"


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        ({"family": "gan"}, "gan"),
        ({"data": "../etc"}, "etc"),
        ({"latent_dim": "many"}, "latent_dim"),
        ({"latent_dim": "-4"}, "latent_dim"),
        ({"latent_dim": "nan"}, "latent_dim"),
        ({"lr": "1e99"}, "lr"),
        ({"hidden": "a-b"}, "hidden"),
        ({"hidden": "-".join(["8192"] * 16)}, "40,000,000"),
        ({"limit": "x"}, "limit"),
        ({"loss": "<script>"}, "loss"),
    ],
)
def test_an_invalid_link_is_refused_with_a_message(words, pattern):
    with pytest.raises(ConfigError, match=pattern):
        links.from_query(words)


def test_a_linear_autoencoder_has_no_hidden_layers_and_no_sigmoid():
    model = FAMILIES["dense"](FAMILIES["dense"].Config(hidden=(), output="linear", latent_dim=4)).eval()
    a, b = torch.rand(2, 1, 1, 28, 28)
    with torch.inference_mode():
        middle = model.decode_raw(model.encode((a + b) / 2))
        torch.testing.assert_close(middle, (model.decode_raw(model.encode(a)) + model.decode_raw(model.encode(b))) / 2)
    with pytest.raises(ConfigError, match="sigmoid"):
        FAMILIES["dense"].Config(output="linear", loss="bce")


@pytest.fixture
def idle_cpu(monkeypatch):
    """An idle machine without a GPU, whose speed has not been measured."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(estimate.os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)
    monkeypatch.setattr(estimate, "_corrections", {})


def test_the_estimate_learns_from_runs_and_knows_the_load(idle_cpu, monkeypatch):
    monkeypatch.setattr(estimate.os, "cpu_count", lambda: 2)
    dense, vae = (PageSettings.from_flat(family, "digits") for family in ("dense", "vae"))
    before = estimate.estimate_seconds(vae)
    of_dense, of_vae = (estimate.phase_seconds(settings)["train"] for settings in (dense, vae))
    estimate.learn(dense, "train", 0.5, 0.5 * 3 * of_dense)
    assert estimate.estimate_seconds(dense) == pytest.approx(3 * dense.options.epochs * of_dense)
    assert estimate.estimate_seconds(vae) == pytest.approx(3 * before)  # the best guess until a run of its own
    estimate.learn(vae, "train", 2, 2 * of_vae)
    assert estimate.estimate_seconds(vae) == pytest.approx(before)
    assert estimate.share_of_a_core(running=1) == 1  # the second core is free
    monkeypatch.setattr(estimate.os, "getloadavg", lambda: (2.0, 2.0, 2.0), raising=False)
    assert estimate.share_of_a_core(running=2) == pytest.approx(2 / 3)  # three runs share two cores
    assert 0.2 < estimate.share_of_a_core(running=0) < 0.4  # beside two busy processes


def test_the_estimate_follows_the_work(idle_cpu):
    small, large = (PageSettings.from_flat("dense", "digits", {"hidden": h}) for h in ((64,), (4096, 2048)))
    assert estimate.estimate_seconds(large) > 5 * estimate.estimate_seconds(small)
    twice = PageSettings.from_flat("dense", "digits", {"hidden": (64,), "epochs": 20})
    assert estimate.estimate_seconds(twice) == pytest.approx(2 * estimate.estimate_seconds(small))
    operations = estimate.count_operations("dense", small.config)["train"]
    forward = 2 * 2 * (784 * 64 + 64 * 32)
    assert operations == pytest.approx(3 * forward, rel=0.2)  # back costs twice as much, but for the first layer


PHASED = {
    "words": (
        "seq2seq",
        "words",
        {"hidden_size": 24, "latent_dim": 8, "linear_path": True, "epochs": 8, "batch_size": 64, "limit": 300},
    ),
    "stacked": (
        "stacked",
        "digits",
        {"hidden": (96, 48), "latent_dim": 8, "epochs": 7, "batch_size": 50, "limit": 120},
    ),
    "short": ("stacked", "digits", {"hidden": (96, 48), "epochs": 2, "limit": 128}),
}


@pytest.mark.parametrize(("family", "data", "values"), PHASED.values(), ids=PHASED)
def test_each_phase_is_estimated_by_the_engines_own_steps(idle_cpu, family, data, values):
    settings = PageSettings.from_flat(family, data, values)
    torch.manual_seed(0)
    samples = load_dataset(data, limit=settings.limit)
    samples = dataclasses.replace(samples, test=samples.test[:2], test_labels=None)
    model = settings.build_model(samples.sample_shape)
    products = {}
    for phase in model.phases():
        with FlopCounterMode(display=False) as counter:
            phase.loss(samples.train[:1].float() / 255 if family == "stacked" else samples.train[:1])["loss"].backward()
        products[phase.name] = counter.get_total_flops()
        if family == "seq2seq" and phase.name == "train":  # the counter leaves LSTMs out
            lstms = [module for module in model.modules() if isinstance(module, torch.nn.LSTM)]
            weights = sum(p.numel() for lstm in lstms for name, p in lstm.named_parameters() if "weight" in name)
            products[phase.name] += 3 * 2 * model.config.steps * weights
    controls = RunControls()
    controls.every_step = True
    steps = collections.Counter()
    for event in train(model, samples, settings.options, device="cpu", controls=controls):
        if isinstance(event, Stepped):
            steps[event.phase] += 1
    each_epoch = -(-settings.limit // settings.options.batch_size)
    assert {phase: count * each_epoch for phase, count in estimate.planned_epochs(settings).items()} == dict(steps)
    seconds, speed = estimate.phase_seconds(settings), estimate.SPEEDUP * estimate.measure_speed()
    expected = 0.0
    for phase in model.phases():
        updates = each_epoch * estimate.UPDATE_SECONDS * sum(parameter.numel() for parameter in phase.parameters)
        measured = settings.limit * products[phase.name] / speed + updates + estimate.EVALUATION_SECONDS
        assert seconds[phase.name] == pytest.approx(measured, rel=0.2)
        counted = estimate.count_operations(family, settings.config)[phase.name]
        assert counted == pytest.approx(products[phase.name], rel=0.35)  # no gradient of the input is computed
        expected += steps[phase.name] / each_epoch * seconds[phase.name]
    assert estimate.estimate_seconds(settings) == pytest.approx(expected)


def test_the_linear_phase_of_words_costs_a_fraction_of_the_other(idle_cpu):
    words = EXPERIMENTS_BY_NAME["sequences"].variants["words"]
    operations = estimate.count_operations("seq2seq", words.config)
    assert operations["linear"] < operations["train"] / 20
    epochs, seconds = estimate.planned_epochs(words), estimate.phase_seconds(words)
    assert epochs == {"linear": 14, "train": 2}
    estimate.learn(words, "linear", 3, 3 * 5 * seconds["linear"])  # slower than estimated, and the other one not
    estimate.learn(words, "train", 1, seconds["train"])
    corrected = 14 * 5 * seconds["linear"] + 2 * seconds["train"]
    assert estimate.estimate_seconds(words) == pytest.approx(corrected)


def test_files_are_asked_for_where_the_data_are_the_visitors():
    assert not train_form.show_uploads("digits").visible
    pictures, series = train_form.show_uploads("folder"), train_form.show_uploads("series")
    assert pictures.visible
    assert series.visible
    assert {".csv", ".npy", ".npz", ".zip"} <= set(series.file_types)
    assert not {".csv", ".npy"} & set(pictures.file_types)


@pytest.mark.parametrize("epochs", [0, 501])
def test_a_value_out_of_range_is_refused_with_the_range(form, epochs):
    values = {control: control.value for control in form.controls} | {form.options["epochs"]: epochs}
    with pytest.raises(ConfigError, match=f"Epochs is {epochs}; allowed is 1 to 500"):
        form.read(values)
    with pytest.raises(ConfigError, match="1 to 500"):
        links.from_query({"epochs": str(epochs)})


def test_facts_have_the_rule_of_thumb_for_the_size():
    facts = json.dumps(facts_of(PageSettings.from_flat("dense", "digits").outline(), 90.0), ensure_ascii=False)
    assert "10–50" in facts
    for time in ("≈ 2 min", "≈ 2 分钟", "≈ 2 分鐘"):
        assert time in facts
    assert "50–200" in json.dumps(facts_of(PageSettings.from_flat("conv", "folder").outline()), ensure_ascii=False)


def test_a_run_is_named_by_what_differs_from_the_defaults():
    settings = PageSettings.from_flat("vae", "digits", {"beta": 4.0, "latent_dim": 2, "epochs": 20, "lr": 0.01})
    assert name_of(settings) == "vae · digits · β 4.0 · Epochs 20 · Learning rate 0.01"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_has_the_settings_that_the_form_shows(family, tmp_path):
    data = "folder" if family == "colorization" else "digits"
    settings = PageSettings.from_flat(family, data)
    received = RunSpec.from_json(json.loads(json.dumps(RunSpec(settings, str(tmp_path)).to_json()))).settings
    assert received.to_flat() == settings.to_flat()
    assert received.options.epochs == 10
