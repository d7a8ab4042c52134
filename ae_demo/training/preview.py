"""Previews of a model in training: reconstructions, latent plane, activations and loss of held-out samples."""

from __future__ import annotations

import base64
import io

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional as F

from ..data import Samples
from ..data.words import ALPHABET
from ..models import Autoencoder
from .evaluation import batches_of, fixed_seed, to_input
from .events import Previewed

PICTURES = 8  # held-out samples shown
WIDE_PICTURES = 4  # the same for symbols and long series, which are wider
POINTS = 400  # held-out samples shown on the latent plane
MEASURED = 500  # held-out samples whose loss is computed
MAX_UNITS = 512  # of a sparse code that are shown
SERIES_HEIGHT = 64  # pixels: height of a plotted series
SERIES_WIDTH = 128  # pixels: maximum width; a longer series is averaged
CELL = (24, 14)  # pixels: height and width of a letter
WRONG = (1.0, 0.55, 0.45)  # RGB colour of an incorrect letter
GAP = 1  # pixels around each picture


@torch.no_grad()
def preview(model: Autoencoder, data: Samples, epoch: float, phase: str | None = None) -> Previewed:
    """Reconstruct held-out samples; with `phase`, at the end of an epoch, also compute the held-out loss.

    Restores the model's mode and the random state.
    """
    device, training = next(model.parameters()).device, model.training
    model.eval()
    with fixed_seed(device):
        wide = data.test.ndim == 2 or (data.test.ndim == 3 and data.test.shape[1] > SERIES_WIDTH)
        count = min(WIDE_PICTURES if wide else PICTURES, len(data.test))
        spread = torch.linspace(0, len(data.test) - 1, count).long()  # adjacent ones may be from the same photograph
        x = to_input(data.test[spread], device)
        given, _ = model.prepare(x)
        rows = {"truth": x, "given": given, "reconstruction": model.reconstruct(given if given.shape == x.shape else x)}
        if given is x:
            del rows["given"]
        points = latent_points(model, data, device) if model.code_shape == (2,) else None
        activations = mean_activations(model, to_input(data.test[:POINTS], device))
        held_out = held_out_losses(model, data.test[:MEASURED], phase, data.test_labels) if phase else None
    model.train(training)
    return Previewed(epoch, picture_grid(list(rows.values())), list(rows), points, held_out, activations)


def latent_points(model: Autoencoder, data: Samples, device: torch.device) -> list[list[float]]:
    """[z₁, z₂, label] of held-out samples, for a 2-D code; the label is 0 if the data have no classes."""
    z = model.encode(to_input(data.test[:POINTS], device))
    z = (z[0] if isinstance(z, tuple) else z).float().cpu()
    labels = torch.zeros(len(z)) if data.test_labels is None else data.test_labels[:POINTS].float()
    return [[round(v, 3) for v in row] for row in torch.cat([z, labels[:, None]], dim=1).tolist()]


def held_out_losses(
    model: Autoencoder, samples: Tensor, phase: str, labels: Tensor | None = None, batch_size: int = 125
) -> dict[str, float]:
    """The loss of `phase` and its terms on held-out samples, with noise and sampled codes, but without dropout.

    It is comparable with the training loss, so that a gap between the two indicates overfitting.
    """
    model.eval().training = True  # the model samples codes, while its layers stay in evaluation mode
    loss = next(each.loss for each in model.phases() if each.name == phase)
    sums: dict[str, float] = {}
    for batch in batches_of(model, samples, labels, batch_size):
        for name, value in loss(*batch).items():
            sums[name] = sums.get(name, 0.0) + value.item() * len(batch[0]) / len(samples)
    return sums


def mean_activations(model: Autoencoder, x: Tensor) -> list[float] | None:
    """The mean activation of each unit of the code over `x`, if the family has a target activation ρ; else None."""
    if not hasattr(model.config, "rho"):
        return None
    return [round(value, 4) for value in model.encode(x).float().mean(0)[:MAX_UNITS].tolist()]


def picture_grid(rows: list[Tensor]) -> str:
    """A base64 PNG of batches, one row each.

    A batch is pictures `(B, C, H, W)` in [0, 1], series `(B, T, F)` in [0, 1], which are plotted as lines, or symbols
    `(B, T)`, which are written as letters; letters that differ from the first row's have another colour.
    """
    rows = [draw(row.cpu(), rows[0].cpu()) for row in rows]
    rows = [F.pad(row.expand(-1, 3, -1, -1), (GAP, GAP, GAP, GAP), value=0.4) for row in rows]
    whole = torch.cat([torch.cat(list(row), dim=-1) for row in rows], dim=-2)  # (3, rows·H, B·W)
    pixels = (whole.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def draw(x: Tensor, truth: Tensor) -> Tensor:
    """Draw samples as pictures `(B, C, H, W)` in [0, 1].

    truth: the samples that symbols are compared with, and whose range is that of the plots of series
    """
    if x.ndim == 2:
        return draw_symbols(x, truth)
    if x.ndim == 4:
        return x.float()
    low, high = truth.float().amin(), truth.float().amax()
    margin = 0.1 * (high - low).clamp_min(1e-6)
    return draw_series((x.float() - low + margin) / (high - low + 2 * margin))


def draw_symbols(symbols: Tensor, truth: Tensor) -> Tensor:
    """Draw symbols `(B, T)` as pictures `(B, 3, H, W)`: letters if they are in `ALPHABET`, otherwise numbers."""
    height, width = CELL
    font = ImageFont.load_default(size=height - 6)
    pictures = []
    for row, true_row in zip(symbols.tolist(), truth.tolist(), strict=True):
        image = Image.new("RGB", (width * len(row), height))
        pen = ImageDraw.Draw(image)
        for t, (symbol, true_symbol) in enumerate(zip(row, true_row, strict=True)):
            text = ALPHABET[symbol] if symbol < len(ALPHABET) else str(symbol)
            text = "·" if text == " " and symbol != true_symbol else text  # makes a missing letter visible
            colour = (255, 255, 255) if symbol == true_symbol else tuple(round(255 * c) for c in WRONG)
            pen.text((width * (t + 0.5), height / 2), text, fill=colour, font=font, anchor="mm")
        pictures.append(torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255)
    return torch.stack(pictures)


def draw_series(x: Tensor) -> Tensor:
    """Plot series `(B, T, F)` in [0, 1] as pictures `(B, 1, SERIES_HEIGHT, W)`: white lines on black."""
    if x.shape[1] > SERIES_WIDTH:
        x = F.adaptive_avg_pool1d(x.transpose(1, 2), SERIES_WIDTH).transpose(1, 2)
    y = (1 - x.clamp(0, 1)) * (SERIES_HEIGHT - 1)  # (B, T, F), rows from the top
    previous = torch.cat([y[:, :1], y[:, :-1]], dim=1)
    low, high = torch.minimum(y, previous) - 0.5, torch.maximum(y, previous) + 0.5  # the rows of each line segment
    row = torch.arange(SERIES_HEIGHT)[:, None, None]
    inside = (row >= low[:, None]) & (row <= high[:, None])  # (B, SERIES_HEIGHT, T, F)
    return inside.any(-1).float()[:, None]
