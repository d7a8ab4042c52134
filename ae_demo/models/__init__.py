"""The catalogue of autoencoders. To add one, add a module and an entry in `FAMILIES`.

A family's name is that of its module and of its command, and the prefix of its checkpoints' names.
"""

from __future__ import annotations

from typing import Any

from ..errors import ConfigError
from .base import TASKS, Autoencoder, Config, Output, Phase
from .colorization import ColorizationAutoencoder
from .conv import ConvAutoencoder
from .cvae import ConditionalVAE
from .denoising import DenoisingAutoencoder
from .dense import DenseAutoencoder
from .options import Options, option
from .seq2seq import Seq2SeqAutoencoder
from .sparse import SparseAutoencoder
from .stacked import StackedAutoencoder
from .vae import VariationalAutoencoder

FAMILIES: dict[str, type[Autoencoder]] = {
    "dense": DenseAutoencoder,
    "conv": ConvAutoencoder,
    "denoising": DenoisingAutoencoder,
    "vae": VariationalAutoencoder,
    "cvae": ConditionalVAE,
    "sparse": SparseAutoencoder,
    "stacked": StackedAutoencoder,
    "seq2seq": Seq2SeqAutoencoder,
    "colorization": ColorizationAutoencoder,
}

DEFAULT_FAMILY = "dense"  # of forms, and of links that name no family

__all__ = [
    "DEFAULT_FAMILY",
    "FAMILIES",
    "TASKS",
    "Autoencoder",
    "Config",
    "Options",
    "Output",
    "Phase",
    "build_model",
    "get_family",
    "option",
]


def get_family(family: str) -> type[Autoencoder]:
    """The class of a family. Raises `ConfigError`, with the known names, for an unknown one."""
    if family not in FAMILIES:
        raise ConfigError(
            "There is no family {given!r}; choose one of {allowed}.",
            given=str(family)[:80],
            allowed=", ".join(FAMILIES),
        )
    return FAMILIES[family]


def build_model(family: str, **settings: Any) -> Autoencoder:
    """An untrained model of `family` with the given config fields. Raises `ConfigError` for invalid fields."""
    cls = get_family(family)
    return cls(cls.Config.from_dict(settings))
