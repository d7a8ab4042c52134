"""The example pictures of each tab, each with a suitable checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import gradio as gr

from ...data import ASSETS
from ..components.thumbnails import name_thumbnails
from ..strings import t

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


def example_row(tab: str, given: list[tuple[Path, str]], *outputs: gr.components.Component) -> gr.Dataset:
    """Thumbnails; a click on one sets `outputs`: the picture, the checkpoint and, if given, the source."""
    row = gr.Dataset(
        components=[gr.Image(visible=False)],
        samples=[[str(path)] for path, _ in given],
        type="index",
        label=t("examples"),
        samples_per_page=12,
        elem_id=f"{tab}-examples",
    )
    name_thumbnails(f"{tab}-examples", [f"{path.stem}, {checkpoint}" for path, checkpoint in given])
    row.click(
        lambda index: [str(given[index][0]), given[index][1], "upload"][: len(outputs)],
        row,
        list(outputs),
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return row
