"""The outputs of a model's layers for a sample, recorded by forward hooks on its modules."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..models import Autoencoder
from .model_cache import device_of
from .scheduler import scheduler


def layer_outputs(model: Autoencoder, x: Tensor) -> list[tuple[str, np.ndarray]]:
    """The layers' labels and outputs for one sample, in the order of `model.layers()`, including input and output.

    x: `(1, *sample)`, an input of the model's `forward`

    The outputs are float32, without the batch: `(units,)`, `(C, h, w)`, or `(T, units)`. The code of a variational
    model is the mean of its distribution. Hidden layers are recorded after their activation function.
    """
    hidden: dict[int, Tensor] = {}
    caller = threading.get_ident()  # models are shared: another thread may run this one at the same time

    def record(index: int) -> Any:
        def hook(module: torch.nn.Module, given: Any, output: Any) -> None:
            if threading.get_ident() == caller:
                hidden[index] = output[0] if isinstance(output, tuple) else output

        return hook

    labels = [label for label, _ in model.layers()]
    inner = [index for index, label in enumerate(labels) if label not in ("input", "code", "output")]
    with scheduler.turn(), torch.inference_mode(), ExitStack() as hooks:
        for index, module in zip(inner, model.layer_modules(), strict=True):
            hooks.callback(module.register_forward_hook(record(index)).remove)
        output = model(x.to(device_of(model)))
        ends = {"input": x, "code": output.z, "output": output.x_hat}
        found = [ends[label] if label in ends else hidden[index] for index, label in enumerate(labels)]
        return [(label, each[0].float().cpu().numpy()) for label, each in zip(labels, found, strict=True)]
