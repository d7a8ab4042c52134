"""Export of models to a file that runs in a browser: multilayer perceptrons, and decoders of sequences.

The file is a *bundle*: the bytes "AEB1", the length of a JSON header (uint32, little endian), the header, and arrays,
each aligned to four bytes. The header's "arrays" contains the dtype, shape and offset of each array.

Decoders are stored in half precision, as in checkpoints; encoders as int8 with a scale for each row, whose rounding
changes codes too little to be visible. A shipped model of 28×28 pictures takes 1.5 MB.
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
from .models.seq2seq import Seq2SeqAutoencoder

Layer = tuple[np.ndarray, np.ndarray, str]
MAGIC = b"AEB1"
ACTIVATIONS = {nn.SiLU: "silu", nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}


def can_export(model: Autoencoder) -> bool:
    """Whether the model's samples are pictures `(C, H, W)`, and its encoder and decoder multilayer perceptrons."""
    return len(model.config.input_shape) == 3 and all(
        isinstance(part, nn.Sequential) and all(isinstance(m, (nn.Linear, nn.Dropout, *ACTIVATIONS)) for m in part)
        for part in (getattr(model, "encoder", None), getattr(model, "decoder", None))
    )


def export_model(model: Autoencoder) -> bytes:
    """The bundle of a model whose `encoder` and `decoder` are multilayer perceptrons.

    The header contains "shape" (C, H, W), "output" ("sigmoid", or "linear", clamped to [0, 1]), "code" (its size),
    "variational" (whether the encoder returns μ and log σ²), "classes" (the length of the one-hot label that is
    appended to the inputs of encoder and decoder; 0: none), and "encoder" and "decoder": lists of layers, each with the
    name of its arrays and its activation. Raises `CheckpointError` for other models.
    """
    if not can_export(model):
        raise CheckpointError(
            "This {family} model cannot run in a browser: its encoder and decoder must be multilayer "
            "perceptrons (dense, vae, cvae, sparse or stacked).",
            family=model.family,
        )
    arrays: dict[str, np.ndarray] = {}
    header = {
        "shape": model.config.input_shape,
        "output": model.output,
        "code": model.code_shape[0],
        "variational": model.variational,
        "classes": getattr(model.config, "classes", 0),
        "decoder": _add_layers(arrays, "decoder", _layers_of(model.decoder), exact=True),
        "encoder": _add_layers(arrays, "encoder", _layers_of(model.encoder, last=model.code_activation), exact=False),
    }
    return write_bundle(header, arrays)


def export_linear(mean: np.ndarray, components: np.ndarray, shape: tuple[int, ...]) -> bytes:
    """The bundle of a linear autoencoder, z = C (x − m) and x̂ = Cᵀ z + m, such as PCA.

    mean, components: `(pixels,)` and `(latent_dim, pixels)`, for pictures of `shape` in [0, 1]
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


def export_sequence_decoder(model: Autoencoder) -> bytes:
    """The bundle of the decoder of a sequence-to-sequence autoencoder of series or symbols, in half precision.

    The header contains "steps", "features", "code" (its size), "hidden", "layers", "time_features", "symbols" (0 for
    series), "output" ("linear" or "sigmoid") and "linear_path"; the arrays have the names of the model's parameters.
    Raises `CheckpointError` for other models.
    """
    if not isinstance(model, Seq2SeqAutoencoder) or len(model.config.input_shape) == 3:
        raise CheckpointError(
            "This {family} model has no decoder of series or symbols: give a seq2seq model.", family=model.family
        )
    config, parts = model.config, ("from_code", "decoder", "to_output", "linear_decoder")
    arrays = {
        name: parameter.detach().cpu().numpy().astype(np.float16)
        for name, parameter in model.named_parameters()
        if name.split(".")[0] in parts
    }
    header = {
        "steps": config.steps,
        "features": config.features,
        "code": config.latent_dim,
        "hidden": config.hidden_size,
        "layers": config.layers,
        "time_features": config.time_features,
        "symbols": config.symbols,
        "output": model.output,
        "linear_path": config.linear_path,
    }
    return write_bundle(header, arrays)


def write_bundle(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """A bundle of `header` (JSON values) and little-endian arrays; see the module's docstring."""
    entries, parts, offset = {}, [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        entries[name] = {"dtype": str(array.dtype), "shape": array.shape, "offset": offset}
        parts.append(data + b"\0" * (-len(data) % 4))
        offset += len(parts[-1])
    text = json.dumps({**header, "arrays": entries}).encode("ascii")
    text += b" " * (-len(text) % 4)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def _layers_of(part: Any, last: str = "none") -> list[Layer]:
    """Weight `(out, in)`, bias `(out,)` and activation of each layer; `last` is the activation of the last one."""
    layers: list[list[Any]] = []
    for module in part:
        if isinstance(module, nn.Linear):
            bias = module.bias if module.bias is not None else torch.zeros(module.out_features)
            layers.append([*(p.detach().cpu().float().numpy() for p in (module.weight, bias)), "none"])
        elif type(module) in ACTIVATIONS:
            layers[-1][2] = ACTIVATIONS[type(module)]
    layers[-1][2] = last
    return [(weight, bias, activation) for weight, bias, activation in layers]


def _add_layers(arrays: dict[str, np.ndarray], part: str, layers: list[Layer], exact: bool) -> list[dict[str, str]]:
    """Add the layers' arrays to `arrays`, and return the layers' entries in the header."""
    entries = []
    for i, (weight, bias, activation) in enumerate(layers):
        name = f"{part}.{i}"
        if exact:
            arrays[f"{name}.weight"] = weight.astype(np.float16)
        else:
            scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127
            arrays[f"{name}.weight"] = np.rint(weight / scale).astype(np.int8)
            arrays[f"{name}.scale"] = scale[:, 0].astype(np.float32)
        arrays[f"{name}.bias"] = bias.astype(np.float32)
        entries.append({"name": name, "activation": activation})
    return entries
