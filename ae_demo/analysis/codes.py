"""Codes as arrays: validation, scaling, and reduction to principal components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from ..errors import ShapeError
from .baselines import Pca

Array = NDArray[Any]
NORM = 10.0  # root mean square norm of codes after scaling
MAX_SAMPLES = 100_000
EXACT = 2000  # samples or numbers up to which principal components are computed exactly


def check_codes(codes: ArrayLike, labels: ArrayLike | None = None) -> tuple[Array, Array]:
    """Codes `(N, …)` as float32 `(N, D)`, and labels `(N,)`, zeros if not given. Raises `ShapeError` if invalid."""
    x = np.asarray(codes)
    if x.ndim < 2 or len(x) < 2 or x.dtype.kind not in "fiub" or x.size == 0:
        raise ShapeError(
            "codes have shape {shape} and type {dtype}; give numbers (N, D), of two samples or more.",
            shape=x.shape,
            dtype=x.dtype,
        )
    if len(x) > MAX_SAMPLES:
        raise ShapeError(
            "There are {count:,} codes; at most {most:,} are allowed. Use a subset.",
            count=len(x),
            most=MAX_SAMPLES,
        )
    x = x.reshape(len(x), -1).astype(np.float32)
    if not np.isfinite(x).all():
        raise ShapeError("Some codes are NaN or infinite; leave those samples out.")
    y = np.zeros(len(x), int) if labels is None else np.asarray(labels)
    if y.shape != (len(x),):
        raise ShapeError(
            "There are {count:,} codes and labels of shape {shape}; give one label for each code.",
            count=len(x),
            shape=y.shape,
        )
    return x, y


def scaler(codes: Array) -> Callable[[Array], Array]:
    """A function that centres and scales codes so that `codes` `(N, D)` have a root mean square norm of `NORM`."""
    mean = codes.mean(0, dtype=np.float64)
    norm = float(np.sqrt(np.square(codes - mean).sum(1).mean()))
    factor = NORM / norm if norm > 0 else 1.0
    return lambda x: ((x - mean) * factor).astype(np.float32)


def principal(codes: Array, components: int) -> Array:
    """Codes `(N, D)` projected onto their leading principal components; unchanged if 2 < `components` and D is smaller.

    Returns float32 `(N, min(components, N, D))`.
    """
    if codes.shape[1] <= components and components > 2:
        return codes
    count = min(components, *codes.shape)
    if min(codes.shape) <= EXACT:
        return Pca.fit(torch.from_numpy(codes), count).transform(codes).astype(np.float32)
    from sklearn.decomposition import PCA  # takes 60 MB of memory, and is randomized

    return np.asarray(PCA(count, random_state=0).fit_transform(codes), np.float32)
