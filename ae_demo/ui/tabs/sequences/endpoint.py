"""The endpoint /sequence."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .... import inference
from ....errors import ConfigError
from ....inference.arguments import integer, shown
from ...shared.endpoint_inputs import checkpoint_input, given_checkpoint, unchecked
from ...toasts import toast_errors

MAX_VALUES = 200_000


def build_endpoint() -> None:
    """Give /sequence its parameters."""
    inputs = [
        gr.JSON(label="sequence"),
        checkpoint_input("seq2seq-waves"),
        gr.JSON(label="other"),
        gr.Number(0, precision=0, label="steps"),
    ]
    gr.Button().click(reconstruct_sequence, unchecked(inputs), gr.JSON(label="result"), api_name="sequence")


@toast_errors
def reconstruct_sequence(
    sequence: Any = None, checkpoint: str = "seq2seq-waves", other: Any = None, steps: int | None = 0
) -> dict[str, Any]:
    """Reconstruct a word or a series with a sequence autoencoder, and walk from one to another in its latent space.

    Args:
        sequence: a word, a series as a list of numbers (null: a gap), or a list of series of any lengths
        checkpoint: the autoencoder: seq2seq-words for words; for series one of waves or of heartbeats
        other: the end of a walk, of the same kind
        steps: steps of the walk, 2 to 100; 0: no walk

    Returns:
        reconstruction, code and errors; with `other` and `steps` also "walk", a list of words or of series in [0, 1]
    """
    if sequence in (None, "", []):
        raise ConfigError("No sequence was given: send a word, or a list of numbers, as `sequence`.")
    checkpoint = given_checkpoint(checkpoint)
    if isinstance(sequence, str):
        result: dict[str, Any] = _word(sequence, checkpoint)
    else:
        _check_numbers("sequence", sequence)
        found = inference.reconstruct_series(sequence, checkpoint)
        parts = found if isinstance(found, list) else [found]
        results = [
            {"reconstruction": part.reconstruction.tolist(), "code": part.code.tolist(), "mse": part.mse,
             "scores": part.scores.tolist(), "starts": part.windows.starts.tolist()}
            for part in parts
        ]  # fmt: skip
        result = {"series": results} if isinstance(found, list) else results[0]
    if other is not None and steps is not None and steps != 0:
        if not isinstance(other, str):
            _check_numbers("other", other)
        if isinstance(other, str) != isinstance(sequence, str):
            raise ConfigError("sequence and other are of two kinds; send two words, or two series.")
        walk = inference.interpolate(sequence, other, checkpoint, integer("steps", steps, 2, 100))
        result["walk"] = walk if isinstance(walk, list) else walk.tolist()
    return result


def _check_numbers(name: str, value: Any) -> None:
    """Raise `ConfigError` unless it is a list of numbers, of lists of numbers (null: gaps), or of lists of these."""
    if not isinstance(value, list):
        raise ConfigError(
            "{name} is {given}; send a word, a list of numbers, or a list of series.", name=name, given=shown(value)
        )
    level, count = value, 0
    for _ in range(3):
        numbers = [each for each in level if not isinstance(each, list)]
        wrong = next((each for each in numbers if each is not None and type(each) not in (int, float)), None)
        if wrong is not None:
            raise ConfigError(
                "{name} has the element {given}; it must hold numbers, and null where one is missing.",
                name=name,
                given=shown(wrong),
            )
        count += len(numbers)
        level = [each for part in level if isinstance(part, list) for each in part]
        if count + len(level) > MAX_VALUES:
            raise ConfigError("{name} is too long: send at most {most:,} numbers.", name=name, most=MAX_VALUES)
    if level:
        raise ConfigError(
            "{name} is nested too deeply; send a list of numbers, or a list of series (T,) or (T, F).", name=name
        )


def _word(word: str, checkpoint: str) -> dict[str, Any]:
    (found,) = inference.reconstruct_words([word], checkpoint)
    return {
        "reconstruction": found.reconstruction,
        "code": found.code.tolist(),
        "probabilities": found.probabilities.round(5).tolist(),
        "surprise": found.surprise,
    }
