"""The base class of all autoencoders: the interface that training, checkpoints and the web page use.

An autoencoder is an encoder z = f(x) and a decoder x̂ = g(z), trained so that x̂ is close to a target
(Hinton and Salakhutdinov, 2006, "Reducing the Dimensionality of Data with Neural Networks").
A family defines its training input and target (`prepare`), its loss and its metrics (`loss`, `measure`) and its
training phases (`phases`), so that no other code depends on its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import torch
from torch import Tensor, nn

from ..errors import ShapeError
from ..functional import losses, metrics
from .options import Options, option


@dataclass(frozen=True, kw_only=True)
class Config(Options):
    """The fields that every family's config has: the shape of one sample, and the loss."""

    input_shape: tuple[int, ...] = option((1, 28, 28), "shape of one sample: C H W, or T F", minimum=1, length=(2, 3))
    loss: str = option("mse", "reconstruction loss", choices=losses.LOSSES)

    @property
    def pixels(self) -> int:
        """Number of values in one sample."""
        return torch.Size(self.input_shape).numel()


class FullyConvolutionalConfig(Config):
    """Config of a model that takes pictures of any size, and can process them in tiles."""

    @property
    def factor(self) -> int:
        """Downsampling factor of the coarsest scale."""
        raise NotImplementedError

    @property
    def code_stride(self) -> int:
        """Downsampling factor of the code map."""
        raise NotImplementedError

    @property
    def reach(self) -> int:
        """Upper bound of the receptive field's radius of encoder and decoder, in pixels."""
        raise NotImplementedError


_BaseConfig: TypeAlias = Config  # within `Autoencoder`, the name `Config` is the class variable


@dataclass
class Output:
    """Result of a forward pass.

    raw: the output before its activation `activate`
    z: the code
    mu, logvar: mean and log variance of the code's distribution, `(B, latent_dim)`; None unless it is variational
    """

    raw: Tensor
    z: Tensor
    activate: Callable[[Tensor], Tensor]
    mu: Tensor | None = None
    logvar: Tensor | None = None

    @property
    def x_hat(self) -> Tensor:
        """The output after its activation, in [0, 1]. Computed on access, since a training step needs only `raw`."""
        return self.activate(self.raw)


@dataclass
class Phase:
    """A phase of training: its share of the epochs, the parameters that are trained, and the loss of a batch."""

    name: str
    share: float
    parameters: list[nn.Parameter]
    loss: Callable[..., dict[str, Tensor]]  # of a batch `x`, or of `x` and its labels if the family `takes_labels`


TASKS = ("reconstruct", "denoise", "colorize")


class Autoencoder(nn.Module):
    """Base of all families.

    A family implements `encode(x) -> z`, `decode_raw(z) -> raw`, `layers()` and `layer_modules()`, and sets `Config`.
    Pictures are `(B, C, H, W)` in [0, 1], sequences `(B, T, F)`.
    """

    Config: ClassVar[type[_BaseConfig]] = Config
    family: ClassVar[str]
    task: ClassVar[str] = "reconstruct"  # one of `TASKS`
    variational: ClassVar[bool] = False  # the code is a distribution, and there is a prior to sample from
    takes_labels: ClassVar[bool] = False  # the phases' losses and `measure` take labels, int64 `(B,)`, after `x`
    code_activation: ClassVar[str] = "none"  # after the encoder: "none" or "sigmoid"
    output: str = "sigmoid"  # the output activation: "sigmoid", or "linear" (clamped to [0, 1])
    config: _BaseConfig

    def __init__(self, config: _BaseConfig) -> None:
        super().__init__()
        self.config = config

    @classmethod
    def takes(cls, sample_shape: tuple[int, ...]) -> bool:
        """Whether the family can be trained on samples `(C, H, W)` (pictures), `(T, F)` (series), `(T,)` (symbols)."""
        return len(sample_shape) == 3

    def encode(self, x: Tensor) -> Any:
        """`x` `(B, *input_shape)` in [0, 1] to the code `(B, latent_dim)`, or a map `(B, C, h, w)`.

        A variational model returns the mean and the log variance of the code's distribution.
        """
        raise NotImplementedError

    def decode_raw(self, z: Tensor) -> Tensor:
        """The code `z` to the output before its activation, `(B, *input_shape)`."""
        raise NotImplementedError

    def activate(self, raw: Tensor) -> Tensor:
        """The output activation, `raw` to values in [0, 1]."""
        return raw.float().sigmoid() if self.output == "sigmoid" else raw.float().clamp(0, 1)

    def decode(self, z: Tensor) -> Tensor:
        """The code `z` to samples `(B, *input_shape)` in [0, 1]."""
        return self.activate(self.decode_raw(z))

    def forward(self, x: Tensor) -> Output:
        z = self.encode(x)
        raw = self.decode_raw(z)
        return Output(raw, z, self.activate)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Encode and decode `x` `(B, *input_shape)` in [0, 1]; same shape and range. Raises `ShapeError`."""
        return self(x).x_hat

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Input and target of the training step for a batch of samples `x`."""
        return x, x

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        """The terms of the loss of a batch, scalars by name; `"loss"` is their weighted sum, which is minimised."""
        value = losses.reconstruction(self.config.loss, output.raw, target, self.output)
        return {"loss": value, self.config.loss: value}

    def fit_statistics(self, x: Tensor) -> None:
        """Compute statistics of the training samples `x`, once, before training starts."""

    def batch_loss(self, x: Tensor) -> dict[str, Tensor]:
        """The loss of a training step on the samples `x`: `prepare`, `forward` and `loss` in one."""
        model_input, target = self.prepare(x)
        return self.loss(self(model_input), target)

    def phases(self) -> list[Phase]:
        """The phases of training, in order. Most families have one."""
        return [Phase("train", 1.0, list(self.parameters()), self.batch_loss)]

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Metrics of clean samples, each `(B,)`; a checkpoint records their means over the test set."""
        x_hat = self.reconstruct(x)
        measured = {"mse": metrics.mse(x_hat, x), "psnr": metrics.psnr(x_hat, x)}
        return {**measured, "ssim": metrics.ssim(x_hat, x)} if x.ndim == 4 else measured

    def check_input(self, x: Tensor) -> None:
        """Raise `ShapeError` unless `x` is a batch of `input_shape`."""
        shape = self.config.input_shape
        if tuple(x.shape[1:]) != shape:
            raise ShapeError(
                "This {family} model takes a batch of {shape}, but was given {given}. Resize the picture, or "
                "choose a checkpoint that takes any size.",
                family=self.family,
                shape=shape,
                given=tuple(x.shape),
            )

    def check_channels(self, x: Tensor) -> None:
        """Raise `ShapeError` unless `x` is `(B, C, H, W)` with the channels of `input_shape`, of any size."""
        channels = self.config.input_shape[0]
        if x.ndim != 4 or x.shape[1] != channels:
            raise ShapeError(
                "This {family} model takes (B, {channels}, H, W) of any size, but was given {given}.",
                family=self.family,
                channels=channels,
                given=tuple(x.shape),
            )

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The layers in order, as `(label, output shape without the batch)`; the code's label is "code"."""
        raise NotImplementedError

    def layer_modules(self) -> Iterator[nn.Module]:
        """The modules that compute the layers between input, code and output, in the order of `layers`.

        The layer is the module's output, or the first of its outputs.
        """
        raise NotImplementedError

    @property
    def code_shape(self) -> tuple[int, ...]:
        """Shape of one sample's code."""
        return dict(self.layers())["code"]

    def parameter_count(self) -> int:
        """Number of trainable parameters."""
        return sum(p.numel() for p in self.parameters())
