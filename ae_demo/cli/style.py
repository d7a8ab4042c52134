"""`ae-demo style`: draw all ten digits in the style of a handwritten one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import ConfigError


def add_command(commands: Any) -> None:
    """Add `style`."""
    style = commands.add_parser("style", help="draw all ten digits in the style of a picture of one")
    style.add_argument("picture", type=Path, help="a picture of a handwritten digit")
    style.add_argument("--label", type=int, help="the digit in the picture [inferred]")
    style.add_argument("--checkpoint", default="cvae-mnist", help="a class-conditional checkpoint [%(default)s]")
    style.add_argument("--out", type=Path, default=Path("style.png"), metavar="FILE", help="a .png [%(default)s]")
    style.set_defaults(run=run_style)


def run_style(options: argparse.Namespace) -> int:
    """The command `style`."""
    import numpy as np
    from PIL import Image

    from ..data import load_picture
    from ..inference import transfer_style

    if options.out.suffix != ".png":
        raise ConfigError("--out is {given}; its name must end with .png.", given=options.out)
    result = transfer_style(load_picture(options.picture).pixels, options.label, options.checkpoint)
    Image.fromarray(np.concatenate(list(result.images), axis=1)).save(options.out)
    print(f"label {result.label}, −ELBO {result.scores[result.label]:.1f} nats; {len(result.images)} in {options.out}")
    return 0
