"""The example pictures of each tab, each with a suitable checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import gradio as gr

from ...checkpoints import list_checkpoints
from ...data import ASSETS
from ...facts import describe_model
from ..components.examples import examples
from ..strings import LOCALES, load_strings, t
from .model_texts import title_of

EXAMPLES = {
    "reconstruct": [
        ("examples/digit-2.png", "conv-mnist"),
        ("examples/digit-8.png", "dense-mnist"),
        ("examples/pen-on-paper.jpg", "conv-mnist"),
        ("examples/sneaker.png", "conv-fashion"),
        ("examples/dress.png", "dense-fashion"),
        ("examples/bag.png", "conv-mnist"),
        ("photos/astronaut.jpg", "conv-photo"),
        ("photos/coffee.jpg", "conv-photo"),
        ("photos/china.jpg", "conv-photo64"),
    ],
    "denoise": [
        ("photos/cat.jpg", "denoising-photo"),
        ("photos/rocket.jpg", "denoising-photo"),
        ("photos/photographer.png", "denoising-photo"),
        ("examples/digit-5.png", "denoising-mnist"),
        ("examples/boot.png", "denoising-fashion"),
    ],
    "colorize": [
        ("photos/china.jpg", "colorization-photo"),
        ("photos/rocket.jpg", "colorization-photo"),
        ("photos/cat.jpg", "colorization-photo"),
        ("photos/photographer.png", "colorization-photo"),
        ("examples/grey-coffee.jpg", "colorization-photo"),
    ],
}


def examples_of(tab: str, available: Iterable[str]) -> list[tuple[Path, str]]:
    """A tab's examples whose checkpoint is available: (absolute path, checkpoint)."""
    names = set(available)
    return [(ASSETS / path, checkpoint) for path, checkpoint in EXAMPLES[tab] if checkpoint in names]


def suitable_example(tab: str, checkpoint: str) -> Path | None:
    """A tab's first example for a checkpoint, or else for one of the same subject."""
    given = examples_of(tab, list_checkpoints())
    subject = describe_model(checkpoint).subject
    own = (path for path, name in given if name == checkpoint)
    alike = (path for path, name in given if describe_model(name).subject == subject)
    return next(own, None) or next(alike, None)


def example_name(path: Path, checkpoint: str, locale: str) -> str:
    """What an example shows, and the model that it is for."""
    return f"{load_strings(locale)[f'example.{path.stem}']} · {title_of(describe_model(checkpoint), locale)}"


def example_row(tab: str, given: list[tuple[Path, str]]) -> Callable[..., None]:
    """Thumbnails of a tab's examples.

    Returns a function to be called with the components that a click on one sets: the picture, the checkpoint and, if
    there is one, the choice between upload and drawing.
    """
    named = [
        (path, {locale: example_name(path, checkpoint, locale) for locale in LOCALES}) for path, checkpoint in given
    ]
    row = examples(named, label=t("examples"), elem_id=f"{tab}-examples")

    def choose(number: int) -> list:
        path, checkpoint = given[number]
        return [str(path), checkpoint, "upload"]

    def sets(*outputs: gr.components.Component) -> None:
        row.input(
            lambda number: choose(number)[: len(outputs)],
            row,
            list(outputs),
            queue=False,
            api_visibility="private",
        )

    return sets
