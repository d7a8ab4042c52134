"""Convolutional models: any size, their receptive field, ordered codes."""

import pytest
import torch
import torch.nn.functional as F
from families import build, in_unit_range, pictures
from sklearn.decomposition import PCA

from ae_demo.errors import ConfigError, ShapeError


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 64), (1, 1, 1), (3, 5, 37)])
@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_conv_honours_latent_dim_at_any_size(shape, loss):
    model = build("conv", input_shape=shape, latent_dim=7, patch=4, loss=loss).eval()
    x = pictures(model)
    assert model.encode(x).shape == (3, 7)
    assert model.reconstruct(x).shape == x.shape
    assert model.decode(model.encode(x)).shape == x.shape
    with pytest.raises(ShapeError, match="any size"):
        model.encode(torch.rand(1, shape[0], shape[1] + 1, shape[2]))


@pytest.mark.parametrize("size", [(1, 1), (5, 37), (28, 28), (64, 64), (3, 500)])
@pytest.mark.parametrize(("family", "colors"), [("conv", 1), ("conv", 3), ("denoising", 1), ("denoising", 3)])
def test_fully_convolutional_ones_take_any_size(family, colors, size):
    settings = {"latent_dim": 0, "code_channels": 5} if family == "conv" else {}
    model = build(family, input_shape=(colors, 28, 28), **settings).eval()
    x = torch.rand(2, colors, *size)
    x_hat, z = model.reconstruct(x), model.encode(x)
    assert x_hat.shape == x.shape
    assert in_unit_range(x_hat)
    stride = model.config.code_stride
    assert z.shape == (2, model.code_shape[0], -(-size[0] // stride), -(-size[1] // stride))


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("conv", {"channels": (4,), "patch": 8, "blocks": 3}),
        ("conv", {"channels": (4, 6), "patch": 2, "blocks": 1}),
        ("denoising", {"channels": (4, 4, 6), "blocks": 1}),
        ("denoising", {"channels": (4, 4), "blocks": 2, "patch": 1}),
    ],
)
def test_reach_is_how_far_a_pixel_is_felt(family, settings):
    """With weights that cancel nothing, the output changes exactly within the reach of a changed pixel."""
    settings = {"latent_dim": 0, **settings} if family == "conv" else settings
    model = build(family, input_shape=(1, 64, 64), **settings).double().eval()
    for name, p in model.named_parameters():
        torch.nn.init.constant_(p, 0.1 if name.endswith("weight") else 0.01)
    reach, factor = model.config.reach, model.config.factor
    side = (2 * reach // factor + 4) * factor
    farthest = 0
    for place in range(side // 2, side // 2 + factor):  # every place within the coarsest scale's squares
        x = torch.zeros(1, 1, side, side, dtype=torch.float64)
        changed = x.clone()
        changed[..., place, place] = 1
        with torch.no_grad():
            raw, raw_changed = (model.decode_raw(model.encode(p)) for p in (x, changed))
        felt = (raw != raw_changed).nonzero()[:, 2]
        farthest = max(farthest, place - int(felt.min()), int(felt.max()) - place)
    assert farthest <= reach
    assert farthest > reach - 2 * factor


def test_nested_dropout_keeps_the_first_channels():
    model = build("conv", latent_dim=0, code_channels=6, nested=True)
    x = torch.rand(400, 1, 4, 4)
    z = model(x).z
    kept = (z != 0).flatten(2).any(2)  # (B, C)
    counts = kept.sum(1)
    assert torch.equal(kept, torch.arange(6)[None] < counts[:, None])
    assert set(counts.tolist()) == set(range(1, 7))
    assert (model.eval()(x).z != 0).flatten(2).any(2).all()
    z = model.encode(x[:2])
    assert torch.equal(model.keep_channels(z, 2)[:, :2], z[:, :2])
    assert not model.keep_channels(z, 2)[:, 2:].any()
    each = model.keep_channels(z, torch.tensor([1, 6]))
    assert not each[0, 1:].any()
    assert torch.equal(each[1], z[1])
    with pytest.raises(ConfigError, match="latent_dim to 0"):
        build("conv", nested=True)


def test_a_linear_path_begins_as_pca_and_is_not_begun_again():
    model = build("conv", input_shape=(1, 8, 8), latent_dim=0, code_channels=3, output="linear", linear_path=True)
    x = torch.rand(50, 1, 8, 8)
    model.fit_statistics(x)
    side = model.config.factor
    patches = F.pixel_unshuffle(x, side).transpose(0, 1).flatten(1).T
    scores = PCA(3).fit(patches.numpy()).transform(patches.numpy())
    z = model.encode(x).transpose(0, 1).flatten(1).T.detach()
    torch.testing.assert_close(z.abs(), torch.tensor(scores).float().abs(), atol=1e-4, rtol=1e-3)
    torch.nn.init.ones_(model.encoder[-1].weight)  # as if it had learnt
    before = model.linear_encoder.weight.clone()
    model.fit_statistics(torch.rand(50, 1, 8, 8))
    assert torch.equal(model.linear_encoder.weight, before)


def test_nested_dropout_keeps_the_given_counts_most_often():
    model = build("conv", latent_dim=0, code_channels=64, nested=True, nested_counts=(8, 16, 16))
    counts = model._random_counts(torch.empty(4000, 64, 1, 1)).long().bincount() / 4000
    assert counts[8] == pytest.approx(0.25, abs=0.05)
    assert counts[16] == pytest.approx(0.5, abs=0.05)
    assert counts[32] < 0.05
    with pytest.raises(ConfigError, match="up to code_channels"):
        build("conv", latent_dim=0, code_channels=6, nested=True, nested_counts=(8,))


@pytest.mark.parametrize(("share", "made_grey"), [(0.0, 0), (0.2, 2), (0.5, 5), (1.0, 10)])
def test_denoising_learns_from_grey_pictures_and_noise_too(share, made_grey):
    model = build("denoising", input_shape=(3, 16, 16), grey=share)
    noisy, clean = model.prepare(torch.rand(10, 3, 16, 16))
    for x in (noisy, clean):
        assert (x == x[:, :1]).flatten(1).all(1).sum() == made_grey
