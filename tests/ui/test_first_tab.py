"""What a page needs to show its first result: the scripts that it fetches early, and a result that is there at once."""

import re
from pathlib import Path

import gradio as gr
import pytest

from ae_demo.ui import components
from ae_demo.ui.tabs import TABS


@pytest.fixture(scope="module")
def parts():
    """The components of the first tab."""
    with gr.Blocks() as blocks, gr.Tab() as page:
        TABS[0].build_tab(page)
    return blocks.blocks.values()


def test_the_scripts_of_the_first_tab_are_fetched_early(parts):
    classes = [part.elem_classes for part in parts if "ae-component" in (getattr(part, "elem_classes", None) or [])]
    assert {each[1].removeprefix("ae-").replace("-", "_") for each in classes} == set(components.FIRST)


def test_the_first_tab_appears_with_a_result(parts):
    results = next(part for part in parts if part.elem_id == "reconstruct-results")
    titles = [card["title"] for card in results.get_config()["value"]]
    assert titles[:3] == ["seen", "reconstruction", "error"]


def test_the_scripts_that_a_component_imports_are_known():
    published = Path(components.published())
    known = published.joinpath("base", "mount.js").read_text(encoding="utf-8")
    modules = {name: re.findall(r'"([^"]+)"', paths) for name, paths in re.findall(r'"(\w+)": \[([^]]*)\]', known)}
    assert set(modules) == set(components.component_names())
    assert {"chart/script.js", "base/component.js", "curve/ticks.js"} <= set(modules["chart"])
    assert all((published / path).is_file() for paths in modules.values() for path in paths)
