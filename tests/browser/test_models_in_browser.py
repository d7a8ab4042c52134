"""The Models tab in a browser: its link, models that are opened in other tabs, and two tabs opened at once."""

from pages import until


def test_a_model_is_opened_in_another_tab_before_and_after_that_tab_was_built(served, page):
    page.set_default_timeout(60_000)
    page.goto(f"{served}?tab=models&task=denoise&layout=table&sort=-psnr_gaussian_0.3")
    assert page.locator("#models-gallery [aria-sort=descending]").first.inner_text() == "PSNR, σ 0.3"
    with page.expect_download() as saved:
        page.locator("#models-gallery .file").first.click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Model,")
    assert lines[1].startswith("denoising-")
    page.locator("#models-gallery .view").click()
    until(page, lambda: "layout" not in page.url, 30)
    assert "task=denoise" in page.url
    chosen = page.locator("#denoise-checkpoint input")
    for name, picture in (("denoising-mnist", "digit-5.png"), ("denoising-fashion", "boot.png")):
        page.locator("#tab-models-button").click()
        page.locator(f"#models-gallery [data-model={name}] .open button").first.click()
        page.wait_for_selector("#denoise-results figure")
        until(page, lambda name=name: f"tab=denoise&checkpoint={name}" in page.url, 60)
        subject = "digits" if name == "denoising-mnist" else "garments"
        until(page, lambda subject=subject: subject in chosen.input_value(), 30)
        until(
            page,
            lambda picture=picture: picture in (page.locator("#denoise-picture img").first.get_attribute("src") or ""),
            30,
        )
    for tab in ("style", "train"):  # the second is opened while the first is built
        page.locator(f"#tab-{tab}-button").click()
    for tab, setting in (("train", "latent_dim=2"), ("style", "label=4")):
        page.locator(f"#tab-{tab}-button").click()
        page.locator(f"#{tab}-steps button").first.click()
        until(page, lambda tab=tab, setting=setting: f"tab={tab}" in page.url and setting in page.url, 30)
