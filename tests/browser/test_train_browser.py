"""The Train tab in a real browser: a run is controlled and kept, and visitors never see each other's runs."""

import math
import re
import time
import zipfile

import pytest
from pages import title_of, until
from test_browser import figure, sources, wait_for_change

from ae_demo.ui.shared import user_runs
from ae_demo.ui.tabs.train import user_run

pytestmark = pytest.mark.thorough

WAIT = 120_000  # ms; a run shares the machine with all other tests
LINK = "?tab=train&family=vae&hidden=32&decoder_hidden=32&epochs=500"


@pytest.fixture
def train(served, new_page):
    """Opens the Train tab by a link, in a separate browser."""

    def opened(link=LINK):
        page = new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{served}{link}")
        page.wait_for_selector("#train-start")
        page.wait_for_function("document.querySelector('#train-epochs input').value === '500'")
        return page

    yield opened
    user_runs.clear()


def wait_for(page, state):
    page.wait_for_selector(f"#train .progress.{state}")


def shown(page):
    return page.locator("#train .figures").inner_text()


def test_a_run_is_stepped_steered_stopped_and_kept(train, tmp_path):
    page = train()
    assert page.locator("#train-family input").input_value() == "Variational"
    page.locator("#train-step").click()
    wait_for(page, "paused")
    assert "step 1" in shown(page)
    page.locator("#train-step").click()
    page.wait_for_function("document.querySelector('#train .figures').textContent.includes('step 2')")
    rate = page.locator("#train .live label").first
    rate.get_by_text("×2").click()
    page.wait_for_function("document.querySelector('#train .live label').dataset.value === '0.002'")
    page.locator("#train-go").click()
    wait_for(page, "running")
    assert page.locator("#train-start").is_disabled()  # until the settings are others
    page.wait_for_function("document.querySelectorAll('#train-curve .parts button').length === 3")  # all, BCE, KL
    page.locator("#train-pause").click()
    wait_for(page, "paused")
    before = page.locator("#train-preview img").get_attribute("src")
    epoch = page.locator("#train-preview .when").inner_text()
    slider = page.locator("#train-preview input")
    slider.evaluate("node => { node.value = 0; node.dispatchEvent(new Event('input')); }")
    assert page.locator("#train-preview .when").inner_text() != epoch  # back in the run
    assert page.locator("#train-preview img").get_attribute("src") != before
    page.locator("#train-stop").click()
    wait_for(page, "stopped")
    for button in ("download", "report"):
        page.wait_for_selector(f"#train-{button}:not([disabled])")
    with page.expect_download() as download:
        page.locator("#train-download").click()
    path = tmp_path / "run.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as file:
        assert sorted(file.namelist())[0] == "vae-digits/config.json"
    page.locator("#train-reset").click()
    wait_for(page, "idle")
    user_runs.clear()
    page.locator("input[type=file][accept='.zip']").last.set_input_files(str(path))
    wait_for(page, "loaded")
    page.locator("#ae-tabs button[role=tab]").first.click()
    page.wait_for_selector("#reconstruct-results figure")
    page.locator("#reconstruct-checkpoint input").click()
    page.get_by_role("option", name="My last run").click()
    page.wait_for_function("document.querySelector('#reconstruct-diagram').textContent.includes('linear 32')")


def test_a_page_that_is_loaded_again_finds_its_finished_run_and_no_other_does(train):
    page = train()
    page.locator("#train-epoch").click()
    wait_for(page, "paused")
    page.locator("#train-stop").click()
    wait_for(page, "stopped")
    told = shown(page)
    page.reload()
    wait_for(page, "stopped")
    assert shown(page) == f"vae · digits · Hidden layers 32 · Hidden layers of the decoder 32 · Epochs 500 · {told}"
    page.wait_for_selector("#train-preview img[src]")
    for button in ("download", "report"):
        page.wait_for_selector(f"#train-{button}:not([disabled])")
    other = train()
    other.wait_for_timeout(1000)
    assert other.locator("#train .progress.idle").count()
    page.on("dialog", lambda dialog: dialog.accept())  # whether to leave a page with a run that goes on
    page.locator("#train-start").click()
    wait_for(page, "running")
    page.reload()
    page.locator("#train .notice").get_by_text("ended when you left the page").wait_for()
    wait_for(page, "stopped")  # the run before is there still


def test_two_train_while_a_third_denoises_and_a_closed_page_ends_its_own_run(train, served, new_page):
    lasting = "?tab=train&family=vae&hidden=1024&decoder_hidden=1024&epochs=500"  # long after the test is over
    one, two = train(lasting), train(lasting)
    for page in (one, two):
        page.locator("#train-start").click()
        page.wait_for_selector("#train-preview img[src]")
    third = new_page()
    third.set_default_timeout(WAIT)
    third.goto(f"{served}?tab=denoise")
    third.wait_for_selector("#denoise-table tbody tr >> nth=2")
    before = sources(third, "#denoise-results")
    third.locator("#denoise-reroll").click()
    wait_for_change(third, "#denoise-results", before)
    assert 13 < figure(third, "#denoise-results", 2, "PSNR") < 25
    assert user_run.count() == 2
    for page in (one, two):
        assert page.locator("#train .progress.running").count()
    third.close()
    one.close()
    until(two, lambda: user_run.count() == 1, 60)
    assert not two.locator("#train .progress.failed").count()
    two.locator("#ae-tabs button[role=tab]").first.click()
    two.wait_for_selector("#reconstruct-results figure")
    two.locator("#reconstruct-checkpoint input").click()
    two.get_by_role("option", name=title_of("conv-photo"), exact=True).wait_for()
    assert not two.get_by_role("option", name="My last run").count()  # theirs goes on, and nobody else's is there
    two.close()
    end = time.monotonic() + 60
    while user_run.count() and time.monotonic() < end:
        time.sleep(0.1)
    assert user_run.count() == 0


def test_a_refused_start_keeps_the_last_run_and_only_its_like_is_laid_under(train):
    def ended():
        page.locator("#train-epoch").click()
        wait_for(page, "paused")
        page.locator("#train-stop").click()
        wait_for(page, "stopped")
        page.wait_for_selector("#train-report:not([disabled])")

    page = train()
    ended()
    epochs = page.locator("#train-epochs input")
    epochs.fill("10000")
    page.locator("#train-problem").get_by_text("Epochs is 10000; allowed is 1 to 500").wait_for()
    page.locator("#train-start").click()
    page.wait_for_selector(".toast-body")
    wait_for(page, "stopped")
    assert page.locator("#train-report:not([disabled])").count()
    epochs.fill("3")
    page.wait_for_function("!document.querySelector('#train-problem')?.offsetParent")
    ended()
    under = page.locator("#train-curve select")
    assert under.evaluate("node => node.selectedOptions[0].text").startswith("1. vae · digits")
    page.locator("#train-family input").click()
    page.get_by_role("option", name="Dense", exact=True).click()
    page.wait_for_selector("#train-dense-hidden")
    ended()
    assert under.input_value() == ""  # its loss is another
    assert "2. vae" in under.inner_text()


def test_a_run_of_series_judges_other_series_in_anomaly(served, page, tmp_path):
    wave = [math.sin(i / 7) for i in range(900)]
    odd = [5.0 if 400 <= i < 440 else x for i, x in enumerate(wave)]
    for name, values in (("normal", wave), ("odd", odd)):
        (tmp_path / f"{name}.csv").write_text("time,x\n" + "\n".join(f"{i},{x:.4f}" for i, x in enumerate(values)))
    normal, other = str(tmp_path / "normal.csv"), str(tmp_path / "odd.csv")
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=train&family=seq2seq&data=series&hidden_size=8&latent_dim=4&epochs=2")
    page.wait_for_selector("#train-epochs input")
    page.wait_for_function("document.querySelector('#train-epochs input').value === '2'")
    page.locator("#train-pictures input[type=file]").set_input_files(normal)
    page.locator("#train-pictures").get_by_text("normal").wait_for()
    page.locator("#train-start").click()
    wait_for(page, "finished")
    page.get_by_role("tab", name="Anomaly").click()
    page.wait_for_selector("#anomaly-found .gallery button")
    page.locator("#anomaly-data label").last.click()
    page.locator("#anomaly-normal input[type=file]").set_input_files(normal)
    page.locator("#anomaly-test input[type=file]").set_input_files(other)
    page.wait_for_function("document.querySelector('#anomaly-found .kind_unknown')")
    page.locator("#anomaly-model input").click()
    page.get_by_role("option", name="My last run").click()
    page.wait_for_function("document.querySelector('#anomaly-table tbody').innerText.includes('My last run')")
    with page.expect_download() as download:
        page.locator("#anomaly-found .download").click()
    judged = [row.split(",") for row in download.value.path().read_text().splitlines()[1:]]
    name, *_, flagged = max(judged, key=lambda row: float(row[1]))
    first, last = map(int, re.fullmatch(r"odd\.csv \[(\d+)–(\d+)\]", name).groups())
    assert first <= 440
    assert last > 400
    assert flagged == "1"
    user_runs.clear()


def test_a_visitors_series_are_trained_on_and_the_run_opens_in_sequences(served, page, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("time,x\n" + "\n".join(f"{i},{20 + math.sin(i / 7):.4f}" for i in range(900)))
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=train&family=seq2seq&data=series&hidden_size=16&latent_dim=4&epochs=2")
    page.wait_for_selector("#train-epochs input")
    page.wait_for_function("document.querySelector('#train-epochs input').value === '2'")
    page.locator("#train-pictures input[type=file]").set_input_files(str(path))
    page.locator("#train-pictures").get_by_text("mine").wait_for()
    page.locator("#train-start").click()
    wait_for(page, "finished")
    assert "windows of 64 steps" in page.locator("#train").inner_text()
    assert page.locator("#train-preview img").get_attribute("src").startswith("data:image/png")
    page.get_by_role("tab", name="Sequences").click()
    page.wait_for_selector("#sequences-output .sequence:not(.none)")
    page.locator("#sequences-checkpoint input").click()
    page.get_by_role("option", name="My last run").click()
    page.locator("#sequences-path input[type=file]").set_input_files(str(path))
    page.wait_for_selector("#sequences-recording .recording:visible")
    page.wait_for_function("document.querySelector('#sequences-facts').innerText.includes('64')")
    user_runs.clear()
