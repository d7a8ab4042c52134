"""Inference: a picture in, a result out.

Pictures are PIL images or uint8 arrays `(H, W)` or `(H, W, 3)`; results are uint8 arrays of the same height and
width. Large pictures are processed in overlapping tiles, so that memory is bounded and time is linear in pixels.
"""

from .colorization import Hint, colorize, likely_colors
from .decoding import decode, decode_points
from .denoising import add_noise, denoise
from .encoding import encode
from .interpolation import interpolate
from .model_cache import get_model
from .reconstruction import Result, prepare, reconstruct
from .tiles import Progress, run_tiled

__all__ = [
    "Hint",
    "Progress",
    "Result",
    "add_noise",
    "colorize",
    "decode",
    "decode_points",
    "denoise",
    "encode",
    "get_model",
    "interpolate",
    "likely_colors",
    "prepare",
    "reconstruct",
    "run_tiled",
]
