"""UMAP: a projection of codes onto the plane that preserves neighbourhoods.

The weight of an edge from a code to one of its k nearest neighbours at distance d is exp(−(d − ρ)/σ), where ρ is the
distance to the nearest neighbour and σ is such that the weights sum to log₂ k; the weights a and b of both directions
are combined as a + b − ab. The similarity of points on the plane at distance d is q(d) = 1 / (1 + a d^2b), and the
cross-entropy between weights and q is minimised by stochastic gradient descent with negative sampling (McInnes, Healy
and Melville, 2018, arXiv:1802.03426). Written in NumPy, since the reference implementation needs a compiler at run time
(numba), which is not available on every platform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[Any]
NEIGHBOURS = 15
A, B = 1.577, 0.895  # a and b of q(d), for a minimum distance of 0.1 and a spread of 1
NEGATIVE = 5  # negative samples per edge
EPOCHS = 300
CHUNK = 1000  # codes whose distances to all others are computed at once
CLIP = 4.0  # maximum step of a point along an axis for one edge, at the initial learning rate


def umap(
    codes: Array, *, seed: int = 0, epochs: int = EPOCHS, progress: Callable[[float], None] = lambda share: None
) -> Array:
    """Codes `(N, D)`, N ≥ 3, to points `(N, 2)`, reproducible by `seed`.

    progress: called with the share done, in [0, 1]
    """
    graph = neighbour_graph(codes, min(NEIGHBOURS, len(codes) - 1))
    random = np.random.default_rng(seed)
    points = initial_points(codes, random)
    weights = graph.data / graph.data.max()
    for epoch in range(epochs):
        rate = 1 - epoch / epochs
        chosen = np.flatnonzero(random.random(len(weights)) < weights)
        random.shuffle(chosen)
        # At most about as many edges per batch as there are points: in a larger batch, a point would move by the sum of
        # many steps, all computed at its old position.
        for batch in np.array_split(chosen, max(1, len(chosen) // len(points))):
            move(points, graph.row[batch], graph.col[batch], rate, random)
        progress((epoch + 1) / epochs)
    return points


def neighbour_graph(codes: Array, count: int) -> sparse.coo_array:
    """The symmetric weights of the edges between neighbours as a sparse upper triangular matrix `(N, N)`."""
    distances, indices = nearest_others(codes, count)
    nearest = distances[:, :1]
    low, high = np.zeros((len(distances), 1)), np.full((len(distances), 1), 1e4 * (distances.mean() + 1e-12))
    for _ in range(64):  # bisection: the sum of the weights grows with σ
        sigma = (low + high) / 2
        total = np.exp(-np.maximum(0, distances - nearest) / np.maximum(sigma, 1e-12)).sum(1, keepdims=True)
        too_large = total > np.log2(count)
        low, high = np.where(too_large, low, sigma), np.where(too_large, sigma, high)
    sigma = np.maximum((low + high) / 2, 1e-3 * distances.mean() + 1e-12)
    weights = np.exp(-np.maximum(0, distances - nearest) / sigma)
    rows = np.repeat(np.arange(len(distances)), count)
    directed = sparse.csr_array((weights.ravel(), (rows, indices.ravel())), shape=(len(distances), len(distances)))
    both = directed + directed.T - directed * directed.T
    return sparse.coo_array(sparse.triu(both))


def nearest_others(codes: Array, count: int) -> tuple[Array, Array]:
    """Distances to the `count` nearest other codes of each of `(N, D)`, ascending, and their indices: `(N, count)`."""
    x = torch.from_numpy(np.asarray(codes, np.float64))
    found = []
    for start in range(0, len(x), CHUNK):
        distances = torch.cdist(x[start : start + CHUNK], x)
        distances[:, start : start + CHUNK].fill_diagonal_(torch.inf)
        found.append(distances.topk(count, largest=False))
    values, indices = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return values, indices


def initial_points(codes: Array, random: np.random.Generator) -> Array:
    """The first two principal components `(N, 2)`, scaled to a maximum coordinate of 10."""
    centred = codes - codes.mean(0)
    _, _, axes = np.linalg.svd(centred[: min(len(codes), 20_000)], full_matrices=False)
    points = centred @ axes[:2].T
    return 10 * points / max(float(np.abs(points).max()), 1e-12) + random.normal(0, 1e-3, points.shape)


def move(points: Array, heads: Array, tails: Array, rate: float, random: np.random.Generator) -> None:
    """One step for a batch of edges, in place: both ends attract each other, and random other points repel both."""
    delta = points[heads] - points[tails]
    squared = np.maximum(np.square(delta).sum(1, keepdims=True), 1e-12)
    pull = -2 * A * B * squared ** (B - 1) / (1 + A * squared**B)
    step = np.clip(pull * delta, -CLIP, CLIP)
    add(points, heads, rate * step)
    add(points, tails, -rate * step)
    for ends in (heads, tails):
        origins = np.repeat(ends, NEGATIVE)
        others = random.integers(len(points), size=len(origins))
        delta = points[origins] - points[others]
        squared = np.square(delta).sum(1, keepdims=True)
        push = 2 * B / ((0.001 + squared) * (1 + A * squared**B))
        step = np.clip(push * delta, -CLIP, CLIP)
        add(points, origins, rate * step)


def add(points: Array, rows: Array, steps: Array) -> None:
    """`points[rows] += steps`, where rows may repeat."""
    for axis in range(2):
        points[:, axis] += np.bincount(rows, steps[:, axis], len(points))
