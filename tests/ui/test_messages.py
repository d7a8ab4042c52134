"""Messages of errors in Chinese: templates of the converted modules are translated; a request gets its language."""

import ast
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.context import LocalContext

import ae_demo
from ae_demo import errors
from ae_demo.data.named_samples import load_samples
from ae_demo.data.pictures import load_picture
from ae_demo.errors import AEDemoError, ConfigError, DataError, PictureError, TrainingError
from ae_demo.models import get_family
from ae_demo.training.events import Failed, event_from_json
from ae_demo.ui.shared.controls import read_controls
from ae_demo.ui.strings.messages import TRANSLATED, load_messages, locale_of, translated
from ae_demo.ui.toasts import toast_errors

PACKAGE = Path(ae_demo.__file__).parent
CONVERTED = [
    "analysis/anomaly",
    "analysis/detection",
    "analysis/detector_inputs",
    "checkpoints",
    "codec/compression",
    "codec/container",
    "codec/entropy",
    "data/archive",
    "data/catalogue",
    "data/conversion",
    "data/digits",
    "data/folder",
    "data/fullsets",
    "data/named_samples",
    "data/pictures",
    "data/samples",
    "data/series_files",
    "data/windows",
    "data/words",
    "inference/arguments",
    "inference/colorization",
    "inference/interpolation",
    "inference/reconstruction",
    "inference/sequences",
    "inference/styles",
    "models/__init__",
    "models/base",
    "models/colorization",
    "models/conv",
    "models/dense",
    "models/seq2seq",
    "training/controls",
    "training/engine",
    "training/own_pictures",
    "training/settings",
    "training/worker",
    "training/worker_run",
    "ui/components/pad/component",
    "ui/shared/controls",
    "ui/shared/links",
    "ui/shared/user_runs",
    "ui/tabs/anomaly/sources",
    "ui/tabs/features/maps",
    "ui/tabs/latent_walk/planes",
    "ui/tabs/sequences/recordings",
    "ui/tabs/train/links",
    "ui/tabs/train/queued_run",
    "ui/tabs/train/run_queue",
    "ui/tabs/train/settings",
    "ui/tabs/train/uploads",
]
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, AEDemoError)}


def templates(module):
    """Each call of an error's class in a module: the template, and the names of its values."""
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
            if ast.unparse(node.args[0]) == "error.template":  # another error once more
                continue
            assert isinstance(node.args[0], ast.Constant), f"{module}:{node.lineno}: {ast.unparse(node)}"
            yield node.args[0].value, {keyword.arg for keyword in node.keywords}


def placeholders(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("module", CONVERTED)
def test_every_template_is_translated_with_its_placeholders(module):
    found = list(templates(module))
    assert found
    for template, values in found:
        assert placeholders(template) == values, template
        for locale in TRANSLATED:
            assert placeholders(load_messages(locale)[template]) == values, (locale, template)


def test_no_translation_is_of_a_template_that_is_gone():
    known = {template for module in CONVERTED for template, _ in templates(module)}
    assert all(set(load_messages(locale)) == known for locale in TRANSLATED)


def request(**headers):
    return SimpleNamespace(headers={name.replace("_", "-"): value for name, value in headers.items()})


@contextmanager
def asked_in(language):
    token = LocalContext.request.set(request(accept_language=language))
    try:
        yield
    finally:
        LocalContext.request.reset(token)


@pytest.mark.parametrize(
    ("headers", "locale"),
    [
        ({}, "en"),
        ({"accept_language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh-CN"),
        ({"accept_language": "fr,zh-Hant-HK;q=0.9"}, "zh-TW"),
        ({"accept_language": "en-GB,zh;q=0.9"}, "en"),
        ({"referer": "http://host/demo/?tab=train&lang=zh-TW", "accept_language": "en"}, "zh-TW"),
        ({"referer": "http://host/?lang=en", "accept_language": "zh-CN"}, "en"),
        ({"referer": "http://[", "accept_language": "zh"}, "zh-CN"),
    ],
)
def test_the_language_is_that_of_the_page(headers, locale):
    assert locale_of(request(**headers)) == locale
    assert locale_of(None) == "en"


def test_the_message_of_a_bad_picture_arrives_in_chinese(tmp_path):
    path = tmp_path / "{0}.heic"
    path.write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(64))
    with pytest.raises(PictureError, match="is an HEIC picture, which cannot be read"):
        load_picture(path)

    @toast_errors
    def listener():
        yield load_picture(path)

    with asked_in("zh-CN"), pytest.raises(gr.Error) as caught:
        list(listener())
    assert caught.value.message == "{0}.heic 是 HEIC 图片，无法读取：请另存为 JPEG 或 PNG 后再试。"


def test_a_reason_within_a_message_is_translated_too(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        load_samples(tmp_path)
    assert str(caught.value) == "None of the 1 pictures can be read: a.png is empty: save or export the picture again."
    assert translated(caught.value, "zh-TW") == "1 張圖片都無法讀取：a.png 是空檔案：請重新儲存或匯出這張圖片。"
    assert translated(AEDemoError("Ready-made {text}."), "zh-TW") == "Ready-made {text}."


def test_a_setting_is_called_as_the_form_calls_it():
    with asked_in("zh-CN"), pytest.raises(ConfigError) as caught:
        read_controls(get_family("dense").Config, {"latent_dim": 0})
    assert translated(caught.value, "zh-CN") == "“潜在维数”的值为 0；允许的范围：1 到 4096。"


def test_the_error_of_a_worker_is_translated_by_the_page():
    error = TrainingError(
        "The loss is no longer finite (epoch {epoch}). Lower the learning rate, which is {lr:g}, and start again.",
        epoch=3,
        lr=0.5,
    )
    event = event_from_json(Failed.of(error).to_json())
    assert event.message == str(error)
    assert translated(event.error, "zh-TW") == "損失已不是有限的數（第 3 輪）。請降低學習率（現為 0.5），然後重新開始。"
    assert str(Failed("Ready-made {text}.").error) == "Ready-made {text}."
