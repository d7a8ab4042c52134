"""Contact sheets of pictures, and figures of a latent plane for publication."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .data.pictures import to_pixels
from .errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "pdf", "svg")
COLOURS = (  # Petroff (arXiv:2107.02270); the page uses the same
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip


def plot_sheet(pictures: torch.Tensor, columns: int) -> np.ndarray:
    """Tile pictures `(N, C, H, W)` in [0, 1] in rows of `columns`: uint8 `(rows·H, columns·W)` or `(…, 3)`."""
    rows = [torch.cat(list(row), dim=-1) for row in pictures.split(columns)]
    return to_pixels(torch.cat(rows, dim=-2)[None])


def plot_grid(pictures: torch.Tensor, x: np.ndarray, y: np.ndarray, title: str = "") -> Figure:
    """Plot a decoded grid of the latent plane, `len(y)` rows of `len(x)` pictures, with coordinates as ticks.

    pictures: `(N, C, H, W)` in [0, 1], row by row from the top
    x, y: coordinates of the columns and of the rows
    """
    from matplotlib.figure import Figure

    sheet = plot_sheet(pictures, len(x))
    figure = Figure(figsize=(5.2, 5.2 * len(y) / len(x)), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="none", extent=(0, len(x), 0, len(y)))
    for axis, coordinates, centres in (
        (axes.xaxis, x, np.arange(len(x)) + 0.5),
        (axes.yaxis, y, len(y) - np.arange(len(y)) - 0.5),
    ):
        shown = np.unique(np.linspace(0, len(coordinates) - 1, min(len(coordinates), 7)).round().astype(int))
        axis.set_ticks(centres[shown], [f"{coordinates[i]:.2f}".replace("-", "−") for i in shown])
    _finish(axes, title)
    return figure


def plot_scatter(codes: np.ndarray, labels: np.ndarray, classes: Sequence[str], prior: bool, title: str = "") -> Figure:
    """Plot codes `(N, 2)` in the colours of their classes.

    labels: `(N,)`, indices into `classes`
    prior: whether to draw circles at 1, 2 and 3 standard deviations of N(0, I)
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Circle

    figure = Figure(figsize=(6.2, 5.2), layout="constrained")
    axes = figure.add_subplot()
    colours = np.array(COLOURS)[np.asarray(labels) % len(COLOURS)]
    axes.scatter(codes[:, 0], codes[:, 1], s=3, c=colours, linewidths=0, alpha=0.7, rasterized=True)
    for sigma in (1, 2, 3) if prior else ():
        axes.add_patch(Circle((0, 0), sigma, fill=False, linestyle="--", linewidth=0.8, edgecolor="0.25"))
    low, high = np.quantile(codes, (0.001, 0.999), axis=0)
    middle, half = (low + high) / 2, 0.54 * (high - low).max()
    axes.set(xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half), aspect="equal")
    dots = [Line2D([], [], marker="o", linestyle="", markersize=5, color=COLOURS[i % 10]) for i in range(len(classes))]
    axes.legend(dots, classes, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, handletextpad=0.2)
    _finish(axes, title)
    return figure


def plot_sweep(points: Sequence[Mapping[str, Any]], title: str = "") -> Figure:
    """Plot the reconstruction error, and the accuracy of a probe if there are labels, against the size of the code.

    points: dicts with the fields of `analysis.sweep.SweepPoint`
    """
    from matplotlib.figure import Figure

    labelled = all(point["probe"] is not None for point in points)
    figure = Figure(figsize=(9.2 if labelled else 4.8, 3.8), layout="constrained")
    sizes = [point["latent_dim"] for point in points]
    for number, (key, label) in enumerate((("mse", "MSE"), ("probe", "accuracy of a linear probe"))[: 1 + labelled]):
        axes = figure.add_subplot(1, 1 + labelled, number + 1)
        axes.plot(sizes, [point[key] for point in points], "o-", color=COLOURS[0], label="autoencoder")
        axes.plot(sizes, [point[f"pca_{key}"] for point in points], "s--", color=COLOURS[2], label="PCA")
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.set(xlabel="numbers in the code (bytes at 8 bits)", ylabel=label, title=title if number == 0 else "")
        if key == "mse":
            axes.set_yscale("log")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    return figure


def _finish(axes: Axes, title: str) -> None:
    axes.set_xlabel("$z_1$")
    axes.set_ylabel("$z_2$")
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)


def write_figure(figure: Figure, kind: str) -> bytes:
    """A figure as the bytes of a file of format `kind`, one of `FORMATS`, with rasters at 300 dpi.

    Raises `ConfigError` for another format.
    """
    if kind not in FORMATS:
        raise ConfigError(
            "A figure cannot be written as {kind!r}; choose one of {choices}.", kind=kind, choices=", ".join(FORMATS)
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=300)
    return buffer.getvalue()
