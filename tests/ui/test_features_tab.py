"""The Features tab: what it sends to the page for a choice of models, for a drawing, and for a visitor's own run."""

import tempfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from gradio.context import LocalContext
from samples import digit
from test_planes import read_bundle

from ae_demo import checkpoints
from ae_demo.analysis import features
from ae_demo.data import load_dataset
from ae_demo.errors import CheckpointError, ShapeError
from ae_demo.models import build_model
from ae_demo.training import own_pictures
from ae_demo.ui.components.chart import chart_value, line
from ae_demo.ui.components.code_map import code_map_value
from ae_demo.ui.components.data_uri import to_data_uri
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.features import figures, maps, view
from ae_demo.ui.tabs.features.view import FeaturesRequest


def ask(checkpoint="dense-mnist", beside="nothing", projection="umap", colour="classes", drawing="", path=None):
    return FeaturesRequest(checkpoint, beside, projection, colour, drawing, path)


def answers(request):
    shares = []
    results = {}
    for part in view.full(request, shares.append):
        results |= part
    return results, shares


def model_and_projection(results):
    first = results["map"].value["maps"][0]
    return first["model"], first["projection"]


@pytest.fixture(scope="module")
def shown():
    return answers(ask())[0]


def test_a_shipped_model_is_shown_on_its_map(shown):
    value = shown["map"].value
    (only,) = value["maps"]
    assert (only["model"], only["projection"]) == ("dense-mnist", "UMAP")
    _, coded = read_bundle(Path(only["codes"]).read_bytes())
    _, placed = read_bundle(Path(only["points"]).read_bytes())
    _, known = read_bundle(Path(value["pictures"]["file"]).read_bytes())
    assert len(coded["codes"]) == len(placed["points"]) == len(known["labels"]) == 5000
    assert value["pictures"]["classes"] == list("0123456789")
    assert features.evaluate(placed["points"], known["labels"])["knn"] > 0.9
    assert value["groups"] is None


def test_its_figures_stand_beside_those_of_pca_and_pixels(shown):
    rows = [row["title"] for row in shown["table"]["rows"]]
    assert rows == ["dense-mnist", "pca", "pixels"]
    assert shown["table"]["note"] == "ahead"
    assert [each["name"] for each in shown["labels"]["lines"]] == rows
    assert len({each["hue"] for each in shown["labels"]["lines"]}) == 3
    noisy = [(row["title"], row["group"]) for row in shown["noise"]["rows"]]
    assert noisy[:4] == [*((name, None) for name in rows), ("denoising-mnist", None)]
    assert noisy[4:] == [(name, "denoised") for name in rows]
    assert any(any(row["best"]) for row in shown["noise"]["rows"])
    charted = next(point for point in shown["labels"]["lines"][0]["points"] if point[0] == 100)
    assert shown["noise"]["rows"][0]["cells"][0].startswith(f"{100 * charted[1]:.1f} ±")  # the same without noise


def test_the_sweep_marks_the_chosen_model(shown):
    assert [point[0] for point in shown["error"]["lines"][0]["points"]] == [2, 4, 8, 16, 32, 64]
    recorded = checkpoints.load_metrics("dense-mnist")["figures"]["mse"]
    assert shown["error"]["mark"] == [32, recorded]
    assert shown["accuracy"]["percent"]


def test_two_models_stand_side_by_side_and_clusters_colour_both():
    results, _ = answers(ask(beside="pca", projection="tsne", colour="gaussian"))
    value = results["map"].value
    assert [each["model"] for each in value["maps"]] == ["dense-mnist", "pca"]
    _, arrays = read_bundle(Path(value["groups"]).read_bytes())
    assert arrays["groups"].shape == (5000,)
    assert set(arrays["groups"]) == set(range(10))
    assert [row["title"] for row in results["table"]["rows"]] == ["dense-mnist", "pca", "pixels"]


def test_clusters_that_are_not_known_yet_come_after_the_map():
    maps._clusters.clear()
    parts = list(view.full(ask("sparse-mnist", colour="kmeans"), lambda share: None))
    assert [part["map"].value["groups"] is None for part in parts if "map" in part] == [True, False]
    again = list(view.full(ask("sparse-mnist", colour="kmeans"), lambda share: None))
    assert [part["map"].value["groups"] is None for part in again if "map" in part] == [False]


def test_models_of_other_pictures_are_not_laid_beside():
    assert ask(beside="dense-fashion").models == ["dense-mnist"]
    assert [value for _, value in view.beside_choices("dense-fashion")][:3] == ["nothing", "pca", "pixels"]
    assert "dense-mnist" not in [value for _, value in view.beside_choices("dense-fashion")]


@pytest.mark.parametrize("projection", features.PROJECTIONS)
def test_a_drawing_lands_among_its_like(projection):
    large = np.kron(digit(3), np.ones((5, 5), np.uint8))
    request = ask("conv-mnist", "pixels", projection, drawing=to_data_uri(large))
    landed = view.preview(request)["map"].props["landed"]
    assert len(landed["places"]) == 2
    label = int(load_dataset("digits").test_labels[3])
    pictures = maps.map_pictures("mnist")
    for name, place in zip(("conv-mnist", "pixels"), landed["places"], strict=True):
        made = maps.shipped_map(name, "mnist")
        far = np.linalg.norm(made.codes - place["code"], axis=1)
        nearest = pictures.labels[np.argsort(far)[:5]]
        assert np.mean(nearest == label) >= 0.6
        assert np.isfinite(place["point"]).all()


def test_a_code_of_two_numbers_is_shown_as_it_is():
    results, _ = answers(ask("vae-fashion"))
    value = results["map"].value
    assert model_and_projection(results) == ("vae-fashion", None)
    assert value["pictures"]["classes"][0] == "T-shirt/top"
    _, placed = read_bundle(Path(value["maps"][0]["points"]).read_bytes())
    assert placed["points"].shape == (10_000, 2)


class TestOwnRun:
    """A visitor's run: measured when it is chosen, forgotten with the run."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        full = maps.map_pictures("mnist")
        few = maps.MapPictures(full.name, full.x[:300], full.labels[:300], full.classes)
        data = load_dataset("digits", limit=300)
        monkeypatch.setattr(maps, "map_pictures", lambda data: few)
        monkeypatch.setattr(figures, "_bundled", lambda name: data)
        figures._noisy.cache_clear()
        figures._shipped.cache_clear()
        yield
        figures._noisy.cache_clear()
        figures._shipped.cache_clear()
        LocalContext.request.set(None)
        user_runs.clear()
        assert not maps._own
        assert not figures._own

    def keep(self, data="digits", family="dense", **settings):
        torch.manual_seed(0)
        folder = Path(tempfile.mkdtemp()) / "run"
        checkpoints.save(build_model(family, **settings), folder, {"data": {"name": data}, "figures": {"mse": 0.1}})
        if data == "folder":
            x = torch.randint(0, 256, (40, *settings["input_shape"]), dtype=torch.uint8)
            samples = type(load_dataset("digits"))("folder", x[:30], x[30:])
            own_pictures.save_pictures(samples, folder)
        LocalContext.request.set(gr.Request(session_hash="me"))
        return user_runs.keep("me", folder)

    def test_it_is_measured_with_progress(self):
        self.keep(hidden=(16,), latent_dim=5)
        results, shares = answers(ask("my-run", "pca"))
        assert max(shares) == pytest.approx(1)
        assert model_and_projection(results) == ("my-run", "UMAP")
        assert [row["title"] for row in results["table"]["rows"]] == ["my-run", "pca", "pixels"]
        assert results["table"]["note"] == "now"
        assert {row["group"] for row in results["noise"]["rows"]} == {None}
        assert len(maps._own) == len(figures._own) == 1

    @pytest.mark.parametrize(("projection", "name"), [("umap", "UMAP"), ("tsne", "t-SNE")])
    def test_pca_is_shown_until_the_projection_is_made_and_both_are_kept(self, projection, name, monkeypatch):
        self.keep(hidden=(16,), latent_dim=5)
        parts, shares = [], []
        for part in view.full(ask("my-run", projection=projection), shares.append):
            parts.append((part, max(shares)))
        titles = [model_and_projection(part) for part, _ in parts if "map" in part]
        assert titles == [("my-run", "PCA"), ("my-run", name)]
        (made,) = maps._own.values()
        assert set(made.points) == {"pca", projection}
        shown = parts[1][0]["map"].value["maps"][0]["points"]
        _, placed = read_bundle(Path(shown).read_bytes())
        assert np.array_equal(placed["points"], features.project(made.codes, projection))
        monkeypatch.setattr(features, "project", None)  # nothing is projected again
        for asked in (projection, "pca"):
            first = next(iter(view.full(ask("my-run", projection=asked), shares.append)))
            assert model_and_projection(first) == ("my-run", {"pca": "PCA"}.get(asked, name))

    @pytest.mark.parametrize("projection", ["umap", "tsne"])
    def test_a_projection_ends_when_the_visitor_changes_something_and_pca_stays(self, projection):
        self.keep(hidden=(16,), latent_dim=5)

        class LeftError(Exception):
            pass

        def leave(share):
            if share >= 0.4:
                raise LeftError

        results = view.full(ask("my-run", projection=projection), leave)
        with pytest.raises(LeftError):
            next(results)  # the codes alone reach 100 %
        results = view.full(ask("my-run", projection=projection), lambda share: None)
        assert model_and_projection(next(results)) == ("my-run", "PCA")
        results.close()
        results = view.full(ask("my-run", projection=projection), leave)
        next(results)
        with pytest.raises(LeftError):
            next(results)
        (made,) = maps._own.values()
        assert set(made.points) == {"pca"}

    def test_own_pictures_without_labels_have_a_map_and_no_figures(self):
        folder = self.keep("folder", hidden=(16,), latent_dim=4, input_shape=(3, 12, 10))
        assert maps.encodes_map_pictures(folder)
        results, _ = answers(ask("my-run", projection="pca"))
        value = results["map"].value
        assert value["pictures"]["shape"] == [3, 12, 10]
        assert value["pictures"]["classes"] == []
        assert results["table"] is results["labels"] is results["error"] is None

    def test_nobody_elses_is_shown(self):
        self.keep(hidden=(16,))
        LocalContext.request.set(gr.Request(session_hash="other"))
        with pytest.raises(CheckpointError, match="no finished run"):
            answers(ask("my-run"))


def test_other_checkpoints_are_not_offered():
    offered = [name for name in checkpoints.list_checkpoints() if maps.encodes_map_pictures(name)]
    assert {"dense-mnist", "conv-fashion", "denoising-mnist"} <= set(offered)
    assert not {"conv-photo", "colorization-photo", "seq2seq-waves", "cvae-mnist"} & set(offered)
    with pytest.raises(CheckpointError, match="neither digits nor garments"):
        answers(ask("conv-photo"))


def test_what_the_components_refuse():
    with pytest.raises(ShapeError, match="one or two"):
        code_map_value([], {})
    with pytest.raises(ShapeError, match="at most 1000"):
        line("a", "--ae-output", [(1,)])
    assert chart_value([line("a", "--ae-output", [(1, float("nan"))])]) is None
