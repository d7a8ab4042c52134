"""Style transfer with a class-conditional model: every class in the style of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..data.pictures import as_pixels, to_pixels
from ..errors import CheckpointError, ConfigError
from ..models.cvae import ConditionalVAE
from .model_cache import device_of, get_model
from .reconstruction import prepare
from .scheduler import scheduler


@dataclass(frozen=True)
class StyleResult:
    """The style of a picture, and pictures of every class in that style.

    label: the picture's class, given or inferred
    scores: −ELBO in nats with each label, float32 `(classes,)`; the lowest is the most likely
    z: the style, the mean of q(z|x, label), float32 `(latent_dim,)`
    images: uint8 `(classes, H, W)` or `(classes, H, W, 3)`
    seen: the model's input, uint8 `(H, W)` or `(H, W, 3)`
    """

    label: int
    scores: np.ndarray
    z: np.ndarray
    images: np.ndarray
    seen: np.ndarray


def transfer_style(image: Any, label: int | None = None, checkpoint: str | Path = "cvae-mnist") -> StyleResult:
    """Transfer the style of a picture to all classes: x̂_k = g(z, k) for each class k, where z = E[q(z|x, label)].

    See Kingma et al., 2014, "Semi-supervised Learning with Deep Generative Models", figure 1c.

    image: a PIL image or uint8 array `(H, W)` or `(H, W, 3)`
    label: the picture's class; None: the class with the lowest −ELBO

    Raises `CheckpointError` for a model that is not class-conditional, `ConfigError` for an invalid label, and
    `PictureError` for a picture that cannot be used.
    """
    model = conditional_model(checkpoint)
    x = prepare(as_pixels(image), checkpoint, model).x.to(device_of(model))
    count = model.config.classes
    if label is not None and (isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < count):
        raise ConfigError(
            "label is {given}; allowed is an integer from 0 to {highest}, or None.",
            given=str(label)[:80],
            highest=count - 1,
        )
    with scheduler.turn(), torch.inference_mode():
        scores = model.label_scores(x)[0]
        known = int(scores.argmin()) if label is None else label
        z = model.encode_as(x, torch.tensor([known], device=x.device))[0]
        x_hat = model.decode_as(z.expand(count, -1), torch.arange(count, device=x.device)).cpu()
    images = np.stack([to_pixels(each[None]) for each in x_hat])
    return StyleResult(known, scores.cpu().numpy(), z[0].cpu().numpy(), images, to_pixels(x.cpu()))


def conditional_model(checkpoint: str | Path) -> ConditionalVAE:
    """The class-conditional model of a checkpoint. Raises `CheckpointError` for another kind of model."""
    model = get_model(checkpoint)
    if not isinstance(model, ConditionalVAE):
        raise CheckpointError(
            "{checkpoint} is of the family {family}, which does not know labels; choose a class-conditional "
            "one, such as cvae-mnist.",
            checkpoint=checkpoint,
            family=model.family,
        )
    return model
