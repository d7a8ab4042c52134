"""A file that cannot be read: the reason stays where the results would stand, and what the visitor had is kept."""

import pytest
from tabs import READY

PLACES = {
    "style": ("#style-picture", "#style-sheet .failed"),
    "latent_walk": ("#latent-picture", "#latent-map-block .failed"),
    "features": ("#features-picture", "#features-busy .reason"),
    "anomaly": ("#anomaly-test", "#anomaly-busy .reason"),
    "train": ("#train-load", "#train-refused"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("tab", PLACES)
def test_the_reason_stays_when_the_message_has_gone(served, page, tmp_path, tab):
    field, place = PLACES[tab]
    name = "broken.zip" if tab == "train" else "broken.png"
    (tmp_path / name).write_text("this is no picture")
    page.set_default_timeout(120_000)  # ms; the machine may be busy
    page.goto(f"{served}?tab={tab}")
    page.locator(READY[tab]).first.wait_for()
    if tab in ("features", "anomaly"):
        page.locator({"features": "#features-own", "anomaly": "#anomaly-judge"}[tab]).get_by_role(
            "button"
        ).first.click()
    if tab == "train":
        with page.expect_file_chooser() as chooser:
            page.locator(field).click()
        chooser.value.set_files(str(tmp_path / name))
    else:
        page.set_input_files(f"{field} input[type=file]", str(tmp_path / name))
    page.locator(".toast-close").first.click()
    page.wait_for_function("!document.querySelector('.toast-body')")
    page.locator(place).wait_for()  # the page may show the message first
    assert "broken" in page.locator(place).inner_text() or tab == "train"
    if tab in ("style", "latent_walk"):
        assert page.locator(READY[tab]).first.is_visible()


@pytest.mark.thorough
def test_another_picture_takes_the_reason_away(served, page, tmp_path):
    (tmp_path / "broken.png").write_text("this is no picture")
    page.set_default_timeout(120_000)  # ms
    page.goto(f"{served}?tab=style")
    page.locator(READY["style"]).first.wait_for()
    page.set_input_files("#style-picture input[type=file]", str(tmp_path / "broken.png"))
    page.wait_for_selector("#style-sheet .failed:visible")
    page.locator("#style-sheet .examples button").first.click()
    page.wait_for_selector("#style-sheet .failed", state="hidden")
