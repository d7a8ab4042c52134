"""A picture in, a result out: sizes, kinds, tiles, colours, errors."""

import copy
import os

import numpy as np
import pytest
import torch
from PIL import Image
from samples import SIZES, digit, grey, mse, noise_of, pen_on_paper, photo
from skimage.metrics import peak_signal_noise_ratio

import ae_demo
from ae_demo import anomaly, checkpoints, color, colorizing, inference, metrics, pipelines, tiles
from ae_demo.data.pictures import to_tensor
from ae_demo.errors import CheckpointError, ConfigError, PictureError
from ae_demo.models import build_model
from ae_demo.models.blocks import ResidualBlock
from ae_demo.noise import Noise

RANDOM = {  # checkpoint: its family's settings, and the data that it says it is of
    "dense-mnist": ({"family": "dense", "hidden": (16,)}, "mnist"),
    "vae-mnist": ({"family": "vae", "hidden": (16,), "decoder_hidden": (16,)}, "digits"),
    "vae-wide": ({"family": "vae", "hidden": (16,), "latent_dim": 5}, "digits"),
    "sparse-fashion": ({"family": "sparse", "hidden": (16,)}, "fashion"),
    "seq2seq-mnist": ({"family": "seq2seq", "hidden_size": 8}, "mnist"),
    "seq2seq-waves": ({"family": "seq2seq", "input_shape": (64, 1), "hidden_size": 8}, "waves"),
    "dense-folder": ({"family": "dense", "input_shape": (3, 20, 24), "hidden": (16,)}, "folder"),
    "conv-mnist": ({"family": "conv", "channels": (4, 6)}, "mnist"),
    "conv-grey": ({"family": "conv", "channels": (6, 8), "blocks": 1, "latent_dim": 0}, "mnist"),
    "conv-photo": (
        {"family": "conv", "input_shape": (3, 64, 64), "channels": (12,), "patch": 8, "blocks": 2}
        | {"latent_dim": 0, "code_channels": 6, "nested": True, "output": "linear"},
        "folder",
    ),
    "denoising-mnist": ({"family": "denoising", "channels": (8, 8)}, "mnist"),
    "denoising-photo": ({"family": "denoising", "input_shape": (3, 64, 64), "channels": (8, 8, 8)}, "folder"),
    "colorization-photo": ({"family": "colorization", "channels": (8, 12)}, "folder"),
}
ANY_SIZE = ["conv-grey", "conv-photo", "denoising-mnist", "denoising-photo"]
SHIPPED = checkpoints.ROOT


@pytest.fixture(scope="session")
def random_checkpoints(tmp_path_factory):
    """A folder of checkpoints with random weights, large enough to be felt: nothing in them is zero."""
    root = tmp_path_factory.mktemp("checkpoints")
    for name, (settings, data) in RANDOM.items():
        torch.manual_seed(0)
        model = build_model(**settings)
        for parameter in model.parameters():
            if parameter.ndim == 4:
                torch.nn.init.normal_(parameter, std=1.5 * parameter[0].numel() ** -0.5)
        quantiles = [0.001 * q for q in range(101)]
        metrics = {"data": {"name": data}, "figures": {"mse": 0.05}, "error_quantiles": quantiles}
        checkpoints.save(model, root / name, metrics)
    return root


@pytest.fixture(autouse=True)
def root(random_checkpoints, monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", random_checkpoints)
    return random_checkpoints


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("checkpoint", ANY_SIZE)
def test_reconstruct_any_size(checkpoint, shape):
    pixels = noise_of(shape)
    result = ae_demo.reconstruct(pixels, checkpoint)
    assert result.image.dtype == np.uint8
    assert result.image.shape == shape
    stride = pipelines.get_model(checkpoint).config.code_stride
    assert result.code.shape[1:] == (-(-shape[0] // stride), -(-shape[1] // stride))
    assert result.seen.shape == result.seen_hat.shape
    assert result.seen.shape[1:] == shape[:2]


@pytest.mark.parametrize(
    "checkpoint", [c for c in RANDOM if c not in ANY_SIZE and RANDOM[c][0]["family"] != "colorization"]
)
@pytest.mark.parametrize("pixels", [digit(), 255 - np.kron(digit(), np.ones((5, 7), np.uint8))], ids=["28", "large"])
@pytest.mark.parametrize("colored", [False, True])
def test_reconstruct_at_the_models_size(checkpoint, pixels, colored):
    pixels = np.repeat(pixels[..., None], 3, axis=2) if colored else pixels
    if checkpoint == "seq2seq-waves":
        with pytest.raises(CheckpointError, match="sequences"):
            ae_demo.reconstruct(pixels, checkpoint)
        return
    result = ae_demo.reconstruct(pixels, checkpoint)
    assert result.image.shape == pixels.shape
    assert result.image.dtype == np.uint8
    config = pipelines.get_model(checkpoint).config
    assert result.seen.shape == result.seen_hat.shape == config.input_shape
    assert result.code.shape == (config.latent_dim,)


def test_pil_images_are_what_their_arrays_are():
    for mode in ("L", "RGB", "RGBA", "P"):
        image = Image.fromarray(photo()[:40, :50]).convert(mode)
        result = ae_demo.reconstruct(image, "conv-photo")
        expected = image.convert("L" if mode == "L" else "RGB")
        assert result.image.shape[:2] == (40, 50)
        assert np.array_equal(result.image, ae_demo.reconstruct(np.asarray(expected), "conv-photo").image)


@pytest.mark.parametrize("checkpoint", ["conv-photo", "conv-grey", "dense-mnist", "dense-folder"])
def test_figures_are_against_the_picture_given(checkpoint):
    for pixels in (np.kron(digit(3), np.ones((2, 3), np.uint8)), pen_on_paper()):
        result = ae_demo.reconstruct(pixels, checkpoint)
        errors = (result.image.astype(float) - pixels) / 255
        assert result.mse == pytest.approx(np.square(errors).mean(), rel=1e-4)
        assert result.psnr == pytest.approx(peak_signal_noise_ratio(pixels, result.image), abs=1e-3)
        assert -1 <= result.ssim <= 1
        same = ae_demo.reconstruct(pixels, checkpoint)
        assert np.array_equal(same.image, result.image)


def test_fewer_channels_keep_the_first(root):
    pixels = photo()[:64, :80]
    whole = ae_demo.reconstruct(pixels, "conv-photo")
    few = ae_demo.reconstruct(pixels, "conv-photo", channels=2)
    assert np.array_equal(few.code[:2], whole.code[:2])
    assert not few.code[2:].any()
    assert not np.array_equal(few.image, whole.image)
    assert np.array_equal(ae_demo.reconstruct(pixels, "conv-photo", channels=6).image, whole.image)
    for k in range(1, 7):
        result = ae_demo.reconstruct(pixels, "conv-photo", channels=k)
        assert np.array_equal(result.code[:k], whole.code[:k])
        assert not result.code[k:].any()
    for channels in (0, 7, -1, 1.5):
        with pytest.raises(ConfigError, match="allowed is 1 to 6"):
            ae_demo.reconstruct(pixels, "conv-photo", channels=channels)
    for checkpoint in ("dense-mnist", "conv-mnist", "denoising-photo"):
        with pytest.raises(ConfigError, match="no channels"):
            ae_demo.reconstruct(digit(), checkpoint, channels=1)


def test_the_shipped_code_is_ordered(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    most = pipelines.get_model("conv-photo").config.code_channels
    counts = [1, 2, 4, 8, 16, 32, most]
    figures = [ae_demo.reconstruct(photo(), checkpoint="conv-photo", channels=k).psnr for k in counts]
    assert figures == sorted(figures)
    assert figures[-1] > figures[0] + 10


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("checkpoint", ["denoising-mnist", "denoising-photo"])
def test_denoise_any_size(checkpoint, shape):
    pixels = noise_of(shape)
    clean = ae_demo.denoise(pixels, checkpoint)
    assert clean.dtype == np.uint8
    assert clean.shape == shape


def test_a_grey_denoiser_takes_each_plane_of_a_colour_picture():
    pixels = photo()[:50, :61]
    planes = [ae_demo.denoise(pixels[..., c], "denoising-mnist") for c in range(3)]
    together = ae_demo.denoise(pixels, "denoising-mnist").astype(int)
    assert np.abs(together - np.stack(planes, axis=2)).max() <= 1  # they differ in rounding
    image = Image.fromarray(pixels)
    assert np.array_equal(ae_demo.denoise(image, "denoising-photo"), ae_demo.denoise(pixels, "denoising-photo"))


def test_noise_is_added_by_its_seed():
    pixels = photo()[:50, :61]
    levels = Noise(gaussian=0.1, mask=0.2)
    noisy = pipelines.add_noise(pixels, levels, 3)
    assert noisy.dtype == np.uint8
    assert noisy.shape == pixels.shape
    assert np.array_equal(noisy, pipelines.add_noise(Image.fromarray(pixels), levels, 3))
    assert not np.array_equal(noisy, pipelines.add_noise(pixels, levels, 4))
    assert np.array_equal(pipelines.add_noise(pixels, Noise()), pixels)
    assert (noisy == 0).all(2).mean() == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("checkpoint", ANY_SIZE)
@pytest.mark.parametrize(("size", "batch"), [((203, 310), 1), ((70, 90), 2), ((64, 64), 1)])
def test_tiles_give_what_the_whole_gives(checkpoint, size, batch):
    model = checkpoints.load(checkpoint)  # random weights in bfloat16 are chaos
    x = torch.rand(batch, model.config.input_shape[0], *size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        whole, code = model.reconstruct(x), model.encode(x)
    shares = []
    reach = model.config.reach  # random weights feel all of it
    x_hat, z = pipelines.run_tiled(model, x, tile=60, overlap=reach, progress=shares.append)
    assert whole.std() > 0.05
    assert (x_hat - whole).abs().max() < 1 / 255
    torch.testing.assert_close(z, code, atol=2e-3, rtol=0)
    step = -(-60 // model.config.factor) * model.config.factor
    tiles = -(-size[0] // step) * -(-size[1] // step)
    assert shares == pytest.approx([(n + 1) / tiles for n in range(tiles)])
    if size == (203, 310):  # that the overlap is needed shows without it
        x_hat, _ = pipelines.run_tiled(model, x, tile=60, overlap=0)
        assert (x_hat - whole).abs().max() > 5 / 255


@pytest.mark.parametrize("checkpoint", ANY_SIZE)
@pytest.mark.parametrize("size", [(203, 310), (65, 71)])
def test_the_mean_with_the_picture_upside_down_is_the_same_in_tiles(checkpoint, size):
    model = checkpoints.load(checkpoint)
    x = torch.rand(1, model.config.input_shape[0], *size, generator=torch.Generator().manual_seed(0))
    tiled, whole = (
        pipelines.run_tiled(model, x, tile=tile, overlap=model.config.reach, turned=True)[0] for tile in (60, 1024)
    )
    once, _ = pipelines.run_tiled(model, x)
    assert (tiled - whole).abs().max() < 1 / 255
    assert (whole - once).abs().max() > 1 / 255


def test_photographs_are_denoised_upside_down_as_well(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    clean = photo("photographer")[100:300, 100:300]
    noisy = pipelines.add_noise(clean, Noise(gaussian=0.1))
    once, twice = (ae_demo.denoise(noisy, quick=quick).astype(float) for quick in (True, False))
    of_turned = np.rot90(ae_demo.denoise(np.ascontiguousarray(np.rot90(noisy, 2)), quick=True), 2)
    assert np.abs(twice - (once + of_turned) / 2).max() <= 1.5
    assert np.square(twice - clean).mean() < 0.99 * np.square(once - clean).mean()
    digit = photo("photographer")[:28, :28]
    assert np.array_equal(*(ae_demo.denoise(digit, "denoising-mnist", quick=quick) for quick in (True, False)))


@pytest.mark.parametrize("levels", [Noise(), Noise(gaussian=0.2), Noise(salt_and_pepper=0.7), Noise(mask=0.7)])
@pytest.mark.parametrize("checkpoint", ["conv-photo", "denoising-photo"])
def test_shipped_weights_show_no_seams(monkeypatch, checkpoint, levels):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    if checkpoint == "conv-photo" and levels != Noise():
        pytest.skip("it is not for noise")
    pixels = pipelines.add_noise(photo("hubble")[:400, :416], levels)
    x = to_tensor(pixels)
    plain, quick = checkpoints.load(checkpoint), pipelines.get_model(checkpoint)  # single precision; bfloat16 in part
    with torch.inference_mode():
        wholes = [model.reconstruct(x) for model in (plain, quick)]
    for model, whole in zip((plain, quick), wholes, strict=True):
        x_hat, _ = pipelines.run_tiled(model, x, tile=200)
        assert (x_hat - whole).abs().max() < 1 / 255
    truth = to_tensor(photo("hubble")[:400, :416])
    lost = metrics.psnr(wholes[0], truth) - metrics.psnr(wholes[1], truth)
    assert lost.abs().max() < 0.1  # dB, by rounding to bfloat16; of a clean picture, at 50 dB, the most
    assert (wholes[0] - wholes[1]).square().mean().sqrt() < 0.4 / 255


def test_bytes_in_give_bytes_out(root):
    model = pipelines.get_model("denoising-photo")
    x = torch.randint(256, (1, 3, 90, 70), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    x_hat, code = pipelines.run_tiled(model, x, tile=48, with_code=False)
    expected, _ = pipelines.run_tiled(model, x / 255, tile=48)
    assert code is None
    assert x_hat.dtype == torch.uint8
    assert torch.equal(x_hat, (255 * expected).round().byte())


@pytest.mark.parametrize(("side", "tile", "factor"), [(1, 64, 8), (64, 64, 8), (65, 64, 8), (1000, 60, 8), (999, 7, 1)])
def test_tiles_are_of_one_size_and_begin_at_places(side, tile, factor):
    pieces = tiles.cut(side, tile, factor)
    ends = [0, *(end for _, end in pieces)]
    assert [begin for begin, _ in pieces] == ends[:-1]
    assert ends[-1] == side
    assert all(begin % factor == 0 and 0 < end - begin < tile + factor for begin, end in pieces)
    lengths = [end - begin for begin, end in pieces]
    assert len(set(lengths[:-1])) <= 1


def test_half_precision_keeps_the_picture(monkeypatch):
    """Where the machine has bfloat16 the picture's own precision is kept; where it lacks it nothing is changed."""
    torch.manual_seed(0)
    model = build_model("denoising", input_shape=(3, 64, 64), channels=(16, 24), blocks=2).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for block in (m for m in model.modules() if isinstance(m, ResidualBlock)):
        torch.nn.init.normal_(block.conv2.weight, std=0.02)
    x = to_tensor(photo()[:96, :96])
    with torch.inference_mode():
        exact = model.reconstruct(x)
        assert (exact - x).abs().max() > 10 / 255
        monkeypatch.setattr(inference, "multiplies_bfloat16", lambda device: False)
        same = inference.quicken(copy.deepcopy(model)).reconstruct(x)
        torch.testing.assert_close(same, exact, atol=1e-5, rtol=0)  # but for the order of the sums
        monkeypatch.setattr(inference, "multiplies_bfloat16", lambda device: True)
        half = inference.quicken(model).reconstruct(x)
    assert 0 < (half - exact).abs().max() < 1 / 255


def test_channels_are_kept_in_tiles_too():
    model = checkpoints.load("conv-photo")
    x = torch.rand(1, 3, 203, 310)
    with torch.inference_mode():
        z = model.keep_channels(model.encode(x), 2)
        whole = model.decode(z)[..., :203, :310]
    x_hat, code = pipelines.run_tiled(model, x, tile=64, channels=2, overlap=model.config.reach)
    torch.testing.assert_close(x_hat, whole, atol=1 / 255, rtol=0)
    assert not code[:, 2:].any()


def test_a_large_picture_never_meets_the_model_whole(monkeypatch):
    model = pipelines.get_model("denoising-photo")
    sides, encode = [], model.encode
    monkeypatch.setattr(model, "encode", lambda x: sides.append(x.shape[-2:]) or encode(x))
    x_hat, _ = pipelines.run_tiled(model, torch.rand(1, 3, 150, 2000), tile=128, overlap=model.config.reach)
    assert x_hat.shape == (1, 3, 150, 2000)
    factor, reach = model.config.factor, model.config.reach
    assert max(max(side) for side in sides) <= 128 + 2 * -(-reach // factor) * factor


@pytest.mark.parametrize("shape", SIZES)
def test_colorize_any_size(shape):
    rgb = ae_demo.colorize(noise_of(shape))
    assert rgb.dtype == np.uint8
    assert rgb.shape == (*shape[:2], 3)


def lab_of(pixels):
    return color.rgb_to_lab(to_tensor(pixels))[0]


def test_colorize_keeps_lightness_and_gives_colour():
    pixels = photo()
    rgb = ae_demo.colorize(pixels)
    inside = torch.from_numpy(((rgb > 0) & (rgb < 255)).all(2))
    before, after = lab_of(pixels), lab_of(rgb)
    assert inside.float().mean() > 0.2
    assert (before[0] - after[0])[inside].abs().max() < 0.6  # of 100: eight bits a channel
    assert after[1:].abs().mean() > 1
    assert np.array_equal(ae_demo.colorize(Image.fromarray(pixels)), rgb)
    still = lab_of(ae_demo.colorize(pixels, saturation=0.0))
    assert still[1:].abs().max() < 1
    from_grey = ae_demo.colorize(grey(pixels)).astype(int)
    assert np.abs(from_grey - rgb).mean() < 12  # Rec. 601's grey is not quite L


def test_the_same_picture_has_the_same_colours_at_any_size():
    image = Image.fromarray(photo())
    height, width = photo().shape[:2]
    large = ae_demo.colorize(image)
    for share in (0.5, 0.75, 1.5):
        size = (round(width * share), round(height * share))
        other = ae_demo.colorize(image.resize(size, Image.Resampling.LANCZOS))
        other = np.asarray(Image.fromarray(other).resize((96, 64), Image.Resampling.BOX))
        expected = np.asarray(Image.fromarray(large).resize((96, 64), Image.Resampling.BOX))
        difference = (lab_of(other) - lab_of(expected))[1:]
        assert difference.abs().mean() < 0.15 * lab_of(expected)[1:].abs().mean()


@pytest.mark.parametrize("name", ["coffee", "cat", "china", "photographer"])
def test_shipped_colours_are_the_same_at_200_and_at_2000_pixels(monkeypatch, name):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    image = Image.fromarray(photo(name))
    small, large = (
        ae_demo.colorize(image.resize((side, round(side * image.height / image.width)), Image.Resampling.LANCZOS))
        for side in (200, 2000)
    )
    large = np.asarray(Image.fromarray(large).resize(small.shape[1::-1], Image.Resampling.BOX))
    a, b = lab_of(small)[1:], lab_of(large)[1:]
    assert a.norm(dim=0).mean() > 4  # there are colours to compare
    assert (a - b).abs().mean() < 1.5  # of ±110: nobody sees it


def test_proposals_differ_and_the_sure_places_stay(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    warmth_of = {w: (lab_of(ae_demo.colorize(photo("china"), warmth=w))[1:].mean((1, 2))) for w in (-1, 0, 1)}
    towards = torch.tensor([0.45, 0.89])
    assert warmth_of[-1] @ towards + 3 < warmth_of[0] @ towards < warmth_of[1] @ towards - 3
    for warmth in (2, float("nan"), "hot"):
        with pytest.raises(ConfigError, match="warmth"):
            ae_demo.colorize(photo(), warmth=warmth)


def test_a_true_hint_brings_the_picture_nearer_the_truth(monkeypatch):
    monkeypatch.setattr(checkpoints, "ROOT", SHIPPED)
    gains = []
    for name in ("coffee", "cat", "astronaut", "rocket"):
        truth = photo(name)
        places = np.random.default_rng(0).random((3, 2))
        hints = [(x, y, tuple(truth[int(y * truth.shape[0]), int(x * truth.shape[1])])) for x, y in places]
        errors = [mse(ae_demo.colorize(truth, hints=given), truth) for given in ((), hints[:1], hints)]
        gains.append(10 * np.log10(errors[0] / np.array(errors[1:])))
    assert np.mean(gains, 0)[0] > 0.2  # dB, for one
    assert np.mean(gains, 0)[1] > 1  # for three


def test_a_hint_is_where_it_was_put_and_spreads_no_further_than_its_like():
    ab, z = torch.zeros(1, 2, 8, 12), torch.zeros(1, 3, 8, 12)
    z[:, 0, :, :6], z[:, 1, :, 6:] = 1, 1  # two halves of unlike code
    hint = colorizing.Hint(0.2, 0.5, (200, 30, 30))
    out = colorizing.spread_hints(ab, z, torch.full((1, 1, 16, 24), 0.5), [hint])
    torch.testing.assert_close(out[0, :, 4, 2], hint.ab, atol=0.5, rtol=0)
    assert out[0, 0, :, 6:].abs().max() < 0.03 * hint.ab[0]
    assert out[0, 0, :, :6].min() > 0.3 * hint.ab[0]
    assert torch.equal(colorizing.spread_hints(ab, z, torch.zeros(1, 1, 16, 24), []), ab)


@pytest.mark.parametrize(
    "hint",
    [(2, 0, (0, 0, 0)), (0, float("nan"), (0, 0, 0)), (0, 0, (0, 300, 0)), (0, 0, (0, 0)), 3, None, (0, 0, "red")],
)
def test_a_hint_that_cannot_be_is_told(hint):
    with pytest.raises(ConfigError, match=r"hint|rgb|finite"):
        ae_demo.colorize(photo(), hints=[hint])


def test_decode_gives_the_picture_of_a_point():
    model = pipelines.get_model("vae-mnist")
    picture = pipelines.decode(0.5, -1.25)
    assert picture.dtype == np.uint8
    assert picture.shape == (28, 28)
    expected = model.decode(torch.tensor([[0.5, -1.25]]))[0, 0].numpy() * 255
    assert np.abs(picture - expected).max() <= 0.51
    many = pipelines.decode_points(np.array([[0.5, -1.25], [3.0, 2.0]]), "vae-mnist")
    assert many.shape == (2, 1, 28, 28)
    for checkpoint in ("vae-wide", "dense-mnist", "conv-photo"):
        with pytest.raises(CheckpointError, match="codes of shape"):
            pipelines.decode(0.0, 0.0, checkpoint)


def test_a_checkpoint_of_another_kind_is_told():
    pixels = photo()[:40, :40]
    for checkpoint in ("conv-photo", "dense-mnist", "colorization-photo"):
        with pytest.raises(CheckpointError, match=f"{checkpoint} does not denoise"):
            ae_demo.denoise(pixels, checkpoint)
    for checkpoint in ("conv-photo", "denoising-photo", "vae-mnist"):
        with pytest.raises(CheckpointError, match=f"{checkpoint} does not colorize"):
            ae_demo.colorize(pixels, checkpoint)
    with pytest.raises(CheckpointError, match="use colorize"):
        ae_demo.reconstruct(pixels, "colorization-photo")
    for call in (ae_demo.reconstruct, ae_demo.denoise, ae_demo.colorize):
        with pytest.raises(CheckpointError, match="no checkpoint 'gone'"):
            call(pixels, checkpoint="gone")
        for no_picture in (None, "text", pixels / 255, pixels[..., :2]):
            with pytest.raises(PictureError):
                call(no_picture)
    with pytest.raises(PictureError, match="blank"):
        ae_demo.reconstruct(np.full((50, 50), 200, np.uint8), "dense-mnist")


def test_a_model_is_kept_until_its_file_changes(tmp_path):
    folder = checkpoints.save(build_model("dense", hidden=(8,)), tmp_path / "it")
    first = pipelines.get_model(folder)
    assert pipelines.get_model(str(folder)) is first
    torch.nn.init.zeros_(first.decoder[0].weight)
    checkpoints.save(first, folder)
    path = folder / checkpoints.WEIGHTS
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 10**9))
    second = pipelines.get_model(folder)
    assert second is not first
    assert not second.decoder[0].weight.any()


def test_error_percentile():
    assert anomaly.error_percentile(0.05, "dense-mnist") == pytest.approx(50)
    assert anomaly.error_percentile(0.0255, "dense-mnist") == pytest.approx(25.5)
    assert anomaly.error_percentile(0.0, "dense-mnist") == 0
    assert anomaly.error_percentile(9.0, "dense-mnist") == 100
    assert anomaly.error_percentile(-1.0, "dense-mnist") == 0


def test_error_percentile_without_a_record(tmp_path):
    folder = checkpoints.save(build_model("dense", hidden=(8,)), tmp_path / "it", {"figures": {}})
    assert anomaly.error_percentile(0.1, folder) is None
