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
FEW = 4  # of them, of symbols and of long series
POINTS = 400  # held-out samples shown on the latent plane
MEASURED = 500  # held-out samples whose loss is computed
UNITS = 512  # of a sparse code that are shown, at most
SERIES_HEIGHT = 64  # pixels of a drawn series
SERIES_WIDTH = 128  # at most; a longer one is averaged
CELL = (24, 14)  # pixels: height and width of a letter
WRONG = (1.0, 0.55, 0.45)  # colour of a letter that differs from the one given
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
        count = min(FEW if wide else PICTURES, len(data.test))
        spread = torch.linspace(0, len(data.test) - 1, count).long()
        x = to_input(data.test[spread], device)  # neighbours may be cut from the same photograph
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
    """[z₁, z₂, label] of held-out samples, for a 2-D code; the label is 0 if the data has no classes."""
    z = model.encode(to_input(data.test[:POINTS], device))
    z = (z[0] if isinstance(z, tuple) else z).float().cpu()
    labels = torch.zeros(len(z)) if data.test_labels is None else data.test_labels[:POINTS].float()
    return [[round(v, 3) for v in row] for row in torch.cat([z, labels[:, None]], dim=1).tolist()]


def held_out_losses(
    model: Autoencoder, samples: Tensor, phase: str, labels: Tensor | None = None, batch_size: int = 125
) -> dict[str, float]:
    """The loss of `phase` and its parts on held-out samples, with noise and sampled codes, but without dropout.

    It is on the scale of the training loss, so that a gap between the two means over-fitting.
    """
    model.eval().training = True  # the model samples, while its layers stay in evaluation mode
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
    return [round(value, 4) for value in model.encode(x).float().mean(0)[:UNITS].tolist()]


def picture_grid(rows: list[Tensor]) -> str:
    """A base64 PNG of batches, one row each.

    They are `(B, C, H, W)` or `(B, T, F)` in [0, 1], of which series are drawn as lines, or symbols `(B, T)`, which are
    written as letters, those that differ from the first row's in another colour.
    """
    rows = [draw(row.cpu(), rows[0].cpu()) for row in rows]
    rows = [F.pad(row.expand(-1, 3, -1, -1), (GAP, GAP, GAP, GAP), value=0.4) for row in rows]
    whole = torch.cat([torch.cat(list(row), dim=-1) for row in rows], dim=-2)  # (3, rows·H, B·W)
    pixels = (whole.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def draw(x: Tensor, truth: Tensor) -> Tensor:
    """Samples as pictures `(B, C, H, W)` in [0, 1]; `truth` is what symbols are compared with, and gives the range."""
    if x.ndim == 2:
        return draw_symbols(x, truth)
    if x.ndim == 4:
        return x.float()
    low, high = truth.float().amin(), truth.float().amax()
    margin = 0.1 * (high - low).clamp_min(1e-6)
    return draw_series((x.float() - low + margin) / (high - low + 2 * margin))


def draw_symbols(symbols: Tensor, truth: Tensor) -> Tensor:
    """Write symbols `(B, T)` as pictures `(B, 3, H, W)`: letters of the alphabet of words, other symbols as numbers."""
    height, width = CELL
    font = ImageFont.load_default(size=height - 6)
    pictures = []
    for row, right in zip(symbols.tolist(), truth.tolist(), strict=True):
        image = Image.new("RGB", (width * len(row), height))
        pen = ImageDraw.Draw(image)
        for t, (symbol, given) in enumerate(zip(row, right, strict=True)):
            text = ALPHABET[symbol] if symbol < len(ALPHABET) else str(symbol)
            text = "·" if text == " " and symbol != given else text  # a letter is missing
            colour = (255, 255, 255) if symbol == given else tuple(round(255 * c) for c in WRONG)
            pen.text((width * (t + 0.5), height / 2), text, fill=colour, font=font, anchor="mm")
        pictures.append(torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255)
    return torch.stack(pictures)


def draw_series(x: Tensor) -> Tensor:
    """Draw series `(B, T, F)` in [0, 1] as pictures `(B, 1, SERIES_HEIGHT, W)`: white lines on black."""
    if x.shape[1] > SERIES_WIDTH:
        x = F.adaptive_avg_pool1d(x.transpose(1, 2), SERIES_WIDTH).transpose(1, 2)
    at = (1 - x.clamp(0, 1)) * (SERIES_HEIGHT - 1)  # (B, T, F), rows from the top
    before = torch.cat([at[:, :1], at[:, :-1]], dim=1)
    low, high = torch.minimum(at, before) - 0.5, torch.maximum(at, before) + 0.5  # one step of the line spans these
    row = torch.arange(SERIES_HEIGHT)[:, None, None]
    lit = (row >= low[:, None]) & (row <= high[:, None])  # (B, SERIES_HEIGHT, T, F)
    return lit.any(-1).float()[:, None]
