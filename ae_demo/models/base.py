"""The contract of an autoencoder: what the engine, the checkpoints and the interface may ask of every family.

An autoencoder is an encoder z = f(x) and a decoder x̂ = g(z), trained so that x̂ is close to a target
(Hinton and Salakhutdinov, 2006, "Reducing the Dimensionality of Data with Neural Networks").
A family says itself what it is trained on (`prepare`), by what it is judged (`loss`, `measure`) and in
which steps it learns (`phases`); nobody else has to know its name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ..errors import ConfigError, ShapeError
from ..functional import losses, metrics


def option(
    default: Any, help: str, *, minimum=None, maximum=None, choices=None, label=None, length=(0, 16), live=False
):
    """A field of a config: from it come the check, the command-line flag, the control and the JSON.

    `length` is the least and the most entries of a list; `live`: only the loss reads it, so it may change in a run.
    """
    about = {"help": help, "minimum": minimum, "maximum": maximum, "choices": choices, "label": label, "length": length}
    about["live"] = live
    return dataclasses.field(default=default, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Settings that check themselves. Raises `ConfigError` with the allowed range when one is off."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = self._coerced(field)
            object.__setattr__(self, field.name, value)
            if isinstance(value, tuple):
                self._check_length(field, value)
            for number in value if isinstance(value, tuple) else (value,):
                self._check_range(field, number)

    def _coerced(self, field: dataclasses.Field) -> Any:
        """JSON has lists and whole floats: bring them to the type of the default."""
        value, default = getattr(self, field.name), field.default
        kind = tuple if default is dataclasses.MISSING else type(default)
        if kind is tuple and isinstance(value, (list, tuple)):
            if all(isinstance(n, int) and not isinstance(n, bool) for n in value):
                return tuple(value)
        elif kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
            with suppress(OverflowError):
                return float(value)
        elif kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        elif default is None or (type(value) is kind):
            return value
        raise ConfigError(f"{field.name} is {str(value)[:80]!r}, which is no {_KIND_NAMES.get(kind, kind.__name__)}.")

    def _check_length(self, field: dataclasses.Field, value: tuple[int, ...]) -> None:
        least, most = field.metadata["length"]
        if not least <= len(value) <= most:
            allowed = f"{least}" if least == most else f"{least} to {most}"
            raise ConfigError(
                f"{field.name} ({field.metadata['help']}) has {len(value)} entries; allowed is {allowed}."
            )

    def _check_range(self, field: dataclasses.Field, value: Any) -> None:
        low, high, choices = (field.metadata.get(k) for k in ("minimum", "maximum", "choices"))
        if choices is not None and value not in choices:
            raise ConfigError(f"{field.name} is {value!r}; choose one of {', '.join(map(str, choices))}.")
        if value is None or isinstance(value, str):
            return
        too_low, too_high = low is not None and not value >= low, high is not None and not value <= high
        if too_low or too_high:
            low, high = (f"{end:g}" if isinstance(end, float) else end for end in (low, high))
            allowed = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
            raise ConfigError(f"{field.name} is {value}; allowed is {allowed}.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]):
        """The inverse of `to_dict`; raises `ConfigError` on names that this family does not have."""
        names = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - names):
            raise ConfigError(f"{cls.__name__} has no {', '.join(unknown)}; it has {', '.join(sorted(names))}.")
        return cls(**values)


_KIND_NAMES = {tuple: "list of whole numbers", float: "number", int: "whole number", bool: "yes or no", str: "name"}


@dataclass(frozen=True, kw_only=True)
class Config(Options):
    """What every family's config has: the shape of one sample, and the loss."""

    input_shape: tuple[int, ...] = option((1, 28, 28), "shape of one sample: C H W, or T F", minimum=1, length=(2, 3))
    loss: str = option("mse", "reconstruction loss", choices=losses.LOSSES)

    @property
    def pixels(self) -> int:
        """Numbers in one sample."""
        return torch.Size(self.input_shape).numel()


@dataclass
class Output:
    """What one forward pass gives. `raw` is before the output activation `activate`."""

    raw: Tensor
    z: Tensor
    activate: Callable[[Tensor], Tensor]
    mu: Tensor | None = None
    logvar: Tensor | None = None

    @property
    def x_hat(self) -> Tensor:
        """After the activation, in [0, 1]. Made when asked for: a training step looks at `raw` alone."""
        return self.activate(self.raw)


@dataclass
class Phase:
    """One stretch of training: its share of the epochs, the parameters that learn, and the loss of a batch."""

    name: str
    share: float
    parameters: list[nn.Parameter]
    loss: Callable[[Tensor], dict[str, Tensor]]


TASKS = ("reconstruct", "denoise", "colorize")


class Autoencoder(nn.Module):
    """Base of all families.

    A family gives `encode(x) -> z`, `decode_raw(z) -> raw` and `layers()`, and sets `Config`. Pictures are
    `(B, C, H, W)` in [0, 1], sequences `(B, T, F)`.
    """

    Config: ClassVar[type[Config]] = Config
    family: ClassVar[str]
    task: ClassVar[str] = "reconstruct"  # what it is for, one of `TASKS`
    variational: ClassVar[bool] = False  # the code is a distribution, and there is a prior to sample from
    code_activation: ClassVar[str] = "none"  # after the encoder: "none" or "sigmoid"
    output: str = "sigmoid"  # the output activation: "sigmoid", or "linear" (clamped to [0, 1])

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    @classmethod
    def takes(cls, sample_shape: tuple[int, ...]) -> bool:
        """Whether the family learns from samples `(C, H, W)` (pictures), `(T, F)` (series) or `(T,)` (symbols)."""
        return len(sample_shape) == 3

    def encode(self, x: Tensor) -> Tensor:
        """`x` `(B, *input_shape)` in [0, 1] to the code `(B, latent_dim)`, or a map `(B, C, h, w)`."""
        raise NotImplementedError

    def decode_raw(self, z: Tensor) -> Tensor:
        """The code to the output before its activation, `(B, *input_shape)`."""
        raise NotImplementedError

    def activate(self, raw: Tensor) -> Tensor:
        """The output activation: into [0, 1]."""
        return raw.float().sigmoid() if self.output == "sigmoid" else raw.float().clamp(0, 1)

    def decode(self, z: Tensor) -> Tensor:
        """The code to pictures `(B, *input_shape)` in [0, 1]."""
        return self.activate(self.decode_raw(z))

    def forward(self, x: Tensor) -> Output:
        z = self.encode(x)
        raw = self.decode_raw(z)
        return Output(raw, z, self.activate)

    def reconstruct(self, x: Tensor) -> Tensor:
        """`x` in [0, 1] through code and back: the same shape, in [0, 1]. Raises `ShapeError`."""
        return self(x).x_hat

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the model is given, and what it is to give back, for a clean batch `x`."""
        return x, x

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        """Named parts of the loss of a batch; `"loss"` is their weighted sum, which is minimised."""
        value = losses.reconstruction(self.config.loss, output.raw, target, self.output)
        return {"loss": value, self.config.loss: value}

    def fit_statistics(self, x: Tensor) -> None:
        """Look once at training pictures `x`, before training; for statistics that the loss needs."""

    def batch_loss(self, x: Tensor) -> dict[str, Tensor]:
        """`prepare`, forward and `loss` in one: what a training step minimises."""
        given, target = self.prepare(x)
        return self.loss(self(given), target)

    def phases(self) -> list[Phase]:
        """The stretches of training, in order. Most families have one."""
        return [Phase("train", 1.0, list(self.parameters()), self.batch_loss)]

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """Figures of clean pictures, each `(B,)`, whose means over a test set are a checkpoint's score."""
        x_hat = self.reconstruct(x)
        figures = {"mse": metrics.mse(x_hat, x), "psnr": metrics.psnr(x_hat, x)}
        return {**figures, "ssim": metrics.ssim(x_hat, x)} if x.ndim == 4 else figures

    def check_input(self, x: Tensor) -> None:
        """Raise `ShapeError` unless `x` is a batch of `input_shape`."""
        shape = self.config.input_shape
        if tuple(x.shape[1:]) != shape:
            raise ShapeError(
                f"This {self.family} model takes a batch of {shape}, but was given {tuple(x.shape)}. "
                "Resize the picture, or choose a checkpoint that takes any size."
            )

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The stations of a picture on its way through, `(label, shape)`; the code's label is "code"."""
        raise NotImplementedError

    @property
    def code_shape(self) -> tuple[int, ...]:
        """Shape of one sample's code."""
        return dict(self.layers())["code"]

    def parameter_count(self) -> int:
        """Number of trained numbers."""
        return sum(p.numel() for p in self.parameters())
