"""The endpoint /anomaly."""

from __future__ import annotations

import gradio as gr

from ....analysis.anomaly import QUANTILE, SCORES, anomaly_detector, model_names
from ....data.named_samples import load_samples
from ....data.series_files import Series
from ....errors import ConfigError
from ....inference.arguments import integer
from ...shared.endpoint_inputs import unchecked
from ...toasts import toast_errors


def build_endpoint() -> None:
    """Give /anomaly its parameters."""
    inputs = [
        gr.File(label="normal", file_count="multiple"),
        gr.File(label="test", file_count="multiple"),
        gr.Dropdown(model_names(), value="hull", label="model"),
        gr.Dropdown(list(SCORES), value="relative", label="score"),
        gr.Number(32, precision=0, label="latent_dim"),
        gr.Number(QUANTILE, label="quantile"),
    ]
    gr.Button().click(anomaly, unchecked(inputs), gr.JSON(label="judged"), api_name="anomaly")


@toast_errors
def anomaly(
    normal: list[str] | None, test: list[str] | None, model: str, score: str, latent_dim: int, quantile: float
) -> dict:
    """Find anomalies: fit a model to normal samples alone, and score others.

    Args:
        normal: normal samples: pictures, zips of pictures, or series (.csv, each column a channel, or .npy)
        test: samples to judge, of the same kind
        model: what is fitted to the normal samples
        score: how the errors of a sample become its score
        latent_dim: numbers in the code, 1 to 4096
        quantile: share of the normal samples that the threshold accepts, such as 0.95

    Returns:
        the `threshold` and, for each picture, series, or row of a single long series, its `sample` name, `score` and
        whether it is an `anomaly`
    """
    if not normal or not test:
        raise ConfigError("No samples were given. Send files as `normal` and as `test`.")
    given, judged = load_samples(normal), load_samples(test)
    size = integer("latent_dim", latent_dim, 1, 4096)
    kind = "series" if isinstance(given.items[0], Series) else "pictures"
    detector = anomaly_detector(given, data=kind, model=model, score=score, latent_dim=size)
    scores, threshold = detector.scores(judged), detector.threshold(quantile)
    names = judged.names if len(judged.names) == len(scores) else range(1, len(scores) + 1)
    rows = zip(names, scores.tolist(), (scores > threshold).tolist(), strict=True)
    return {
        "threshold": threshold,
        "samples": [{"sample": str(name), "score": value, "anomaly": flag} for name, value, flag in rows],
    }
