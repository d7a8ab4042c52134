"""What the gallery shows of each model."""

from __future__ import annotations

from typing import Any

from ....facts import ModelFacts, list_models
from ...shared import model_texts
from ...shared.model_tabs import tabs_for
from ...strings import LOCALES
from ...strings.messages import translated

MAIN = {  # the figures on a card, by task
    "reconstruct": ("psnr", "ssim", "mse", "exact", "accuracy", "negative_elbo"),
    "denoise": ("psnr_gaussian_0.3", "psnr_gaussian_0.3_noisy", "psnr_salt_and_pepper_0.3", "psnr_mask_0.5"),
    "colorize": ("psnr", "psnr_grey", "colourfulness", "colourfulness_truth"),
}
SHARES = ("accuracy", "exact", "active_share", "label_accuracy")
NATS = ("bce", "kl", "negative_elbo", "cross_entropy")


def entries() -> list[dict[str, Any]]:
    """The value of the gallery: all checkpoints, damaged ones last."""
    return [entry(facts) for facts in list_models()]


def entry(facts: ModelFacts) -> dict[str, Any]:
    """One checkpoint, in the form that `gallery` takes."""
    shown = {"name": facts.name, "error": "", "title": _in_all(model_texts.title_of, facts)}
    if facts.error:
        return {**shown, "error": _in_all(lambda facts, locale: translated(facts.error, locale), facts)}
    texts = {
        "about": model_texts.about_of,
        "fails": model_texts.limits_of,
        "data": model_texts.data_of,
        "subjectName": model_texts.subject_name,
        "familyName": model_texts.family_name,
    }
    return {
        **shown,
        **{key: _in_all(text_of, facts) for key, text_of in texts.items()},
        "task": facts.task,
        "subject": facts.subject,
        "family": facts.family,
        "tabs": tabs_for(facts.name),
        "command": facts.command,
        "test": f"{facts.test_count:,}" if facts.test_count else "",
        "main": [name for name in MAIN[facts.task] if name in facts.figures],
        "figures": [[name, format_figure(name, value), value] for name, value in facts.figures.items()],
        "facts": [
            ["numbers", format_code(facts), facts.numbers],
            ["sample", " × ".join(map(str, facts.input_shape)), 0],
            ["parameters", f"{facts.parameters:,}", facts.parameters],
            ["size", f"{max(facts.size / 1e6, 0.1):.1f} MB", facts.size],
        ],
    }


def format_code(facts: ModelFacts) -> str:
    """The number of numbers in a vector, or the shape of a map."""
    return f"{facts.numbers:,}" if len(facts.code_shape) == 1 else " × ".join(map(str, facts.code_shape))


def format_figure(name: str, value: float) -> str:
    """A figure with its unit."""
    if name.startswith("psnr"):
        return f"{value:.1f} dB" if value < 100 else "∞ dB"
    if name in SHARES:
        return f"{100 * value:.1f} %"
    if name in NATS:
        return f"{value:.3g} nats" if value < 1 else f"{value:.1f} nats"
    if name == "mse":
        return f"{value:.5f}" if value >= 1e-4 else f"{value:.1e}"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _in_all(text_of: Any, facts: ModelFacts) -> dict[str, str]:
    return {locale: text_of(facts, locale) for locale in LOCALES}
