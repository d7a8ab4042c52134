"""Small models of every family, and pictures for them."""

import pytest
import torch

from ae_demo.data import load_bundled_photos, load_dataset
from ae_demo.models import FAMILIES, build_model

SMALL = {  # a family that is not named here is tested as it is by default
    "dense": {"hidden": (48,), "latent_dim": 8},
    "conv": {"channels": (8, 16), "blocks": 1, "latent_dim": 8},
    "denoising": {"channels": (8, 16)},
    "vae": {"hidden": (48,), "decoder_hidden": (48,)},
    "cvae": {"hidden": (48,), "decoder_hidden": (48,), "latent_dim": 4},
    "sparse": {"hidden": (48,), "latent_dim": 8},
    "stacked": {"hidden": (48,), "latent_dim": 8},
    "seq2seq": {"hidden_size": 32, "latent_dim": 8},
    "colorization": {"input_shape": (3, 16, 16), "channels": (16, 24)},
}
every_family = pytest.mark.parametrize("family", FAMILIES)


def build(family, **settings):
    torch.manual_seed(0)
    return build_model(family, **{**SMALL.get(family, {}), **settings})


def pictures(model, count=3):
    return torch.rand(count, *model.config.input_shape, generator=torch.Generator().manual_seed(1))


def training_labels(family, count=256):
    """The labels of `training_pictures`, as the arguments that follow them: none if the family takes none."""
    return (load_dataset("digits").train_labels[:count],) if FAMILIES[family].takes_labels else ()


def training_pictures(family, count=256):
    """Digits, or for colorization random coloured patches, in [0, 1]."""
    if family != "colorization":
        return load_dataset("digits").train[:count].float() / 255
    generator, patches = torch.Generator().manual_seed(0), []
    photos = [torch.from_numpy(p).permute(2, 0, 1) for p in load_bundled_photos().values() if p.ndim == 3]
    for index in range(count):
        photo = photos[index % len(photos)]
        top, left = (int(torch.randint(side - 15, (), generator=generator)) for side in photo.shape[1:])
        patches.append(photo[:, top : top + 16, left : left + 16])
    return torch.stack(patches).float() / 255


def in_unit_range(x):
    return bool(((x >= 0) & (x <= 1)).all())
