"""Properties of single families: noise, sequences, divergence, sparsity, phases, colours."""

import pytest
import torch
from families import build, in_unit_range, pictures, training_pictures
from torch.distributions import Normal, kl_divergence

from ae_demo import checkpoints
from ae_demo.errors import ConfigError, ShapeError
from ae_demo.functional import color
from ae_demo.models import build_model
from ae_demo.models.stacked import StackedAutoencoder
from ae_demo.training.options import TrainOptions
from ae_demo.training.schedule import build_optimizer


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


@pytest.mark.parametrize("options", [{}, {"linear_path": True, "time_features": 3}])
def test_seq2seq_decoder_sees_the_code_alone(options):
    model = build("seq2seq", input_shape=(7, 3), **options).double()
    for layer in (model.to_code, model.to_output):  # with a linear path they are initialised to zero
        torch.nn.init.normal_(layer.weight, std=0.1)
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


@pytest.mark.parametrize("shape", [(12, 2), (2, 6, 5)])
def test_seq2seq_linear_path_starts_as_pca(shape):
    model = build("seq2seq", input_shape=shape, latent_dim=3, linear_path=True, time_features=2).eval()
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(3, model.config.pixels, generator=generator)
    codes = torch.rand(50, 3, generator=generator) - 0.5
    x = (0.5 + 0.02 * codes @ mixing).unflatten(1, shape)  # rank 3, within [0, 1]
    model.fit_statistics(x)
    torch.testing.assert_close(model.reconstruct(x), x, atol=1e-4, rtol=0)
    z = model.encode(x)
    torch.testing.assert_close(z.T @ z / len(z), torch.eye(3), atol=1e-2, rtol=0)  # unit variance, uncorrelated
    # A rank that the code does not hold is left over, exactly as PCA leaves it.
    noisy = x + 0.05 * torch.rand(x.shape, generator=generator)
    fresh = build("seq2seq", input_shape=shape, latent_dim=3, linear_path=True).eval()
    fresh.fit_statistics(noisy)
    flat = noisy.flatten(1)
    singular = torch.linalg.svdvals(flat - flat.mean(0))
    expected = singular[3:].square().sum() / flat.numel()
    torch.testing.assert_close((fresh.decode_raw(fresh.encode(noisy)) - noisy).square().mean(), expected)


def test_seq2seq_checkpoint_keeps_the_linear_path(tmp_path):
    model = build("seq2seq", input_shape=(7, 3), linear_path=True, time_features=4).eval()
    x = pictures(model)
    model.fit_statistics(x)
    torch.nn.init.normal_(model.to_output.weight, std=0.1)
    loaded = checkpoints.load(checkpoints.save(model, tmp_path / "it"), "cpu")
    torch.testing.assert_close(loaded.reconstruct(x), model.reconstruct(x), atol=5e-3, rtol=0)  # half precision


def test_seq2seq_keeps_a_trained_linear_path():
    model = build("seq2seq", input_shape=(7, 3), linear_path=True)
    torch.nn.init.normal_(model.to_code.weight)
    before = model.linear_encoder.weight.clone()
    model.fit_statistics(pictures(model))
    assert torch.equal(model.linear_encoder.weight, before)


@pytest.mark.parametrize(
    "settings",
    [{"input_shape": (6,), "symbols": 5, "latent_dim": 31}, {"loss": "bce"}, {"input_shape": (2, 3), "latent_dim": 7}],
)
def test_seq2seq_linear_path_refuses_what_it_cannot_do(settings):
    with pytest.raises(ConfigError, match="linear_path"):
        build("seq2seq", linear_path=True, **settings)


def test_seq2seq_of_symbols_begins_at_pca_of_their_one_hot_codes():
    model = build("seq2seq", input_shape=(6,), symbols=4, latent_dim=24, linear_path=True).eval()
    x = torch.randint(4, (200, 6), generator=torch.Generator().manual_seed(0))
    model.fit_statistics(x)
    assert torch.equal(model.reconstruct(x), x)  # 6·4 numbers hold any one-hot code
    measured = model.measure(x)
    assert measured["accuracy"].tolist() == measured["exact"].tolist() == [1.0] * 200
    torch.testing.assert_close(measured["cross_entropy"].mean(), model.batch_loss(x)["loss"])
    wrong = model.measure(x.roll(1, 0))
    assert wrong["cross_entropy"].shape == (200,)


def test_seq2seq_of_symbols_trains_its_linear_path_first():
    model = build("seq2seq", input_shape=(6,), symbols=4, latent_dim=8, linear_path=True)
    x = torch.randint(4, (64, 6), generator=torch.Generator().manual_seed(0))
    model.fit_statistics(x)
    linear, whole = model.phases()
    assert len(whole.parameters) > len(linear.parameters) == 4
    parts = linear.loss(x)
    torch.testing.assert_close(parts["loss"], model.batch_loss(x)["loss"])  # the LSTMs' outputs begin at zero
    parts["loss"].backward()
    assert all(p.grad is not None for p in linear.parameters)
    assert model.decoder.weight_hh_l0.grad is None
    with torch.autocast("cpu", torch.bfloat16):
        assert model.encode(x).dtype == torch.float32
    assert len(build("seq2seq", input_shape=(7, 3), linear_path=True).phases()) == 1


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


def test_a_lower_temperature_makes_colours_bolder():
    model = build("colorization")
    raw = torch.randn(1, len(model.bins), 4, 4)
    mild, bold = (model.expected_ab(raw, t).norm(dim=1).mean() for t in (1.0, 0.1))
    assert bold > 1.5 * mild
    certain = torch.full_like(raw, -100.0)
    certain[:, 3] = 100.0
    torch.testing.assert_close(model.expected_ab(certain)[0, :, 0, 0], model.bins[3])


def test_uncertain_colours_are_less_saturated():
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
