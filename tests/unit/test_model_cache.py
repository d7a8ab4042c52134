"""The cache of models: bounded, and true to the files."""

import os

from ae_demo import checkpoints
from ae_demo.inference import get_model, model_cache


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
