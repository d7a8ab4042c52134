"""Components with custom preprocessing."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from gradio.component_meta import ComponentMeta
from gradio.components import Component

C = TypeVar("C", bound=Component)


def with_preprocess(component: C, read: Callable[[C, Any], Any]) -> C:
    """Have a component's values read by `read(component, payload)`.

    Gradio makes a component anew, from its class and its settings, whenever a listener changes or skips it: a method of
    the instance would be lost.
    """
    component.__class__ = _subclass(type(component), read)
    return component


@cache
def _subclass(kind: type, read: Callable) -> type:
    """A subclass that the page treats as its base class, made without Gradio's stub file."""
    settings = {"preprocess": read, "is_template": True, "__module__": kind.__module__}
    return ABCMeta.__new__(ComponentMeta, kind.__name__, (kind,), settings)
