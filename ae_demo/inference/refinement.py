"""Refinement of a code: gradient descent on the reconstruction error of one picture, with a fixed decoder.

An encoder computes all codes with the same weights, so the code of a given picture is not optimal for the decoder (the
amortization gap: Cremer et al., 2018, "Inference Suboptimality in Variational Autoencoders"). Codecs close the gap
during encoding (Campos et al., 2019, "Content Adaptive Optimization for Neural Image Compression").
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..models.conv import ConvAutoencoder
from .scheduler import scheduler

REFINEMENTS = 12  # steps, by default
MAX_REFINEMENTS = 1000
REFINED_PIXELS = 500_000  # in the largest picture that is refined by default
RATE = 0.05  # initial learning rate, in standard deviations of each channel; decays to zero along half a cosine


@torch.inference_mode(False)
def refine(
    model: ConvAutoencoder,
    x: Tensor,
    z: Tensor,
    *,
    channels: int | None,
    steps: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Tensor:
    """A code map whose reconstruction has a smaller mean squared error than that of `z`, or `z` itself.

    x: the picture, float `(1, C, H, W)` in [0, 1]
    z: its code map `(1, code_channels, h, w)`; channels after the first `channels` (None: all) are zero and stay zero
    steps: number of steps of Adam; each takes about as long as three decodings
    progress: called after each step with the share done
    """
    if not steps:
        return z
    kept = z.shape[1] if channels is None else channels
    x, z = x.clone(), z.clone()  # tensors of inference mode cannot be differentiated through
    deviation = z[:, :kept].std(dim=(0, 2, 3), keepdim=True, correction=0)
    change = torch.zeros_like(z[:, :kept], requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=RATE, betas=(0.8, 0.95))
    best, best_loss = z, math.inf
    for step in range(steps + 1):
        with scheduler.turn(x.shape[-2] * x.shape[-1]), torch.enable_grad():
            refined = torch.cat([z[:, :kept] + change * deviation, z[:, kept:]], 1)
            x_hat = model.decode_raw(refined)[..., : x.shape[-2], : x.shape[-1]]
            loss = (x_hat.float() - x).square().mean()
            if loss.item() < best_loss:
                best, best_loss = refined.detach(), loss.item()
            if step < steps:
                optimizer.param_groups[0]["lr"] = RATE * (1 + math.cos(math.pi * step / steps)) / 2
                (change.grad,) = torch.autograd.grad(loss, [change])
                optimizer.step()
        progress(step / steps)
    return best
