"""The page's texts, models and a run's report in 简体中文 and 繁體中文 contain no English other than names."""

import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import ae_demo
from ae_demo import checkpoints
from ae_demo.facts import list_models
from ae_demo.models import FAMILIES, get_family
from ae_demo.training import TrainOptions
from ae_demo.ui.shared import model_texts
from ae_demo.ui.shared.controls import label_of
from ae_demo.ui.shared.examples import EXAMPLES, example_name
from ae_demo.ui.strings import LOCALES, load_strings
from ae_demo.ui.tabs.train.report import content
from ae_demo.ui.tabs.train.settings import PageSettings, data_sets_of
from ae_demo.ui.tabs.train.view import name_of

UI = Path(ae_demo.__file__).parent / "ui"
CHINESE = ("zh-CN", "zh-TW")
NAMES = {
    "AE",
    "Demo",
    "PyTorch",
    "Python",
    "Gradio",
    "MNIST",
    "Fashion-MNIST",
    "MIT-BIH",
    "SCOWL",
    "PCA",
    "LSTM",
    "LSTMs",
    "VAE",
    "MCP",
    "QR",
    "GPU",
    "DCT",
    "MSE",
    "RMSE",
    "PSNR",
    "SSIM",
    "BCE",
    "KL",
    "ELBO",
    "ROC",
    "AUROC",
    "NMI",
    "ARI",
    "UMAP",
    "t-SNE",
    "HDBSCAN",
    "CIELAB",
    "RGB",
    "dB",
    "Hz",
    "MB",
    "GB",
    "NaN",
    "JPEG",
    "PNG",
    "WebP",
    "HEIC",
    "GIF",
    "WebM",
    "CSV",
    "JSON",
    "IDX",
    "EXIF",
    "zip",
    "html",
    "data",
    "URI",
    "API",
    "Enter",
    "Esc",
    "Delete",
    "Shift",
    "Ctrl",
    "Alain",
    "Arabie",
    "Bengio",
    "Hasler",
    "Hinton",
    "Hubert",
    "Kingma",
    "Lee",
    "Maaten",
    "Mark",
    "McInnes",
    "Moody",
    "Sakurada",
    "Sohn",
    "Srivastava",
    "Sutskever",
    "Süsstrunk",
    "Vincent",
    "Yairi",
    "Yan",
    "van",
    "der",
    "dropout",
    "Adam",
    "Muon",
    "SGD",
    "Sigmoid",
    "logits",
    "ab",
    "autoencoder",
    "auteencoder",
}
RUNS = [(family, data) for family in FAMILIES for data in data_sets_of(get_family(family))]
CITED = (
    "Sequence to Sequence Learning with Neural Networks",
    "Unsupervised Learning of Video Representations using LSTMs",
)
CODE = re.compile(
    r"`[^`]*`|\$[^$]*\$|\{[^}]*\}|<[^>]+>|https?://\S+|\([A-Z0-9, ]+\)|'[^']*'|#\w+"  # code, formulas, shapes, values
    r"|[“「][a-z]+[」”]"  # words as data
    r"|--\w+|[A-Z_]+=\S+|[A-Z]+_[A-Z_]+|\w+[._]\w[\w.]*|\.\w+|\w*\d\w*"  # flags, variables, files, numbers
)


def english_in(text):
    """The Latin words of a text that are neither names nor code."""
    for title in CITED:
        text = text.replace(title, "")
    return [word for word in re.findall(r"[A-Za-zü][A-Za-zü-]+", CODE.sub(" ", text)) if word.strip("-") not in NAMES]


def texts_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def tables(locale):
    """Every text of a language in the interface's folder."""
    for path in sorted(UI.rglob("*.json")):
        table = json.loads(path.read_text(encoding="utf-8"))
        if "messages" not in path.name and (locale in table or path.stem == locale):
            yield from texts_in(table.get(locale, table))


@pytest.mark.parametrize("locale", CHINESE)
def test_the_tables_of_texts_hold_no_english(locale):
    found = list(tables(locale))
    assert len(found) > 1000
    assert {text: english_in(text) for text in found if english_in(text)} == {}


@pytest.mark.parametrize("locale", CHINESE)
def test_texts_composed_of_facts_hold_no_english(locale):
    texts = []
    for facts in list_models():
        titles = (model_texts.title_of, model_texts.short_title_of)
        composed = (*titles, model_texts.about_of, model_texts.limits_of, model_texts.data_of)
        texts += [text_of(facts, locale) for text_of in composed]
    texts += [example_name(Path(path), model, locale) for row in EXAMPLES.values() for path, model in row]
    texts += [name_of(PageSettings.from_flat(family, data, {}), locale) for family, data in RUNS]
    assert {text: english_in(text) for text in texts if english_in(text)} == {}


@pytest.mark.parametrize("locale", CHINESE)
def test_layers_have_names(locale):
    kinds = {name.split()[0] for facts in list_models() for name, _ in checkpoints.load_outline(facts.name).layers()}
    for component in ("diagram", "layers"):
        strings = json.loads((UI / "components" / component / "strings.json").read_text(encoding="utf-8"))[locale]
        assert kinds <= {key.removeprefix("layer.") for key in strings} | {"LSTM"}


@pytest.mark.parametrize("locale", CHINESE)
def test_the_report_of_a_run_holds_no_english(locale):
    settings = PageSettings.from_flat("vae", "digits", {"epochs": 2})
    metrics = {
        "data": {"name": "digits", "train": 4500, "test": 500},
        "versions": {"ae_demo": "0.1.0", "torch": "2.9.0", "python": "3.12.1"},
        "options": settings.options.to_dict(),
        "figures": dict.fromkeys(("mse", "psnr", "ssim", "bce", "kl", "negative_elbo"), 0.5),
        "parameters": 1000,
        "epochs": 2,
        "seconds": 3.0,
        "steered": [{"epoch": 1.0, "lr": 0.01, "beta": 2.0}],
    }
    view = SimpleNamespace(name=name_of(settings, locale), shown_parts=dict, marks=[], snapshots=[])
    report = content(settings, view, metrics, settings.config.to_dict(), locale)
    shown = [report["name"], report["summary"], *texts_in(report["words"]), *report["figures"], *report["settings"]]
    shown.append(report["settings"][load_strings(locale)["train.report.changed"]])
    found = {text: english_in(text) for text in shown}
    versions = {"ae", "demo", "torch", "python"}
    assert {text: words for text, words in found.items() if set(words) - versions} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_explained_term_occurs_in_the_texts_of_its_language(locale):
    files = [path for path in UI.glob("*/*/strings.json") if path.parent.name != "terms"]
    texts = [*load_strings(locale).values()]
    for path in files:
        texts += json.loads(path.read_text(encoding="utf-8"))[locale].values()
    labels = "\n".join(text for text in texts if len(text) < 90).lower()
    terms = json.loads((UI / "components" / "terms" / "strings.json").read_text(encoding="utf-8"))[locale]
    words = [each for key, text in terms.items() if key.endswith(".words") for each in text.split("|")]
    assert len(words) > 40
    assert [each for each in words if each.lower() not in labels] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_option_is_explained_by_its_own_name(locale):
    texts = load_strings(locale)
    for config in (*(get_family(name).Config for name in FAMILIES), TrainOptions):
        for field in dataclasses.fields(config):
            label, help = label_of(field), field.metadata.get("help", "")
            assert texts.get(f"option.{label}", label).lower() != texts.get(f"option.{help}", help).lower()
