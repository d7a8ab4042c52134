"""What the Sequences tab shows: the sequences of a request, their codes and errors, and how they were prepared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .... import checkpoints, inference
from ....analysis import baselines
from ....data import DATA_SETS, load_dataset
from ....data.words import to_symbols, to_words
from ....models import Autoencoder
from ...components.sequence import sequence_value
from ...live import Progress, Results
from .decoders import bar_range, publish_decoder
from .facts import compression, standing
from .recordings import recording_results
from .request import FILE, SequenceRequest


def preview(request: SequenceRequest) -> Results:
    """The same as in full: it takes some milliseconds."""
    return results(request)


def full(request: SequenceRequest, progress: Progress) -> Iterator[Results]:
    """The sequences, their codes and their errors."""
    yield results(request)


def results(request: SequenceRequest) -> Results:
    """The values of all outputs; None where nothing was given."""
    checkpoint = request.model
    model = inference.get_model(checkpoint)
    data = checkpoints.data_of(checkpoint)
    if len(model.config.input_shape) == 1:
        return word_results(request, checkpoint, model)
    if request.source == FILE or data not in DATA_SETS or DATA_SETS[data].own:
        return recording_results(request, checkpoint, model) if request.path else None
    if data == "heartbeats":
        return recording_results(request, checkpoint, model)
    return sample_results(request, checkpoint, model, data)


def word_results(request: SequenceRequest, checkpoint: str | Path, model: Autoencoder) -> Results:
    """Two words; the second is the other end of the walk."""
    words = [word for word in (request.word, request.other) if word.strip()]
    if not request.word.strip():
        return None
    found = inference.reconstruct_words(words, checkpoint)
    x = to_symbols(words, model.config.input_shape[0])
    codes = np.stack([result.code for result in found])
    arrays = {
        "x": x.numpy().astype(np.uint8),
        "codes": codes,
        "spread": bar_range(checkpoint, codes),
        "scores": np.array([result.surprise for result in found], dtype=np.float32),
    }
    pca = to_words(baselines.pca_reconstruct_sequences(x, model.config.latent_dim, "words"))
    about = {"names": [result.word for result in found], "pca": pca, **standing(checkpoint)}
    value = sequence_value(publish_decoder(checkpoint), arrays, "words", 0, 1 if len(words) > 1 else None, **about)
    return {"output": value, "facts": [compression(model)]}


def sample_results(request: SequenceRequest, checkpoint: str | Path, model: Autoencoder, data: str) -> Results:
    """Two held-out samples of a data set."""
    tests = load_dataset(data).test
    chosen = [int(min(len(tests), max(1, number))) - 1 for number in (request.sample, request.second)]
    x = tests[chosen]
    found = inference.reconstruct_series(list(x.numpy()), checkpoint, value_range="none")
    codes = np.concatenate([result.code for result in found])
    arrays = {
        "x": x.flatten(1).numpy().astype(np.float16),
        "codes": codes,
        "spread": bar_range(checkpoint, codes),
        "scores": np.array([result.mse for result in found], dtype=np.float32),
    }
    pca = baselines.pca_reconstruct_sequences(x, model.config.latent_dim, data)
    about = {
        "names": [f"{number + 1:,}" for number in chosen],
        "pca": (pca - x).square().flatten(1).mean(1).tolist(),
        **standing(checkpoint),
    }
    value = sequence_value(publish_decoder(checkpoint), arrays, "series", 0, 1, **about)
    return {"output": value, "facts": [compression(model)]}
