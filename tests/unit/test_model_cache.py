"""The cache of models: bounded, and true to the files."""

import os

import pytest
import torch

from ae_demo import checkpoints
from ae_demo.inference import get_model, model_cache
from ae_demo.models.blocks import ResidualBlock


def test_few_models_are_in_memory_at_once():
    names = checkpoints.list_checkpoints()
    assert len(names) > model_cache.MAX_MODELS
    models = [get_model(name) for name in names]
    assert model_cache._load.cache_info().currsize == model_cache.MAX_MODELS
    assert [get_model(name) for name in names[-model_cache.MAX_MODELS :]] == models[-model_cache.MAX_MODELS :]
    assert get_model(names[0]) is not models[0]


def test_a_checkpoint_whose_weights_have_changed_is_another_version(tmp_path):
    model = get_model("dense-mnist-8d")
    folder = checkpoints.save(model, tmp_path / "copy")
    first = get_model(folder)
    assert get_model(folder) is first
    assert model_cache.version_of(folder)[0] == folder.resolve()
    os.utime(folder / checkpoints.WEIGHTS, (1, 1))
    assert model_cache.version_of(folder) == (folder.resolve(), 1)
    assert get_model(folder) is not first


@pytest.mark.parametrize("norm", [False, True])
def test_a_block_for_inference_computes_the_same_and_leaves_its_input_alone(norm):
    torch.manual_seed(0)
    block, x = ResidualBlock(16, norm), torch.randn(1, 16, 9, 11)
    torch.nn.init.normal_(block.conv2.weight, std=0.1)
    given = x.clone()
    expected = block(x)
    assert (expected - x).abs().max() > 0.1
    torch.testing.assert_close(model_cache.InPlaceBlock(block)(x), expected)
    assert torch.equal(x, given)
