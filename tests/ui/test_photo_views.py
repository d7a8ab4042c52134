"""What the tabs of photographs are made of, without a page: tables, cards, jobs, hints, failures."""

import base64
import io
import json
import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ae_demo import checkpoints
from ae_demo.codec import compress, decompress
from ae_demo.data import ASSETS, load_bundled_photos
from ae_demo.data.pictures import load_picture, to_tensor
from ae_demo.errors import ConfigError
from ae_demo.functional import metrics
from ae_demo.inference.colorization import greyed
from ae_demo.inference.refinement import REFINEMENTS
from ae_demo.inference.scheduler import Scheduler
from ae_demo.ui import components
from ae_demo.ui.components.cards import card
from ae_demo.ui.components.data_uri import to_data_uri, to_png_file
from ae_demo.ui.components.hints import read_hints
from ae_demo.ui.components.table import table_value
from ae_demo.ui.shared import failures, source
from ae_demo.ui.shared.picture_input import read_preview
from ae_demo.ui.shared.recent import Recent
from ae_demo.ui.strings import load_strings
from ae_demo.ui.tabs.colorize import view as colorize
from ae_demo.ui.tabs.denoise import view
from ae_demo.ui.tabs.reconstruct import fixed_size_view, photographs, rate_curve
from ae_demo.ui.tabs.reconstruct.compression_view import compressed_results, map_picture
from ae_demo.ui.tabs.reconstruct.view import ReconstructRequest, full, preview


def test_the_table_marks_the_best_of_those_that_compete():
    shown = [
        card("input", "clean", psnr=99.0),
        card("output", "denoised", psnr=30.0, ssim=0.8, seconds=0.5),
        card("other", "median", psnr=25.0, ssim=0.9),
        card("input", "seen"),
    ]
    value = table_value(shown)
    assert value["columns"] == ["psnr", "ssim", "seconds"]
    assert [row["title"] for row in value["rows"]] == ["clean", "denoised", "median"]
    assert [row["best"] for row in value["rows"]] == [[False] * 3, [True, False, False], [False, True, False]]
    assert value["rows"][2]["cells"] == ["25.0 dB", "0.900", ""]
    assert table_value([card("input", "seen")]) is None


def test_a_large_picture_is_shown_smaller_and_saved_whole():
    pixels = np.random.default_rng(0).integers(0, 256, (1100, 1000, 3), dtype=np.uint8)
    about = card("output", "denoised", pixels, before=pixels)
    assert about["uri"].startswith("data:image/jpeg")
    assert (about["width"], about["height"]) == (1000, 1100)
    saved = Path(about["file"].removeprefix("gradio_api/file="))
    np.testing.assert_array_equal(np.asarray(Image.open(saved)), pixels)
    saved.unlink()
    small = card("output", "denoised", pixels[:1000, :1000])
    assert small["uri"].startswith("data:image/png")
    assert "file" not in small


def test_previews_of_photographs_are_jpegs_and_of_digits_exact():
    photo = load_bundled_photos()["coffee"][::3, ::3]
    about = card("output", "denoised", photo, before=photo, quick=True)
    exact = to_data_uri(photo)
    for uri in (about["uri"], about["before"]):
        assert uri.startswith("data:image/jpeg")
        assert len(uri) < 0.5 * len(exact)
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))
        assert np.abs(shown.astype(float) - photo).mean() < 5
    assert card("output", "denoised", photo[:28, :28], quick=True)["uri"].startswith("data:image/png")


def test_files_have_names_that_cannot_be_guessed():
    files = [Path(to_png_file(np.zeros((2, 2), np.uint8)).removeprefix("gradio_api/file=")) for _ in range(2)]
    assert files[0] != files[1]
    assert all(re.fullmatch(r"[0-9a-f]{32}\.png", file.name) for file in files)
    for file in files:
        file.unlink()


def test_every_word_of_a_card_is_in_every_language():
    texts = json.loads((components.HERE / "cards" / "strings.json").read_text(encoding="utf-8"))
    assert texts["en"].keys() == texts["zh-CN"].keys() == texts["zh-TW"].keys()
    sources = "".join(
        path.read_text(encoding="utf-8") for path in components.HERE.parent.rglob("*.py") if path.name != "live.py"
    )
    titles = set(re.findall(r'card\(\s*"\w+",\s*"(\w+)"', sources)) | set(re.findall(r'"(fails_\w+)"', sources))
    assert len(titles) > 20
    of_tabs = {key.partition(".card.")[2] for key in load_strings("en") if ".card." in key}
    assert not titles - texts["en"].keys() - of_tabs


PHOTOS = ("astronaut", "cat", "china", "coffee", "photographer", "rocket", "grey-china")


@pytest.mark.parametrize("path", sorted((*ASSETS.glob("examples/*"), *ASSETS.glob("photos/*"))), ids=lambda p: p.stem)
def test_a_plain_photograph_is_distinguished_from_digits_and_garments(path):
    small = load_picture(path, max_pixels=photographs.LOOKED_AT).pixels
    if path.stem in PHOTOS:
        assert photographs.is_photograph(small)
        assert photographs.fit_checkpoint(str(path), "conv-mnist") == "conv-photo"
        assert photographs.fit_checkpoint(str(path), "conv-photo") == gr.skip()
        assert photographs.fit_checkpoint(str(path), "my-run") == gr.skip()  # a choice that says what one wants to see
    elif path.stem[:4] not in ("grey", "hubb"):  # of which it is in doubt
        assert not photographs.is_photograph(small)
        assert photographs.fit_checkpoint(str(path), "conv-mnist") == gr.skip()


def test_the_notice_of_another_model_names_it_as_its_card_does(monkeypatch):
    shown = []
    monkeypatch.setattr(photographs.gr, "Info", lambda text, title: shown.append(text))
    photographs.fit_checkpoint(str(ASSETS / "photos" / "cat.jpg"), "conv-mnist")
    assert shown == ["The picture is a photograph. The model is now: Convolutional autoencoder, photographs."]


def test_a_red_shirt_before_a_white_wall_is_not_taken_for_a_photograph(tmp_path):
    wall = np.full((300, 300, 3), 235, np.uint8)
    wall[60:260, 70:230] = (200, 30, 40)
    assert not photographs.is_photograph(wall)
    (tmp_path / "broken.png").write_text("")
    assert photographs.fit_checkpoint(str(tmp_path / "broken.png"), "conv-mnist") == gr.skip()  # told elsewhere
    assert photographs.fit_checkpoint(None, "conv-mnist") == gr.skip()


def test_a_photograph_is_resized_for_a_model_of_one_size_and_the_page_says_so():
    path = ASSETS / "photos" / "china.jpg"
    assert photographs.fit_checkpoint(str(path), "conv-photo64") == gr.skip()
    shown = fixed_size_view.fixed_size_results(load_picture(path).pixels, "conv-photo64", 95)
    seen, ours, _, dct, _ = shown["results"]
    assert (seen["note"], seen["figures"]) == ("resized_note", [["resolution", "64 × 64"]])
    assert dct["title"] == "dct"
    assert ours["numbers"]["mse"] < dct["numbers"]["mse"]  # with as many numbers
    code = shown["code"]
    assert len(code["code"]) == 128
    assert all(low < 0 < high for low, high in zip(code["low"], code["high"], strict=True))  # of other photographs


def test_a_jpeg_that_cannot_be_as_small_is_not_said_to_be():
    digit = load_picture(ASSETS / "examples" / "digit-2.png").pixels
    shown = fixed_size_view.fixed_size_results(digit, "conv-mnist", 95)["results"]
    assert shown[-1]["title"] == "smallest_jpeg"
    assert shown[-1]["numbers"]["size"] > 32


@pytest.mark.parametrize("value", ["x", 3, [[1, 2]], [[0, 0, "red"]], [["a", 0, "#ff0000"]], [[0, 0, 5]]])
def test_an_invalid_hint_is_refused(value):
    with pytest.raises(ConfigError, match="hints"):
        read_hints(value)


def test_hints_are_read():
    assert read_hints([[0.5, 0.25, "#ff8000"]]) == [(0.5, 0.25, (255, 128, 0))]
    assert read_hints(None) == []


def test_the_middle_is_in_the_middle():
    pixels = np.arange(100 * 200).reshape(100, 200)
    part = view.center_crop(pixels, 5000)
    assert part.shape == (50, 100)
    assert part[0, 0] == pixels[25, 50]
    assert view.center_crop(pixels, 10**6).shape == pixels.shape


def test_filters_are_shown_a_part_of_a_large_picture():
    pixels = load_bundled_photos()["coffee"]
    pixels = np.tile(pixels, (2, 2, 1))  # 0.96 megapixels
    asked = view.DenoiseRequest("denoising-photo", "upload", None, "", False, True, 0.1, 0, 0.2, 0, 0, 0)
    shown, table = view.compare(asked, asked.noisy(pixels), (pixels, 1.5), lambda share: None)
    assert all(about["width"] * about["height"] <= view.FILTER_PIXELS for about in shown)
    assert table["note"] == "table_crop"
    assert [row["title"] for row in table["rows"]][:2] == ["noisy_part", "denoised_part"]
    assert shown[0]["title"] == "denoised_part"  # its figures are beside the whole picture's others: they need a name
    small = pixels[:200, :200]
    whole, table = view.compare(asked, asked.noisy(small), (asked.denoise(small, 2), 1.5), lambda share: None)
    assert [row["title"] for row in table["rows"]][:2] == ["noisy", "denoised"]
    assert [about["title"] for about in whole] == [about["title"] for about in shown[1:]]


@pytest.mark.parametrize(
    ("limit", "orientations"),
    [(None, [2]), ("FILTER_PIXELS", [2, 2]), ("PREVIEW_PIXELS", [1, 2])],
)
def test_a_photograph_is_denoised_quickly_and_then_well_and_a_part_for_the_filters(
    tmp_path, monkeypatch, limit, orientations
):
    path = tmp_path / "coffee.png"
    Image.fromarray(load_bundled_photos()["coffee"]).resize((128, 96)).save(path)
    asked = view.DenoiseRequest("denoising-photo", "upload", str(path), "", False, True, 0.1, 7, 0.2, 0, 0, 0)
    found, denoise = [], view.inference.denoise

    def count(pixels, *args, **settings):
        found.append((pixels, settings["orientations"], denoise(pixels, *args, **settings)))
        return found[-1][2]

    monkeypatch.setattr(view.inference, "denoise", count)
    monkeypatch.setattr(view.baselines, "FILTERS", {"median": view.baselines.FILTERS["median"]})
    if limit:
        monkeypatch.setattr(view, limit, 10_000)
    *shown, last = view.full(asked, lambda share: None)
    assert [count for _, count, _ in found] == orientations
    assert len(shown) == len({count for _, count, _ in found})
    row = next(row for row in last["table"]["rows"] if row["title"].startswith("denoised"))
    figures = dict(zip(last["table"]["columns"], row["cells"], strict=True))
    assert figures["seconds"]
    again = denoise(found[-1][0], asked.model, level=None, orientations=2)  # as the table's result was computed before
    assert np.array_equal(found[-1][2], again)
    first, best = (about["results"][0]["numbers"]["psnr"] for about in (shown[0], shown[-1]))
    assert (first < best) == (limit == "PREVIEW_PIXELS")
    assert (figures["psnr"] == dict(shown[-1]["results"][0]["figures"])["psnr"]) == (limit != "FILTER_PIXELS")


def test_previews_are_smaller_while_other_work_waits(monkeypatch):
    crowd = Scheduler(1)
    monkeypatch.setattr(source, "scheduler", crowd)
    crowd.enqueue("a", 0)
    assert source.preview_pixels() == source.PREVIEW_PIXELS
    waiting = crowd.enqueue("b", 0)
    assert source.preview_pixels() == source.CROWDED_PIXELS < source.PREVIEW_PIXELS
    crowd.leave(waiting)
    assert source.preview_pixels() == source.PREVIEW_PIXELS


def test_a_preview_is_small_and_read_once(tmp_path):
    Image.fromarray(np.zeros((1000, 800, 3), np.uint8)).save(tmp_path / "a.png")
    first = read_preview(str(tmp_path / "a.png"), 10_000)
    assert first.shape[0] * first.shape[1] <= 10_000
    assert read_preview(str(tmp_path / "a.png"), 10_000) is first
    assert read_preview(None, 10) is None


def test_compressed_view_says_the_bytes_of_all():
    pixels = load_bundled_photos()["coffee"][:160, :200]
    shares = []
    settings = {"channels": 16, "step": 0.3}
    first, last = compressed_results(pixels, "conv-photo", **settings, progress=shares.append)
    assert [about["title"] for about in first["results"]] == ["from_bytes", "error"]  # with no wait for the others
    assert "table" not in first
    results = first | last
    shown, facts, table = results["results"], results["facts"], results["table"]
    assert [about["title"] for about in shown] == ["from_bytes", "error", "jpeg", "webp", "pca"]
    sizes = [about["numbers"]["size"] for about in (shown[0], *shown[2:4])]
    assert max(sizes[1:]) <= sizes[0]
    assert facts[0]["numbers"]["size"] == sizes[0]
    assert [row["group"] for row in table["rows"]] == ["as_bytes"] * 3 + ["as_floats"] * 2
    assert not any(any(row["best"]) for row in table["rows"][3:])
    assert any(any(row["best"]) for row in table["rows"][:3])
    assert shares == sorted(shares)
    (quick,) = compressed_results(pixels, "conv-photo", **settings)
    assert quick["table"] is None
    assert quick["results"][0]["numbers"]["psnr"] == shown[0]["numbers"]["psnr"]
    assert quick["results"][0]["numbers"]["size"] == pytest.approx(shown[0]["numbers"]["size"], rel=0.02)
    grey = np.asarray(Image.fromarray(pixels).convert("L"))
    assert all(each["results"] for each in compressed_results(grey, "conv-photo", **settings, progress=shares.append))
    assert map_picture(np.ones((5, 6, 7))).shape == (14, 32)


def test_a_cut_code_is_refined_where_that_is_ticked(monkeypatch):
    monkeypatch.setattr(rate_curve, "MOST_PIXELS", 96 * 128)
    path = str(ASSETS / "photos" / "coffee.jpg")
    pixels = load_bundled_photos()["coffee"][:160, :200]
    monkeypatch.setattr(ReconstructRequest, "read", lambda self, most: pixels)
    monkeypatch.setattr(ReconstructRequest, "read_preview", lambda self, most: pixels)
    asked = [ReconstructRequest("conv-photo", "upload", path, "", 4, 0.3, 95, ticked) for ticked in (False, True)]
    plain, refined = (
        {key: value for part in full(each, lambda share: None) for key, value in part.items()} for each in asked
    )
    data = compress(pixels, "conv-photo", channels=4, step=0.3, refinements=REFINEMENTS)
    expected = metrics.psnr(to_tensor(decompress(data, "conv-photo")), to_tensor(pixels)).item()
    assert refined["results"][0]["numbers"]["psnr"] == pytest.approx(expected, abs=1e-4)
    assert refined["facts"][0]["numbers"]["size"] == len(data)
    assert refined["results"][0]["numbers"]["psnr"] > plain["results"][0]["numbers"]["psnr"] + 0.05
    ours, better = (each["rate"]["lines"][0]["points"][0] for each in (plain, refined))
    assert better[1] > ours[1] + 0.05
    first, quick = (preview(each)["results"][0]["numbers"]["psnr"] for each in asked)
    assert first == quick == plain["results"][0]["numbers"]["psnr"]  # previews are not refined


def test_the_curve_of_a_photograph_compares_codecs_at_as_many_bytes(monkeypatch):
    monkeypatch.setattr(rate_curve, "MOST_PIXELS", 128 * 192)
    pixels = load_bundled_photos()["coffee"]
    value = rate_curve.rate_curve(pixels, "conv-photo", 0.3)
    assert [each["name"] for each in value["lines"]] == ["ours", "jpeg", "webp"]
    ours, *others = (each["points"] for each in value["lines"])
    assert len(ours) == len(rate_curve.COUNTS)
    assert ours == sorted(ours)
    assert [psnr for _, psnr in ours] == sorted(psnr for _, psnr in ours)
    for points in others:  # each is at most as large as ours
        assert all(bits <= most for (bits, _), (most, _) in zip(points[::-1], ours[::-1], strict=False))
    asked = ReconstructRequest("conv-mnist", "upload", str(ASSETS / "examples/digit-2.png"), "", 1, 0.3, 95)
    assert [set(each) >= {"results"} and each["rate"] for each in full(asked, lambda share: None)] == [None]


def test_another_threshold_changes_only_the_verdict(monkeypatch):
    pixels = load_picture(ASSETS / "examples/digit-7.png").pixels
    calls, reconstruct = [], fixed_size_view.inference.reconstruct
    monkeypatch.setattr(fixed_size_view.inference, "reconstruct", lambda *a: calls.append(a) or reconstruct(*a))
    strict, mild = (fixed_size_view.fixed_size_results(pixels, "conv-mnist", level) for level in (-1, 101))
    assert len(calls) == 1
    assert [each["facts"][1]["title"] for each in (strict, mild)] == ["unusual", "usual"]
    assert strict["results"] == mild["results"]
    for other, checkpoint in ((pixels[:, ::-1], "conv-mnist"), (pixels, "dense-mnist")):
        shown = fixed_size_view.fixed_size_results(other, checkpoint, 101)
        assert shown["results"] != mild["results"]
    assert len(calls) == 3


def test_recent_values_are_kept_by_their_keys():
    values = Recent(2)
    assert [values.get(key, lambda key=key: key * 2) for key in "aba"] == ["aa", "bb", "aa"]
    assert values.get("c", lambda: "new") == "new"  # in place of b, which was used least recently
    assert [values.get(key, lambda: "made again") for key in "acb"] == ["aa", "new", "made again"]
    with pytest.raises(ZeroDivisionError):
        values.get("d", lambda: 1 // 0)
    assert values.get("d", lambda: 4) == 4


@pytest.mark.parametrize("name", checkpoints.list_checkpoints())
def test_every_checkpoint_has_a_card(name):
    about = failures.about(name)
    assert about["numbers"]["parameters"] > 1000
    assert about["numbers"]["trained_on"] > 100


@pytest.mark.parametrize("name", ["denoising-photo", "conv-photo", "colorization-photo", "conv-mnist", "vae-fashion"])
def test_failures_are_the_models_own(name):
    shown = failures.failures(name)
    assert shown
    for about in shown:
        assert about["before"] != about["uri"]
        assert about["numbers"]["psnr"] < 35


def test_a_hinted_picture_is_shown_with_its_truth(tmp_path):
    photo = load_bundled_photos()["coffee"][::3, ::3]
    Image.fromarray(photo).save(tmp_path / "a.png")
    hints = [[0.2, 0.3, "#a03020"]]
    asked = colorize.ColorizeRequest("colorization-photo", str(tmp_path / "a.png"), 1.0, 0.0, hints)
    first, second = colorize.full(asked, lambda share: None)
    shown, table = first["results"], first["table"]
    assert shown[0]["before"] == to_data_uri(greyed(photo))
    assert table["rows"][0]["cells"][-1] == "0.000"  # colourfulness
    assert [row["title"] for row in table["rows"]] == ["grey", "colorized", "truth"]
    assert [about["title"] for about in second["proposals"]] == [*colorize.PROPOSALS, "truth"]
