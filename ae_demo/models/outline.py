"""Models without weights: only their layers and shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


@contextmanager
def without_values() -> Iterator[None]:
    """Build models on the meta device inside the block: they need no memory, however large their layers are."""
    with torch.device("meta"), _NoInitialValues():
        yield


class _NoInitialValues(TorchFunctionMode):
    """Skips random initialisation, because on the meta device PyTorch imports its compiler for it (1.5 s, 170 MB)."""

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        if function in (Tensor.normal_, Tensor.uniform_) or getattr(function, "__module__", "") == "torch.nn.init":
            return args[0] if args else given["tensor"]
        return function(*args, **given)
