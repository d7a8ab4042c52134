"""The Style tab in a browser: a drawing is recognised and drawn as all ten digits, without a request."""

from pages import all_fetched, drag, until

LINK = "?tab=style&label=3&z=1_0_0.5_0_0_0_-1_0"


def test_a_drawing_is_recognised_corrected_and_its_style_moved(served, page):
    page.goto(f"{served}{LINK}")
    shown = page.locator("#style-sheet .ten")
    until(page, lambda: (shown.get_attribute("data-z") or "").startswith("1.000,0.000,0.500"), 60)
    label = page.locator("#style-sheet .labels [aria-checked=true]")
    assert label.inner_text() == "3"
    drag(page, "#style-pad canvas", [(0.3, 0.2), (0.7, 0.2), (0.5, 0.8)])
    until(page, lambda: label.inner_text() == "7")
    assert "7" in page.locator("#style-sheet .verdict").inner_text()
    page.get_by_role("radio", name="1", exact=True).click()
    assert label.inner_text() == "1"
    before, picture = shown.get_attribute("data-z"), shown.evaluate("node => node.toDataURL()")
    first = f"{round(float(before.split(',')[0]), 2):g}"
    until(page, lambda: f"label=1&z={first}_" in page.url)
    all_fetched(page)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.locator("#style-sheet .sliders input").nth(2).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    until(page, lambda: shown.evaluate("node => node.toDataURL()") != picture)
    moved = shown.get_attribute("data-z").split(",")
    changed = [i for i, (a, b) in enumerate(zip(before.split(","), moved, strict=True)) if a != b]
    assert changed == [2]
    assert not [url for url in requests if "predict" in url or "component_server" in url]
