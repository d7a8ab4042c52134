"""Activations: every family gives the layers that it names, with the shapes that it states."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from families import build, every_family, pictures

from ae_demo.inference import layer_outputs
from ae_demo.models import build_model


@every_family
def test_layers_have_the_shapes_that_the_model_names(family):
    model = build(family).eval()
    x = model.prepare(pictures(model, 1))[0]
    outputs = layer_outputs(model, x)
    if family == "colorization":  # lightness, and room for hints
        outputs[0] = ("input", outputs[0][1][:1])
    assert [(label, output.shape) for label, output in outputs] == list(model.layers())
    assert all(output.dtype == np.float32 and output.std() > 0 for _, output in outputs)
    with torch.inference_mode():
        assert np.array_equal(outputs[-1][1], model(x).x_hat[0].float().numpy())
    assert not any(module._forward_hooks for module in model.modules())


def test_hidden_units_are_those_of_the_network():
    model = build_model("dense", hidden=(24, 12), latent_dim=5).eval()
    x = pictures(model, 1)
    found = [torch.from_numpy(output) for _, output in layer_outputs(model, x)]
    first, _, second, *_ = model.encoder
    h = torch.nn.functional.silu(first(x.flatten(1)))
    torch.testing.assert_close(found[1], h[0])
    torch.testing.assert_close(found[2], torch.nn.functional.silu(second(h))[0])
    torch.testing.assert_close(found[3], model.encode(x)[0])


def test_visitors_who_share_a_model_see_their_own_pictures():
    workers = 4
    model = build("conv").eval()
    given = pictures(model, 16)
    alone = [layer_outputs(model, x[None]) for x in given]
    start = threading.Barrier(workers)

    def work(number):
        start.wait()
        return [layer_outputs(model, x[None]) for x in given[number::workers]]

    with ThreadPoolExecutor(workers) as pool:
        for number, found in enumerate(pool.map(work, range(workers))):
            for outputs, expected in zip(found, alone[number::workers], strict=True):
                for (_, output), (_, truth) in zip(outputs, expected, strict=True):
                    np.testing.assert_allclose(output, truth, atol=1e-5)
