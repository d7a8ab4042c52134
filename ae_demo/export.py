"""A small autoencoder as one file that a browser reads: the layers of multilayer perceptrons, decoder and encoder.

The file is a *bundle*: the bytes "AEB1", the length of a JSON header (uint32, little endian), the header, and arrays,
each beginning at a multiple of four bytes; the header's "arrays" says of each its dtype, shape and place.

Decoders travel as half-precision floats, which is how checkpoints store them, so nothing is lost; encoders as int8 with
a scale for each row, which moves a code by less than what is seen. A shipped model with 28×28 pictures takes 1.5 MB.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import torch
from torch import nn

from .errors import CheckpointError
from .models import Autoencoder

MAGIC = b"AEB1"
ACTIVATIONS = {nn.SiLU: "silu", nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}


def can_export(model: Autoencoder) -> bool:
    """Whether encoder and decoder are multilayer perceptrons, whatever their sizes, on pictures `(C, H, W)`."""
    return len(model.config.input_shape) == 3 and all(
        isinstance(part, nn.Sequential) and all(isinstance(m, (nn.Linear, nn.Dropout, *ACTIVATIONS)) for m in part)
        for part in (getattr(model, "encoder", None), getattr(model, "decoder", None))
    )


def export_model(model: Autoencoder) -> bytes:
    """The bundle of a model whose `encoder` and `decoder` are multilayer perceptrons.

    The header holds "shape" (C, H, W), "output" ("sigmoid", or "linear", clamped to [0, 1]), "code" (its numbers),
    "variational" (the encoder gives μ and log σ²), and "encoder" and "decoder": a list of layers, each with the names
    of its arrays and its activation. Raises `CheckpointError` for another kind of model.
    """
    if not can_export(model):
        raise CheckpointError(
            f"This {model.family} model cannot be run in a browser: its encoder and decoder must be layers of units "
            "(dense, vae, sparse or stacked)."
        )
    arrays: dict[str, np.ndarray] = {}
    header = {
        "shape": model.config.input_shape,
        "output": model.output,
        "code": model.code_shape[0],
        "variational": model.variational,
        "decoder": _add_layers(arrays, "decoder", _layers_of(model.decoder), exact=True),
        "encoder": _add_layers(arrays, "encoder", _layers_of(model.encoder, last=model.code_activation), exact=False),
    }
    return write_bundle(header, arrays)


def export_linear(mean: np.ndarray, components: np.ndarray, shape: tuple[int, ...]) -> bytes:
    """The bundle of a linear autoencoder, z = C (x − m) and x̂ = Cᵀ z + m, such as PCA.

    `mean` `(pixels,)` and `components` `(latent_dim, pixels)`, on pictures `shape` in [0, 1].
    """
    arrays: dict[str, np.ndarray] = {}
    encoder = [(components, -components @ mean, "none")]
    decoder = [(components.T, mean, "none")]
    header = {
        "shape": shape,
        "output": "linear",
        "code": len(components),
        "variational": False,
        "decoder": _add_layers(arrays, "decoder", decoder, exact=True),
        "encoder": _add_layers(arrays, "encoder", encoder, exact=True),
    }
    return write_bundle(header, arrays)


def write_bundle(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """`header` (plain values) and little-endian arrays as one file; see the module's docstring."""
    places, parts, at = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        places[name] = {"dtype": str(array.dtype), "shape": array.shape, "offset": at}
        parts.append(data + b"\0" * (-len(data) % 4))
        at += len(parts[-1])
    text = json.dumps({**header, "arrays": places}).encode("ascii")
    text += b" " * (-len(text) % 4)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def _layers_of(part: nn.Sequential, last: str = "none") -> list[tuple[np.ndarray, np.ndarray, str]]:
    """Weight `(out, in)`, bias `(out,)` and activation of each layer; `last` follows the last one."""
    layers: list[list[Any]] = []
    for module in part:
        if isinstance(module, nn.Linear):
            bias = module.bias if module.bias is not None else torch.zeros(module.out_features)
            layers.append([*(p.detach().cpu().float().numpy() for p in (module.weight, bias)), "none"])
        elif type(module) in ACTIVATIONS:
            layers[-1][2] = ACTIVATIONS[type(module)]
    layers[-1][2] = last
    return [tuple(layer) for layer in layers]


def _add_layers(arrays: dict[str, np.ndarray], part: str, layers: list, exact: bool) -> list[dict[str, str]]:
    """Put the layers' arrays under names of their own; what the header says of them."""
    said = []
    for i, (weight, bias, activation) in enumerate(layers):
        name = f"{part}.{i}"
        if exact:
            arrays[f"{name}.weight"] = weight.astype(np.float16)
        else:
            scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127
            arrays[f"{name}.weight"] = np.rint(weight / scale).astype(np.int8)
            arrays[f"{name}.scale"] = scale[:, 0].astype(np.float32)
        arrays[f"{name}.bias"] = bias.astype(np.float32)
        said.append({"name": name, "activation": activation})
    return said
