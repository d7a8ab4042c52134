"""Controls made from a config's fields, and the values read from them."""

import dataclasses

import gradio as gr
import pytest
from gradio.data_classes import ImageData

from ae_demo.data import ASSETS
from ae_demo.errors import ConfigError
from ae_demo.models import FAMILIES, Options, option
from ae_demo.training import TrainOptions
from ae_demo.training.settings import OF_DATA
from ae_demo.ui.shared.controls import bounded, build_controls, read_controls, slider
from ae_demo.ui.shared.picture_input import picture_input
from ae_demo.ui.strings import LOCALES, load_strings

CONFIGS = {**{name: cls.Config for name, cls in FAMILIES.items()}, "train": TrainOptions}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Every(Options):
    """One field of each kind."""

    sizes: tuple[int, ...] = option((1024, 512), "sizes of something", minimum=1, maximum=4096)
    steps: int = option(2, "few whole numbers", minimum=0, maximum=8)
    count: int = option(32, "many whole numbers", minimum=1, maximum=4096)
    share: float = option(0.0, "a share", minimum=0.0, maximum=0.9)
    weight: float = option(0.0, "a tiny weight", minimum=0.0, maximum=1.0)
    rate: float = option(1e-3, "a rate", minimum=1e-7, maximum=10.0, label="learning rate of it")
    switch: bool = option(False, "yes or no")
    kind: str = option("a", "one of three", choices=("a", "b", "c"))


def build(config_cls, *args, **settings):
    with gr.Blocks():
        return build_controls(config_cls, *args, **settings)


def test_each_kind_of_field_has_its_control():
    controls = build(Every, "every")
    kinds = {name: type(control) for name, control in controls.items()}
    assert kinds == {
        "sizes": gr.Textbox,
        "steps": gr.Slider,
        "count": gr.Number,
        "share": gr.Slider,
        "weight": gr.Number,
        "rate": gr.Number,
        "switch": gr.Checkbox,
        "kind": gr.Dropdown,
    }
    assert controls["sizes"].value == "1024 512"
    assert [value for _, value in controls["kind"].choices] == ["a", "b", "c"]
    assert (controls["steps"].minimum, controls["steps"].maximum, controls["steps"].step) == (0, 8, 1)
    assert controls["rate"].label == "learning rate of it"
    assert controls["rate"].info == "a rate"
    assert controls["rate"].elem_id == "every-rate"


def test_fields_are_skipped_and_defaults_replaced():
    controls = build(Every, "every", skip=("sizes", "kind"), count=7)
    assert set(controls) == {"steps", "count", "share", "weight", "rate", "switch"}
    assert controls["count"].value == 7


@pytest.mark.parametrize("name", CONFIGS)
def test_unchanged_controls_hold_the_defaults(name):
    skip = ("input_shape",)
    controls = build(CONFIGS[name], name, skip=skip)
    read = read_controls(CONFIGS[name], {field: control.value for field, control in controls.items()})
    assert read == {f.name: f.default for f in dataclasses.fields(CONFIGS[name]) if f.name not in skip}


def test_numbers_come_back_in_the_type_of_their_field():
    read = read_controls(Every, {"sizes": " 300,100 × 7 ", "count": 64.0, "rate": 1, "switch": True, "kind": "c"})
    assert read == {"sizes": (300, 100, 7), "count": 64, "rate": 1, "switch": True, "kind": "c"}
    assert type(read["count"]) is int


@pytest.mark.parametrize(
    ("field", "value", "pattern"),
    [
        ("sizes", "1024 5l2", "separated by spaces"),
        ("sizes", "-4", "separated by spaces"),
        ("sizes", "", "empty"),
        ("sizes", None, "empty"),
        ("sizes", "0", "1 to 4096"),
        ("count", 2.5, "not an integer"),
        ("count", None, "empty"),
        ("count", "many", "number"),
        ("count", float("nan"), "count"),
        ("count", float("inf"), "count"),
        ("rate", 20, "1e-07 to 10"),
        ("rate", float("nan"), "1e-07 to 10"),
        ("kind", "d", "a, b, c"),
        ("switch", "yes", "not true or false"),
        ("nobody", 1, "nobody"),
    ],
)
def test_a_wrong_value_is_refused_with_a_message(field, value, pattern):
    with pytest.raises(ConfigError, match=pattern) as error:
        read_controls(Every, {field: value})
    assert {"rate": "learning rate of it"}.get(field, field) in str(error.value)


def test_a_message_uses_the_labels_of_the_form():
    with pytest.raises(ConfigError, match=r"^Learning rate is 0.0; allowed is 1e-07 to 10.$"):
        read_controls(TrainOptions, {"lr": 0})
    with pytest.raises(ConfigError, match=r"^Hidden layers is empty; .* such as 512 256, or none.$"):
        read_controls(FAMILIES["dense"].Config, {"hidden": ""})


def test_a_list_may_be_empty():
    assert build(Every, "every", sizes=())["sizes"].value == "none"
    assert read_controls(Every, {"sizes": " None "}) == {"sizes": ()}


def test_fields_that_do_not_go_together_are_refused():
    with pytest.raises(ConfigError, match="latent_dim"):
        read_controls(FAMILIES["conv"].Config, {"nested": True, "latent_dim": 32})


def test_a_typed_number_is_clipped_to_the_range():
    with gr.Blocks():
        share, seed = slider(0, 0.7, 0.2, step=0.01), bounded(gr.Number(0, precision=0, minimum=0, maximum=99))
    assert [share.preprocess(value) for value in (9, -1, 0.3)] == [0.7, 0, 0.3]
    assert [seed.preprocess(value) for value in (99999999999999999999, 5, None)] == [99, 5, None]


@pytest.mark.parametrize("locale", LOCALES)
def test_controls_of_the_train_tab_are_translated(locale):
    texts = load_strings(locale)
    hidden = {*OF_DATA, "threads", "precision"}
    fields = [f for config in CONFIGS.values() for f in dataclasses.fields(config) if f.name not in hidden]
    words = {w for f in fields for w in (f.metadata["label"] or f.name.replace("_", " "), f.metadata["help"])}
    assert not {f"option.{word}" for word in words} - set(texts)


def test_a_component_reads_as_its_own_also_after_gradio_has_made_it_anew():
    box = slider(0, 1, 0.5)
    anew = type(box)(**box.constructor_args)  # as Gradio does when a listener changes a property
    assert [anew.preprocess(value) for value in (0.25, 7, -1)] == [0.25, 1, 0]
    assert anew.get_config()["name"] == gr.Slider(0, 1).get_config()["name"] == "slider"
    assert anew.component_class_id == gr.Slider(0, 1).component_class_id
    image = picture_input("")
    example = str(ASSETS / "examples" / "boot.png")
    assert type(image)(**image.constructor_args).preprocess(ImageData(path=example)) == example
