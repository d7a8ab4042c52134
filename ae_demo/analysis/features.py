"""What codes are good for: probes and nearest neighbours, clusters, and projections on a plane.

A code learnt without labels is judged by how well a simple classifier does on top of it with few labels (a linear
probe: Alain and Bengio, 2017, "Understanding intermediate layers using linear classifier probes"), and by how well its
clusters agree with the classes. Codes of every kind, raw pixels among them, are centred and scaled by one number, so
that the regularisation of the probe means the same for all and no direction is favoured.

    accuracy of a clustering = max over one-to-one maps π of clusters to classes of mean [π(cluster) = label]
    (the Hungarian method; Yang et al., 2010), NMI: mutual information over the mean of the entropies,
    ARI: adjusted Rand index (Hubert and Arabie, 1985)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConfigError, ShapeError
from .umap import umap

Array = NDArray[Any]
PROJECTIONS = ("pca", "tsne", "umap")
CLUSTERINGS = ("kmeans", "gaussian", "hdbscan")
CLASSIFIERS = ("probe", "knn")
NEIGHBOURS = 5
NORM = 10.0  # root mean square norm of a code after scaling
STRENGTH = 0.1  # of the probe's inverse regularisation, scikit-learn's C
LABEL_COUNTS = (10, 50, 100, 500)
SEEDS = 10
MAX_CLUSTERED = 64  # numbers: covariances of more cannot be estimated from thousands of samples
MAX_SAMPLES = 100_000
TEST_SHARE = 0.5  # where no test samples are given


def evaluate(
    codes: ArrayLike,
    labels: ArrayLike,
    *,
    test_codes: ArrayLike | None = None,
    test_labels: ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """Judge codes by their labels, each figure in [0, 1] (`ari` in [-0.5, 1]); higher is better.

    probe: accuracy of logistic regression
    knn: accuracy of the majority of the 5 nearest neighbours
    kmeans_accuracy, nmi, ari: agreement with the labels of k-means with as many clusters as classes

    codes: `(N, …)` of at least two samples, flattened to `(N, D)`; labels: `(N,)`, of at least two classes
    test_codes, test_labels: samples that the classifiers are judged on, and clustered in place of `codes`. Without
        them, half of `codes`, with as many of each class, drawn by `seed`, is held out from the classifiers, and all
        are clustered

    Raises `ShapeError` for arrays that do not fit together, are empty or not finite; `ConfigError` if only one of
    `test_codes` and `test_labels` is given, or there is but one class.
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


def check_codes(codes: ArrayLike, labels: ArrayLike | None = None) -> tuple[Array, Array]:
    """Codes as float32 `(N, D)`, and labels `(N,)` (of zeros if there are none). Raises `ShapeError`."""
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


def split(labels: Array, share: float, seed: int) -> tuple[Array, Array]:
    """Indices of a part without and a part with `share` of the samples of each class, drawn at random."""
    random = np.random.default_rng(seed)
    kept, held = [], []
    for each in np.unique(labels):
        order = random.permutation(np.flatnonzero(labels == each))
        count = min(len(order) - 1, max(1, round(share * len(order)))) if len(order) > 1 else 0
        held.append(order[:count])
        kept.append(order[count:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(held))


def scaler(codes: Array) -> Callable[[Array], Array]:
    """The function that centres codes and scales them to a root mean square norm of `NORM` on `codes`."""
    mean = codes.mean(0, dtype=np.float64)
    norm = float(np.sqrt(np.square(codes - mean).sum(1).mean()))
    factor = NORM / norm if norm > 0 else 1.0
    return lambda x: ((x - mean) * factor).astype(np.float32)


def classify(name: str, codes: Array, labels: Array, test_codes: Array) -> Array:
    """Labels that a classifier, "probe" or "knn", fitted to codes `(N, D)` and labels, predicts for `test_codes`.

    The codes are taken as they are: scale them first, see `scaler`. Raises `ConfigError` for another name.
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
        warnings.simplefilter("ignore")  # a fit that has not fully converged has the same accuracy
        return LogisticRegression(C=STRENGTH, max_iter=200).fit(codes, labels).predict(test_codes)


def accuracy(name: str, codes: Array, labels: Array, test_codes: Array, test_labels: Array) -> float:
    """The accuracy of a classifier on test samples, with codes scaled by `scaler`; see `classify`."""
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
    """Accuracy on test samples against the number of labels: [{"labels", "mean", "std"}, …], a dict for each count.

    For each of `seeds` draws, as many samples of each class as possible get a label, and a classifier is fitted to
    them alone; the scale of the codes, which needs no labels, is that of all `codes`. `std` is over the draws.
    Raises as `evaluate` does; `ConfigError` for a count that is not from 1 to the number of codes.
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
    """Indices of `count` samples, as many of each class as possible: one after another of each class in turn."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(labels))
    rank = np.empty(len(labels), int)  # how many of its class come before a sample
    for each in np.unique(labels):
        own = order[labels[order] == each]
        rank[own] = np.arange(len(own))
    return order[np.argsort(rank[order], kind="stable")[:count]]


def cluster(codes: ArrayLike, method: str = "kmeans", count: int = 10, *, seed: int = 0) -> Array:
    """Cluster codes without labels: the number of its cluster for each, `(N,)`; −1 for those in no cluster.

    Codes of more than 64 numbers are first reduced to as many principal components.

    method: "kmeans" or "gaussian" (a mixture of Gaussians with full covariances), both with `count` clusters; or
        "hdbscan", which finds the number itself and leaves out what is sparse (Campello et al., 2013)

    Raises `ConfigError` for another method, or a count that is not from 1 to the number of codes; `ShapeError`.
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
        warnings.simplefilter("ignore")  # fewer different codes than clusters, and fits that stop early
        if method == "hdbscan":
            return HDBSCAN(min_cluster_size=max(5, len(x) // 100), copy=True).fit_predict(x)
        if method == "gaussian":
            mixture = GaussianMixture(count, reg_covar=1e-3, random_state=seed, n_init=1)
            return mixture.fit_predict(x)
        return KMeans(count, n_init=4, random_state=seed).fit_predict(x)


def cluster_figures(assigned: ArrayLike, labels: ArrayLike) -> dict[str, float]:
    """How clusters agree with labels: "accuracy", "nmi", "ari", "clusters" (their number), "left_out" (a share).

    assigned: `(N,)` from `cluster`; those in no cluster count as wrong, and as one cluster for NMI and ARI. Raises
    `ShapeError` unless there is one label for each.
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


def principal(codes: Array, components: int) -> Array:
    """Codes `(N, D)` on their leading principal components, `(N, min(components, N))`; unchanged if D is not larger."""
    from sklearn.decomposition import PCA

    if codes.shape[1] <= components and components > 2:
        return codes
    count = min(components, *codes.shape)
    return np.asarray(PCA(count, random_state=0).fit_transform(codes), np.float32)


def project(
    codes: ArrayLike,
    method: str = "pca",
    *,
    seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> NDArray[np.float32]:
    """Codes as points of a plane, float32 `(N, 2)`, centred. Codes of two numbers are returned as they are, centred.

    method: "pca", the two directions of largest variance; "tsne" (van der Maaten and Hinton, 2008), which keeps
        neighbours together, and says little about distances between groups; "umap" (McInnes et al., 2018), which does
        so too, and is faster
    seed: of the random numbers of "tsne" and "umap"; progress: called with the share done, in [0, 1]

    5,000 codes of 32 numbers take 0.02, 38 and 4 seconds on one core. Raises `ConfigError` for another method,
    `ShapeError` for codes that are not `(N, D)`, N from 2 to 100,000.
    """
    x, _ = check_codes(codes)
    if method not in PROJECTIONS:
        raise ConfigError(
            "There is no projection {method!r}; choose one of {choices}.", method=method, choices=", ".join(PROJECTIONS)
        )
    x = x - x.mean(0)
    if x.shape[1] <= 2 or not x.any():  # nothing to choose from
        return np.pad(x, ((0, 0), (0, 1)))[:, :2]
    x = principal(x, 2 if method == "pca" else 50)
    if method == "pca" or len(x) < 5:
        placed = x[:, :2]
    elif method == "umap":
        placed = umap(x, seed=seed, progress=progress)
    else:
        from sklearn.manifold import TSNE

        perplexity = min(30.0, (len(x) - 1) / 3)
        placed = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1).fit_transform(x)
    progress(1.0)
    return np.asarray(placed - placed.mean(0), np.float32)
