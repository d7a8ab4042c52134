"""AE Demo: autoencoders to explore, to use and to learn from.

>>> import ae_demo
>>> ae_demo.list_checkpoints()
>>> ae_demo.list_models()   # with task, data, size of the code, metrics
>>> model = ae_demo.load("vae-mnist")
>>> r = ae_demo.reconstruct(image, checkpoint="conv-photo")   # r.image, r.code, r.mse, r.psnr, r.ssim
>>> clean = ae_demo.denoise(image)
>>> rgb = ae_demo.colorize(image)
>>> tens = ae_demo.transfer_style(digit).images   # all ten digits in the style of this one
>>> codes = ae_demo.encode([image], checkpoint="dense-mnist")
>>> ae_demo.features.evaluate(codes, labels)
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_MODULE_OF = {
    "list_checkpoints": "checkpoints",
    "list_models": "facts",
    "describe_model": "facts",
    "load": "checkpoints",
    "reconstruct": "inference",
    "denoise": "inference",
    "colorize": "inference",
    "likely_colors": "inference",
    "encode": "inference",
    "interpolate": "inference",
    "reconstruct_series": "inference",
    "transfer_style": "inference",
    "compress": "codec",
    "decompress": "codec",
    "train": "training",
    "anomaly_detector": "analysis.anomaly",
    "features": "analysis",
    "sweep": "analysis.sweep",
}
__all__ = ["__version__", *_MODULE_OF]


def __getattr__(name: str) -> Any:
    """Import names of the public API when they are first used, so that `import ae_demo` alone is fast."""
    if name in _MODULE_OF:
        if name == "features":  # a module
            return import_module(f".{_MODULE_OF[name]}.{name}", __name__)
        return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
