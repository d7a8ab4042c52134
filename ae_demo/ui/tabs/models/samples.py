"""What each model does with a sample: small pictures, curves or words, made when a card is first in view."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from .... import checkpoints, inference
from ....data import ASSETS, load_dataset
from ....data.pictures import load_picture, to_pixels
from ....errors import AEDemoError
from ....facts import ModelFacts, describe_model
from ....functional.noise import Noise
from ...components.data_uri import to_data_uri
from ...strings.messages import localized

PICTURES = {"digits": "examples/digit-2.png", "garments": "examples/tshirt.png", "photographs": "photos/cat.jpg"}
SIDE = 128  # pixels of a photograph's middle square
EXACT = 64  # pixels on a side up to which a picture is sent as PNG
MAX_BARS = 64
MAX_NAMES = 16  # in one request
WORD = "summer"
NOISE = Noise(gaussian=0.2)


def make_samples(names: Any) -> dict[str, dict]:
    """The samples of checkpoints, by their names; see `gallery`. Names of other checkpoints are ignored."""
    known = set(checkpoints.list_checkpoints())
    asked = names if isinstance(names, list) else []
    return {name: sample_of(name) for name in asked[:MAX_NAMES] if isinstance(name, str) and name in known}


def sample_of(name: str) -> dict[str, Any]:
    """The sample of a checkpoint."""
    weights = checkpoints.checkpoint_folder(name) / checkpoints.WEIGHTS
    made = _sample(name, str(weights), weights.stat().st_mtime_ns)
    return {**made, "message": localized(made["message"])} if "message" in made else made


@lru_cache(maxsize=128)
def _sample(name: str, path: str, modified: int) -> dict[str, Any]:
    facts = describe_model(name)
    try:
        if len(facts.input_shape) == 3:
            return _picture_sample(facts)
        return _word_sample(name) if len(facts.input_shape) == 1 else _series_sample(facts)
    except AEDemoError as error:
        return {"kind": "problem", "message": error.message}


def _picture_sample(facts: ModelFacts) -> dict[str, Any]:
    pixels = sample_picture(facts.subject)
    code: Any = None
    if facts.task == "denoise":
        given = inference.add_noise(pixels, NOISE)
        made = inference.denoise(given, facts.name)
    elif facts.task == "colorize":
        given = np.asarray(Image.fromarray(pixels).convert("L"))
        made = inference.colorize(pixels, checkpoint=facts.name)
    else:
        result = inference.reconstruct(pixels, facts.name)
        given, made = (to_pixels(torch.from_numpy(x)[None]) for x in (result.seen, result.seen_hat))
        code = _numbers(result.code) if result.code.ndim == 1 else thumbnail(map_in_colours(result.code))
    return {"kind": "picture", "input": thumbnail(given), "code": code, "output": thumbnail(made)}


def _word_sample(name: str) -> dict[str, Any]:
    (result,) = inference.reconstruct_words([WORD], name)
    return {"kind": "word", "input": result.word, "code": _numbers(result.code), "output": result.reconstruction}


def _series_sample(facts: ModelFacts) -> dict[str, Any]:
    series = load_dataset(facts.data).test[7].numpy()
    result = inference.reconstruct_series(series, facts.name, value_range="none")
    lines = [np.round(values[:, 0], 4).tolist() for values in (series, result.reconstruction)]
    return {"kind": "series", "input": lines[0], "code": _numbers(result.code[0]), "output": lines[1]}


def _numbers(code: np.ndarray) -> list[float]:
    return np.round(code[:MAX_BARS].astype(float), 3).tolist()


@lru_cache(maxsize=8)
def sample_picture(subject: str) -> np.ndarray:
    """The picture that all models of a subject are shown with, so that they can be compared."""
    pixels = load_picture(ASSETS / PICTURES.get(subject, PICTURES["digits"])).pixels
    if max(pixels.shape[:2]) <= EXACT:
        return pixels
    return np.asarray(ImageOps.fit(Image.fromarray(pixels), (SIDE, SIDE), Image.Resampling.LANCZOS))


def map_in_colours(code: np.ndarray) -> np.ndarray:
    """The first three channels of a map `(C, h, w)` as RGB, each on its own scale: uint8 `(h, w, 3)`."""
    code = np.concatenate([code, code[:1], code[:1]])[:3]
    low, high = (f(code, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    return ((code - low) / np.maximum(high - low, 1e-6) * 255).astype(np.uint8).transpose(1, 2, 0)


def thumbnail(pixels: np.ndarray) -> str:
    """A picture as a data URI: exact if it is small, else JPEG."""
    if max(pixels.shape[:2]) <= EXACT:
        return to_data_uri(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def warm_up() -> None:
    """Make all samples, so that the first visitor of the tab need not wait for them."""
    for name in checkpoints.list_checkpoints():
        sample_of(name)
