"""A visitor's own run in the page: its latent plane is decoded in the page or by the server, for its owner only."""

import shutil
import zipfile

import numpy as np
import pytest
import torch
from pages import title_of

from ae_demo import checkpoints
from ae_demo.models import build_model
from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.latent_walk import plane_pictures

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def no_runs_left():
    yield
    user_runs.clear()


def zipped(path, **settings):
    """A checkpoint as the Train tab gives it."""
    torch.manual_seed(0)
    checkpoints.save(build_model(**settings), path.with_suffix(""), {"data": {"name": "digits"}})
    with zipfile.ZipFile(path, "w") as file:
        for part in path.with_suffix("").iterdir():
            file.write(part, f"run/{part.name}")
    return path


def test_only_its_owner_can_walk_a_run_in_the_page(served, page, new_page, tmp_path):
    first = zipped(tmp_path / "first.zip", family="vae", hidden=(37,), decoder_hidden=(5, 41))
    second = zipped(tmp_path / "second.zip", family="conv", channels=(4, 6), blocks=1, latent_dim=2)

    def open_tab(name):
        page.get_by_role("tab", name=name).click()

    def load(path, shows):
        open_tab("Train")
        page.locator("input[type=file][accept='.zip']").last.set_input_files(str(path))
        page.wait_for_function("s => document.querySelector('#train-diagram').textContent.includes(s)", arg=shows)

    def check(path):
        model = checkpoints.load(path.with_suffix(""), "cpu")
        page.locator("#latent-map canvas").click(position={"x": 150, "y": 80})
        place = page.locator("#latent-coords").inner_text()[5:-1].split(", ")
        expected = model.decode(torch.tensor([[float(v) for v in place]]))[0, 0].mul(255).round().numpy()
        page.wait_for_selector(f"#latent-decoded canvas[data-z='{','.join(place)}']")
        script = "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
        shown = page.locator("#latent-decoded canvas").evaluate(script)
        assert np.abs(np.array(shown).reshape(28, 28) - expected).max() <= 1

    page.set_default_timeout(120_000)
    page.goto(served)
    load(first, "linear 41")
    open_tab("Latent walk")
    page.locator("#latent-checkpoint input").click()
    page.get_by_role("option", name="My last run").click()
    page.wait_for_selector("#latent-decoded canvas[data-model^='my-run/']")
    name = page.locator("#latent-decoded canvas").get_attribute("data-model")
    page.wait_for_function("document.querySelector('#latent-map canvas')?.latent?.complete")
    assert page.evaluate("document.querySelector('#latent-map canvas').latent.plane.dots.count") == len(
        plane_pictures.test_pictures("mnist")[0]
    )
    assert page.evaluate("document.querySelector('#latent-map canvas').latent.contrast.others.length") == 2
    check(first)
    load(second, "conv 4×14×14")  # which the page cannot run by itself
    open_tab("Latent walk")
    page.wait_for_function("name => document.querySelector('#latent-decoded canvas').dataset.model !== name", arg=name)
    check(second)
    open_tab("Denoise")
    page.locator("#denoise-checkpoint input").click()
    page.get_by_role("option", name=title_of("denoising-mnist")).wait_for()
    page.wait_for_timeout(500)
    assert not page.get_by_role("option", name="My last run").count()  # it removes no noise

    stranger = new_page()
    stranger.set_default_timeout(120_000)
    stranger.goto(f"{served}?tab=latent_walk")
    stranger.wait_for_selector("#latent-decoded canvas[data-model='vae-mnist']")
    stranger.locator("#latent-checkpoint input").click()
    stranger.get_by_role("option", name=title_of("vae-fashion")).wait_for()
    assert not stranger.get_by_role("option", name="My last run").count()
    shutil.rmtree(tmp_path)
