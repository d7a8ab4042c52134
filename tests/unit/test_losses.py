"""Losses: against torch, torch.distributions and the formulas, in float32 also from bfloat16."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

from ae_demo.errors import ConfigError, ShapeError
from ae_demo.functional import losses, metrics

RECONSTRUCTIONS = [(name, "sigmoid") for name in losses.LOSSES]
RECONSTRUCTIONS += [(name, "linear") for name in losses.LOSSES if name != "bce"]
each_reconstruction = pytest.mark.parametrize(("name", "output"), RECONSTRUCTIONS)


def batch(*shape, seed=0):
    """Raw outputs around 0, and targets in [0, 1]."""
    g = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(shape, generator=g), torch.rand(shape, generator=g)


def expected_reconstruction(name, raw, x, output):
    if name == "bce":
        return -Bernoulli(logits=raw, validate_args=False).log_prob(x).mean()
    x_hat = torch.special.expit(raw) if output == "sigmoid" else raw
    if name == "ssim":
        return 1 - metrics.ssim(x_hat.clamp(0, 1), x).mean()
    if name == "l1":
        return (x_hat - x).abs().mean()
    errors = ((x_hat - x) ** 2).mean((1, 2, 3))  # of each picture
    return {"mse": errors, "rmse": (errors + 1e-6).sqrt(), "psnr": 10 * torch.log10(errors + 1e-5)}[name].mean()


@each_reconstruction
def test_reconstruction_agrees_with_its_formula(name, output):
    raw, x = batch(3, 1, 12, 14)
    value = losses.reconstruction(name, raw, x, output)
    assert value.shape == ()
    torch.testing.assert_close(value, expected_reconstruction(name, raw, x, output))


@each_reconstruction
@pytest.mark.parametrize("shape", [(2, 3, 12, 12), (1, 1, 1, 1)], ids=str)
def test_reconstruction_is_float32_from_bfloat16_and_learns(name, output, shape):
    raw, x = batch(*shape)
    raw = (raw / 8 + 0.4).bfloat16().requires_grad_()  # inside [0, 1], where the clamp lets gradients pass
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = losses.reconstruction(name, raw, x.bfloat16(), output)
    assert value.dtype == torch.float32
    value.backward()
    assert torch.isfinite(raw.grad).all()
    assert (raw.grad != 0).any()


@each_reconstruction
@pytest.mark.parametrize("extreme", [-200.0, 200.0])
def test_reconstruction_of_saturated_outputs_is_finite(name, output, extreme):
    raw = torch.full((1, 1, 8, 8), extreme, requires_grad=True)
    value = losses.reconstruction(name, raw, torch.rand(1, 1, 8, 8), output)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(raw.grad).all()


def test_linear_outputs_beyond_the_range_are_pulled_back():
    raw = torch.full((1, 1, 2, 2), 1.5, requires_grad=True)
    losses.reconstruction("mse", raw, torch.ones(1, 1, 2, 2), "linear").backward()
    assert (raw.grad > 0).all()


@pytest.mark.parametrize(("name", "output"), [("bce", "linear"), ("hinge", "sigmoid"), ("mse", "tanh"), ("", "linear")])
def test_unknown_or_impossible_losses_are_refused(name, output):
    with pytest.raises(ConfigError, match=r"(?i)choose"):
        losses.reconstruction(name, *batch(1, 1, 8, 8), output)


@each_reconstruction
def test_shapes_that_would_broadcast_are_refused(name, output):
    with pytest.raises(ShapeError):
        losses.reconstruction(name, torch.rand(2, 3, 8, 8), torch.rand(2, 1, 8, 8), output)


def test_plain_losses_agree_with_torch():
    raw, x = batch(2, 5, 7)  # sequences too
    torch.testing.assert_close(losses.mse(raw, x), F.mse_loss(raw, x))
    torch.testing.assert_close(losses.l1(raw, x), F.l1_loss(raw, x))
    torch.testing.assert_close(losses.bce_with_logits(raw, x), F.binary_cross_entropy(raw.sigmoid(), x))
    x = x[:, None]
    assert losses.ssim_loss(x, x).item() == pytest.approx(0, abs=1e-5)
    assert 0 < losses.ssim_loss(1 - x, x).item() <= 2


def test_kl_divergence_agrees_with_torch_distributions():
    mu, logvar = batch(6, 4)
    value = losses.kl_divergence(mu, logvar)
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(value, expected)
    assert torch.equal(losses.kl_divergence(torch.zeros(3, 2), torch.zeros(3, 2)), torch.zeros(3))


def test_kl_divergence_keeps_its_digits_near_the_prior():
    value = losses.kl_divergence(torch.zeros(1, 1), torch.full((1, 1), 1e-3)).item()
    assert value == pytest.approx(0.5 * (math.expm1(1e-3) - 1e-3), rel=1e-3)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_elbo_is_log_likelihood_less_beta_kl(beta):
    logits, x = batch(3, 1, 5, 5)
    x = x.round()
    mu, logvar = batch(3, 2, seed=1)
    likelihood = Bernoulli(logits=logits).log_prob(x).sum(dim=(1, 2, 3))
    divergence = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).sum(dim=1)
    value = losses.elbo(logits, x, mu, logvar, beta)
    torch.testing.assert_close(value, likelihood - beta * divergence)
    torch.testing.assert_close(losses.negative_elbo(logits, x, mu, logvar, beta), -value.mean())


def test_elbo_is_below_the_evidence():
    """A model small enough to integrate: one latent number, one pixel whose logit is that number."""
    z = torch.linspace(-8, 8, 4001)
    evidence = torch.trapezoid(Normal(0.0, 1.0).log_prob(z).exp() * z.sigmoid(), z).log()
    for mean, logvar in [(0.0, 0.0), (0.4, -0.2), (2.0, -3.0)]:
        q = Normal(mean, math.exp(0.5 * logvar)).log_prob(z).exp()
        given = (torch.full((1, 1), mean), torch.full((1, 1), logvar))
        per_z = losses.elbo(z[:, None], torch.ones(4001, 1), *(v.expand(4001, 1) for v in given))
        assert torch.trapezoid(q * per_z, z) < evidence


@pytest.mark.parametrize("rho", [0.01, 0.05, 0.5])
def test_kl_sparsity_agrees_with_torch_distributions(rho):
    mean = torch.tensor([0.02, 0.05, 0.3, 0.9])
    expected = kl_divergence(Bernoulli(torch.full((4,), rho)), Bernoulli(mean)).sum()
    torch.testing.assert_close(losses.kl_sparsity(mean, rho), expected)
    assert losses.kl_sparsity(torch.full((4,), rho), rho).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kl_sparsity_of_dead_and_saturated_units_is_finite(dtype):
    mean = torch.tensor([0.0, 1.0, 1.7], dtype=dtype, requires_grad=True)
    value = losses.kl_sparsity(mean, 0.05)
    value.backward()
    assert value.dtype == torch.float32
    assert 0 < value.item() < 50
    assert torch.isfinite(mean.grad).all()


@pytest.mark.parametrize("rho", [0.0, 1.0, -0.1, float("nan")])
def test_kl_sparsity_refuses_values_other_than_probabilities(rho):
    with pytest.raises(ConfigError, match="rho"):
        losses.kl_sparsity(torch.rand(3), rho)


def test_cross_entropy_agrees_with_torch_distributions():
    logits = torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(0))
    target = torch.arange(10).view(2, 5) % 7
    torch.testing.assert_close(
        losses.cross_entropy(logits, target), -Categorical(logits=logits).log_prob(target).mean()
    )
    assert losses.cross_entropy(logits.bfloat16(), target).dtype == torch.float32
    uniform = losses.cross_entropy(torch.zeros(2, 5, 7), target)
    assert uniform.item() == pytest.approx(math.log(7))


@pytest.mark.parametrize("shape", [(2, 4), (5, 2), (10,)], ids=str)
def test_cross_entropy_refuses_shapes_that_do_not_fit(shape):
    with pytest.raises(ShapeError, match=r"B, T, K"):
        losses.cross_entropy(torch.rand(2, 5, 7), torch.zeros(shape, dtype=torch.long))


def test_weight_penalty_is_the_weighted_norms():
    layer = torch.nn.Linear(3, 2)
    weights = torch.cat([p.detach().flatten() for p in layer.parameters()])
    value = losses.weight_penalty(layer.parameters(), l1=0.1, l2=0.01)
    torch.testing.assert_close(value.detach(), 0.1 * weights.abs().sum() + 0.01 * weights.square().sum())
    value.backward()
    expected = 0.1 * layer.weight.detach().sign() + 0.02 * layer.weight.detach()
    torch.testing.assert_close(layer.weight.grad, expected)
    assert losses.weight_penalty(layer.parameters()).item() == 0
    assert losses.weight_penalty([], l1=1.0).item() == 0


@pytest.mark.parametrize("weights", [{"l1": -0.1}, {"l2": float("nan")}, {"l2": float("inf")}])
def test_weight_penalty_refuses_bad_weights(weights):
    with pytest.raises(ConfigError, match=next(iter(weights))):
        losses.weight_penalty([torch.ones(2)], **weights)
