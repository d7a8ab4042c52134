"""Data-parallel training: each process computes the gradient of a part of every batch, and all make the same step.

With n_r of a batch's N samples on process r, the gradient of the batch's mean loss is  g = Σ_r (n_r / N) g_r.
If the loss is a mean over samples, a run on several processes therefore has the same loss curve, up to rounding, as a
run on one process with the same batch size. There are two differences: each process draws its own noise and samples its
own codes, and the mean activation of a sparse code is computed over the process's part of the batch. The processes are
started by torchrun, which sets `WORLD_SIZE`, `RANK` and `LOCAL_RANK`.
"""

from __future__ import annotations

import os

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..checkpoints import best_device
from ..errors import ConfigError

SEED_STRIDE = 1_000_003  # difference between the seeds of two processes


class ProcessGroup:
    """The process group of a run on one process."""

    rank, size = 0, 1
    device: torch.device | None = None  # None: the best available

    def synchronize(self, model: nn.Module, seed: int) -> None:
        """Give all processes the weights of the first one, and each its own seed. Called before the first step."""

    def split(self, x: Tensor) -> tuple[Tensor, float]:
        """This process's part of a batch `(B, …)`, and the part's weight; the weights of all parts sum to 1."""
        return x, 1.0

    def reduce(self, parameters: list[nn.Parameter], parts: dict[str, Tensor], weight: float, stop: bool) -> bool:
        """Replace gradients and losses by those of the whole batch; return whether any process has `stop` set."""
        return stop

    def close(self) -> None:
        """Leave the group. Called after the last step."""


class TorchrunGroup(ProcessGroup):
    """The process group that torchrun started."""

    def __init__(self) -> None:
        self.device = best_device()
        if self.device.type == "cuda":
            self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(self.device)
        elif self.device.type != "cpu":
            raise ConfigError(
                "Several processes cannot share {device}: set AE_DEVICE to cpu or cuda.", device=self.device
            )
        dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        self.rank, self.size = dist.get_rank(), dist.get_world_size()

    def synchronize(self, model: nn.Module, seed: int) -> None:
        for value in model.state_dict().values():
            dist.broadcast(value, 0)
        if self.rank:
            torch.manual_seed(seed + self.rank * SEED_STRIDE)  # each process draws its own noise

    def split(self, x: Tensor) -> tuple[Tensor, float]:
        part = x[self.rank :: self.size]
        return (part, len(part) / len(x)) if len(part) else (x[:1], 0.0)  # a last batch smaller than the group

    def reduce(self, parameters: list[nn.Parameter], parts: dict[str, Tensor], weight: float, stop: bool) -> bool:
        gradients = [p.grad for p in parameters if p.grad is not None]
        numbers = [g.reshape(-1) for g in gradients] + [value.detach().float().reshape(1) for value in parts.values()]
        whole = weight * torch.cat(numbers).float()
        whole = torch.cat([whole, whole.new_tensor([float(stop)])])
        dist.all_reduce(whole)
        start = 0
        for gradient in gradients:
            gradient.copy_(whole[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()
        for name in parts:
            parts[name] = whole[start]
            start += 1
        return whole[start].item() > 0

    def close(self) -> None:
        dist.destroy_process_group()


def join_process_group() -> ProcessGroup:
    """The group of processes that torchrun started, or a group of this process only."""
    return TorchrunGroup() if int(os.environ.get("WORLD_SIZE", "1")) > 1 else ProcessGroup()
