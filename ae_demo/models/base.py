"""The contract of an autoencoder: what the engine, the checkpoints and the interface may ask of every family.

An autoencoder is an encoder z = f(x) and a decoder x̂ = g(z), trained so that x̂ is close to a target
(Hinton and Salakhutdinov, 2006, "Reducing the Dimensionality of Data with Neural Networks").
A family defines its training input and target (`prepare`), its loss and its metrics (`loss`, `measure`) and its
training phases (`phases`), so that no other code depends on its name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar

import torch
from torch import Tensor, nn

from ..errors import ConfigError, ShapeError
from ..functional import losses, metrics

OptionsT = TypeVar("OptionsT", bound="Options")


def option(  # noqa: PLR0913 - keyword arguments of a declaration
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] | None = None,
    label: str | None = None,
    length: tuple[int, int] = (0, 16),
    live: bool = False,
) -> Any:
    """A field of a config. Validation, command-line flag, form control and JSON are derived from it.

    minimum, maximum: bounds of a number, or of each entry of a tuple; both are allowed values
    choices: the allowed strings
    label: name of the form control; None: the field's name
    length: minimum and maximum number of entries of a tuple
    live: whether only the loss reads it, so that it may change during a run
    """
    metadata = {
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
        "label": label,
        "length": length,
        "live": live,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Base of validated settings. Raises `ConfigError`, with the allowed range, for an invalid value."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = self._coerced(field)
            object.__setattr__(self, field.name, value)
            if isinstance(value, tuple):
                self._check_length(field, value)
            for number in value if isinstance(value, tuple) else (value,):
                self._check_range(field, number)

    def _coerced(self, field: dataclasses.Field[Any]) -> Any:
        """The value converted to the type of the field's default: JSON has lists for tuples, and 2.0 may mean 2."""
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
        raise ConfigError(
            "{name} is {given!r}, which is not {kind}.",
            name=field.name,
            given=str(value)[:80],
            kind=_KIND_NAMES.get(kind, kind.__name__),
        )

    def _check_length(self, field: dataclasses.Field[Any], value: tuple[int, ...]) -> None:
        shortest, longest = field.metadata["length"]
        if not shortest <= len(value) <= longest:
            allowed = ConfigError("{low} to {high}", low=shortest, high=longest) if shortest < longest else shortest
            raise ConfigError(
                "{name} ({help}) has {count} entries; allowed is {allowed}.",
                name=field.name,
                help=field.metadata["help"],
                count=len(value),
                allowed=allowed,
            )

    def _check_range(self, field: dataclasses.Field[Any], value: Any) -> None:
        low, high, choices = (field.metadata.get(k) for k in ("minimum", "maximum", "choices"))
        if choices is not None and value not in choices:
            raise ConfigError(
                "{name} is {given!r}; choose one of {allowed}.",
                name=field.name,
                given=value,
                allowed=", ".join(map(str, choices)),
            )
        if value is None or isinstance(value, str):
            return
        too_low, too_high = low is not None and not value >= low, high is not None and not value <= high
        if too_low or too_high:
            low, high = (f"{end:g}" if isinstance(end, float) else end for end in (low, high))
            allowed = ConfigError("{low} to {high}", low=low, high=high)
            if high is None:
                allowed = ConfigError("at least {low}", low=low)
            elif low is None:
                allowed = ConfigError("at most {high}", high=high)
            raise ConfigError("{name} is {given}; allowed is {allowed}.", name=field.name, given=value, allowed=allowed)

    def to_dict(self) -> dict[str, Any]:
        """Values that JSON can represent, by field name."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls: type[OptionsT], values: dict[str, Any]) -> OptionsT:
        """The inverse of `to_dict`. Raises `ConfigError` for unknown names and for invalid values."""
        names = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - names):
            raise ConfigError(
                "{config} has no {given}; it has {allowed}.",
                config=cls.__name__,
                given=", ".join(unknown),
                allowed=", ".join(sorted(names)),
            )
        return cls(**values)


_KIND_NAMES = {
    tuple: ConfigError("a list of integers"),
    float: ConfigError("a number"),
    int: ConfigError("an integer"),
    bool: ConfigError("true or false"),
    str: ConfigError("a name"),
}


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

    A family gives `encode(x) -> z`, `decode_raw(z) -> raw`, `layers()` and `layer_modules()`, and sets `Config`.
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
        """Encode and decode `x`, in [0, 1]; same shape and range. Raises `ShapeError`."""
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
        """`prepare`, forward and `loss` in one: what a training step minimises."""
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
