"""Inference: functions from a picture, a series or a word to a result.

Pictures are PIL images or uint8 arrays `(H, W)` or `(H, W, 3)`; results are uint8 arrays of the same height and
width. Large pictures are processed in overlapping tiles, so that memory is bounded and time is linear in pixels.
"""

from .activations import layer_outputs
from .color_hints import Hint
from .colorization import color_probabilities, colorize, likely_colors
from .decoding import decode, decode_points
from .denoising import add_noise, denoise, noise_level
from .encoding import encode
from .interpolation import interpolate
from .model_cache import get_model
from .reconstruction import Result, prepare, reconstruct
from .sequences import (
    SeriesResult,
    WordResult,
    decode_codes,
    interpolate_words,
    reconstruct_series,
    reconstruct_words,
)
from .styles import StyleResult, conditional_model, transfer_style
from .tiles import Progress, run_tiled

__all__ = [
    "Hint",
    "Progress",
    "Result",
    "SeriesResult",
    "StyleResult",
    "WordResult",
    "add_noise",
    "color_probabilities",
    "colorize",
    "conditional_model",
    "decode",
    "decode_codes",
    "decode_points",
    "denoise",
    "encode",
    "get_model",
    "interpolate",
    "interpolate_words",
    "layer_outputs",
    "likely_colors",
    "noise_level",
    "prepare",
    "reconstruct",
    "reconstruct_series",
    "reconstruct_words",
    "run_tiled",
    "transfer_style",
]
