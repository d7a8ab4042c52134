"""Checkpoints with random weights, of every kind, that tests of pictures are made with."""

import torch

from ae_demo import checkpoints
from ae_demo.models import build_model

RANDOM = {  # checkpoint: its family's settings, and the data that it says it is of
    "dense-mnist": ({"family": "dense", "hidden": (16,)}, "mnist"),
    "vae-mnist": ({"family": "vae", "hidden": (16,), "decoder_hidden": (16,)}, "digits"),
    "vae-wide": ({"family": "vae", "hidden": (16,), "latent_dim": 5}, "digits"),
    "sparse-fashion": ({"family": "sparse", "hidden": (16,)}, "fashion"),
    "seq2seq-mnist": ({"family": "seq2seq", "hidden_size": 8}, "mnist"),
    "seq2seq-waves": ({"family": "seq2seq", "input_shape": (64, 1), "hidden_size": 8}, "waves"),
    "dense-folder": ({"family": "dense", "input_shape": (3, 20, 24), "hidden": (16,)}, "folder"),
    "conv-mnist": ({"family": "conv", "channels": (4, 6)}, "mnist"),
    "conv-grey": ({"family": "conv", "channels": (6, 8), "blocks": 1, "latent_dim": 0}, "mnist"),
    "conv-photo": (
        {"family": "conv", "input_shape": (3, 64, 64), "channels": (12,), "patch": 8, "blocks": 2}
        | {"latent_dim": 0, "code_channels": 6, "nested": True, "output": "linear"},
        "folder",
    ),
    "denoising-mnist": ({"family": "denoising", "channels": (8, 8)}, "mnist"),
    "denoising-photo": ({"family": "denoising", "input_shape": (3, 64, 64), "channels": (8, 8, 8)}, "folder"),
    "colorization-photo": ({"family": "colorization", "channels": (8, 12)}, "folder"),
}
ANY_SIZE = ["conv-grey", "conv-photo", "denoising-mnist", "denoising-photo"]
SHIPPED = checkpoints.ROOT


def save_random_models(root):
    """Fill the folder `root` with checkpoints of random weights, none zero and all large enough to matter."""
    for name, (settings, data) in RANDOM.items():
        torch.manual_seed(0)
        model = build_model(**settings)
        for parameter in model.parameters():
            if parameter.ndim == 4:
                torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
        quantiles = [0.001 * q for q in range(101)]
        metrics = {"data": {"name": data}, "figures": {"mse": 0.05}, "error_quantiles": quantiles}
        checkpoints.save(model, root / name, metrics)
