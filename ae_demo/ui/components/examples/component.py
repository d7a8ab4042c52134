"""A row of example pictures as thumbnails.

row = examples([("photos/cat.jpg", "cat")], label=t("examples"), elem_id="denoise-examples")
row.input(lambda number: str(files[number]), row, picture)      # the number of the one that was clicked
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image, ImageOps

from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.static_files import publish

SIDE = 144  # pixels of a thumbnail: twice its side on the page


def examples(
    pictures: Sequence[tuple[Path, Any]], label="", elem_id: str | None = None, strings: Strings | None = None
) -> gr.HTML:
    """Make the row; its value is the number of the thumbnail that was clicked last.

    Args:
        pictures: for each example its file and its name, plain or by locale.
        label: the title over the row; a string or `t("key")`.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.
    """
    shown = [{"file": publish_thumbnail(path), "name": name} for path, name in pictures]
    return html_component("examples", strings=strings, label=label, elem_id=elem_id, value=None, pictures=shown)


@lru_cache(maxsize=256)
def publish_thumbnail(path: Path) -> str:
    """Write the middle square of a picture, small, to a file that the page can fetch; return the file's name.

    A picture smaller than a thumbnail stays as it is, as PNG.
    """
    with Image.open(path) as image:
        image = ImageOps.exif_transpose(image)
        small = min(image.size) <= SIDE
        image = ImageOps.fit(image, [min(image.size)] * 2 if small else [SIDE] * 2, Image.Resampling.LANCZOS)
        data = io.BytesIO()
        if small:
            image.save(data, "PNG")
        else:
            image.convert("RGB").save(data, "JPEG", quality=85)
    return Path(publish(data.getvalue(), "png" if small else "jpg")).name
