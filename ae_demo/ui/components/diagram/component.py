"""The picture of an autoencoder: input, a trapezoid narrowing to the code, the code, one widening to the output.

The height of a layer is the logarithm of its size, log(1 + n), so that 784 and 2 fit in one picture.

    figure = diagram(*layers_of(model), caption="Dense, 784 to 32")
    choice.change(lambda name: diagram_value(*layers_of(load(name))), choice, figure)
"""

from collections.abc import Sequence

import gradio as gr

from ae_demo.errors import ConfigError
from ae_demo.ui.components import Strings, html_component

Layer = tuple[str, int]  # (name as it is to be read, numbers it holds): ("Conv 32×14×14", 6272)


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
    return html_component("diagram", strings=strings, elem_id=elem_id, value=value)


def diagram_value(
    encoder: Sequence[Layer], code: Layer, decoder: Sequence[Layer], caption: str | dict[str, str] = ""
) -> dict:
    """Give a model's layers in the form the picture takes; the arguments are those of `diagram`.

    Raises:
        ConfigError: no input, no output, or a size below 1.
    """
    if not encoder or not decoder:
        raise ConfigError(
            f"A diagram got {len(encoder)} encoder and {len(decoder)} decoder layers. Give at least the input as the "
            "encoder's first and the output as the decoder's last."
        )
    layers = [*encoder, code, *decoder]
    for name, size in layers:
        if size < 1:
            raise ConfigError(f"Layer {name!r} has size {size}. A layer holds at least one number; give how many.")
    shown = [{"name": str(name), "size": int(size)} for name, size in layers]
    split = len(encoder)
    return {"encoder": shown[:split], "code": shown[split], "decoder": shown[split + 1 :], "caption": caption}
