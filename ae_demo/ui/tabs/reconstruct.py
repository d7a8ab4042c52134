"""Reconstruct: any picture through a code and back, beside PCA and JPEG."""

from __future__ import annotations

import math

import gradio as gr
import numpy as np
import torch

from ... import anomaly, baselines, checkpoints, metrics, pipelines
from ...data.pictures import to_pixels, to_tensor
from ..components.bars import bars, bars_value
from ..components.cards import card, cards
from ..mine import resolve
from ..model_view import column, diagram_of, explanation, model_diagram, source_of_family
from ..picture import told
from ..source import build_source, read_source
from ..strings import t

NAME = "reconstruct"
DEFAULT = "conv-mnist"


def list_choices() -> list[str]:
    """Checkpoints that give back what they are given."""
    return [c for c in checkpoints.list_checkpoints() if c.split("-")[0] not in ("denoising", "colorization")]


def build_tab() -> dict:
    """Input, code, output; everything follows as soon as something changes. Returns what to do at the first sight."""
    choices = list_choices()
    first = DEFAULT if DEFAULT in choices else choices[0]
    with gr.Row():
        with column("input"):
            source = build_source(NAME, choices, first)
        with column("code"):
            model = pipelines.get_model(first)
            picture_of_model = model_diagram(model, "reconstruct-diagram")
            code = bars(label=t("the_code"), elem_id="reconstruct-code")
            code_map = cards(elem_id="reconstruct-map")
            channels = gr.Slider(1, 32, 32, step=1, label=t("channels"), visible=False, elem_id="reconstruct-channels")
            facts = cards(elem_id="reconstruct-facts")
        with column("output", 2):
            results = cards(elem_id="reconstruct-results")
            threshold = gr.Slider(50, 100, 95, step=1, label=t("threshold"), elem_id="reconstruct-threshold")
    explanation(NAME, pipelines.reconstruct)
    with gr.Accordion(t("model_code"), open=False):
        source_code = gr.Code(source_of_family(model.family), language="python", interactive=False, show_label=False)

    inputs = [*source, channels, threshold]
    outputs = [results, code, code_map, facts]
    fast = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
    source.checkpoint.change(choose, source.checkpoint, [picture_of_model, channels, source_code], **fast).then(
        show, inputs, outputs, **fast
    )
    gr.on([source.image.change, source.kind.change, threshold.release, channels.release], show, inputs, outputs, **fast)
    gr.on([source.drawing.input, channels.input], show, inputs, outputs, queue=False, **fast)
    return {"fn": show, "inputs": inputs, "outputs": outputs}


@told
def choose(checkpoint: str) -> tuple:
    """What the page shows of another checkpoint."""
    checkpoint = resolve(checkpoint)
    model = pipelines.get_model(checkpoint)
    count = getattr(model.config, "code_channels", 1)
    channels = gr.update(visible=len(model.code_shape) == 3, maximum=count, value=count)
    return diagram_of(model), channels, source_of_family(model.family)


@told
def show(checkpoint: str, kind: str, path: str | None, drawing: str, channels: int, threshold: float) -> tuple:
    """Everything that follows from the picture: results, code, map, figures."""
    pixels = read_source(kind, path, drawing, max_pixels=3_000_000)
    if pixels is None:
        return [], [], [], []
    checkpoint = resolve(checkpoint)
    model = pipelines.get_model(checkpoint)
    is_map = len(model.code_shape) == 3
    result = pipelines.reconstruct(pixels, checkpoint, channels=int(channels) if is_map else None)
    numbers = int(channels) * math.prod(result.code.shape[1:]) if is_map else result.code.size
    x, x_hat = (torch.from_numpy(a)[None] for a in (result.seen, result.seen_hat))
    shown = [card("input", "seen", to_pixels(x)), _judged("output", "reconstruction", x_hat, x)]
    shown.append(card("error", "error", to_pixels((4 * (x_hat - x).abs().mean(1, keepdim=True)).clamp(0, 1))))
    data = checkpoints.load_metrics(checkpoint)["data"]["name"]
    if is_map:
        shown.append(_judged("other", "pca", baselines.block_pca_reconstruct(x, _components(numbers, x)), x))
    elif x.shape[1:] == (1, 28, 28):
        bundled = "fashion-small" if data.startswith("fashion") else "digits"
        shown.append(_judged("other", "pca", baselines.pca_reconstruct(x, numbers, bundled), x))
    decoded, size = baselines.jpeg_at_bytes(to_pixels(x), numbers)
    note = "smallest_jpeg" if size > numbers else None
    shown.append(_judged("other", "jpeg", to_tensor(decoded), x, note=note, jpeg_bytes=size))
    ratio = f"{x.numel() / numbers:.1f} : 1"
    facts = [card("code", "compression", numbers=f"{numbers:,} / {x.numel():,}", ratio=ratio, bytes=numbers)]
    percentile = anomaly.error_percentile(metrics.mse(x_hat, x).item(), checkpoint)
    if percentile is not None and not is_map:
        role, verdict = ("error", "unusual") if percentile > threshold else ("output", "usual")
        facts.append(card(role, verdict, note="percentile_note", percentile=f"{percentile:.0f} %"))
    code_map = [card("code", "code_map", map_picture(result.code[:channels]))] if is_map else []
    return shown, [] if is_map else bars_value(result.code), code_map, facts


def _judged(role: str, title: str, x_hat: torch.Tensor, x: torch.Tensor, **more) -> dict:
    figures = {name: getattr(metrics, name)(x_hat, x).item() for name in ("mse", "psnr", "ssim")}
    return card(role, title, to_pixels(x_hat), **figures, **more)


def _components(numbers: int, x: torch.Tensor) -> int:
    """How many of a block's 192 numbers PCA may keep for as many in all."""
    blocks = math.ceil(x.shape[-2] / baselines.BLOCK) * math.ceil(x.shape[-1] / baselines.BLOCK)
    return max(1, round(numbers / blocks))


def map_picture(code: np.ndarray, columns: int = 4, most: int = 16) -> np.ndarray:
    """A code map `(C, h, w)` as one grey picture: its first channels side by side, each on its own scale."""
    code = code[:most]
    low, high = (f(code, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    tiles = ((code - low) / np.maximum(high - low, 1e-6) * 255).astype(np.uint8)
    tiles = np.pad(tiles, ((0, -len(tiles) % columns), (0, 1), (0, 1)))
    count, height, width = tiles.shape
    return tiles.reshape(count // columns, columns, height, width).swapaxes(1, 2).reshape(-1, columns * width)
