"""Pictures as bytes: lossless packing, at the size that theory predicts; damaged bytes are refused."""

import zlib

import numpy as np
import pytest
import torch
from PIL import Image

import ae_demo
from ae_demo import checkpoints
from ae_demo.codec import compression, container, entropy
from ae_demo.data import load_bundled_photos
from ae_demo.errors import CheckpointError, ConfigError, DataError, PictureError
from ae_demo.inference.pixels import Channels
from ae_demo.models import build_model


def coded_and_back(values, table, lanes):
    """`values` in two runs through the coder."""
    half = len(values) // 2
    runs = [(values[:half], table[:half]), (values[half:], table[half:])]
    data = entropy.encode(runs, lanes)
    back = entropy.decode(data, lanes)
    next(back)
    return data, np.concatenate([back.send(each) for _, each in runs])


@pytest.mark.parametrize("lanes", [1, 3, 64])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_numbers_come_back_exactly(count, lanes):
    rng = np.random.default_rng(count)
    values = (rng.laplace(0, 1, count) * 10.0 ** rng.uniform(-1, 6, count)).astype(np.int64)  # far beyond the tables
    table = rng.integers(0, entropy.TABLES, count)
    _, back = coded_and_back(values, table, lanes)
    np.testing.assert_array_equal(back, values)


def test_the_size_is_that_of_the_entropy():
    rng = np.random.default_rng(0)
    values = np.round(rng.laplace(0, 2.0, 100_000)).astype(np.int64)
    (best,), (bits,) = entropy.best_tables(values, np.zeros_like(values), 1)
    data, back = coded_and_back(values, np.full(len(values), best), lanes=8)
    assert len(data) == pytest.approx(bits / 8, rel=0.005)
    np.testing.assert_array_equal(back, values)
    _, counts = np.unique(values, return_counts=True)
    ideal = -(counts * np.log2(counts / counts.sum())).sum() / 8
    assert ideal < len(data) < 1.01 * ideal + 4 * 8 + 4


def test_every_table_is_a_distribution():
    frequency, before, _, reach = entropy.tables()
    assert (frequency.sum(1) == 2**entropy.BITS).all()
    assert (frequency[:, 0:128] == frequency[:, :128:-1]).all()  # even
    for f, c, k in zip(frequency, before, reach, strict=True):
        told = np.abs(np.arange(-128, 129)) <= k
        assert (f[told] > 0).all()
        assert not f[~told].any()
        assert c[0] == 0


def packed(shape=(5, 13, 17), seed=0):
    rng = np.random.default_rng(seed)
    scale = 40.0 / (1 + np.arange(shape[0]))[:, None, None] ** 2
    smooth = rng.normal(0, 3, shape).cumsum(1).cumsum(2)
    q = np.where(np.arange(shape[0])[:, None, None] < 2, smooth, rng.laplace(0, scale, shape)).round().astype(np.int32)
    return container.Packed(
        q, 2.0 ** (np.arange(shape[0]) / 8 - 3), (8 * shape[1] - 3, 8 * shape[2]), Channels.COLOR, 12345
    )


def test_each_context_has_its_own_best_table():
    rng = np.random.default_rng(0)
    values = np.round(rng.laplace(0, [[0.3], [20.0], [3.0]], (3, 500))).astype(np.int64)
    context = np.broadcast_to([[2], [0], [1]], values.shape)
    together = entropy.best_tables(values.ravel(), context.ravel(), 3)
    for row, number in zip(values, (2, 0, 1), strict=True):
        (table,), (bits,) = entropy.best_tables(row, np.zeros_like(row), 1)
        assert together[0][number] == table
        assert together[1][number] == pytest.approx(bits)
    assert len(set(together[0])) == 3


@pytest.mark.parametrize("shape", [(3, 8, 8), (5, 13, 17), (16, 30, 41), (16, 64, 64)])
def test_the_size_is_estimated_without_coding(shape):
    given = packed(shape)
    assert container.estimated_size(given) == pytest.approx(len(container.to_bytes(given)), rel=0.01)


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 13, 17), (3, 1, 40), (3, 40, 1), (16, 30, 41)])
def test_a_code_comes_back_exactly(shape):
    given = packed(shape)
    back = container.from_bytes(container.to_bytes(given))
    np.testing.assert_array_equal(back.q, given.q)
    np.testing.assert_allclose(back.steps, given.steps, rtol=1e-12)
    assert (back.size, back.channels, back.fingerprint) == (given.size, given.channels, given.fingerprint)
    np.testing.assert_allclose(back.code, given.q * given.steps[:, None, None], rtol=1e-6)


def test_silent_channels_cost_nearly_nothing():
    q = np.zeros((64, 50, 50), np.int32)
    few = len(container.to_bytes(container.Packed(q, np.ones(64), (400, 400), Channels.COLOR, 0)))
    assert few < 120
    q[0] = packed((1, 50, 50)).q[0]
    assert len(container.to_bytes(container.Packed(q, np.ones(64), (400, 400), Channels.COLOR, 0))) > 500


def test_contexts_save_bytes_where_channels_are_loud_in_the_same_places():
    rng = np.random.default_rng(0)
    loud = np.kron(rng.random((8, 8)) < 0.2, np.ones((8, 8)))
    together = rng.laplace(0, 0.2 + 6 * loud, (12, 64, 64)).round().astype(np.int32)
    shuffled = np.stack([rng.permutation(plane.ravel()).reshape(64, 64) for plane in together])
    sizes = [
        len(container.to_bytes(container.Packed(q, np.ones(12), (512, 512), Channels.COLOR, 0)))
        for q in (together, shuffled)
    ]
    assert sizes[0] < 0.8 * sizes[1]


def test_damaged_bytes_are_refused():
    data = container.to_bytes(packed())
    for at in (0, 5, 9, len(data) // 2, len(data) - 1):
        broken = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        with pytest.raises(DataError, match=r"damaged|not a compressed picture"):
            container.from_bytes(broken)
    for short in (b"", b"AEC1", data[:20], data[:-1], data + b"x", b"\xff\xd8\xff\xe0" + bytes(90)):
        with pytest.raises(DataError, match=r"damaged|not a compressed picture"):
            container.from_bytes(short)


@pytest.mark.slow
def test_a_forged_checksum_does_not_help():
    """Any bytes give a code or a `DataError`: no crash, no unbounded memory."""
    data = container.to_bytes(packed())
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(100):
        body = bytearray(data[8:])
        for at in rng.integers(0, len(body), 3):
            body[at] = rng.integers(256)
        forged = b"AEC1" + zlib.crc32(body).to_bytes(4, "little") + bytes(body)
        try:
            container.from_bytes(forged)
            outcomes.add("decoded")
        except DataError:
            outcomes.add("told")
    assert outcomes == {"decoded", "told"}


def test_quantising_errs_by_less_than_a_step():
    z = np.random.default_rng(0).normal(0, 1, (4, 20, 20))
    weights = np.array([0.5, 1.0, 2.0, 4.0])
    q, steps = container.quantise(z, 0.1, weights)
    np.testing.assert_allclose(steps, 0.1 / weights, rtol=0.05)
    errors = np.abs(q * steps[:, None, None] - z).max((1, 2)) / steps
    assert (errors < 0.5 + container.DEAD_ZONE + 1e-9).all()
    for step in (0, -1, np.nan, np.inf):
        with pytest.raises(ConfigError, match="positive"):
            container.quantise(z, step, weights)


# Whole pictures, with the shipped model


def psnr(a, b):
    return -10 * np.log10(np.square(a.astype(float) - b).mean() / 255**2)


@pytest.fixture(scope="module")
def photo():
    return load_bundled_photos()["coffee"][:104, :157]


@pytest.mark.slow
def test_a_picture_goes_through_bytes(photo):
    results = []
    for channels, step in ((4, 0.3), (16, 0.3), (None, 0.3), (None, 0.05)):
        data = ae_demo.compress(photo, channels=channels, step=step)
        back = ae_demo.decompress(data)
        assert isinstance(data, bytes)
        assert back.shape == photo.shape
        assert back.dtype == np.uint8
        results.append((len(data), psnr(back, photo)))
    sizes, quality = zip(*results, strict=True)
    assert sizes == tuple(sorted(sizes))
    assert quality == tuple(sorted(quality))
    whole = ae_demo.reconstruct(photo, "conv-photo")
    assert quality[-1] > min(whole.psnr, 34) - 2
    assert sizes[0] < 0.02 * photo.size
    grey = np.asarray(Image.fromarray(photo).convert("L"))
    assert ae_demo.decompress(ae_demo.compress(Image.fromarray(grey))).shape == grey.shape


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 200, 3), (37, 21), (8, 8, 3)])
def test_any_size_compresses(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert ae_demo.decompress(ae_demo.compress(pixels)).shape == shape


def test_compression_names_an_invalid_argument(photo, tmp_path):
    with pytest.raises(CheckpointError, match="does not compress"):
        ae_demo.compress(photo, "conv-mnist")
    with pytest.raises(PictureError):
        ae_demo.compress("photo.jpg")
    with pytest.raises(ConfigError, match="channels is 1000"):
        ae_demo.compress(photo, channels=1000)
    for step in (0, "fine", float("nan")):
        with pytest.raises(ConfigError, match="step"):
            ae_demo.compress(photo, step=step)
    settings = {"input_shape": (3, 64, 64), "channels": (8,), "patch": 8, "latent_dim": 0, "code_channels": 6}
    torch.manual_seed(0)
    other = checkpoints.save(build_model("conv", **settings), tmp_path / "other")
    data = ae_demo.compress(photo)
    with pytest.raises(DataError, match="another model"):
        ae_demo.decompress(data, other)
    with pytest.raises(DataError, match="not a compressed picture"):
        ae_demo.decompress(b"nonsense")


@pytest.mark.slow
def test_steps_follow_what_an_error_in_a_channel_costs():
    weights = compression._channel_weights(checkpoints.checkpoint_folder("conv-photo"), 0)
    assert weights.mean() == pytest.approx(1)
    assert (weights > 0).all()
    assert weights[:4].mean() > weights[-4:].mean()  # the leading channels show most
