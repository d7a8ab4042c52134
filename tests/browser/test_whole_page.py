"""What concerns the whole page: language, theme and presenter mode."""

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
    assert page.locator("#ae-topbar .where").inner_text() == "Reconstruct · 1 / 8"
    page.keyboard.press("ArrowLeft")  # there is none before
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#denoise-results figure")
    page.keyboard.press("PageDown")  # the key of a remote control
    page.wait_for_selector("#colorize-results figure")
    assert page.locator("#ae-topbar .where").inner_text() == "Colorize · 3 / 8"
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
