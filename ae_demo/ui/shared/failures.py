"""Known failures of the models, computed with bundled pictures when they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ... import checkpoints, inference
from ...data import ASSETS, DATA_SETS
from ...data.pictures import load_picture, to_planes
from ...facts import describe_model
from ...functional import metrics
from ...functional.noise import Noise
from ..components.cards import card
from ..strings.messages import locale_of_visitor
from . import model_texts

Box = tuple[float, float, float, float]  # left, upper, right, lower, as fractions of the picture
MAX_SIDE = 320  # pixels

DENOISING: list[tuple[str, str, Box, Noise]] = [
    ("fails_texture", "photos/cat.jpg", (0.25, 0.0, 0.75, 0.6), Noise(gaussian=0.2)),
    ("fails_stars", "photos/hubble.jpg", (0.3, 0.3, 0.7, 0.7), Noise(salt_and_pepper=0.5)),
    ("fails_letters", "photos/astronaut.jpg", (0.25, 0.45, 0.75, 0.95), Noise(mask=0.7, gaussian=0.15)),
    ("fails_black", "photos/astronaut.jpg", (0.5, 0.0, 1.0, 0.5), Noise(salt_and_pepper=0.7)),
]
OTHER_SUBJECTS = {  # by the subject of the training pictures: a picture of another subject
    "digit": ("fails_garment", "examples/bag.png"),
    "garment": ("fails_digit", "examples/digit-8.png"),
}
COLORIZATION: list[tuple[str, str, Box]] = [
    ("fails_any_colour", "photos/china.jpg", (0, 0, 1, 1)),
    ("fails_indoors", "photos/coffee.jpg", (0, 0, 1, 1)),
    ("fails_people", "photos/astronaut.jpg", (0, 0, 1, 0.8)),
]
COMPRESSION: list[tuple[str, str, Box, int]] = [
    ("fails_faces", "photos/astronaut.jpg", (0.25, 0.0, 0.6, 0.4), 4),
    ("fails_patterns", "photos/china.jpg", (0.1, 0.25, 0.5, 0.75), 4),
]


def failures(checkpoint: str | Path) -> list[dict]:
    """Cards of what a checkpoint does badly, each with its PSNR; empty if nothing is known."""
    model, entry = inference.get_model(checkpoint), DATA_SETS.get(checkpoints.data_of(checkpoint))
    if model.task == "colorize":
        return [_colorized(checkpoint, *case) for case in COLORIZATION]
    if entry and entry.subject in OTHER_SUBJECTS:
        title, path = OTHER_SUBJECTS[entry.subject]
        pixels = _picture(path, (0, 0, 1, 1))
        return [_pair(title, pixels, inference.reconstruct(pixels, checkpoint).image, pixels)]
    if model.task == "denoise":
        return [_denoised(checkpoint, *case) for case in DENOISING]
    if len(model.code_shape) == 3:
        return [_reconstructed(checkpoint, *case) for case in COMPRESSION]
    return []


def about(checkpoint: str | Path) -> dict:
    """A card of a checkpoint's training data and figures, from its metrics.json."""
    recorded: dict[str, Any] = checkpoints.load_metrics(checkpoint)
    data, figures = recorded.get("data", {}), recorded.get("figures", {})
    shown = {
        "data": model_texts.data_of(describe_model(checkpoint), locale_of_visitor()),
        "trained_on": data.get("train"),
        "tested_on": data.get("test"),
        "epochs": recorded.get("epochs"),
        "minutes": round(recorded["seconds"] / 60) if "seconds" in recorded else None,
        "parameters": recorded.get("parameters"),
        **{name: figures.get(name) for name in ("psnr", "ssim", "colourfulness", "colourfulness_truth")},
    }
    return card("code", "about", note="about_note", **shown)


def _denoised(checkpoint: str, title: str, path: str, box: Box, levels: Noise) -> dict:
    clean = _picture(path, box)
    noisy = inference.add_noise(clean, levels)
    return _pair(title, noisy, inference.denoise(noisy, checkpoint), clean)


def _colorized(checkpoint: str, title: str, path: str, box: Box) -> dict:
    truth = _picture(path, box)
    return _pair(title, truth, inference.colorize(truth, checkpoint), truth, "truth_and_guess")


def _reconstructed(checkpoint: str, title: str, path: str, box: Box, channels: int) -> dict:
    truth = _picture(path, box)
    return _pair(title, truth, inference.reconstruct(truth, checkpoint, channels=channels).image, truth)


def _pair(title: str, before: np.ndarray, after: np.ndarray, truth: np.ndarray, note: str | None = None) -> dict:
    psnr = metrics.psnr(to_planes(after), to_planes(truth)).item()
    return card("error", title, after, before=before, note=note, psnr=psnr)


def _picture(path: str, box: Box) -> np.ndarray:
    image = Image.fromarray(load_picture(ASSETS / path).pixels)
    left, upper, right, lower = box
    image = image.crop((left * image.width, upper * image.height, right * image.width, lower * image.height))
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
