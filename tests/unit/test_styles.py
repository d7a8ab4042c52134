"""Style transfer with the shipped class-conditional model."""

import numpy as np
import pytest
import torch
from PIL import Image

import ae_demo
from ae_demo import checkpoints, cli
from ae_demo.data import ASSETS, load_dataset
from ae_demo.errors import CheckpointError, ConfigError


def slants(x):
    """cov(x, y) / var(y) of the ink of pictures (N, 28, 28), as rows go down."""
    ink = x / x.sum((1, 2), keepdims=True)
    places = np.arange(28.0)
    across, down = (places - (ink.sum(axis) @ places)[:, None] for axis in (1, 2))
    return np.einsum("nyx,ny,nx->n", ink, down, across) / np.einsum("nyx,ny->n", ink, down**2)


def test_the_style_of_a_digit_is_carried_over_to_all_ten():
    data = load_dataset("digits")
    x, labels = data.test[:300].float() / 255, data.test_labels[:300]
    model = checkpoints.load("cvae-mnist", "cpu")
    means = torch.stack([data.train[data.train_labels == digit].float().mean(0) / 255 for digit in range(10)])
    with torch.inference_mode():
        assert (model.infer_labels(x) == labels).float().mean() > 0.95
        z = model.encode_as(x, labels)[0]
        made = torch.stack([model.decode_as(z, torch.full((300,), digit)) for digit in range(10)])
    nearest = torch.cdist(made.flatten(2), means.flatten(1)[None]).argmin(
        2
    )  # right for 80 % of the pictures themselves
    assert (nearest == torch.arange(10)[:, None]).float().mean() > 0.85
    source = slants(x[:, 0].numpy())
    for digit in range(10):
        other = (labels != digit).numpy()
        assert np.corrcoef(source[other], slants(made[digit, :, 0].numpy())[other])[0, 1] > 0.7


def test_transfer_style_takes_a_picture_of_any_size():
    path = ASSETS / "examples" / "digit-2.png"
    result = ae_demo.transfer_style(Image.open(path).resize((90, 120)))
    assert result.label == result.scores.argmin() == 2
    assert (result.images.shape, result.images.dtype, result.z.shape) == ((10, 28, 28), np.uint8, (8,))
    errors = np.square(result.images.astype(float) - result.seen).mean((1, 2))
    assert errors.argmin() == 2
    corrected = ae_demo.transfer_style(Image.open(path), 7)
    assert corrected.label == 7
    assert not np.allclose(corrected.z, result.z, atol=0.1)


def test_the_command_writes_all_ten(tmp_path, capsys):
    path, out = ASSETS / "examples" / "digit-2.png", tmp_path / "out.png"
    assert cli.main(["style", str(path), "--out", str(out)]) == 0
    assert "label 2" in capsys.readouterr().out
    expected = np.concatenate(list(ae_demo.transfer_style(Image.open(path)).images), axis=1)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), expected)
    assert cli.main(["style", str(path), "--out", str(tmp_path / "out.jpg")]) == 1


def test_transfer_style_says_what_it_cannot_use():
    picture = Image.open(ASSETS / "examples" / "digit-2.png")
    for label in (10, -1, 2.5, True, "2"):
        with pytest.raises(ConfigError, match="0 to 9"):
            ae_demo.transfer_style(picture, label)
    with pytest.raises(CheckpointError, match="vae-mnist is of the family vae"):
        ae_demo.transfer_style(picture, checkpoint="vae-mnist")
