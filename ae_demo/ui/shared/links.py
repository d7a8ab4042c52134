"""A tab's settings as the query of a link, and back: `tab=denoise&example=cat&gaussian=0.4`.

A link has only what differs from the settings at the start, so it is short and can be written by hand. Uploads and
drawings are not included.

    links = TabLink("blur", {"sigma": sigma}, build_line("blur", {"more": "sigma=8"}))
    view = LiveView(Request, inputs, {**outputs, "link": links.share}, bar, full=links.after(full))
    return links.when_opened(view)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import gradio as gr
from gradio.components import Component

from ...data import ASSETS
from ...errors import AEDemoError, ConfigError
from ..components.link import link, link_ignored
from ..components.steps import steps
from ..live import LiveView, Progress, Results
from ..strings import texts_under
from ..strings.messages import message_of
from ..toasts import toast_errors
from .examples import EXAMPLES, suitable_example
from .user_runs import MY_RUN

MAX_NUMBERS = 64  # of a place or a style
MAX_TEXT = 100  # characters
HIDDEN = {"queue": False, "api_visibility": "private"}


class Line(NamedTuple):
    """The line at the top of a tab: steps to try, and the button that copies a link."""

    steps: gr.HTML
    share: gr.HTML


def build_line(tab: str, tries: Mapping[str, str]) -> Line:
    """Build the line.

    Args:
        tab: the tab's name; its texts have `<tab>.try.<step>` (what to do) and `<tab>.try.<step>.see`.
        tries: for each step the query of its settings.
    """
    with gr.Row(elem_classes="ae-line"):
        made = steps(tab, tries, elem_id=f"{tab}-steps", strings=texts_under(f"{tab}.try."))
        return Line(made, link(elem_id=f"{tab}-link", strings=texts_under("line.")))


class TabLink:
    """The controls of a tab that a link restores, when the page is opened with it or a step is clicked.

    Args:
        tab: the tab's name.
        controls: by their names in the link. "path" is a picture, of which a link names the example; without one,
            and with another model, it is the model's own. Of a dict, each entry stands under its own name.
        line: the line at the top of the tab.
        choices: of lists whose choices depend on other controls: a function of the values by name.
        maxima: of sliders whose largest value depends on other controls, likewise.
        kept: what a step leaves as it is unless it names it, because it depends on the model.
        following: further components, which `follow` updates when values are restored.
    """

    def __init__(
        self,
        tab: str,
        controls: Mapping[str, Component],
        line: Line,
        choices: Mapping[str, Callable[[dict[str, Any]], list]] | None = None,
        maxima: Mapping[str, Callable[[dict[str, Any]], float]] | None = None,
        kept: Collection[str] = (),
        following: Collection[Component] = (),
    ) -> None:
        self.tab, self.share, self.kept = tab, line.share, kept
        self.choices, self.maxima = choices or {}, maxima or {}
        self.controls = dict(controls)
        self.examples = {Path(path).stem: ASSETS / path for path, _ in EXAMPLES[tab]} if "path" in controls else {}
        self.start = {name: control.value for name, control in controls.items() if name != "path"}
        self.entries = dict(entries_of(self.start))
        self.start |= {"path": next(iter(self.examples), None)} if "path" in controls else {}
        listed = [*self.controls.values(), line.share, *following]
        self.restored = gr.on(None, self.restore, None, listed, **HIDDEN)
        line.steps.input(self.take_step, line.steps, listed, **HIDDEN)

    def when_opened(self, view: LiveView) -> list[dict]:
        """The listener of the tab's opening: the view's, at first once the settings of a link are restored.

        A control that is mounted with a restored value has no event "change", which the view would answer.
        """
        if view.preview:
            view.show_at_first()
        return [{**view.on_open, "after": self.restored, "bar": view.bar}]

    def after(self, full: Callable[[Any, Progress], Iterator[Results]]) -> Callable[[Any, Progress], Iterator[Results]]:
        """The same work, with the link of its request in each result.

        In each, not only in the last: of two results in quick succession the page may show only one.
        """

        def with_link(request: Any, progress: Progress) -> Iterator[Results]:
            link = self.to_query({name: getattr(request, name) for name in self.controls})
            for results in full(request, progress):
                yield results and {**results, "link": link}

        return with_link

    def to_query(self, values: Mapping[str, Any]) -> str:
        """The query that restores these values of the controls."""
        query = {"tab": self.tab}
        for name, value in entries_of(values):
            if name == "path":
                name, text, usual = "example", self._example(value), self._usual(values)
            else:
                text, usual = _write(value), _write(self.entries.get(name, value))
            if text is not None and text != usual:
                query[name] = text
        return urlencode(query)

    def from_query(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The values of the controls that a query names. Raises `ConfigError` for values that are out of range."""
        values: dict[str, Any] = {}
        for name, control in self.controls.items():
            if name == "path":
                if (example := query.get("example")) is not None:
                    values[name] = str(_one_of("example", example, self.examples) and self.examples[example])
                elif (usual := self._usual(values)) != self.start["path"]:
                    values[name] = str(self.examples[usual])
            elif isinstance(control.value, dict):
                if control.value.keys() & query.keys():
                    values[name] = {key: _read_entry(key, query, start) for key, start in control.value.items()}
            elif name in query:
                choices = self._choices(name, values)
                values[name] = _read(name, query[name], control, choices)
        return values

    def renew_by(self, *events: Callable) -> None:
        """Renew the link at these events of the visitor's own changes, where no `LiveView` has the controls.

        Not at "change": a control that is mounted with a restored value has no such event.
        """
        controls = list(self.controls.values())

        def renew(*values: Any) -> str:
            return self.to_query(dict(zip(self.controls, values, strict=True)))

        gr.on(list(events), renew, controls, self.share, trigger_mode="always_last", **HIDDEN)

    def restore(self, request: gr.Request) -> Any:
        """The listener of the tab's first opening: the settings of the link that the page was opened with.

        A link with a wrong value changes nothing, and the tab says which value that is. It is no error of the listener:
        Gradio's page shows none while it appears.
        """
        query = dict(request.query_params)
        if query.get("tab") != self.tab:
            return gr.skip()
        try:
            values = self.from_query(query)
        except AEDemoError as error:
            return {self.share: link_ignored(message_of(error))}
        return self._updates(values) if values else gr.skip()

    @toast_errors
    def take_step(self, query: str) -> Any:
        """The listener of the steps: a step's settings, and those at the start for all others."""
        start = {name: value for name, value in self.start.items() if name not in self.kept}
        if start.get("path"):
            start["path"] = str(self.examples[start["path"]])
        return self._updates(start | self.from_query(dict(parse_qsl(query))))

    def _updates(self, values: dict[str, Any]) -> list[Any]:
        """Of each control, of the link to these values, and of what follows from them."""
        held = {**self.start, **values}
        maxima = {name: largest(held) for name, largest in self.maxima.items()}
        values = {**values, **{name: min(held[name], largest) for name, largest in maxima.items()}}
        updates: list[Any] = []
        for name in self.controls:
            update = gr.skip() if name not in values else gr.update(value=values[name])
            if name in maxima:
                update["maximum"] = maxima[name]
            if name in values and name in self.choices:
                update["choices"] = self._choices(name, values)
            updates.append(update)
        return [*updates, self.to_query(values), *self.follow(held | values)]

    def follow(self, values: dict[str, Any]) -> list[Any]:
        """The updates of the components `following` for the values of all controls."""
        return []

    def _choices(self, name: str, values: dict[str, Any]) -> list | None:
        return self.choices[name]({**self.start, **values}) if name in self.choices else None

    def _usual(self, values: Mapping[str, Any]) -> str | None:
        """The example that the values have by default: that of their model."""
        chosen = values.get("checkpoint", self.start.get("checkpoint"))
        if chosen in (None, MY_RUN, self.start.get("checkpoint")):
            return self.start.get("path")
        suitable = suitable_example(self.tab, chosen)
        return self.start.get("path") if suitable is None else suitable.stem

    def _example(self, path: str | None) -> str | None:
        """The name of the example that a picture is, None for another one: Gradio gives a copy of the file."""
        if path is None:
            return None
        given = Path(path)
        for name, file in self.examples.items():
            if file.name == given.name and given.is_file() and file.read_bytes() == given.read_bytes():
                return name
        return None


def entries_of(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values, with the entries of dicts under their own names."""
    for name, value in values.items():
        yield from value.items() if isinstance(value, Mapping) else [(name, value)]


def _read_entry(name: str, query: Mapping[str, str], start: Any) -> Any:
    """An entry of a control's dict, which has the type of the one at the start. Raises `ConfigError`."""
    if name not in query:
        return start
    if isinstance(start, str):
        return query[name][:MAX_TEXT]
    numbers = [_number(name, each) for each in query[name].split("_")[:MAX_NUMBERS]]
    return numbers if isinstance(start, list) else int(numbers[0])


def _write(value: Any) -> str | None:
    """A value as it is written in a link; None for what a link cannot hold, such as the visitor's run."""
    if value is None or value == MY_RUN:
        return None
    if isinstance(value, list | tuple):
        return "_".join(_write(each) or "" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(name: str, text: str, control: Component, choices: list | None) -> Any:
    """Convert a text of a link to a control's value. Raises `ConfigError`."""
    if isinstance(control, gr.Checkbox):
        return _one_of(name, text, ("True", "False")) == "True"
    if isinstance(control, gr.Slider | gr.Number):
        low, high = control.minimum, control.maximum
        number = _number(name, text)
        number = min(math.inf if high is None else high, max(-math.inf if low is None else low, number))
        return int(number) if float(number).is_integer() else number
    if isinstance(control, gr.HTML):  # numbers, such as a place
        return [_number(name, each) for each in text.split("_")[:MAX_NUMBERS]]
    if isinstance(control, gr.Textbox):
        return text[: control.max_length]
    allowed = [str(value) for _, value in (control.choices if choices is None else choices)]
    if isinstance(control, gr.CheckboxGroup):
        return [_one_of(name, each, allowed) for each in text.split("_") if each]
    return _one_of(name, text, allowed)


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError("{name} is {given!r} in the link; give a number.", name=name, given=text[:40])
    return number


def _one_of(name: str, text: str, allowed: Any) -> str:
    if text not in allowed:
        raise ConfigError(
            "{name} is {given!r} in the link; give one of {allowed}.",
            name=name,
            given=text[:40],
            allowed=", ".join(allowed) or "none",
        )
    return text
