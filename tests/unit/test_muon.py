"""Muon: what it does to a matrix, and that it learns the same as Adam in fewer steps."""

import pytest
import torch
from torch import nn

from ae_demo.training.muon import Muon, orthogonalize


@pytest.mark.parametrize("shape", [(16, 16), (64, 16), (16, 200)])
def test_orthogonalize_keeps_directions_and_levels_sizes(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, s, v = torch.linalg.svd(matrix, full_matrices=False)
    stretched = u @ torch.diag(torch.linspace(0.05, 5, len(s))) @ v
    level = orthogonalize(stretched)
    assert level.dtype == matrix.dtype
    sizes = torch.diag(u.T @ level @ v.T)
    assert sizes.min() > 0.5
    assert sizes.max() < 1.4
    assert (u.T @ level @ v.T - torch.diag(sizes)).abs().max() < 0.1
    assert torch.equal(orthogonalize(torch.zeros(shape)), torch.zeros(shape))


def build_network():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 16, 3, padding=1), *[nn.Conv2d(16, 16, 3, padding=1) for _ in range(3)], nn.Conv2d(16, 3, 1)]
    return nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])


def learn(optimizer_class, steps=150):
    """The loss of learning a median filter after so many steps."""
    network = build_network()
    optimizer = optimizer_class(network.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        x = torch.rand(8, 3, 12, 12, generator=generator)
        target = nn.functional.unfold(x.view(24, 1, 12, 12), 3, padding=1).median(1).values.view(x.shape)
        loss = (network(x) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item(), optimizer, network


@pytest.mark.slow
def test_it_learns_in_fewer_steps_than_adam():
    assert learn(Muon)[0] < learn(torch.optim.Adam)[0]


def test_small_layers_are_left_to_adam_and_all_is_in_one_state():
    _, optimizer, network = learn(Muon, steps=2)
    matrices = {id(p) for p in optimizer.matrices}
    assert matrices == {
        id(p) for name, p in network.named_parameters() if "weight" in name and not name.startswith("8")
    }
    kinds = {index: set(entries) for index, entries in optimizer.state_dict()["state"].items()}
    assert len(kinds) == len(list(network.parameters()))
    assert sum(entries == {"momentum"} for entries in kinds.values()) == len(matrices)
    optimizer.load_state_dict(optimizer.state_dict())
    optimizer.step()  # Adam's part finds the state that was loaded
    assert all(entries["step"] == 3 for entries in optimizer.state.values() if "step" in entries)


def test_a_parameter_without_a_gradient_stays_as_it_is():
    network = build_network()
    before = [p.detach().clone() for p in network.parameters()]
    Muon(network.parameters(), lr=1.0).step()
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
