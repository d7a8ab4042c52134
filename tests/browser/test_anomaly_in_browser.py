"""The Anomaly tab in a real browser: the threshold is dragged, samples are clicked, the table is downloaded."""

import numpy as np
import pytest
from pages import all_fetched, until

pytestmark = pytest.mark.thorough

WAIT = 120_000  # ms; the machine may be busy


@pytest.fixture
def tab(served, page):
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=anomaly")
    page.wait_for_selector("#anomaly-found .gallery button")
    page.wait_for_function("document.querySelectorAll('#anomaly-table tbody tr').length === 3")
    return page


def recall(page):
    return float(page.locator("#anomaly-found .figures dd").nth(2).inner_text().split()[0])


def test_dragging_the_threshold_changes_everything_without_a_request(tab):
    all_fetched(tab)
    before, asked = recall(tab), []
    tab.on("request", lambda request: asked.append(request.url))
    box = tab.locator("#anomaly-found .histogram").bounding_box()
    tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 60, steps=6)
    tab.mouse.up()
    until(tab, lambda: recall(tab) < before - 20)
    tab.locator("#anomaly-found .threshold input").focus()
    tab.keyboard.press("Home")
    until(tab, lambda: recall(tab) > 90)
    assert not asked


def test_a_click_shows_what_is_not_reconstructed(tab):
    tab.wait_for_selector("#anomaly-detail figure >> nth=3")
    picture = "document.querySelector('#anomaly-detail img.after').src"
    before = tab.evaluate(picture)
    tab.locator("#anomaly-found .normal button").first.click()
    tab.wait_for_function(f"before => {picture} !== before", arg=before)
    assert "not flagged" in tab.locator("#anomaly-detail figure").nth(1).inner_text()


def test_a_tick_of_another_class_is_answered(tab):
    text = tab.locator("#anomaly-found .flagged").inner_text()
    tab.locator("#anomaly-classes label").nth(1).click()
    tab.wait_for_function("before => document.querySelector('#anomaly-found .flagged').innerText !== before", arg=text)


def test_a_record_without_labels_is_flagged_and_the_page_says_so(served, page):
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=anomaly&data=heartbeats-208&model=pca")
    page.wait_for_function("document.querySelectorAll('#anomaly-table tbody tr').length === 2")
    assert "no annotations" in page.locator("#anomaly-table .note").inner_text()
    assert page.locator("#anomaly-found .judged").is_hidden()  # ROC, AUROC, precision and recall
    assert page.locator("#anomaly-found .gallery button").count() > 3
    assert page.locator("#anomaly-found canvas").first.is_visible()


def test_scores_of_other_samples_do_not_stay_until_files_are_given(tab):
    tab.locator("#anomaly-data label", has_text="My own files").click()
    tab.wait_for_selector("#anomaly-found .detection.none")
    assert tab.locator("#anomaly-found .empty").is_visible()
    assert not tab.locator("#anomaly-found .histogram").is_visible()
    assert tab.locator("#anomaly-test").is_visible()


def test_own_series_are_judged_and_downloaded(tab, tmp_path):
    wave = np.sin(2 * np.pi * np.arange(2000) / 25)
    odd = wave.copy()
    odd[1000:1040] = 0
    for name, values in (("normal", wave), ("odd", odd)):
        (tmp_path / f"{name}.csv").write_text("time,a\n" + "\n".join(f"{i},{x:.4f}" for i, x in enumerate(values)))
    tab.locator("#anomaly-data label").last.click()
    tab.locator("#anomaly-normal input[type=file]").set_input_files(str(tmp_path / "normal.csv"))
    tab.locator("#anomaly-test input[type=file]").set_input_files(str(tmp_path / "odd.csv"))
    tab.wait_for_function("document.querySelector('#anomaly-found .kind_unknown')")
    tab.wait_for_selector("#anomaly-lines canvas")
    with tab.expect_download() as download:
        tab.locator("#anomaly-found .download").click()
    rows = download.value.path().read_text().splitlines()
    assert rows[0] == "sample,score,threshold,anomaly"
    assert rows[1].startswith("odd.csv [")
    assert rows[1].endswith(",1")


def test_a_phone_shows_the_scores_after_the_samples(served, new_page):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-TW")
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=anomaly")
    page.wait_for_selector("#anomaly-found .gallery button")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tops = [page.locator(f"#anomaly-{name}").bounding_box()["y"] for name in ("classes", "found", "detail")]
    assert tops == sorted(tops)
    assert "異常" in page.locator("#anomaly-found").inner_text()
