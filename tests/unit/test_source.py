"""Rules on the source that no linter checks."""

import ast
from pathlib import Path

import pytest
from sources import parse

import ae_demo
from ae_demo.models import FAMILIES

PACKAGE = Path(ae_demo.__file__).parent
NAMES_ALLOWED = ("models/", "ui/strings/", "ui/tabs/train/experiments.py")
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("source", [name for name in SOURCES if not name.startswith(NAMES_ALLOWED)])
def test_other_code_asks_for_traits_not_for_the_name_of_a_family(source):
    tree = parse(PACKAGE / source)
    named = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (node.value in FAMILIES or node.value.rstrip("-") in FAMILIES)
    ]
    assert not named


def test_the_rule_covers_the_package():
    assert {"cli/train.py", "training/engine.py", "ui/tabs/denoise/tab.py"} <= set(SOURCES)
