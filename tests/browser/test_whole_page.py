"""What concerns the whole page: language, theme and presenter mode."""

from urllib.parse import parse_qsl, urlparse

import pytest
from pages import until

WAIT = 60_000  # ms; the machine may be busy


def first_tab(page):
    return page.locator("#ae-tabs button[role=tab]").first.inner_text()


def is_dark(page):
    return page.evaluate("document.body.classList.contains('dark')")


def test_the_language_is_chosen_on_the_page_remembered_and_in_the_link(served, new_page):
    page = new_page(locale="zh-HK")
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=reconstruct")
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert first_tab(page) == "重建"  # Gradio itself knows neither zh-HK nor zh
    page.select_option("#ae-topbar .lang", "zh-CN")
    page.wait_for_function("document.documentElement.lang === 'zh-CN'")
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert first_tab(page) == "重构"
    assert "lang=zh-CN" in page.url
    assert "tab=reconstruct" in page.url
    page.goto(served)
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert first_tab(page) == "重构"
    page.goto(f"{served}?lang=en")
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert first_tab(page) == "Reconstruct"


def test_the_theme_changes_at_once_is_remembered_and_may_follow_the_system(served, new_page):
    page = new_page(color_scheme="light")
    page.set_default_timeout(WAIT)
    page.goto(served)
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert not is_dark(page)
    page.select_option("#ae-topbar .theme", "dark")
    assert is_dark(page)
    assert "__theme=dark" in page.url
    page.goto(served)
    page.wait_for_selector("#ae-topbar [data-mounted]")
    assert is_dark(page)
    page.select_option("#ae-topbar .theme", "")
    assert not is_dark(page)
    page.emulate_media(color_scheme="dark")
    until(page, lambda: is_dark(page))
    assert "__theme" not in page.url


def presenting(page):
    return page.evaluate("document.documentElement.classList.contains('ae-presenting')")


@pytest.mark.thorough
def test_the_presented_tab_fills_the_screen_and_keys_step_through_the_tabs(served, new_page):
    page = new_page(viewport={"width": 1024, "height": 768})
    page.set_default_timeout(WAIT)
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure")
    page.locator("#reconstruct-threshold input[type=number]").press("p")
    assert not presenting(page)  # someone types
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("p")
    assert presenting(page)
    assert "present=1" in page.url
    assert page.locator("#ae-tabs [role=tab]").first.is_hidden()
    assert page.locator("#ae-topbar .where").inner_text() == "Reconstruct · 1 / 10"
    page.keyboard.press("ArrowLeft")  # there is none before
    page.keyboard.press("2")
    page.wait_for_selector("#denoise-results figure")
    page.keyboard.press("3")
    page.wait_for_selector("#colorize-results figure")
    assert page.locator("#ae-topbar .where").inner_text() == "Colorize · 3 / 10"
    page.keyboard.press("q")
    assert "HOST=0.0.0.0" in page.locator("#ae-topbar dialog .alone").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#ae-topbar dialog").is_hidden()
    assert presenting(page)
    page.keyboard.press("Escape")
    assert not presenting(page)
    assert "present" not in page.url
    page.goto(f"{served}?present=1&tab=denoise")
    page.wait_for_selector("#denoise-results figure")
    assert presenting(page)
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--ae-zoom'))")
    assert size == 1.2
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def values(page, selector):
    """What a check group or a radio has ticked, or what another control's box shows."""
    return page.evaluate(
        "selector => { const all = [...document.querySelectorAll(selector + ' input')];"
        " const ticked = all.filter(one => one.checked).map(one => one.parentElement.innerText.trim());"
        " return ticked.length ? ticked : all.length ? [all[0].value] : []; }",
        selector,
    )


LINKS = {
    "reconstruct": ("example=coffee&checkpoint=conv-photo&channels=4", {"#reconstruct-channels": ["4"]}),
    "anomaly": (
        "data=fashion-small&classes=1_8&model=pca&score=mae&latent_dim=5",
        {"#anomaly-classes": ["Trouser", "Bag"], "#anomaly-latent": ["5"]},
    ),
    "sequences": ("minute=3", {"#sequences-minute": ["3"]}),
    "features": ("checkpoint=dense-fashion&beside=pixels&projection=pca", {"#features-projection": ["PCA"]}),
    "latent_walk": ("checkpoint=vae-fashion&z=0.9_-0.5", {}),
}
DONE = {
    "reconstruct": "#reconstruct-results figure",
    "anomaly": "#anomaly-found canvas",
    "sequences": "#sequences-output .plot",
    "features": "#features-map canvas",
    "latent_walk": "#latent-coords:has-text('(0.90, -0.50)')",
}


@pytest.mark.parametrize("tab", LINKS)
def test_a_link_restores_a_tab_whose_address_stays_that_link(served, page, tab):
    query, shown = LINKS[tab]
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab={tab}&{query}")
    page.wait_for_selector(DONE[tab])
    for selector, expected in shown.items():
        until(page, lambda selector=selector, expected=expected: values(page, selector) == expected, 30)
    page.wait_for_selector(f"#tab-{tab} .ae-line .link button")
    settings = {"tab": tab, **dict(parse_qsl(query))}
    until(page, lambda: dict(parse_qsl(urlparse(page.url).query)) == settings, 60)
    page.wait_for_timeout(1500)  # no answer to the settings at the start comes after
    assert dict(parse_qsl(urlparse(page.url).query)) == settings


@pytest.mark.thorough
def test_a_step_to_try_sets_the_controls_and_keys_of_a_presentation_do_it_too(served, page):
    page.set_default_timeout(WAIT)
    page.goto(f"{served}?tab=denoise&present=1&gaussian=0.1")
    page.wait_for_selector("#denoise-results figure")
    until(page, lambda: values(page, "#noise-gaussian") == ["0.1"], 30)
    page.wait_for_selector("#denoise-steps button")
    page.keyboard.press("PageDown")  # the key of a remote control
    until(page, lambda: values(page, "#noise-gaussian") == ["0.5"], 30)
    assert "σ = 0.5" in page.locator("#denoise-steps .see").inner_text()
    page.locator("#denoise-steps button").nth(1).click()
    until(page, lambda: values(page, "#noise-salt-and-pepper") == ["0.5"], 30)
    assert values(page, "#noise-gaussian") == ["0"]
    until(page, lambda: "salt_and_pepper=0.5" in page.url, 60)
    assert "present=1" in page.url
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # the tab has three steps
    page.wait_for_selector("#colorize-results figure")
    assert "salt_and_pepper" not in page.url


def test_the_tour_is_shown_once_and_never_over_a_link_and_can_be_started_again(served, new_page):
    page = new_page(tour=True)
    page.set_default_timeout(WAIT)
    card = page.locator("#ae-topbar .tour")
    page.goto(f"{served}?tab=reconstruct")
    page.wait_for_selector("#reconstruct-results figure")
    assert page.evaluate("localStorage.getItem('ae-tour')") is None
    page.goto(served)
    card.wait_for()
    assert "1 / 4" in card.inner_text()
    assert page.locator(".ae-input.ae-toured").count() == 1
    card.locator(".next").click()
    assert page.locator(".ae-diagram.ae-toured").count() == 1
    page.locator("#ae-header").click()
    card.wait_for(state="hidden")
    assert page.locator(".ae-toured").count() == 0
    page.goto(served)
    page.wait_for_selector("#reconstruct-results figure")
    page.wait_for_selector("#ae-topbar [data-mounted]")
    page.locator("#ae-topbar .start-tour").click()
    assert page.evaluate("document.activeElement.className") == "next"
    for _ in range(4):
        page.keyboard.press("Enter")
    card.wait_for(state="hidden")
