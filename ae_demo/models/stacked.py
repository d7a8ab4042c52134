"""The stacked autoencoder: layers are first trained one at a time, each on the output of the layer below.

Layer i learns h_i = f_i(h_{i−1}) and ĥ_{i−1} = g_i(h_i) by minimising ‖ĥ_{i−1} − h_{i−1}‖² with the layers below
frozen; then all are fine-tuned together (Bengio et al., 2007, "Greedy Layer-Wise Training of Deep Networks").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .base import Phase
from .dense import DenseAutoencoder, DenseConfig
from .options import option


@dataclass(frozen=True, kw_only=True)
class StackedConfig(DenseConfig):
    """Sizes of a dense autoencoder, and the share of greedy pretraining."""

    greedy_share: float = option(
        0.3, "share of the epochs in which layers are trained one by one", minimum=0.0, maximum=0.9
    )


class StackedAutoencoder(DenseAutoencoder):
    """The dense architecture, trained greedily and then as a whole."""

    Config = StackedConfig
    family = "stacked"
    config: StackedConfig

    def phases(self) -> list[Phase]:
        encoders = [m for m in self.encoder if isinstance(m, nn.Linear)]
        decoders = [m for m in self.decoder if isinstance(m, nn.Linear)][::-1]
        share = self.config.greedy_share / len(encoders)
        greedy = [
            Phase(
                f"layer {i + 1}",
                share,
                [*encoder.parameters(), *decoder.parameters()],
                partial(self._layer_loss, encoders=encoders[: i + 1], decoder=decoder),
            )
            for i, (encoder, decoder) in enumerate(zip(encoders, decoders, strict=True))
            if share > 0
        ]
        fine_tune = Phase("fine-tuning", 1 - self.config.greedy_share, list(self.parameters()), self.batch_loss)
        return [*greedy, fine_tune]

    def _layer_loss(self, x: Tensor, encoders: list[nn.Linear], decoder: nn.Linear) -> dict[str, Tensor]:
        with torch.no_grad():
            h = x.flatten(1)
            for below in encoders[:-1]:
                h = F.silu(below(h))
        code = encoders[-1](h)
        if decoder is not self.decoder[0]:  # the code itself has no activation, as in the whole network
            code = F.silu(code)
        h_hat = decoder(code)
        if len(encoders) > 1:
            h_hat = F.silu(h_hat)
        elif self.output == "sigmoid":
            h_hat = h_hat.sigmoid()
        value = F.mse_loss(h_hat.float(), h.float())
        return {"loss": value, "layer mse": value}
