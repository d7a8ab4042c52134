"""The picture of an autoencoder: input, a trapezoid narrowing to the code, the code, one widening to the output.

The height of a layer is the logarithm of its size, log(1 + n), so that 784 and 2 fit in one picture.

    figure = diagram(*layers_of(model), caption="Dense, 784 to 32")
    choice.change(lambda name: diagram_value(*layers_of(load(name))), choice, figure)

With `opens`, a click on a layer triggers `select` with its number, `event._data["layer"]`, and that of the sample that
`gr.HTML(sample=...)` has set; the listener returns `gr.HTML(layer=layer_value(...))`, which is shown under the picture.
The event `renew`, see `notify`, asks again.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np
import torch

from ae_demo.errors import ConfigError
from ae_demo.ui.components import Strings, html_component
from ae_demo.ui.components.data_uri import to_data_uri

Layer = tuple[str, int]  # (name as it is to be read, numbers it holds): ("Conv 32×14×14", 6272)

MAX_MAPS = 64  # of a layer, that are shown
MAX_SIDE = 48  # pixels of a map
MAX_UNITS = 4096  # of a layer without maps
MAX_PICTURE = 128  # pixels on a side of the input and the output
CLIPPED = 0.002  # of the numbers may lie beyond the ends of the common scale


def diagram(
    encoder: Sequence[Layer],
    code: Layer,
    decoder: Sequence[Layer],
    caption: str | dict[str, str] = "",
    elem_id: str | None = None,
    strings: Strings | None = None,
) -> gr.HTML:
    """Make the picture; a listener changes it by returning `diagram_value(...)`.

    Args:
        encoder: the input and the encoder's layers, in order.
        code: the code.
        decoder: the decoder's layers in order; the last is the output.
        caption: a line under the picture, plain or one text a locale.
        elem_id: the id in the page.
        strings: see `html_component`; keys in `strings.json`.

    Raises:
        ConfigError: see `diagram_value`.
    """
    value = diagram_value(encoder, code, decoder, caption)
    return html_component(
        "diagram", strings=strings, elem_id=elem_id, value=value, opens=False, layer=None, sample=None
    )


def diagram_value(
    encoder: Sequence[Layer], code: Layer, decoder: Sequence[Layer], caption: str | dict[str, str] = ""
) -> dict:
    """Give a model's layers in the form the picture takes; the arguments are those of `diagram`.

    Raises:
        ConfigError: no input, no output, or a size below 1.
    """
    if not encoder or not decoder:
        raise ConfigError(
            "A diagram got {encoder} encoder and {decoder} decoder layers. Give at least the input as the "
            "encoder's first and the output as the decoder's last.",
            encoder=len(encoder),
            decoder=len(decoder),
        )
    layers = [*encoder, code, *decoder]
    for name, size in layers:
        if size < 1:
            raise ConfigError(
                "Layer {name!r} has size {size}. A layer holds at least one number; give how many.",
                name=name,
                size=size,
            )
    shown = [{"name": str(name), "size": int(size)} for name, size in layers]
    split = len(encoder)
    return {"encoder": shown[:split], "code": shown[split], "decoder": shown[split + 1 :], "caption": caption}


def layer_value(label: str, output: np.ndarray) -> dict[str, Any]:
    """What the page shows of a layer's output, at most some 200 KB.

    label: of the layer; the input and the output in one or three channels are shown as a picture
    output: float32 `(units,)`; `(C, h, w)`, of which the `MAX_MAPS` channels that vary most are shown, averaged to
        `MAX_SIDE` pixels on a side; or `(T, units)`, one map
    """
    shape = output.shape
    if output.ndim == 1:
        units = output[:MAX_UNITS]
        values = [float(f"{value:.4g}") for value in units]
        return {"kind": "units", "shape": shape, "values": values, "scale": float(np.abs(units).max())}
    x = torch.from_numpy(np.ascontiguousarray(output))
    if x.ndim == 3 and x.shape[2] == 1:  # windows of a series
        x = x[:, :, 0]
    x = x[None] if x.ndim == 2 else x
    if label in ("input", "output"):
        if len(x) in (1, 3) and output.ndim == 3:
            pixels = (255 * _reduced(x, MAX_PICTURE).clamp(0, 1)).round().byte().permute(1, 2, 0).squeeze(2)
            return {"kind": "picture", "shape": shape, "uri": to_data_uri(pixels.numpy())}
        x = 2 * x - 1  # in [0, 1], as outputs are: two channels of colour have their zero in the middle
    chosen = x.flatten(1).std(1, correction=0).topk(min(MAX_MAPS, len(x))).indices.sort().values
    maps = _reduced(x[chosen], MAX_SIDE)
    scale = max(float(np.quantile(maps.abs().numpy(), 1 - CLIPPED)), 1e-9)
    levels = (127 * (maps / scale).clamp(-1, 1)).round() + 128
    return {
        "kind": "maps",
        "shape": shape,
        "size": list(maps.shape[1:]),
        "numbers": chosen.tolist(),
        "scale": scale,
        "uri": to_data_uri(levels.byte().flatten(0, 1).numpy()),  # one above another
    }


def _reduced(x: torch.Tensor, side: int) -> torch.Tensor:
    """Maps `(C, h, w)` averaged to at most `side` pixels on a side."""
    share = side / max(x.shape[1:])
    if share >= 1:
        return x
    return torch.nn.functional.adaptive_avg_pool2d(x, [max(1, round(share * length)) for length in x.shape[1:]])
