"""Pictures as `data:image/png;base64,...`, as scripts send and receive them; large ones also as files."""

import base64
import io
import secrets
from pathlib import Path
from typing import BinaryIO

import numpy as np
from gradio.context import LocalContext
from gradio.utils import get_upload_folder
from PIL import Image

from ae_demo.errors import PictureError
from ae_demo.inference.scheduler import check_cancelled

PREFIX = "data:image/png;base64,"
WRITTEN_AT_ONCE = 1 << 20  # bytes

LARGE = 1_000_000  # pixels beyond which a picture is shown smaller, as JPEG: the page would wait for tens of megabytes
DRAWING = 10_000  # pixels up to which a picture is always exact: JPEG would blur the pixels of a digit


def to_data_uri(picture: np.ndarray | bytes | str, *, quick: bool = False) -> str:
    """Give a picture as a data URI: PNG, so that it is exact; a large one reduced, as JPEG, for display.

    Args:
        picture: uint8 array (H, W) or (H, W, 3), the bytes of a PNG file, or a data URI, which is returned unchanged.
        quick: whether a photograph is given as JPEG, in a tenth of the time and a fifth of the bytes, for a preview
            that the next one replaces.

    Raises:
        PictureError: the picture is none of these.
    """
    if isinstance(picture, str) and picture.startswith(PREFIX):
        return picture
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim in (2, 3):
        buffer = io.BytesIO()
        image = Image.fromarray(picture)
        if is_large(picture):
            share = (LARGE / (image.width * image.height)) ** 0.5
            image = image.resize([max(1, round(side * share)) for side in image.size], Image.Resampling.BOX)
            quick = True
        if quick and image.width * image.height > DRAWING:
            image.save(buffer, format="JPEG", quality=92, subsampling=0)
            return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
        image.save(buffer, format="PNG", compress_level=1)  # four times faster, a tenth larger
        picture = buffer.getvalue()
    if isinstance(picture, bytes):
        return PREFIX + base64.b64encode(picture).decode("ascii")
    raise PictureError(
        "Cannot send {kind} as a picture. Give a uint8 array (H, W) or (H, W, 3), the bytes of a PNG "
        "file, or a string that begins with 'data:image/png;base64,'.",
        kind=type(picture).__name__,
    )


def is_large(picture: np.ndarray) -> bool:
    """Whether a picture is shown smaller than it is."""
    return picture.shape[0] * picture.shape[1] > LARGE


def to_png_file(picture: np.ndarray) -> str:
    """Write a picture as a PNG that the page can fetch; return its address."""
    path = save_png(picture)
    blocks = LocalContext.blocks.get(None)
    if blocks is not None:
        blocks.upload_file_set.add(str(path))
    return f"gradio_api/file={path.as_posix()}"


def save_png(picture: np.ndarray) -> Path:
    """Write a picture as a PNG; ends with `Cancelled` if its visitor leaves, since a large one takes seconds.

    The name cannot be guessed, and the file is removed with Gradio's other temporary files.
    """
    path = Path(get_upload_folder()) / f"{secrets.token_hex(16)}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb", buffering=WRITTEN_AT_ONCE) as file:
            Image.fromarray(picture).save(CancellableWriter(file), "PNG", compress_level=1)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


class CancellableWriter:
    """A file that Pillow writes to part by part, and that raises `Cancelled` if the work is cancelled."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        check_cancelled()
        return self._file.write(data)
