"""Small runs of the engine."""

import torch

from ae_demo import checkpoints
from ae_demo.data import Samples
from ae_demo.models import build_model
from ae_demo.training import Evaluated, TrainOptions, train

SMALL = {
    "dense": {"hidden": (24,), "latent_dim": 4, "dropout": 0.2},
    "conv": {"channels": (4, 6), "blocks": 1, "latent_dim": 0, "code_channels": 4, "nested": True},
    "denoising": {"channels": (4, 6)},
    "vae": {"hidden": (24,), "decoder_hidden": (24,)},
    "cvae": {"hidden": (24,), "decoder_hidden": (24,)},
    "stacked": {"hidden": (24,), "latent_dim": 4},
    "seq2seq": {"hidden_size": 8, "latent_dim": 4},
    "colorization": {"channels": (4, 6)},
}


def data_for(family, digits):
    if family != "colorization":
        return digits
    pictures = torch.randint(256, (190, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return Samples("patches", pictures[:150], pictures[150:])


def options_for(**settings):
    return TrainOptions(**{"epochs": 4, "batch_size": 32, "threads": 1, **settings})


def start(family, data, folder=None, *, model_settings=None, **settings):
    """A model and its run on the CPU; `settings` are training options, or `resume`, `should_stop` and `command`."""
    own = {k: settings.pop(k) for k in ("resume", "should_stop", "command") if k in settings}
    options = options_for(**settings)
    torch.manual_seed(options.seed)
    model = build_model(family, **{**SMALL.get(family, {}), **(model_settings or {}), "input_shape": data.sample_shape})
    return model, train(model, data, options, folder=folder, device="cpu", **own)


def weights_of(folder):
    return checkpoints.load(folder, "cpu").state_dict()


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def stop_after(epoch, run_with):
    """Run until `epoch` epochs are evaluated, then ask to stop."""
    reached = []
    events = []
    for event in run_with(lambda: bool(reached)):
        events.append(event)
        if isinstance(event, Evaluated) and event.epoch == epoch:
            reached.append(epoch)
    return events
