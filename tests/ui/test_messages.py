"""Errors and notices in Chinese: every template is translated, and a request is answered in its language."""

import ast
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.context import LocalContext
from sources import parse

import ae_demo
from ae_demo import errors
from ae_demo.data.listing import join_notices, notice_of_others
from ae_demo.data.named_samples import load_samples
from ae_demo.data.pictures import load_picture
from ae_demo.errors import AEDemoError, ConfigError, DataError, Message, PictureError, TrainingError
from ae_demo.models import get_family
from ae_demo.training.events import Failed, Finished, event_from_json
from ae_demo.training.worker import RunSpec
from ae_demo.ui.shared.controls import read_controls
from ae_demo.ui.strings.messages import TRANSLATED, load_messages, locale_of, translated
from ae_demo.ui.tabs.train.endpoint import line_of
from ae_demo.ui.tabs.train.settings import PageSettings
from ae_demo.ui.toasts import toast_errors

PACKAGE = Path(ae_demo.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MESSAGES = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, (AEDemoError, Message))
}


def templates(path):
    """Each call of `Message` or of an error's class in a module: the template, and the names of its values."""
    for node in ast.walk(parse(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MESSAGES):
            continue
        if not node.args or path == Path(errors.__file__) or is_message(node.args[0]):
            continue
        assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}: {ast.unparse(node)}"
        yield node.args[0].value, {keyword.arg for keyword in node.keywords}


def is_message(node):
    """Whether an error is raised with a message that is defined elsewhere."""
    node = node.func if isinstance(node, ast.Call) else node
    return isinstance(node, ast.Attribute) and node.attr in ("message", "with_values", "without")


def placeholders(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_template_is_translated_with_its_placeholders():
    found = [(path, *each) for path in MODULES for each in templates(path)]
    for path, template, values in found:
        if None not in values:  # **values
            assert placeholders(template) == values, (path, template)
        for locale in TRANSLATED:
            assert template in load_messages(locale), (path, locale, template)
            assert placeholders(load_messages(locale)[template]) == placeholders(template), (locale, template)
    known = {template for _, template, _ in found}
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
    assert translated(caught.value.message, "zh-TW") == "1 張圖片都無法讀取：a.png 是空檔案：請重新儲存或匯出這張圖片。"
    assert translated(AEDemoError("Ready-made {text}.").message, "zh-TW") == "Ready-made {text}."


def test_a_setting_is_called_as_the_form_calls_it():
    with asked_in("zh-CN"), pytest.raises(ConfigError) as caught:
        read_controls(get_family("dense").Config, {"latent_dim": 0})
    assert translated(caught.value.message, "zh-CN") == "“潜在维数”的值为 0；允许的范围：1 到 4096。"


def test_the_error_of_a_worker_is_translated_by_the_page():
    error = TrainingError(
        "The loss is no longer finite (epoch {epoch}). Lower the learning rate, which is {lr:g}, and start again.",
        epoch=3,
        lr=0.5,
    )
    event = event_from_json(Failed(error.message).to_json())
    assert event.message == str(error)
    assert (
        translated(event.message, "zh-TW") == "損失已不是有限的數（第 3 輪）。請降低學習率（現為 0.5），然後重新開始。"
    )


def test_a_notice_reaches_the_page_in_its_language():
    notice = join_notices(notice_of_others(["a.txt"]), notice_of_others(["b.wav", "c"], series=True))
    spec = RunSpec(PageSettings.from_flat("dense", "digits", {}), "run", notice=notice)
    spec = RunSpec.from_json(spec.to_json())
    started = event_from_json(Finished(1, False, 1.0, notice=spec.notice).to_json())
    assert started.notice == (
        "1 file that is not a picture was left out (.txt). 2 files that are not series were left out (.wav, –)."
    )
    assert translated(started.notice, "zh-CN") == "已略过 1 个非图片文件（.txt）。已略过 2 个非序列文件（.wav, –）。"
    with asked_in("zh-CN"):
        assert "非图片文件" in line_of(started, None)["notice"]
        assert line_of(started, "time_limit")["notice"] == "训练在半小时后被停止。"
