"""Latencies of direct interaction: activations of layers, an edited code, likely colours. Prints a Markdown table.

python benchmarks/bench_touch.py [--repeats N]
"""

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo import inference
from ae_demo.data import load_bundled_photos
from ae_demo.data.pictures import to_tensor
from ae_demo.inference.colorization import model_input
from ae_demo.ui.components.diagram import layer_value

PREVIEW_PIXELS = 100_000  # in the picture whose layers are shown


def milliseconds(work, repeats):
    """The median time of `work()`."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    photo = Image.fromarray(load_bundled_photos()["astronaut"])  # 512 × 512
    side = round(PREVIEW_PIXELS**0.5)
    small = to_tensor(np.asarray(photo.resize((side, side))))
    given = {
        "conv-photo": small,
        "denoising-photo": small,
        "colorization-photo": model_input(photo, "colorization-photo"),
        "conv-mnist": torch.rand(1, 1, 28, 28),
    }
    print("| what | ms | KB, maximum |\n|---|---|---|")
    for name, x in given.items():
        model = inference.get_model(name)

        def show(model=model, x=x):
            return [len(json.dumps(layer_value(*output))) for output in inference.layer_outputs(model, x)]

        print(f"| all layers of {name} | {milliseconds(show, repeats):.0f} | {max(show()) / 1000:.0f} |")
    code = np.zeros((1, 32), np.float32)
    for name in ("conv-mnist", "seq2seq-mnist"):
        taken = milliseconds(lambda name=name: inference.decode_points(code, name), repeats)
        print(f"| an edited code of {name} | {taken:.1f} | |")
    found = inference.color_probabilities(photo)
    print(f"| colours of a photograph | {milliseconds(lambda: inference.color_probabilities(photo), repeats):.0f} | |")
    print(f"| likely colours at a position | {milliseconds(lambda: found.at(0.3, 0.4), repeats):.1f} | |")


if __name__ == "__main__":
    main()
