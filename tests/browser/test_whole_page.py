"""What concerns the whole page: its language and its theme."""

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
