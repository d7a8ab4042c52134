"""Clusters of codes, and their agreement with labels.

accuracy = max over one-to-one maps π of clusters to classes of mean [π(cluster) = label]
           (the Hungarian method; Yang et al., 2010)
NMI      = mutual information over the mean of the entropies
ARI      = adjusted Rand index (Hubert and Arabie, 1985)
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ConfigError, ShapeError
from .codes import Array, check_codes, principal, scaler

CLUSTERINGS = ("kmeans", "gaussian", "hdbscan")
MAX_CLUSTERED = 64  # numbers in a code: larger covariances cannot be estimated from thousands of samples


def cluster(codes: ArrayLike, method: str = "kmeans", count: int = 10, *, seed: int = 0) -> Array:
    """Cluster codes without labels: the index of each code's cluster, `(N,)`; −1 for codes in no cluster.

    codes: `(N, …)`, flattened to `(N, D)`; codes of more than 64 numbers are reduced to 64 principal components
    method: "kmeans" or "gaussian" (a Gaussian mixture with full covariances), both with `count` clusters; or "hdbscan",
        which determines their number and leaves sparse regions out (Campello et al., 2013)
    seed: of the initialisation of "kmeans" and "gaussian"

    Raises `ConfigError` for another method or a count outside 1 to N, `ShapeError` for other codes.
    """
    from sklearn.cluster import HDBSCAN, KMeans
    from sklearn.mixture import GaussianMixture

    x, _ = check_codes(codes)
    if method not in CLUSTERINGS:
        raise ConfigError(
            "There is no clustering {method!r}; choose one of {choices}.", method=method, choices=", ".join(CLUSTERINGS)
        )
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 1 <= count <= len(x):
        raise ConfigError(
            "count is {count!r}; allowed is an integer from 1 to {most:,}, the number of codes.",
            count=count,
            most=len(x),
        )
    x = principal(x, MAX_CLUSTERED)
    x = scaler(x)(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fewer distinct codes than clusters, and about convergence
        if method == "hdbscan":
            return HDBSCAN(min_cluster_size=max(5, len(x) // 100), copy=True).fit_predict(x)
        if method == "gaussian":
            mixture = GaussianMixture(count, reg_covar=1e-3, random_state=seed, n_init=1)
            return mixture.fit_predict(x)
        return KMeans(count, n_init=4, random_state=seed).fit_predict(x)


def cluster_figures(assigned: ArrayLike, labels: ArrayLike) -> dict[str, float]:
    """Agreement of clusters with labels: "accuracy", "nmi", "ari", "clusters" (their number), "left_out" (a share).

    assigned: `(N,)` from `cluster`; samples in no cluster count as wrong, and as one cluster for NMI and ARI
    labels: `(N,)`

    Raises `ShapeError` unless there is one label for each sample.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    groups, known = np.asarray(assigned), np.asarray(labels)
    if groups.ndim != 1 or groups.shape != known.shape or not len(groups):
        raise ShapeError(
            "assigned has shape {assigned} and labels {labels}; give one label for each sample.",
            assigned=groups.shape,
            labels=known.shape,
        )
    names, rows = np.unique(groups, return_inverse=True)
    classes, columns = np.unique(known, return_inverse=True)
    table = np.zeros((len(names), len(classes)), int)
    np.add.at(table, (rows, columns), 1)
    table[names < 0] = 0
    chosen = linear_sum_assignment(-table)
    return {
        "accuracy": float(table[chosen].sum() / len(groups)),
        "nmi": float(normalized_mutual_info_score(known, groups)),
        "ari": float(adjusted_rand_score(known, groups)),
        "clusters": int((names >= 0).sum()),
        "left_out": float(np.mean(groups < 0)),
    }
