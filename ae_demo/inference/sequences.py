"""Reconstruction of series and words with a sequence autoencoder, and interpolation between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import checkpoints
from ..data import DATA_SETS, load_dataset
from ..data.series_files import Series, as_series
from ..data.windows import Windows, cut_windows, fit_range
from ..data.words import to_symbols, to_words
from ..errors import CheckpointError, ConfigError
from ..models import Autoencoder
from .arguments import code_batch, integer, shown
from .model_cache import device_of, get_model
from .scheduler import scheduler

BATCH = 256
MAX_LENGTH = 1_000_000  # steps of a window


@dataclass(frozen=True)
class SeriesResult:
    """A series, reconstructed window by window.

    reconstruction: float32 (S, F), in the units of the series
    code: float32 (N, latent_dim), of the windows
    errors: float32 (S, F), the squared error at each step, of values scaled for the model; NaN in gaps
    scores: float32 (N,), the mean squared error of each window, without gaps
    mse: the mean of `errors`
    windows: the model's inputs, and how the series was cut and scaled
    seen_hat: float32 (N, T, F) in [0, 1], the model's output for `windows.x`
    """

    reconstruction: np.ndarray
    code: np.ndarray
    errors: np.ndarray
    scores: np.ndarray
    mse: float
    windows: Windows
    seen_hat: Tensor


@dataclass(frozen=True)
class WordResult:
    """A word, reconstructed.

    word, reconstruction: the given word in lower case, and the model's output
    code: float32 (latent_dim,)
    probabilities: float32 (T, symbols), the model's probability of each symbol at each step
    surprise: the cross-entropy of the word under the model, in nats per symbol
    """

    word: str
    reconstruction: str
    code: np.ndarray
    probabilities: np.ndarray
    surprise: float


def reconstruct_series(
    series: Any,
    checkpoint: str | Path = "seq2seq-waves",
    *,
    length: int | None = None,
    hop: int | None = None,
    starts: Sequence[int] | np.ndarray | None = None,
    value_range: str | tuple[float, float] = "fit",
) -> SeriesResult | list[SeriesResult]:
    """Encode and decode a series (S,) or (S, F), or a list of series of any lengths, with a sequence autoencoder.

    length, hop, starts: see `cut_windows`
    value_range: "fit" scales each channel to the range of the model's training data; "none" takes values in [0, 1]
        unscaled; a pair gives the values, in the units of the series, that are mapped to 0 and 1

    A model of one channel reconstructs the channels of a series separately. Raises `CheckpointError` for a model that
    does not take series or takes another number of channels, `DataError` for an invalid series, and `ConfigError` for
    invalid settings.
    """
    length = None if length is None else integer("length", length, 2, MAX_LENGTH)
    hop = None if hop is None else integer("hop", hop, 1, MAX_LENGTH)
    starts = None if starts is None else _integers("starts", starts)
    if isinstance(series, list) and any(np.ndim(part) for part in series):
        given = [as_series(part, f"series {number}") for number, part in enumerate(series, 1)]
        return [_reconstruct(part, checkpoint, length, hop, starts, value_range) for part in given]
    one = series if isinstance(series, Series) else as_series(series)
    return _reconstruct(one, checkpoint, length, hop, starts, value_range)


def _reconstruct(
    series: Series,
    checkpoint: str | Path,
    length: int | None,
    hop: int | None,
    starts: Sequence[int] | np.ndarray | None,
    value_range: str | tuple[float, float],
) -> SeriesResult:
    model = series_model(checkpoint)
    steps, features = model.config.input_shape
    values, channels = series.values, series.values.shape[1]
    if features not in (1, channels):
        raise CheckpointError(
            "{checkpoint} takes series of {features} channels; {name} has {channels}.",
            checkpoint=checkpoint,
            features=features,
            name=series.name,
            channels=channels,
        )
    low, high = _range_of(values, checkpoint, value_range)
    windows = cut_windows(values, steps, length=length, hop=hop, starts=starts, low=low, high=high)
    x = windows.x
    single = features == 1 and channels > 1
    batch = x.transpose(1, 2).reshape(-1, steps, 1) if single else x  # (N·F, T, 1)
    z, x_hat = _run(model, batch)
    if single:
        z, x_hat = z.view(len(x), -1), x_hat.view(len(x), channels, steps).transpose(1, 2)
    reconstruction = windows.join(x_hat)
    errors = ((reconstruction - values) / np.maximum(windows.high - windows.low, 1e-12)) ** 2
    known = ~_missing(windows)
    scores = (x_hat - x).square().mul(known).sum((1, 2)) / known.sum((1, 2)).clamp(min=1)
    mse = float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")
    return SeriesResult(reconstruction, z.numpy(), errors, scores.numpy(), mse, windows, x_hat)


def _integers(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values if isinstance(values, np.ndarray) else list(values) if np.iterable(values) else [None])
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ConfigError("{name} is {given}; give a list of integers.", name=name, given=shown(values))
    return array


def reconstruct_words(words: Sequence[str], checkpoint: str | Path = "seq2seq-words") -> list[WordResult]:
    """Encode and decode words of 1 to T letters a to z.

    Raises `CheckpointError` for a model not trained on words, `DataError` for a word of other characters or too long.
    """
    model = word_model(checkpoint)
    x = to_symbols(words, model.config.input_shape[0])
    with scheduler.turn(), torch.inference_mode():
        z = model.encode(x.to(device_of(model)))
        logits = model.decode_raw(z).float().cpu()  # (N, T, symbols)
    log_p = logits.log_softmax(-1)
    surprise = -log_p.gather(2, x[..., None])[..., 0].mean(1)
    rebuilt = to_words(logits.argmax(-1))
    return [
        WordResult(word.strip().lower(), rebuilt[i], z[i].cpu().numpy(), log_p[i].exp().numpy(), surprise[i].item())
        for i, word in enumerate(words)
    ]


def decode_codes(codes: Any, checkpoint: str | Path) -> np.ndarray:
    """Decode codes `(N, latent_dim)`: float32 `(N, T, F)` in [0, 1], or probabilities `(N, T, symbols)` of symbols.

    Raises `CheckpointError` for a model of pictures, and for codes of another size.
    """
    model = get_model(checkpoint)
    if len(model.config.input_shape) == 3:
        raise CheckpointError(
            "{checkpoint} is a model of pictures; choose one of series or words.", checkpoint=checkpoint
        )
    z = code_batch(checkpoint, model, np.asarray(codes))
    with scheduler.turn(), torch.inference_mode():
        raw = model.decode_raw(z).float().cpu()
    return (raw.softmax(-1) if len(model.config.input_shape) == 1 else model.activate(raw)).numpy()


def interpolate_words(a: str, b: str, checkpoint: str | Path = "seq2seq-words", steps: int = 9) -> list[str]:
    """Decode `steps` points of the straight line between the codes of two words: words from about `a` to about `b`.

    Raises as `reconstruct_words` does.
    """
    start, end = (result.code for result in reconstruct_words([a, b], checkpoint))
    decoded = decode_codes(walk(start, end, steps), checkpoint)
    return to_words(torch.from_numpy(decoded.argmax(-1)))


def walk(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """`steps` equidistant points of the straight line from `a` to `b`, of equal shape: `(steps, *shape)`."""
    share = np.linspace(0, 1, steps, dtype=np.float32).reshape(-1, *[1] * a.ndim)
    return (1 - share) * a + share * b


def series_model(checkpoint: str | Path) -> Autoencoder:
    """The model of a checkpoint. Raises `CheckpointError` unless it takes series (T, F)."""
    model = get_model(checkpoint)
    if len(model.config.input_shape) != 2:
        raise CheckpointError(
            "{checkpoint} takes no series: choose one trained on waves, heartbeats or a .npy file.",
            checkpoint=checkpoint,
        )
    return model


def word_model(checkpoint: str | Path) -> Autoencoder:
    """The model of a checkpoint. Raises `CheckpointError` unless it was trained on words."""
    model = get_model(checkpoint)
    if len(model.config.input_shape) != 1 or checkpoints.data_of(checkpoint) != "words":
        raise CheckpointError(
            "{checkpoint} takes no words: choose a checkpoint trained on the data set words.", checkpoint=checkpoint
        )
    return model


@lru_cache(maxsize=16)
def training_range(checkpoint: str | Path) -> tuple[float, float]:
    """The 0.5 % and 99.5 % quantiles of a model's training data, in [0, 1]; (0, 1) if the data are unknown."""
    entry = DATA_SETS.get(checkpoints.data_of(checkpoint))
    if entry is None or entry.own or entry.sample_shape is None or len(entry.sample_shape) != 2:
        return 0.0, 1.0
    values = load_dataset(entry.name).train[:4096].flatten()
    low, high = np.quantile(values.numpy(), (0.005, 0.995))
    return float(low), float(high)


def _range_of(
    values: np.ndarray, checkpoint: str | Path, value_range: str | tuple[float, float]
) -> tuple[np.ndarray | float, np.ndarray | float]:
    if value_range == "fit":
        return fit_range(values, training_range(checkpoint))
    if value_range == "none":
        return 0.0, 1.0
    try:
        low, high = (float(end) for end in value_range)
    except (TypeError, ValueError):
        low = high = 0.0
    if not (low < high and np.isfinite([low, high]).all()):
        raise ConfigError(
            "value_range is {value_range!r}; give fit, none, or a pair of numbers that rises.", value_range=value_range
        )
    return low, high


def _run(model: Autoencoder, x: Tensor) -> tuple[Tensor, Tensor]:
    """Codes `(N, latent_dim)` and reconstructions of series `(N, T, F)`."""
    codes, outputs = [], []
    for batch in x.split(BATCH):
        with scheduler.turn(), torch.inference_mode():
            output = model(batch.to(device_of(model)))
            codes.append(output.z.float().cpu())
            outputs.append(output.x_hat.float().cpu())
    return torch.cat(codes), torch.cat(outputs)


def _missing(windows: Windows) -> Tensor:
    """Which steps of the windows are gaps or padding, bool `(N, T, F)`."""
    gaps = np.concatenate([windows.gaps, np.ones((windows.padded, windows.gaps.shape[1]), dtype=bool)])
    at = np.linspace(0, windows.length - 1, windows.x.shape[1]).round().astype(int)
    return torch.from_numpy(gaps[windows.starts[:, None] + at])
