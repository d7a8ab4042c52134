"""Cards with facts about a model before training, and with the figures of a run after it."""

from __future__ import annotations

import math

from ....analysis.baselines import pca_reconstruct
from ....data import load_dataset
from ....functional import metrics
from ....models import Autoencoder
from ....training.worker import TEST_SAMPLES
from ...components.cards import card
from ...strings import LOCALES, load_strings
from .settings import PageSettings

FIGURES = (
    "mse",
    "psnr",
    "ssim",
    "bce",
    "kl",
    "negative_elbo",
    "accuracy",
    "exact",
    "label_accuracy",
    "colourfulness",
)  # that are shown; metrics.json has all


def facts_of(model: Autoencoder, seconds: float | None = None) -> list[dict]:
    """Cards of a model's size, compression and training time in `seconds`, and of usual code sizes."""
    shapes = dict(model.layers())
    symbols = getattr(model.config, "symbols", 0)  # of which one stands at each step
    given, numbers = math.prod(shapes["input"]) * (symbols or 1), math.prod(shapes["code"])
    ratio = f"{given / numbers:.1f} : 1" if given >= numbers else f"1 : {numbers / given:.1f}"
    sizes = {"numbers": f"{numbers:,} / {given:,}", "ratio": ratio, "parameters": model.parameter_count()}
    thumb = "2–10" if given < 100 else "10–50" if given <= 1000 else "50–200"
    rule = card("code", "rule_of_thumb", thumb=thumb, to_generate="2–32", for_anomalies="16–64")
    return [card("code", "compression", **sizes, estimate=None if seconds is None else format_time(seconds)), rule]


def format_time(seconds: float) -> dict[str, str]:
    """An approximate time in seconds, minutes or hours, by language."""
    if seconds < 60:
        number, unit = f"{max(1, round(seconds)):g}", "s"
    else:
        number, unit = (f"{seconds / 60:.0f}", "min") if seconds < 5400 else (f"{seconds / 3600:.1f}", "h")
    return {locale: load_strings(locale)[f"train.time.{unit}"].format(number) for locale in LOCALES}


def pca_card(settings: PageSettings) -> list[dict]:
    """A card of PCA with as many numbers in the code, on the same held-out samples; empty if it is not comparable."""
    shape, bundled = settings.outline().code_shape, settings.data_set.bundled
    if bundled is None or len(shape) > 1 or settings.limit:
        return []
    x = load_dataset(bundled).test[:TEST_SAMPLES].float() / 255
    x_hat = pca_reconstruct(x, shape[0], bundled)
    figures = {name: getattr(metrics, name)(x_hat, x).mean().item() for name in ("mse", "psnr", "ssim")}
    return [card("other", "pca", **figures)]


def figures_of(figures: dict[str, float]) -> list[dict]:
    """A card of a run's figures on held-out samples."""
    return [card("output", "held_out", **{name: figures[name] for name in FIGURES if name in figures})]
