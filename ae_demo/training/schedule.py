"""The schedule of a run: the epochs of each phase, its optimizer, and the learning rate."""

from __future__ import annotations

import math

import torch

from ..models import Phase
from .muon import Muon
from .options import TrainOptions

WARMUP = 0.03  # fraction of a phase's steps during which the learning rate rises


def plan_phases(phases: list[Phase], epochs: int) -> list[tuple[Phase, int]]:
    """Divide the epochs among the phases by their shares: at least one each, and the rest to the last.

    With fewer epochs than phases, there is only the last phase, which trains the whole model.
    """
    if epochs < len(phases):
        return [(phases[-1], epochs)]
    counts = [max(1, round(phase.share * epochs)) for phase in phases[:-1]]
    while sum(counts) >= epochs:
        counts[counts.index(max(counts))] -= 1
    return list(zip(phases, [*counts, epochs - sum(counts)], strict=True))


def build_optimizer(phase: Phase, options: TrainOptions) -> torch.optim.Optimizer:
    """The optimizer of the phase's parameters; Adam is fused if the device supports it."""
    if options.optimizer == "sgd":
        return torch.optim.SGD(phase.parameters, lr=options.lr, momentum=0.9)
    if options.optimizer == "muon":
        return Muon(phase.parameters, options.lr)
    on_mps = phase.parameters[0].device.type == "mps"
    return torch.optim.Adam(phase.parameters, lr=options.lr, fused=not on_mps)


def rate_factor(schedule: str, progress: float) -> float:
    """The learning rate at `progress` in [0, 1] of a phase, relative to its peak: linear warm-up, then `schedule`."""
    rise = min(1.0, (progress + 1e-4) / WARMUP)
    return rise if schedule == "constant" else rise * 0.5 * (1 + math.cos(math.pi * progress))
