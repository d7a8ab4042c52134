"""Noise: the fractions and deviations asked for, seeds, ranges, and levels of each picture's own."""

import dataclasses

import pytest
import torch

from ae_demo.errors import ConfigError, ShapeError
from ae_demo.functional import noise
from ae_demo.functional.noise import Noise, corrupt, random_noise

KINDS = {
    kind.__name__: kind for kind in (noise.gaussian, noise.salt_and_pepper, noise.mask, noise.dropout, noise.grain)
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def grey(*shape, value=0.5):
    return torch.full(shape, value)


@pytest.mark.parametrize("sigma", [0.01, 0.05, 0.1])
def test_gaussian_has_the_deviation_asked_for(sigma):
    added = noise.gaussian(grey(4, 3, 100, 100), sigma, generator=seeded()) - 0.5
    assert added.std().item() == pytest.approx(sigma, rel=0.02)
    assert abs(added.mean().item()) < 0.02 * sigma


@pytest.mark.parametrize("amount", [0.0, 0.1, 0.3, 0.75, 1.0])
def test_impulses_hit_the_fraction_asked_for(amount):
    x = grey(4, 1, 100, 100)
    y = noise.salt_and_pepper(x, amount, generator=seeded())
    assert (y == 0).float().mean().item() == pytest.approx(amount / 2, abs=0.01)
    assert (y == 1).float().mean().item() == pytest.approx(amount / 2, abs=0.01)
    y = noise.mask(x, amount, generator=seeded())
    assert (y == 0).float().mean().item() == pytest.approx(amount, abs=0.01)
    assert (y[y != 0] == 0.5).all()


@pytest.mark.parametrize("amount", [0.0, 0.2, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_scales_the_survivors(amount):
    y = noise.dropout(grey(4, 1, 100, 100, value=0.1), amount, generator=seeded())
    assert y.mean().item() == pytest.approx(0.1, rel=0.05)
    torch.testing.assert_close(y[y > 0], torch.full_like(y[y > 0], 0.1 / (1 - amount)))


def test_dropout_of_everything_is_black_not_nan():
    assert torch.equal(noise.dropout(torch.rand(2, 1, 8, 8), 1.0), torch.zeros(2, 1, 8, 8))


@each_kind
@pytest.mark.parametrize("per_channel", [False, True])
def test_channels_share_a_draw_unless_told_otherwise(kind, per_channel):
    y = kind(grey(1, 3, 32, 32), 0.4, generator=seeded(), per_channel=per_channel)
    assert torch.equal(y[:, 0], y[:, 1]) is not per_channel


def test_gaussian_draws_per_channel_by_default():
    y = noise.gaussian(grey(1, 2, 16, 16), 0.1, generator=seeded())
    assert not torch.equal(y[:, 0], y[:, 1])


@each_kind
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 5, 300), (0, 1, 8, 8)], ids=str)
def test_result_stays_in_range_and_keeps_shape_and_dtype(kind, dtype, shape):
    x = torch.rand(shape, generator=seeded()).to(dtype)
    before = x.clone()
    y = kind(x, 0.7, generator=seeded())
    assert (y.shape, y.dtype) == (x.shape, dtype)
    assert ((y >= 0) & (y <= 1)).all()
    assert torch.equal(x, before)


@each_kind
def test_each_picture_has_its_own_level(kind):
    x = torch.rand(3, 1, 40, 40, generator=seeded())
    levels = torch.tensor([0.0, 0.2, 0.8]).view(3, 1, 1, 1)
    change = (kind(x, levels, generator=seeded(1)) - x).abs().mean(dim=(1, 2, 3))
    assert change[0] == 0
    assert 0 < change[1] < change[2]
    for i, level in enumerate((0.0, 0.2, 0.8)):  # the same draws as with one level for all
        torch.testing.assert_close(kind(x, levels, generator=seeded(1))[i], kind(x, level, generator=seeded(1))[i])


BAD_LEVELS = [-0.1, 1.1, float("nan"), "much", torch.tensor(2.0), torch.tensor([0.1, -1]).view(2, 1, 1, 1)]


@each_kind
@pytest.mark.parametrize("level", BAD_LEVELS, ids=["low", "high", "nan", "text", "tensor", "one-of-two"])
def test_levels_out_of_range_are_refused(kind, level):
    with pytest.raises(ConfigError, match=f"{kind.__name__}.*0 .* 1"):
        kind(torch.rand(2, 1, 4, 4), level)
    with pytest.raises(ConfigError, match=kind.__name__):
        Noise(**{kind.__name__: level})


@each_kind
def test_wrong_shapes_are_refused(kind):
    with pytest.raises(ConfigError, match=r"\(4, 1, 1, 1\)"):  # would broadcast along the width
        kind(torch.rand(4, 1, 4, 4), torch.rand(4))
    with pytest.raises(ShapeError, match="uint8"):
        kind(torch.zeros(1, 1, 4, 4, dtype=torch.uint8), 0.1)
    with pytest.raises(ShapeError, match=r"\(4, 4\)"):
        kind(torch.rand(4, 4), 0.1)


MIXTURE = Noise(gaussian=0.2, salt_and_pepper=0.1, mask=0.2, dropout=0.1)


def test_same_seed_same_noise():
    x = torch.rand(2, 3, 16, 16, generator=seeded())
    assert torch.equal(corrupt(x, MIXTURE, seed=7), corrupt(x, MIXTURE, seed=7))
    assert not torch.equal(corrupt(x, MIXTURE, seed=7), corrupt(x, MIXTURE, seed=8))
    assert torch.equal(corrupt(x, MIXTURE, generator=seeded(7)), corrupt(x, MIXTURE, generator=seeded(7)))


@pytest.mark.parametrize("seed", [-1, 0, 2**63, 2**70])
def test_any_integer_is_a_seed(seed):
    x = grey(1, 1, 8, 8)
    assert torch.equal(corrupt(x, MIXTURE, seed=seed), corrupt(x, MIXTURE, seed=seed))


def test_seed_leaves_the_global_generator_alone():
    state = torch.get_rng_state()
    corrupt(grey(1, 1, 8, 8), MIXTURE, seed=3)
    assert torch.equal(state, torch.get_rng_state())


def test_one_level_changes_nothing_of_the_others():
    x = grey(1, 1, 64, 64)
    alone = corrupt(x, Noise(mask=0.3), seed=1)
    mixed = corrupt(x, Noise(mask=0.3, gaussian=0.05), seed=1)
    assert torch.equal(alone == 0, mixed == 0)
    more = corrupt(x, Noise(mask=0.5), seed=1)
    assert (more[alone == 0] == 0).all()


def test_order_is_gaussian_dropout_mask_impulses():
    x = torch.rand(2, 3, 16, 16, generator=seeded())
    g = seeded(5)
    y = noise.dropout(noise.gaussian(x, 0.2, generator=g), 0.1, generator=g)
    y = noise.salt_and_pepper(noise.mask(y, 0.2, generator=g), 0.1, generator=g)
    assert torch.equal(corrupt(x, MIXTURE, generator=seeded(5)), y)


def test_no_noise_returns_the_picture_and_draws_nothing():
    x, g = torch.rand(1, 1, 4, 4), seeded()
    state = g.get_state()
    assert torch.equal(corrupt(x, Noise(), generator=g), x)
    assert torch.equal(g.get_state(), state)


def test_per_channel_is_for_the_impulses():
    x = grey(1, 3, 32, 32)
    assert (corrupt(x, Noise(mask=0.5), seed=0).std(dim=1) == 0).all()
    assert (corrupt(x, Noise(mask=0.5, per_channel=True), seed=0).std(dim=1) > 0).any()
    assert (corrupt(x, Noise(gaussian=0.1), seed=0).std(dim=1) > 0).any()


def test_seed_and_generator_together_are_refused():
    with pytest.raises(ConfigError, match="one of them"):
        corrupt(grey(1, 1, 4, 4), MIXTURE, seed=1, generator=seeded())


MAXIMA = Noise(gaussian=0.5, salt_and_pepper=0.4, mask=0.6, dropout=0.3, grain=0.2, per_channel=True)


def levels_of(drawn):
    return {f.name: getattr(drawn, f.name) for f in dataclasses.fields(drawn) if f.name != "per_channel"}


def test_random_levels_lie_under_their_maxima_and_are_sometimes_absent():
    drawn = random_noise(20_000, MAXIMA, seeded())
    assert drawn.per_channel
    shares = {"gaussian": 0.8, "salt_and_pepper": 0.35, "mask": 0.35, "dropout": 0.15, "grain": 0.2}
    for name, level in levels_of(drawn).items():
        top = getattr(MAXIMA, name)
        assert level.shape == (20_000, 1, 1, 1)
        assert 0 <= level.min() <= level.max() <= top
        assert level[level > 0].mean().item() == pytest.approx(top / 2, rel=0.03)  # uniform
        present = 0.95 * (0.6 * shares[name] / sum(shares.values()) + 0.4 * shares[name])
        assert (level > 0).float().mean().item() == pytest.approx(present, abs=0.03)
    kinds = torch.stack(list(levels_of(drawn).values())).ne(0).sum(dim=0)
    assert (kinds == 0).float().mean().item() == pytest.approx(0.05, abs=0.006)
    assert (kinds == 1).float().mean().item() > 0.6


def test_random_levels_of_one_kind_leave_the_others_out():
    drawn = random_noise(2_000, Noise(mask=0.5), seeded())
    assert (drawn.gaussian, drawn.salt_and_pepper, drawn.dropout) == (0.0, 0.0, 0.0)
    assert (drawn.mask == 0).float().mean().item() == pytest.approx(0.05, abs=0.02)
    assert random_noise(8, Noise()) == Noise()
    assert random_noise(0, MAXIMA) == Noise(per_channel=True)


def test_random_levels_follow_their_generator_and_fit_corrupt():
    first, second = (random_noise(16, MAXIMA, seeded(3)) for _ in range(2))
    for one, other in zip(levels_of(first).values(), levels_of(second).values(), strict=True):
        assert torch.equal(one, other)
    x = torch.rand(16, 3, 8, 8, generator=seeded())
    y = corrupt(x, first, generator=seeded(4))
    assert y.shape == x.shape
    assert ((y >= 0) & (y <= 1)).all()


def test_random_levels_need_numbers_as_maxima():
    with pytest.raises(ConfigError, match="numbers"):
        random_noise(2, Noise(mask=torch.rand(2, 1, 1, 1)))


def test_grain_has_its_deviation_and_its_neighbours_are_alike():
    x = torch.full((64, 3, 32, 32), 0.5)
    added = noise.grain(x, 0.1, generator=seeded()) - x
    assert added.flatten(1).std(1).sub(0.1).abs().max() < 0.015
    alike = (added[..., 1:] * added[..., :-1]).flatten(1).mean(1) / added.flatten(1).var(1)
    assert alike.min() < 0.1  # from white
    assert alike.max() > 0.5  # to coarse, by chance
    assert noise.grain(torch.rand(2, 1, 1, 1), 0.1).shape == (2, 1, 1, 1)
