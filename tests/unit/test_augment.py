"""Augmentation: what is changed in half of the pictures, and what is not."""

import pytest
import torch

from ae_demo.data import augment, load_dataset
from ae_demo.errors import ShapeError


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_augment_bends_half_of_the_pictures_about_their_middle():
    x = load_dataset("digits").test.float() / 255
    bent = augment(x, 0.2, generator())
    assert bent.shape == x.shape
    assert torch.equal(bent, augment(x, 0.2, generator()))
    assert not torch.equal(bent, augment(x, 0.2, generator(1)))
    torch.testing.assert_close(augment(x, 0, generator()), x, atol=1e-4, rtol=0)
    kept = (bent - x).abs().amax((1, 2, 3)) < 1e-3
    assert 0.4 < kept.float().mean() < 0.6
    assert 0 <= bent.min() <= bent.max() <= 1
    dot = torch.zeros(50, 1, 9, 9)
    dot[:, :, 4, 4] = 1
    assert (augment(dot, 0.2, generator())[:, 0, 4, 4] > 0.99).all()
    with pytest.raises(ShapeError, match="set augment and contrast to 0, mirror to off"):
        augment(torch.zeros(2, 8, 1), 0.1, generator())


def test_mirroring_turns_half_of_the_pictures_and_nothing_else():
    x = torch.rand(400, 1, 4, 5)
    turned = augment(x, 0.0, generator(), mirror=True)
    as_given, mirrored = ((turned == like).flatten(1).all(1) for like in (x, x.flip(3)))
    assert (as_given ^ mirrored).all()
    assert 150 < mirrored.sum() < 250


def test_contrast_cuts_half_of_the_pictures_at_black_and_white():
    x = torch.linspace(0, 1, 401).expand(400, 1, 1, 401)
    cut = augment(x, 0.0, generator(), contrast=0.4)
    kept = (cut == x).flatten(1).all(1)
    assert 150 < kept.sum() < 250
    black, white = ((cut[~kept] == end).flatten(1).float().mean(1) for end in (0, 1))
    for share in (black, white):  # each end by its own draw from U(0, 0.4)
        assert 0.17 < share.mean() < 0.23
        assert 0.35 < share.max() <= 0.405
    assert torch.corrcoef(torch.stack([black, white]))[0, 1].abs() < 0.2
    assert (cut.diff(dim=3) >= 0).all()
