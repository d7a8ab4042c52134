"""Every family keeps the contract, and each does what it is there for."""

import dataclasses
import itertools
import json

import pytest
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA
from torch.distributions import Normal, kl_divergence

from ae_demo import color
from ae_demo.data import load_bundled_photos, load_dataset
from ae_demo.errors import ConfigError, ShapeError
from ae_demo.models import FAMILIES, build_model
from ae_demo.models.stacked import StackedAutoencoder
from ae_demo.training.engine import build_optimizer
from ae_demo.training.options import TrainOptions

SMALL = {  # a family that is not named here is tested as it is by default
    "dense": {"hidden": (48,), "latent_dim": 8},
    "conv": {"channels": (8, 16), "blocks": 1, "latent_dim": 8},
    "denoising": {"channels": (8, 16)},
    "vae": {"hidden": (48,), "decoder_hidden": (48,)},
    "sparse": {"hidden": (48,), "latent_dim": 8},
    "stacked": {"hidden": (48,), "latent_dim": 8},
    "seq2seq": {"hidden_size": 32, "latent_dim": 8},
    "colorization": {"input_shape": (3, 16, 16), "channels": (16, 24)},
}
every_family = pytest.mark.parametrize("family", FAMILIES)


def build(family, **settings):
    torch.manual_seed(0)
    return build_model(family, **{**SMALL.get(family, {}), **settings})


def pictures(model, count=3):
    return torch.rand(count, *model.config.input_shape, generator=torch.Generator().manual_seed(1))


def training_pictures(family, count=256):
    """Digits, or for colorization random coloured patches, in [0, 1]."""
    if family != "colorization":
        return load_dataset("digits").train[:count].float() / 255
    generator, patches = torch.Generator().manual_seed(0), []
    photos = [torch.from_numpy(p).permute(2, 0, 1) for p in load_bundled_photos().values() if p.ndim == 3]
    for index in range(count):
        photo = photos[index % len(photos)]
        top, left = (int(torch.randint(side - 15, (), generator=generator)) for side in photo.shape[1:])
        patches.append(photo[:, top : top + 16, left : left + 16])
    return torch.stack(patches).float() / 255


def in_unit_range(x):
    return bool(((x >= 0) & (x <= 1)).all())


@every_family
def test_contract_shapes(family):
    model = build(family).eval()
    x = pictures(model)
    with torch.no_grad():
        z, x_hat = model.encode(x), model.reconstruct(x)
        for part in z if isinstance(z, tuple) else (z,):
            assert part.shape == (3, *model.code_shape)
            if hasattr(model.config, "latent_dim"):
                assert part.shape == (3, model.config.latent_dim)
        decoded = model.decode(z[0] if isinstance(z, tuple) else z)
    assert isinstance(z, tuple) == (family == "vae")
    assert x_hat.shape == x.shape
    assert x_hat.dtype == torch.float32
    assert in_unit_range(x_hat)
    # What the colorizer decodes is ab, and its reconstruction has the picture's own lightness beside it.
    assert decoded.shape == ((3, 2, 16, 16) if family == "colorization" else x.shape)
    assert in_unit_range(decoded)
    if family != "colorization":
        torch.testing.assert_close(decoded, x_hat)


@every_family
def test_contract_layers(family):
    model = build(family)
    labels, shapes = zip(*model.layers(), strict=True)
    assert labels[0] == "input"
    assert labels[-1] == "output"
    assert labels.count("code") == 1
    assert all(isinstance(n, int) and n > 0 for shape in shapes for n in shape)
    assert model.parameter_count() == sum(p.numel() for p in model.parameters()) > 0
    assert model.family == family
    assert type(model).__module__ == f"ae_demo.models.{family}"


@every_family
def test_contract_loss_reaches_every_parameter(family):
    model = build(family)
    given, target = model.prepare(pictures(model, 8))
    parts = model.loss(model(given), target)
    assert set(parts) > {"loss"}
    assert all(value.ndim == 0 and value.isfinite() for value in parts.values())
    parts["loss"].backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    still = [name for name, p in model.named_parameters() if not p.grad.abs().max() > 0]
    assert not still, f"no gradient reaches {still}"


@every_family
def test_contract_phases(family):
    model = build(family)
    phases = model.phases()
    assert sum(phase.share for phase in phases) == pytest.approx(1)
    assert len({phase.name for phase in phases}) == len(phases)
    own = {id(p) for p in model.parameters()}
    for phase in phases:
        assert {id(p) for p in phase.parameters} <= own
        assert phase.loss(pictures(model))["loss"].isfinite()
    assert {id(p) for p in phases[-1].parameters} == own


@every_family
def test_contract_measure(family):
    model = build(family).eval()
    x = pictures(model)
    figures = model.measure(x)
    assert {"mse", "psnr", "ssim"} <= set(figures)
    assert all(value.shape == (3,) and value.isfinite().all() for value in figures.values())
    if family != "denoising":  # its figures are of noisy pictures
        expected = (model.reconstruct(x) - x).square().flatten(1).mean(1)
        torch.testing.assert_close(figures["mse"], expected)


@every_family
def test_config_goes_through_json(family):
    config = build(family).config
    again = FAMILIES[family].Config.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config


@every_family
def test_config_refuses_what_is_off(family):
    with pytest.raises(ConfigError, match="has no hiden"):
        build_model(family, hiden=3)
    for field in dataclasses.fields(FAMILIES[family].Config):
        wrong = {tuple: "wide", int: "3", float: "much", bool: "yes", str: 5}[type(field.default)]
        with pytest.raises(ConfigError, match=field.name):
            build_model(family, **{field.name: wrong})
        about = field.metadata
        beyond = [about[end] + step for end, step in (("minimum", -1), ("maximum", 1)) if about[end] is not None]
        beyond += [float("nan")] if isinstance(field.default, float) else []
        beyond += ["no such choice"] if about["choices"] else []
        for value in beyond:
            value = (value,) * max(1, len(field.default)) if isinstance(field.default, tuple) else value
            with pytest.raises(ConfigError, match=field.name):
                build_model(family, **{field.name: value})
        if isinstance(field.default, tuple):
            least, most = about["length"]
            for length in (least - 1, most + 1):
                if length >= 0:
                    with pytest.raises(ConfigError, match=f"{field.name}.*{length} entries"):
                        build_model(family, **{field.name: (1,) * length})


def test_an_unknown_family_is_named():
    with pytest.raises(ConfigError, match=r"'gan'.*dense"):
        build_model("gan")


@every_family
def test_wrong_input_shapes_are_refused(family):
    model = build(family)
    _, height, width = model.config.input_shape
    for shape in ((2, 2, height, width), (height, width)):
        with pytest.raises(ShapeError):
            model.encode(torch.rand(shape))
        with pytest.raises(ShapeError):
            model.reconstruct(torch.rand(shape))


@every_family
def test_learns(family):
    model, x = build(family), training_pictures(family)
    model.fit_statistics(x)
    phase, history = model.phases()[-1], []
    optimizer = torch.optim.Adam(phase.parameters, lr=4e-3)
    for _, batch in zip(range(50), itertools.cycle(x.split(32))):
        loss = phase.loss(batch)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    start, end = sum(history[:3]) / 3, sum(history[-8:]) / 8
    if family == "denoising":  # its loss is in decibels
        assert end < start - 2
    else:
        assert end < 0.75 * start


@every_family
def test_bfloat16_computes_the_same_loss(family):
    model, x = build(family), training_pictures(family, 64)
    losses = []
    for enabled in (False, True):
        torch.manual_seed(3)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            losses.append(model.batch_loss(x)["loss"].item())
    assert losses[1] == pytest.approx(losses[0], rel=0.01)


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
    """With weights that let nothing vanish, the output changes exactly within the reach of a changed pixel."""
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


def test_nested_dropout_keeps_most_often_what_it_is_told():
    model = build("conv", latent_dim=0, code_channels=64, nested=True, nested_counts=(8, 16, 16))
    counts = model._random_counts(torch.empty(4000, 64, 1, 1)).long().bincount() / 4000
    assert counts[8] == pytest.approx(0.25, abs=0.05)
    assert counts[16] == pytest.approx(0.5, abs=0.05)
    assert counts[32] < 0.05
    with pytest.raises(ConfigError, match="up to code_channels"):
        build("conv", latent_dim=0, code_channels=6, nested=True, nested_counts=(8,))


def test_denoising_is_given_noise_and_wants_the_picture():
    model = build("denoising", input_shape=(3, 16, 16))
    x = torch.rand(20, 3, 16, 16)
    given, target = model.prepare(x)
    assert in_unit_range(given)
    grey = [int((t[:, :1] == t).flatten(1).all(1).sum()) for t in (given, target)]
    assert grey == [4, 4]  # one in five, with grey noise
    assert torch.equal(target[4:], x[4:])
    changed = (given != target).flatten(1).any(1)
    assert 14 <= int(changed.sum()) <= 20  # a few stay clean


@pytest.mark.parametrize("shape", [(9, 4), (1, 6, 5), (3, 6, 5)])
def test_seq2seq_reads_series_and_pictures(shape):
    model = build("seq2seq", input_shape=shape, layers=2).eval()
    x = pictures(model)
    assert model.encode(x).shape == (3, 8)
    assert model.reconstruct(x).shape == x.shape
    assert in_unit_range(model.reconstruct(x))
    assert model.measure(x)["mse"].shape == (3,)
    if len(shape) == 3:  # a picture and its rows are the same sequence
        rows = x.transpose(1, 2).flatten(2)
        torch.testing.assert_close(model.encode(x), model.encode(rows))
        torch.testing.assert_close(model.reconstruct(x).transpose(1, 2).flatten(2), model.reconstruct(rows))


def test_seq2seq_learns_symbols():
    model = build("seq2seq", input_shape=(6,), symbols=5)
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(5, (64, 1), generator=generator).expand(64, 6).contiguous()  # one symbol, repeated
    assert model(x).raw.shape == (64, 6, 5)
    assert set(model.batch_loss(x)) == {"loss", "cross_entropy"}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        model.batch_loss(x)["loss"].backward()
        optimizer.step()
    assert torch.equal(model.eval().reconstruct(x), x)
    assert model.measure(x)["accuracy"].tolist() == [1.0] * 64
    for wrong in (x + 1, x - 1, x.float()):
        with pytest.raises(ShapeError, match="0 to 4"):
            model.encode(wrong)


@pytest.mark.parametrize("settings", [{"input_shape": (6,)}, {"symbols": 5}])
def test_seq2seq_symbols_and_shape_must_agree(settings):
    with pytest.raises(ConfigError, match="symbols"):
        build("seq2seq", **settings)


def test_seq2seq_decoder_sees_the_code_alone():
    model = build("seq2seq", input_shape=(7, 3)).double()
    x = pictures(model).double().requires_grad_()
    z = model.encode(x)
    raw = model.decode_raw(z)
    # Other input, same code: same output.
    model.encode = lambda other: z
    assert torch.equal(model(torch.rand_like(x)).raw, raw)
    # The gradient of any output reaches the input through the code, and in no other way.
    for step in (0, 3, 6):
        (direct,) = torch.autograd.grad(raw[:, step].sum(), x, retain_graph=True)
        (of_code,) = torch.autograd.grad(raw[:, step].sum(), z, retain_graph=True)
        (through,) = torch.autograd.grad(z, x, of_code, retain_graph=True)
        torch.testing.assert_close(direct, through)
        assert direct.abs().sum() > 0
    assert torch.autograd.gradcheck(model.decode_raw, z[:1].detach().requires_grad_(), fast_mode=True)
    (leak,) = torch.autograd.grad(model.decode_raw(z.detach()).sum() + 0 * z.sum(), x)
    assert not leak.any()


def test_seq2seq_encoder_reads_both_ways():
    model = build("seq2seq", input_shape=(7, 3))
    x = pictures(model).requires_grad_()
    (gradient,) = torch.autograd.grad(model.encode(x).sum(), x)
    assert (gradient.abs().sum(2) > 0).all()
    assert model.encoder.bidirectional


def test_vae_divergence_is_torchs():
    model = build("vae")
    output = model(pictures(model))
    q = Normal(output.mu, (0.5 * output.logvar).exp())
    expected = kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean()
    parts = model.loss(output, pictures(model))
    torch.testing.assert_close(parts["kl"], expected)


def test_vae_samples_have_the_codes_mean_and_deviation():
    model = build("vae")
    mu, logvar = torch.tensor([[1.5, -0.5]]), torch.tensor([[-2.0, 1.0]])
    torch.manual_seed(0)
    z = model.reparameterize(mu.expand(40_000, 2), logvar.expand(40_000, 2))
    torch.testing.assert_close(z.mean(0), mu[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.std(0), (0.5 * logvar[0]).exp(), atol=0.03, rtol=0)
    mu.requires_grad_(), logvar.requires_grad_()
    model.reparameterize(mu, logvar).sum().backward()
    assert mu.grad.tolist() == [[1.0, 1.0]]
    assert (logvar.grad != 0).all()


def test_vae_takes_the_mean_when_it_does_not_learn():
    model = build("vae")
    x = pictures(model)
    assert not torch.equal(model(x).z, model(x).z)
    output = model.eval()(x)
    assert torch.equal(output.z, output.mu)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_vae_beta_weighs_the_divergence(beta):
    model = build("vae", beta=beta)
    parts = model.batch_loss(pictures(model))
    torch.testing.assert_close(parts["loss"], parts["bce"] + beta * parts["kl"])
    assert parts["bce"] > 100  # nats a picture: a sum over pixels


def test_vae_figures_and_samples():
    model = build("vae").eval()
    figures = model.measure(pictures(model))
    torch.testing.assert_close(figures["negative_elbo"], figures["bce"] + figures["kl"])
    assert model.sample(5).shape == (5, 1, 28, 28)


def test_sparse_codes_are_probabilities_and_rho_is_their_mean():
    x = training_pictures("sparse")
    model = build("sparse", sparsity_weight=1.0, rho=0.1)
    z = model.encode(x)
    assert ((z > 0) & (z < 1)).all()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        parts = model.batch_loss(x)
        torch.testing.assert_close(parts["loss"], parts["mse"] + parts["sparsity"])
        parts["loss"].backward()
        optimizer.step()
    means = model.encode(x).mean(0)
    assert (means - 0.1).abs().max() < 0.05
    assert {"activation", "active_share"} <= set(model.measure(x[:4]))


def test_stacked_phases_move_only_their_layer():
    model = build("stacked", hidden=(20, 12))
    x = training_pictures("stacked", 64)
    phases = model.phases()
    assert [phase.name for phase in phases] == ["layer 1", "layer 2", "layer 3", "fine-tuning"]
    linear = {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear)}
    for number, phase in enumerate(phases):
        before = {name: value.clone() for name, value in model.state_dict().items()}
        optimizer = build_optimizer(phase, TrainOptions())
        optimizer.zero_grad()
        phase.loss(x)["loss"].backward()
        optimizer.step()
        moved = {name.rsplit(".", 1)[0] for name, value in model.state_dict().items() if (value != before[name]).any()}
        layers = [f"encoder.{2 * i}" for i in range(3)], [f"decoder.{2 * i}" for i in (2, 1, 0)]
        expected = {layers[0][number], layers[1][number]} if number < 3 else {*layers[0], *layers[1]}
        assert moved == expected
        own = [p for name in expected for p in linear[name].parameters()]
        assert {id(p) for p in phase.parameters} == {id(p) for p in own}


def test_stacked_without_a_greedy_share_is_a_dense_one():
    assert isinstance(build("stacked"), StackedAutoencoder)
    assert [phase.name for phase in build("stacked", greedy_share=0.0).phases()] == ["fine-tuning"]


@pytest.mark.parametrize("size", [(1, 1), (5, 37), (32, 32)])
@pytest.mark.parametrize("channels", [1, 3])
def test_colorization_keeps_the_lightness(size, channels):
    model = build("colorization").eval()
    torch.nn.init.normal_(model.decoder[1].weight, std=0.3)  # so that there are colours
    x = 0.25 + 0.5 * torch.rand(2, channels, *size, generator=torch.Generator().manual_seed(0))
    rgb = model.reconstruct(x)
    assert rgb.shape == (2, 3, *size)
    assert in_unit_range(rgb)
    before, after = color.rgb_to_lab(x.expand(-1, 3, -1, -1)), color.rgb_to_lab(rgb)
    inside = ((rgb > 0) & (rgb < 1)).all(1)  # where sRGB has the colour
    assert inside.float().mean() > 0.3
    assert (before[:, 0] - after[:, 0])[inside].abs().max() < 0.05
    assert after[:, 1:].abs().max() > 5


def test_colorization_predicts_from_lightness_alone():
    model = build("colorization").eval()
    x = training_pictures("colorization", 2)
    grey = color.lab_to_rgb(torch.cat([color.rgb_to_lab(x)[:, :1], torch.zeros(2, 2, 16, 16)], dim=1))
    torch.testing.assert_close(model.reconstruct(grey), model.reconstruct(x), atol=2e-3, rtol=0)
    with pytest.raises(ConfigError, match="colour pictures"):
        build("colorization", input_shape=(1, 32, 32))


def test_colorization_weighs_rare_colours_more():
    model = build("colorization")
    x = torch.zeros(10, 3, 32, 32)
    x[..., 0], x[:, 0, :, 0] = 0.0, 1.0  # a red column on black
    model.fit_statistics(x)
    weights = model.bin_weights
    grey = model.bins.square().sum(1).argmin()
    assert weights[grey] == weights.min()
    assert weights.max() > 1 > weights[grey] > 0
    before = weights.clone()
    model.fit_statistics(x.repeat(20, 1, 1, 1))  # more of the same
    torch.testing.assert_close(model.bin_weights, before, rtol=1e-3, atol=0)


def test_colorization_temperature_makes_bold():
    model = build("colorization")
    raw = torch.randn(1, len(model.bins), 4, 4)
    mild, bold = (model.expected_ab(raw, t).norm(dim=1).mean() for t in (1.0, 0.1))
    assert bold > 1.5 * mild
    certain = torch.full_like(raw, -100.0)
    certain[:, 3] = 100.0
    torch.testing.assert_close(model.expected_ab(certain)[0, :, 0, 0], model.bins[3])


def test_colorization_is_calm_where_it_is_in_doubt():
    bold, calm = (build_model("colorization", channels=(8, 16), bin_size=20.0, doubt=doubt) for doubt in (200.0, 10.0))
    red, green = (int((bold.bins @ torch.tensor([a, 0.0])).argmax()) for a in (1.0, -1.0))
    raw = torch.full((1, len(bold.bins), 1, 2), -20.0)
    raw[0, red, 0, 0] = 10.0  # certain
    raw[0, [red, green], 0, 1] = torch.tensor([10.0, 9.0])  # one or the other
    spread = bold.variance(raw)[0, 0, 0]
    p = torch.tensor([1.0, 0.0]).softmax(0)[0]
    assert spread[0] < 1
    torch.testing.assert_close(
        spread[1], p * (1 - p) * (bold.bins[red] - bold.bins[green]).square().sum(), rtol=1e-3, atol=0
    )
    share = calm.expected_ab(raw)[0, 0, 0] / bold.expected_ab(raw)[0, 0, 0]
    torch.testing.assert_close(share, torch.stack([torch.tensor(1.0), 100 / spread[1]]))
