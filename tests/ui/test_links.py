"""A tab's settings as a link: reading a link restores them, and each suggested step is a valid link."""

import re
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.components import Component

from ae_demo.data import ASSETS
from ae_demo.errors import ConfigError
from ae_demo.models import FAMILIES
from ae_demo.ui.components.gallery import SHOWN
from ae_demo.ui.shared import links
from ae_demo.ui.tabs import TABS

LINKED = [tab for tab in TABS if hasattr(tab.tab, "TRIES")]
SET = {
    "reconstruct": {
        "checkpoint": "conv-photo",
        "kind": "draw",
        "path": "coffee",
        "channels": 7,
        "step": 0.45,
        "refine": True,
    },
    "denoise": {"checkpoint": "denoising-mnist", "path": "boot", "already_noisy": True, "seed": 12, "mask": 0.35},
    "colorize": {"path": "grey-coffee", "saturation": 1.35, "warmth": -0.6},
    "latent_walk": {"checkpoint": "vae-fashion", "z": [0.25, -1.5]},
    "anomaly": {"data": "heartbeats", "model": "pca", "score": "mae", "latent_dim": 8},
    "sequences": {"checkpoint": "seq2seq-words", "word": "spring & co", "other": "ö", "minute": 3},
    "style": {"sheet": {"label": 3, "z": [0.5, -1.25, 0, 0, 0, 0, 0, 2]}},
    "models": {"shown": {**SHOWN, "task": "denoise", "search": "a & b", "layout": "table", "sort": "-psnr"}},
    "features": {"checkpoint": "conv-fashion", "beside": "dense-fashion", "projection": "pca", "colour": "kmeans"},
}


@pytest.fixture(scope="module")
def made():
    """The links of all tabs that have steps, by the tab's name."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        begin = links.TabLink.__init__

        def note(self, tab, *args, **settings):
            begin(self, tab, *args, **settings)
            found[tab] = self

        patch.setattr(links.TabLink, "__init__", note)
        with gr.Blocks():
            for tab in LINKED:
                with gr.Tab() as page:
                    tab.build_tab(page)
    return found


def file_of(link, values):
    return {name: str(link.examples[value]) if name == "path" else value for name, value in values.items()}


def read(link, updates):
    """The updates of the controls by their names, and the link."""
    *values, query = updates[: len(link.controls) + 1]
    return dict(zip(link.controls, values, strict=True)), query


@pytest.mark.parametrize("tab", SET)
def test_settings_survive_the_way_to_a_link_and_back(made, tab):
    link, values = made[tab], file_of(made[tab], SET[tab])
    at_start = {name: control.value for name, control in link.controls.items() if name != "path"}
    query = link.to_query({**at_start, **values})
    opened = SimpleNamespace(query_params=dict(links.parse_qsl(query)))
    changed = {name for name, value in links.entries_of(values) if link.entries.get(name) != value}
    assert set(opened.query_params) - {"tab", "example"} == changed - {"path"}
    restored, address = read(link, link.restore(opened))
    assert dict(links.parse_qsl(address)) == opened.query_params
    assert {name: update["value"] for name, update in restored.items() if "value" in update} == values
    assert link.to_query(at_start) == f"tab={tab}"


@pytest.mark.parametrize(
    ("query", "minute", "most"), [("record=208", 5, 5), ("record=208&minute=3", 3, 5), ("", 26, 30)]
)
def test_a_link_sets_no_minute_that_a_recording_does_not_have(made, query, minute, most):
    link = made["sequences"]
    opened = SimpleNamespace(query_params={"tab": "sequences", "source": "example", **dict(links.parse_qsl(query))})
    restored, address = read(link, link.restore(opened))
    assert (restored["minute"]["value"], restored["minute"]["maximum"]) == (minute, most)
    assert dict(links.parse_qsl(address)).get("minute", "26") == str(minute)


def test_a_link_to_a_model_brings_a_picture_that_suits_it(made):
    link = made["denoise"]
    values = link.from_query({"checkpoint": "denoising-fashion"})
    assert values["path"] == str(link.examples["boot"])
    assert link.to_query(values) == "tab=denoise&checkpoint=denoising-fashion"
    cat = {"checkpoint": "denoising-fashion", "path": str(link.examples["cat"])}
    assert link.from_query(dict(links.parse_qsl(link.to_query(cat)))) == cat
    assert "path" not in link.from_query({"gaussian": "0.3"})


@pytest.mark.parametrize("tab", SET)
def test_a_link_of_another_tab_changes_nothing(made, tab):
    opened = SimpleNamespace(query_params={"tab": "train", **dict.fromkeys(made[tab].controls, "x")})
    assert made[tab].restore(opened) == gr.skip()


def test_a_link_to_train_shows_the_controls_of_its_family_in_the_same_answer(made):
    link = made["train"]
    updates = link.restore(SimpleNamespace(query_params={"tab": "train", "family": "seq2seq", "data": "series"}))
    files, *groups = updates[len(link.controls) + 1 :]
    assert files.visible
    assert [group.visible for group in groups] == [family == "seq2seq" for family in FAMILIES]


@pytest.mark.parametrize(
    ("tab", "query", "message"),
    [
        ("denoise", {"gaussian": "loud"}, "gaussian is 'loud'.*give a number"),
        ("denoise", {"seed": "nan"}, "seed is 'nan'"),
        ("denoise", {"already_noisy": "perhaps"}, "True, False"),
        ("denoise", {"example": "../../etc/passwd"}, "give one of cat"),
        ("anomaly", {"data": "heartbeats", "score": "ssim"}, "score is 'ssim'"),
        ("anomaly", {"classes": "3_12"}, "classes is '12'"),
        ("features", {"checkpoint": "dense-mnist", "beside": "dense-fashion"}, "beside is 'dense-fashion'"),
        ("sequences", {"checkpoint": "../mine"}, "checkpoint"),
        ("style", {"z": "1_nan"}, "z is 'nan'"),
        ("style", {"label": "x"}, "label is 'x'"),
        ("train", {"family": "vae", "beta": "strong"}, "beta is 'strong'"),
    ],
)
def test_a_wrong_value_is_named(made, tab, query, message):
    link = made[tab]
    with pytest.raises(ConfigError, match=message):
        link.from_query(query)
    updates = link.restore(SimpleNamespace(query_params={"tab": tab, **query}))
    assert updates.keys() == {link.share}
    assert re.search(message, updates[link.share]["reason"])


def test_a_number_beyond_a_slider_is_its_largest(made):
    assert made["denoise"].from_query({"gaussian": "7"}) == {"gaussian": 0.5}


def test_an_upload_does_not_travel_whatever_its_name(made, tmp_path):
    (tmp_path / "boot.png").write_bytes((ASSETS / "examples" / "digit-5.png").read_bytes())
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "boot.png").write_bytes((ASSETS / "examples" / "boot.png").read_bytes())
    assert made["denoise"].to_query({"path": str(tmp_path / "boot.png")}) == "tab=denoise"
    assert made["denoise"].to_query({"path": str(tmp_path / "copy" / "boot.png")}) == "tab=denoise&example=boot"
    assert made["denoise"].to_query({"checkpoint": links.MY_RUN}) == "tab=denoise"


@pytest.mark.parametrize("tab", LINKED, ids=lambda tab: tab.NAME)
def test_each_step_sets_the_controls_and_says_what_one_sees(made, tab):
    link = made[tab.NAME]
    texts = links.texts_under(f"{tab.NAME}.try.")
    for name, query in tab.tab.TRIES.items():
        updates, address = read(link, link.take_step(query))
        always = links.parse_qsl(link.to_query({}))
        assert {("tab", tab.NAME)} <= set(links.parse_qsl(address)) <= {*always, *links.parse_qsl(query)}
        names = ["example" if name == "path" else name.rpartition(".")[2] for name in [*link.controls, *link.entries]]
        assert set(dict(links.parse_qsl(query))) <= set(names)
        assert all("value" in update for name, update in updates.items() if name not in link.kept)
        assert all(texts[locale][name] and texts[locale][f"{name}.see"] for locale in texts)
    assert all(isinstance(control, Component) for control in link.controls.values())
