"""Whether a picture is plainly a photograph, which a model of digits or garments would turn into a grey blob.

A digit or a garment stands on a plain ground, and most of the picture is that ground: if its rim has one tone, the
picture may be either. Else it is a photograph if it is colourful, or if most of it has other tones than its rim; a pen
on paper in uneven light is neither.
"""

from __future__ import annotations

import gradio as gr
import numpy as np
from PIL import Image

from .... import checkpoints
from ....data.pictures import to_planes
from ....errors import AEDemoError, Message
from ....facts import describe_model
from ....functional import metrics
from ...shared.model_texts import title_of
from ...shared.picture_input import read_preview
from ...shared.user_runs import MY_RUN
from ...strings.messages import locale_of_visitor, localized

PHOTO = "conv-photo"
SMALL = 64  # pixels on a side up to which a picture may be anything
LOOKED_AT = 10_000  # pixels
ALIKE = 40  # grey levels, of 255
PLAIN = 0.9  # of the rim has its middle tone, where the ground is plain
GROUND = 0.65  # of the picture, at least, has the ground's tone
VIVID = 30.0  # colourfulness


def is_photograph(pixels: np.ndarray) -> bool:
    """Whether uint8 `(H, W)` or `(H, W, 3)` is plainly a photograph; where in doubt it is not."""
    if min(pixels.shape[:2]) <= SMALL and max(pixels.shape[:2]) <= 4 * SMALL:
        return False
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    tone = np.median(rim)
    if np.mean(np.abs(rim - tone) < ALIKE) >= PLAIN:
        return False
    if pixels.ndim == 3 and metrics.colourfulness(to_planes(pixels)).item() > VIVID:
        return True
    return np.mean(np.abs(grey - tone) < ALIKE) < GROUND


def fit_checkpoint(path: str | None, checkpoint: str):
    """The checkpoint for a picture just given: another for a photograph, if the chosen one is of digits or garments."""
    if path is None or checkpoint == MY_RUN or PHOTO not in checkpoints.list_checkpoints():
        return gr.skip()
    try:
        if describe_model(checkpoint).subject == "photographs" or not is_photograph(read_preview(path, LOOKED_AT)):
            return gr.skip()
    except AEDemoError:  # shown to the user with the picture
        return gr.skip()
    new = title_of(describe_model(PHOTO), locale_of_visitor())
    gr.Info(localized(Message("The picture is a photograph. The model is now: {model}.", model=new)), title="↓")
    return PHOTO
