"""The endpoint /sequence."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .... import inference
from ....errors import ConfigError
from ...shared.endpoint_inputs import checkpoint_input
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
    gr.Button().click(reconstruct_sequence, inputs, gr.JSON(label="result"), api_name="sequence")


@toast_errors
def reconstruct_sequence(sequence: Any, checkpoint: str, other: Any = None, steps: int = 0) -> dict[str, Any]:
    """A word, or a series as a list of numbers, or a list of series of any lengths, through a code and back.

    With `other`, a second one, and `steps` from 2 to 100, also the walk between them: "walk", a list of words or of
    series in [0, 1], each of the model's length.
    """
    if sequence in (None, "", []):
        raise ConfigError("No sequence was given: send a word, or a list of numbers, as `sequence`.")
    if isinstance(sequence, str):
        result: dict[str, Any] = _word(sequence, checkpoint)
    else:
        if len(str(sequence)) > 20 * MAX_VALUES:
            raise ConfigError(f"The sequence is too long: send at most {MAX_VALUES:,} numbers.")
        found = inference.reconstruct_series(sequence, checkpoint)
        parts = found if isinstance(found, list) else [found]
        results = [
            {"reconstruction": part.reconstruction.tolist(), "code": part.code.tolist(), "mse": part.mse,
             "scores": part.scores.tolist(), "starts": part.windows.starts.tolist()}
            for part in parts
        ]  # fmt: skip
        result = {"series": results} if isinstance(found, list) else results[0]
    if other is not None and steps:
        if not 2 <= int(steps) <= 100:
            raise ConfigError(f"steps is {steps}; allowed is an integer from 2 to 100.")
        walk = inference.interpolate(sequence, other, checkpoint, int(steps))
        result["walk"] = walk if isinstance(walk, list) else walk.tolist()
    return result


def _word(word: str, checkpoint: str) -> dict[str, Any]:
    (found,) = inference.reconstruct_words([word], checkpoint)
    return {
        "reconstruction": found.reconstruction,
        "code": found.code.tolist(),
        "probabilities": found.probabilities.round(5).tolist(),
        "surprise": found.surprise,
    }
