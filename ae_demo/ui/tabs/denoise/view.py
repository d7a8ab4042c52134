"""What the Denoise tab shows: the model's result before and after, the classical filters, and a table of figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from .... import inference
from ....analysis import baselines
from ....data.pictures import to_planes, to_tensor
from ....functional import metrics
from ....functional.noise import Noise
from ....inference.pixels import with_channels
from ....inference.scheduler import check_cancelled, improvement, scheduler
from ...components.cards import card
from ...components.data_uri import is_large
from ...components.table import table_value
from ...live import Progress, Results
from ...shared.model_view import Given
from ...shared.source import PREVIEW_PIXELS, PictureRequest, preview_pixels
from ...shared.user_runs import resolve

MAX_PIXELS = 12_000_000
TWO_ORIENTATIONS = 500_000  # pixels, up to which the mean with the result for the turned picture is taken
FILTER_PIXELS = 512 * 512  # of the middle part that the classical filters, which are slow, are given
DETAIL_PIXELS = 200_000
MAX_SEED = 2**31 - 1
NOISES = (  # name, largest level, level at the start
    ("gaussian", 0.5, 0.2),
    ("salt_and_pepper", 0.7, 0.0),
    ("mask", 0.7, 0.0),
    ("dropout", 0.5, 0.0),
)


class Noisy(NamedTuple):
    """A picture with noise, its figures, and that without noise, `truth`: None if the upload was noisy already."""

    pixels: np.ndarray
    truth: np.ndarray | None
    figures: dict


@dataclass(frozen=True)
class DenoiseRequest(PictureRequest):
    """A picture, whether it is noisy already, else the noise to add, and the level to remove unless it is estimated."""

    already_noisy: bool
    estimated: bool
    level: float
    seed: float | None
    gaussian: float
    salt_and_pepper: float
    mask: float
    dropout: float

    @property
    def model(self):
        """The checkpoint, as `inference` takes it."""
        return resolve(self.checkpoint, "denoise")

    def add_noise(self, clean: np.ndarray) -> np.ndarray:
        """The model's input."""
        if self.already_noisy:
            return clean
        levels = Noise(self.gaussian, self.salt_and_pepper, self.mask, self.dropout)
        return inference.add_noise(clean, levels, int(self.seed or 0))

    def noisy(self, clean: np.ndarray) -> Noisy:
        """The model's input and its figures."""
        pixels, truth = self.add_noise(clean), None if self.already_noisy else clean
        return Noisy(pixels, truth, _figures(pixels, truth))

    def denoise(self, noisy: np.ndarray, orientations: int, progress: Progress | None = None) -> np.ndarray:
        """The picture without its noise, or without that of the level that was set; without `progress`, quickly."""
        level = None if self.estimated else self.level
        settings = {"collaborative": False} if progress is None else {"progress": progress}
        return inference.denoise(noisy, self.model, level=level, orientations=orientations, **settings)

    def at_input_size(self, pixels: np.ndarray | None) -> np.ndarray | None:
        """A drawing at the size of the models of drawings, 28 × 28; an upload as it is."""
        if self.kind != "draw" or pixels is None:
            return pixels
        return np.asarray(Image.fromarray(pixels).resize((28, 28), Image.Resampling.BOX))


def preview(request: DenoiseRequest) -> Results:
    """A small version, while a slider moves."""
    clean = request.at_input_size(request.read_preview(preview_pixels()))
    if clean is None:
        return None
    with scheduler.turn(clean.shape[0] * clean.shape[1]):
        noisy = request.noisy(clean)
        return {"results": picture_cards(noisy, request.denoise(noisy.pixels, 1), quick=True)}


def layer_input(request: DenoiseRequest, _: int | None) -> Given | None:
    """The model, and a small version of the noisy picture as its input, for the activations of its layers."""
    clean = request.at_input_size(request.read_preview(PREVIEW_PIXELS))
    if clean is None:
        return None
    model = inference.get_model(request.model)
    return model, with_channels(to_tensor(request.add_noise(clean)), model.config.input_shape[0])


def full(request: DenoiseRequest, progress: Progress) -> Iterator[Results]:
    """The picture at its full size, of a photograph first a quick version; then the filters on the same noise."""
    clean = request.at_input_size(request.read(MAX_PIXELS))
    if clean is None:
        yield None
        return
    progress(0.0)  # cancels the work here if the visitor has left: reading and adding noise are slow
    noisy = request.noisy(clean)
    progress(0.0)
    pixels = clean.shape[0] * clean.shape[1]
    first = pixels > PREVIEW_PIXELS  # the best result takes five times as long as a good one
    if first:
        yield {"results": picture_cards(noisy, request.denoise(noisy.pixels, 1), quick=True)}
    orientations = 2 if pixels <= TWO_ORIENTATIONS else 1
    with improvement(first):
        denoised, seconds = _timed(lambda: request.denoise(noisy.pixels, orientations, progress))
    yield {"results": picture_cards(noisy, denoised)}
    filters, table = compare(request, noisy, (denoised, seconds), progress)
    yield {"filters": filters, "table": table}


def picture_cards(noisy: Noisy, denoised: np.ndarray, *, quick: bool = False) -> list[dict]:
    """Before and after, with their figures; of a large picture also a part at its full size. `quick`: see `card`."""
    pixels, truth, before = noisy
    removed = inference.noise_level(pixels, denoised)
    figures = _figures(denoised, truth)
    shown = [card("output", "denoised", denoised, before=pixels, quick=quick, **figures, removed=removed)]
    if is_large(pixels):
        detail = center_crop(denoised, DETAIL_PIXELS)
        shown.append(card("output", "detail", detail, before=center_crop(pixels, DETAIL_PIXELS)))
    if truth is None:
        return shown
    return [*shown, card("input", "clean", truth, quick=quick), card("error", "noisy", pixels, quick=quick, **before)]


def compare(
    request: DenoiseRequest, noisy: Noisy, own: tuple[np.ndarray, float], progress: Progress
) -> tuple[list[dict], dict | None]:
    """Cards of the classical filters, and the table of all methods; of a large picture, on its middle part.

    own: the model's result for the whole picture, and its time in seconds
    """
    part = center_crop(noisy.pixels, FILTER_PIXELS)
    cropped = part.shape != noisy.pixels.shape
    truth = None if noisy.truth is None else center_crop(noisy.truth, FILTER_PIXELS)
    methods = 1 + len(baselines.FILTERS)
    first = lambda share: progress(share / methods)  # noqa: E731
    out, seconds = _timed(lambda: request.denoise(part, 2, first)) if cropped else own
    title = "denoised_part" if cropped else "denoised"  # figures of a part have another name than those of the whole
    shown = [card("output", title, out, **_figures(out, truth, seconds))]
    for name, run in baselines.FILTERS.items():
        progress(len(shown) / methods)
        with scheduler.turn(part.shape[0] * part.shape[1], comparison=True):
            out, seconds = _timed(lambda run=run: run(part))
        shown.append(card("other", name, out, **_figures(out, truth, seconds)))
    rows = shown
    if truth is not None:
        before = _figures(part, truth) if cropped else noisy.figures
        rows = [card("error", "noisy_part" if cropped else "noisy", **before), *shown]
    return shown[not cropped :], table_value(rows, "table_crop" if cropped else None)


def center_crop(pixels: np.ndarray, max_pixels: int) -> np.ndarray:
    """The middle of a picture, of its aspect ratio, with at most `max_pixels` pixels."""
    height, width = pixels.shape[:2]
    share = min(1.0, (max_pixels / (height * width)) ** 0.5)
    rows, columns = max(1, int(height * share)), max(1, int(width * share))
    top, left = (height - rows) // 2, (width - columns) // 2
    return pixels[top : top + rows, left : left + columns]


def _timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """The result of `work`, and the time in seconds that it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _figures(pixels: np.ndarray, clean: np.ndarray | None, seconds: float | None = None) -> dict:
    if clean is None:
        return {"seconds": seconds}
    x_hat, x = to_planes(pixels), to_planes(clean)
    ssim = metrics.ssim(x_hat, x, check_cancelled).item()
    return {"psnr": metrics.psnr(x_hat, x).item(), "ssim": ssim, "seconds": seconds}
