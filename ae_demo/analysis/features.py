"""What codes are good for: linear probes, nearest neighbours, clusters, and projections onto a plane.

A code learnt without labels is evaluated by the accuracy of a simple classifier fitted to it with few labels (a linear
probe: Alain and Bengio, 2017, "Understanding intermediate layers using linear classifier probes"), and by the agreement
of its clusters with the classes. All codes, and raw pixels, are centred and divided by one scalar, so that the probe's
regularisation has the same strength for all and no direction is favoured.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConfigError, ShapeError
from .clusters import CLUSTERINGS, cluster, cluster_figures
from .codes import Array, check_codes, principal, scaler
from .tsne import tsne
from .umap import umap

__all__ = [
    "CLASSIFIERS",
    "CLUSTERINGS",
    "PROJECTIONS",
    "accuracy",
    "classify",
    "cluster",
    "cluster_figures",
    "evaluate",
    "label_curve",
    "project",
]

PROJECTIONS = ("pca", "tsne", "umap")
CLASSIFIERS = ("probe", "knn")
NEIGHBOURS = 5
STRENGTH = 0.1  # the probe's inverse regularisation strength, scikit-learn's C
LABEL_COUNTS = (10, 50, 100, 500)
SEEDS = 10
TEST_SHARE = 0.5  # if no test samples are given


def evaluate(
    codes: ArrayLike,
    labels: ArrayLike,
    *,
    test_codes: ArrayLike | None = None,
    test_labels: ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """Evaluate codes by labels. Returns metrics in [0, 1] (`ari` in [-0.5, 1]); higher is better.

    probe: accuracy of logistic regression
    knn: accuracy of the 5 nearest neighbours' vote, weighted by inverse distance
    kmeans_accuracy, nmi, ari: agreement of k-means, with one cluster per class, with the labels

    Arguments:

    codes: `(N, …)` of at least two samples, flattened to `(N, D)`
    labels: `(N,)`, of at least two classes
    test_codes, test_labels: samples on which the classifiers are tested, and which are clustered instead of `codes`.
        Without them, half of each class, drawn by `seed`, is held out for the test, and all `codes` are clustered
    seed: of the split and of k-means

    Raises `ShapeError` for arrays that are empty, not finite or of different lengths; `ConfigError` if only one of
    `test_codes` and `test_labels` is given, or if there is only one class.
    """
    x, y = check_codes(codes, labels)
    if (test_codes is None) != (test_labels is None):
        raise ConfigError("Only one of test_codes and test_labels was given; give both, or neither.")
    if test_codes is None or test_labels is None:
        train, test = split(y, TEST_SHARE, seed)
        clustered, known = x, y
        x, y, x_test, y_test = x[train], y[train], x[test], y[test]
    else:
        x_test, y_test = check_codes(test_codes, test_labels)
        if x_test.shape[1] != x.shape[1]:
            raise ShapeError(
                "codes have {numbers} numbers and test_codes {given}; give codes of one model.",
                numbers=x.shape[1],
                given=x_test.shape[1],
            )
        clustered, known = x_test, y_test
    if len(np.unique(y)) < 2:
        raise ConfigError("All labels are the same; give samples of at least two classes.")
    figures = {name: accuracy(name, x, y, x_test, y_test) for name in CLASSIFIERS}
    assigned = cluster(clustered, "kmeans", len(np.unique(known)), seed=seed)
    agreement = cluster_figures(assigned, known)
    return {**figures, "kmeans_accuracy": agreement["accuracy"], "nmi": agreement["nmi"], "ari": agreement["ari"]}


def split(labels: Array, share: float, seed: int) -> tuple[Array, Array]:
    """Split samples at random: indices of the rest, and of a part with `share` of the samples of each class."""
    random = np.random.default_rng(seed)
    kept, held = [], []
    for each in np.unique(labels):
        order = random.permutation(np.flatnonzero(labels == each))
        count = min(len(order) - 1, max(1, round(share * len(order)))) if len(order) > 1 else 0
        held.append(order[:count])
        kept.append(order[count:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(held))


def classify(name: str, codes: Array, labels: Array, test_codes: Array) -> Array:
    """Fit a classifier, "probe" or "knn", to codes `(N, D)` and labels `(N,)`, and predict labels for `test_codes`.

    The codes are not scaled; see `codes.scaler`. Raises `ConfigError` for another name.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    if name == "knn":
        count = min(NEIGHBOURS, len(codes))
        return KNeighborsClassifier(count, weights="distance").fit(codes, labels).predict(test_codes)
    if name != "probe":
        raise ConfigError(
            "There is no classifier {name!r}; choose one of {choices}.", name=name, choices=", ".join(CLASSIFIERS)
        )
    if len(np.unique(labels)) < 2:
        return np.full(len(test_codes), labels[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about convergence, which does not change the accuracy here
        return LogisticRegression(C=STRENGTH, max_iter=200).fit(codes, labels).predict(test_codes)


def accuracy(name: str, codes: Array, labels: Array, test_codes: Array, test_labels: Array) -> float:
    """The accuracy, in [0, 1], of a classifier on test samples, with scaled codes; see `classify`."""
    scale = scaler(codes)
    return float(np.mean(classify(name, scale(codes), labels, scale(test_codes)) == test_labels))


def label_curve(  # noqa: PLR0913 - public API
    codes: ArrayLike,
    labels: ArrayLike,
    test_codes: ArrayLike,
    test_labels: ArrayLike,
    *,
    counts: Sequence[int] = LABEL_COUNTS,
    seeds: int = SEEDS,
    classifier: str = "probe",
    progress: Callable[[float], None] = lambda share: None,
) -> list[dict[str, float]]:
    """Accuracy on test samples against the number of labels: for each count, a dict of "labels", "mean" and "std".

    In each of `seeds` draws, a classifier is fitted to `count` samples, balanced over the classes; `mean` and `std` are
    over the draws. The scale of the codes, which needs no labels, is computed from all `codes`.

    codes, labels, test_codes, test_labels: `(N, …)`, `(N,)`, `(M, …)`, `(M,)`
    classifier: "probe" or "knn"
    progress: called with the share done, in [0, 1]

    Raises `ShapeError` as `evaluate` does, and `ConfigError` for counts outside 1 to N or an unknown classifier.
    """
    x, y = check_codes(codes, labels)
    x_test, y_test = check_codes(test_codes, test_labels)
    for count in counts:
        if not 1 <= count <= len(x):
            raise ConfigError(
                "{count} labels were requested; there are {most:,} codes: give 1 to {most:,}.", count=count, most=len(x)
            )
    scale = scaler(x)
    x, x_test = scale(x), scale(x_test)
    curve, done = [], 0
    for count in counts:
        scores = []
        for seed in range(seeds):
            chosen = draw_balanced(y, count, seed)
            scores.append(float(np.mean(classify(classifier, x[chosen], y[chosen], x_test) == y_test)))
            done += 1
            progress(done / (seeds * len(counts)))
        curve.append({"labels": count, "mean": float(np.mean(scores)), "std": float(np.std(scores))})
    return curve


def draw_balanced(labels: Array, count: int, seed: int) -> Array:
    """Indices of `count` random samples, balanced over the classes as far as possible."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(labels))
    rank = np.empty(len(labels), int)  # of a sample within its class, in this order
    for each in np.unique(labels):
        members = order[labels[order] == each]
        rank[members] = np.arange(len(members))
    return order[np.argsort(rank[order], kind="stable")[:count]]


def project(
    codes: ArrayLike,
    method: str = "pca",
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> NDArray[np.float32]:
    """Project codes onto a plane: float32 `(N, 2)`, centred. Codes of two numbers are only centred.

    codes: `(N, …)`, N from 2 to 100,000, flattened to `(N, D)`
    method: "pca", the two directions of largest variance; "tsne" (van der Maaten and Hinton, 2008), which preserves
        neighbourhoods but not the distances between groups; or "umap" (McInnes et al., 2018), likewise but faster
    seed: of the random numbers of "tsne" and "umap"
    progress: called with the share done, in [0, 1]

    5,000 codes of 32 numbers take 0.02, 38 and 4 seconds on one core. Raises `ConfigError` for another method,
    `ShapeError` for other codes.
    """
    x, _ = check_codes(codes)
    if method not in PROJECTIONS:
        raise ConfigError(
            "There is no projection {method!r}; choose one of {choices}.", method=method, choices=", ".join(PROJECTIONS)
        )
    x = x - x.mean(0)
    if x.shape[1] <= 2 or not x.any():
        return np.pad(x, ((0, 0), (0, 1)))[:, :2]
    x = principal(x, 2 if method == "pca" else 50)
    if method == "pca" or len(x) < 5:
        points = x[:, :2]
    elif method == "umap":
        points = umap(x, seed=seed, progress=progress)
    else:
        points = tsne(x, seed=seed, progress=progress)
    progress(1.0)
    return np.asarray(points - points.mean(0), np.float32)
