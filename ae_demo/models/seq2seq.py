"""The sequence-to-sequence autoencoder: a sequence is encoded as one code, and decoded from that code alone.

A bidirectional LSTM reads x_1 … x_T; the code z is computed from its last states. The decoder LSTM's initial state is
computed from z, and its input at every step is z: it never sees the sequence, so nothing leaks (Sutskever et al., 2014,
"Sequence to Sequence Learning"; Srivastava et al., 2015, "Unsupervised Learning of Video Representations using LSTMs",
the unconditioned decoder). A picture is a sequence of rows.

Two options help the LSTMs to learn. With `time_features` = K > 0 the decoder is also given the time step t, as the
features cos(π k (t + ½) / T), k = 1 … K. With `linear_path` the model is z = LSTM(x) + P x and x̂ = LSTM(z) + Q z.
P and Q are initialised to PCA of the training sequences, scaled to codes of unit variance, and the output layers of
both LSTMs to zero, so training starts at the error of PCA, the best linear autoencoder (Baldi and Hornik, 1989), and
the LSTMs learn what PCA cannot represent. The linear path, too, decodes from z alone.

Sequences of symbols, such as the letters of words, are embedded, and x is their one-hot code (T, symbols) in the
linear path. The output is a logit for each symbol at each step, all steps at once, and the loss is cross-entropy. PCA
minimises a different loss, so the linear path is trained alone first, which is cheap, and then the whole model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from ..errors import ConfigError, ShapeError
from ..functional import losses
from .base import Autoencoder, Config, Output, Phase
from .options import option

LINEAR_SHARE = 7 / 8  # share of the epochs in which a model of symbols trains its linear path alone
INITIAL_GAIN = 5.0  # of a linear path for symbols: logits per unit of the one-hot code


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig(Config):
    """Sizes of the LSTMs. `input_shape`: (T, F) numbers, (C, H, W) pictures read row by row, or (T,) symbols."""

    input_shape: tuple[int, ...] = option(
        (1, 28, 28), "shape of one sample: C H W, T F, or T symbols", minimum=1, length=(1, 3)
    )
    loss: str = option("mse", "reconstruction loss of numbers; symbols use cross-entropy", choices=("mse", "l1", "bce"))
    hidden_size: int = option(192, "units of each LSTM", minimum=1, maximum=2048)
    layers: int = option(1, "stacked LSTM layers", minimum=1, maximum=4)
    latent_dim: int = option(32, "numbers in the code", minimum=1, maximum=4096)
    symbols: int = option(0, "size of the alphabet; 0: the sequences are of numbers", minimum=0, maximum=100_000)
    linear_path: bool = option(False, "a linear path beside the LSTMs, initialised to PCA")
    time_features: int = option(0, "cosine features of the time step given to the decoder", minimum=0, maximum=256)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (len(self.input_shape) == 1) != bool(self.symbols):
            raise ConfigError(
                "input_shape is {shape} and symbols is {symbols}: sequences of symbols are (T,) with symbols > "
                "0, sequences of numbers (T, F) and pictures (C, H, W) with symbols = 0.",
                shape=self.input_shape,
                symbols=self.symbols,
            )
        if not self.linear_path:
            return
        if self.loss == "bce":
            raise ConfigError("loss is bce; linear_path needs a linear output: choose mse or l1.")
        if self.latent_dim > self.flat_size:
            raise ConfigError(
                "latent_dim is {given}; with linear_path at most {most}, the size of a sample.",
                given=self.latent_dim,
                most=self.flat_size,
            )

    @property
    def steps(self) -> int:
        """T, the number of steps of a sequence."""
        return self.input_shape[-2] if len(self.input_shape) > 1 else self.input_shape[0]

    @property
    def features(self) -> int:
        """F, the number of the decoder's outputs at each step."""
        return self.symbols or self.pixels // self.steps

    @property
    def flat_size(self) -> int:
        """T·F, the size of a sample, for symbols that of its one-hot code."""
        return self.steps * self.features


class Seq2SeqAutoencoder(Autoencoder):
    """`(B, T, F)`, `(B, C, H, W)` or symbols `(B, T)` to a code `(B, latent_dim)` and back to the same shape."""

    Config = Seq2SeqConfig
    family = "seq2seq"
    config: Seq2SeqConfig

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__(config)
        c, width = config, config.hidden_size
        self.embedding = nn.Embedding(c.symbols, width) if c.symbols else None
        self.encoder = nn.LSTM(
            width if c.symbols else c.features, width, c.layers, batch_first=True, bidirectional=True
        )
        self.last_states = nn.Flatten()  # of both directions, side by side
        self.to_code = nn.Linear(2 * width, c.latent_dim)
        self.from_code = nn.Linear(c.latent_dim, 2 * c.layers * width)
        self.decoder = nn.LSTM(c.latent_dim + c.time_features, width, c.layers, batch_first=True)
        self.to_output = nn.Linear(width, c.features)
        if c.linear_path:
            self.output = "linear"
            self.linear_encoder = nn.Linear(c.flat_size, c.latent_dim)
            self.linear_decoder = nn.Linear(c.latent_dim, c.flat_size)
            for layer in (self.to_code, self.to_output):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

    @classmethod
    def takes(cls, sample_shape: tuple[int, ...]) -> bool:
        return len(sample_shape) in (1, 2, 3)

    def _steps(self, x: Tensor) -> Tensor:
        """A batch as the encoder's steps: `(B, T, F)`, or embedded symbols `(B, T, hidden_size)`."""
        shape, config = tuple(x.shape[1:]), self.config
        if self.embedding is not None and shape == config.input_shape:
            if x.is_floating_point() or x.min() < 0 or x.max() >= config.symbols:
                raise ShapeError(
                    "This seq2seq model takes symbols, integers from 0 to {highest}, but was given {dtype} from "
                    "{low:g} to {high:g}. Set symbols to the alphabet's size.",
                    highest=config.symbols - 1,
                    dtype=x.dtype,
                    low=x.min().item(),
                    high=x.max().item(),
                )
            return self.embedding(x)
        if shape == config.input_shape and len(shape) == 3:
            return x.transpose(1, 2).flatten(2)  # (B, C, H, W) to rows (B, H, C·W)
        if shape == (config.steps, config.features) and self.embedding is None:
            return x
        raise ShapeError(
            "This seq2seq model takes a batch of {shape} or of {steps} steps of {features}, but was given {given}.",
            shape=config.input_shape,
            steps=config.steps,
            features=config.features,
            given=tuple(x.shape),
        )

    def encode(self, x: Tensor) -> Tensor:
        """A batch of sequences, or of pictures as sequences of rows, to codes `(B, latent_dim)`."""
        steps = self._steps(x)
        _, (h, _) = _run(self.encoder, steps)  # h: (2·layers, B, hidden_size)
        z = self.to_code(self.last_states(h[-2:].transpose(0, 1)))
        return z + _in_float32(self.linear_encoder, self._flat(x, steps)) if self.config.linear_path else z

    def _flat(self, x: Tensor, steps: Tensor) -> Tensor:
        """The input of the linear path, `(B, T·F)`: the steps, or the one-hot code of symbols."""
        if self.config.symbols:
            return one_hot(x, self.config.symbols).flatten(1)
        return steps.flatten(1)

    def decode_raw(self, z: Tensor) -> Tensor:
        """Codes to `(B, *input_shape)` before the activation; for symbols, logits `(B, T, symbols)`."""
        c = self.config
        state = self.from_code(z).tanh().unflatten(1, (2, c.layers, c.hidden_size))  # (B, 2, layers, hidden)
        h, cell = state.permute(1, 2, 0, 3).contiguous()  # each (layers, B, hidden)
        inputs = z[:, None].expand(-1, c.steps, -1)  # (B, T, latent_dim)
        if c.time_features:
            t = torch.arange(c.steps, device=z.device)[:, None]
            k = torch.arange(1, c.time_features + 1, device=z.device)
            time = torch.cos(math.pi * k * (t + 0.5) / c.steps).to(z.dtype)  # (T, K)
            inputs = torch.cat([inputs, time.expand(len(z), -1, -1)], dim=2)
        out, _ = _run(self.decoder, inputs, (h, cell))  # (B, T, hidden)
        raw = self.to_output(out)  # (B, T, F)
        if c.linear_path:
            raw = raw + _in_float32(self.linear_decoder, z).view_as(raw)
        if len(c.input_shape) == 3:
            channels, _, width = c.input_shape
            raw = raw.unflatten(2, (channels, width)).transpose(1, 2)  # (B, C, H, W)
        return raw

    @torch.no_grad()
    def fit_statistics(self, x: Tensor) -> None:
        """Initialise the linear path, if there is one, to PCA of `x`; a trained model is not changed."""
        if not self.config.linear_path or self.to_code.weight.any():
            return
        flat = self._flat(x, self._steps(x)).double().cpu()  # (N, T·F)
        mean = flat.mean(0)
        variance, vectors = torch.linalg.eigh((flat - mean).T @ (flat - mean) / len(flat))
        basis = vectors.flip(1).T[: self.config.latent_dim]  # (latent_dim, T·F), leading components first
        variance = variance.flip(0)[: self.config.latent_dim, None]
        floor = 1e-3 * variance[0].clamp_min(1e-6)  # larger weights would not survive rounding to half precision
        scale = variance.clamp_min(floor).sqrt()
        self.linear_encoder.weight.copy_(basis / scale)
        self.linear_encoder.bias.copy_(-(basis / scale) @ mean)
        gain = INITIAL_GAIN if self.config.symbols else 1.0
        self.linear_decoder.weight.copy_(gain * (basis * scale).T)
        self.linear_decoder.bias.copy_(gain * mean)

    def phases(self) -> list[Phase]:
        whole = super().phases()
        if not (self.config.linear_path and self.config.symbols):
            return whole
        path = [*self.linear_encoder.parameters(), *self.linear_decoder.parameters()]
        return [Phase("linear", LINEAR_SHARE, path, self.linear_loss), *whole]

    def linear_loss(self, x: Tensor) -> dict[str, Tensor]:
        """`batch_loss` of the linear path alone, for symbols."""
        z = _in_float32(self.linear_encoder, one_hot(x, self.config.symbols).flatten(1))
        raw = _in_float32(self.linear_decoder, z).unflatten(1, (self.config.steps, self.config.features))
        return self.loss(Output(raw, z, self.activate), x)

    def activate(self, raw: Tensor) -> Tensor:
        return raw.argmax(-1) if self.config.symbols else super().activate(raw)

    def forward(self, x: Tensor) -> Output:
        z = self.encode(x)
        raw = self.decode_raw(z)
        if not self.config.symbols:
            raw = raw.reshape(x.shape) if x.ndim == raw.ndim else raw.transpose(1, 2).reshape(x.shape)
        return Output(raw, z, self.activate)

    def loss(self, output: Output, target: Tensor) -> dict[str, Tensor]:
        if not self.config.symbols:
            return super().loss(output, target)
        value = losses.cross_entropy(output.raw, target)
        return {"loss": value, "cross_entropy": value}

    @torch.no_grad()
    def measure(self, x: Tensor) -> dict[str, Tensor]:
        if self.config.symbols:
            raw = self.forward(x).raw.float()
            right = raw.argmax(-1) == x
            entropy = cross_entropy(raw.transpose(1, 2), x, reduction="none").mean(1)
            return {"accuracy": right.float().mean(1), "exact": right.all(1).float(), "cross_entropy": entropy}
        return super().measure(x)

    def layers(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        c = self.config
        yield "input", c.input_shape
        yield "LSTM ⇄", (2 * c.hidden_size,)
        yield "code", (c.latent_dim,)
        yield "LSTM →", (c.steps, c.hidden_size)
        yield "output", c.input_shape

    def layer_modules(self) -> Iterator[nn.Module]:
        yield self.last_states
        yield self.decoder


def _in_float32(layer: nn.Linear, x: Tensor) -> Tensor:
    """`layer(x)` in single precision, also under autocast to bfloat16."""
    with torch.autocast(x.device.type, enabled=False):
        return layer(x.to(layer.weight.dtype))


def _run(lstm: nn.LSTM, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`lstm(x, state)`; on a CPU in single precision, since without AVX-512 it has no LSTM in bfloat16."""
    if x.device.type != "cpu":
        return lstm(x, state)
    dtype = next(lstm.parameters()).dtype
    with torch.autocast("cpu", enabled=False):
        return lstm(x.to(dtype), state and (state[0].to(dtype), state[1].to(dtype)))
