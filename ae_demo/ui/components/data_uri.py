"""Pictures as `data:image/png;base64,...`: how they travel to and from a component's script."""

import base64
import io

import numpy as np
from PIL import Image

from ae_demo.errors import PictureError

PREFIX = "data:image/png;base64,"


LARGE = 1_000_000  # pixels beyond which a picture travels as JPEG: the page would wait for tens of megabytes


def to_data_uri(picture: np.ndarray | bytes | str) -> str:
    """Give a picture as a data URI: PNG, so that it is exact, and JPEG where it is large.

    Args:
        picture: uint8 array (H, W) or (H, W, 3), the bytes of a PNG file, or a data URI, which is returned unchanged.

    Raises:
        PictureError: the picture is none of these.
    """
    if isinstance(picture, str) and picture.startswith(PREFIX):
        return picture
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim in (2, 3):
        buffer = io.BytesIO()
        if picture.shape[0] * picture.shape[1] > LARGE:
            Image.fromarray(picture).save(buffer, format="JPEG", quality=95)
            return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
        Image.fromarray(picture).save(buffer, format="PNG", compress_level=1)  # four times faster, a tenth larger
        picture = buffer.getvalue()
    if isinstance(picture, bytes):
        return PREFIX + base64.b64encode(picture).decode("ascii")
    raise PictureError(
        f"Cannot send {type(picture).__name__} as a picture. Give a uint8 array (H, W) or (H, W, 3), the bytes of a "
        "PNG file, or a string that begins with 'data:image/png;base64,'."
    )
