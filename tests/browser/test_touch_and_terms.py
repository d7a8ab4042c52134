"""The page under a finger: targets are large enough; terms are explained; no button has an English name in Chinese."""

import pytest
from tabs import NAMES, open_tab

pytestmark = pytest.mark.thorough

# WCAG 2.2, 2.5.5 (44 by 44 CSS pixels) excepts what is inline in a line of text, and what must be as small as it is.
INLINE = ".ae-term, .prose a, footer a, footer button"
ESSENTIAL = (
    ".cells button, .hint-dot, .hint-dot *"  # a picture in a grid, a place in a picture
    ", .ae-diagram rect, .ae-bars rect, .ae-sequence-code .unit"  # a layer, a number of the code: as many as there are
)
TARGETS = "button, input, select, textarea, summary, a[href], [role=button], [role=slider], [role=tab]"
SMALL = """excepted => [...document.querySelectorAll(".gradio-container :is(TARGETS)")].flatMap((node) => {
    const target = node.closest("label") && node.matches("input") ? node.closest("label") : node;
    const [own, box] = [node.getBoundingClientRect(), target.getBoundingClientRect()];
    const seen = (each) => each.checkVisibility({ visibilityProperty: true });
    if (!(seen(node) || seen(target)) || box.width < 2 || node.disabled) return [];
    if (node.type === "file" || node.closest(excepted)) return [];
    const [width, height] = [Math.max(own.width, box.width), Math.max(own.height, box.height)];
    if (width >= 43.5 && height >= 43.5) return [];
    const place = node.closest("[id]:not([id=''])")?.id;
    const words = (node.ariaLabel || node.textContent).trim().slice(0, 20);
    return [`${Math.round(width)}x${Math.round(height)} #${place} ${node.localName}.${node.className} “${words}”`];
})""".replace("TARGETS", TARGETS)
ENGLISH = """() => [...document.querySelectorAll("body :is([aria-label], [title])")]
    .flatMap((node) => ["aria-label", "title"].map((name) => node.getAttribute(name) ?? ""))
    .filter((text) => /^[A-Za-z][A-Za-z ]{5,}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text))"""
CUT = """() => [
    ...[...document.querySelectorAll("#ae-tabs > .tab-wrapper [role=tab]")]
        .filter((tab) => tab.scrollWidth > tab.offsetWidth),
    ...[...document.querySelectorAll("input[type=number]")].filter((number) => {
        const [own, frame] = [number, number.parentElement].map((node) => node.getBoundingClientRect());
        return number.checkVisibility() && own.bottom > frame.bottom + 1;
    }),
].map((node) => node.outerHTML.slice(0, 80))"""
TERMS = {
    "reconstruct": {"mse", "psnr", "ssim", "code", "dimension", "ratio", "percentile", "threshold", "error_map", "pca"},
    "denoise": {"psnr", "ssim", "gaussian", "salt", "mask", "dropout", "seed", "median", "non_local_means"},
    "colorize": {"psnr", "colourfulness"},
    "latent_walk": {"prior"},
    "style": {"label", "style", "prior"},
    "anomaly": {"auroc", "precision", "recall", "f1", "score", "normal", "threshold", "error_map", "dimension"},
    "sequences": {"code", "mse", "percentile", "window"},
    "features": {"projection", "colour_by", "probe", "neighbours", "cluster_accuracy", "nmi", "ari", "code"},
    "train": {"ratio", "dimension", "loss", "held_out", "parameters"},
    "models": {"psnr", "ssim", "mse"},
}


@pytest.fixture(scope="module")
def phone(served, watched_page):
    """The demo in Chinese on a phone, loaded once for all tests here."""
    with watched_page(locale="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        page.set_default_timeout(120_000)  # ms; the machine may be busy
        page.goto(f"{served}?lang=zh-CN")
        page.wait_for_selector("#reconstruct-results figure")
        yield page


@pytest.mark.parametrize("name", NAMES)
def test_targets_are_large_terms_are_explained_and_names_are_in_the_language_of_the_page(phone, name):
    open_tab(phone, name)
    phone.evaluate(f"document.querySelectorAll('#tab-{name} .label-wrap:not(.open)').forEach(fold => fold.click())")
    if name == "models":
        phone.locator("#models-gallery details.model").first.tap()
    phone.wait_for_timeout(700)
    assert phone.evaluate("matchMedia('(pointer: coarse)').matches")
    assert phone.evaluate(SMALL, f"{INLINE}, {ESSENTIAL}") == []
    assert phone.evaluate(CUT) == []
    assert phone.evaluate(ENGLISH) == []
    found = phone.eval_on_selector_all(f"#tab-{name} .ae-term", "all => all.map(term => term.dataset.term)")
    assert TERMS[name] <= set(found)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_explanation_opens_at_a_tap_and_at_the_focus_and_escape_closes_it(phone):
    open_tab(phone, "reconstruct")
    term, tip = phone.locator("#tab-reconstruct .ae-term[data-term=psnr]"), phone.locator("#ae-tip")
    term.scroll_into_view_if_needed()
    phone.wait_for_timeout(200)
    term.tap()
    assert "峰值信噪比" in tip.inner_text()
    assert term.get_attribute("aria-describedby") == "ae-tip"
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    phone.keyboard.press("Escape")
    assert tip.is_hidden()
    phone.locator("#tab-reconstruct .ae-term[data-term=mse]").focus()
    phone.keyboard.press("Enter")
    assert "均方误差" in tip.inner_text()
    phone.locator("#ae-header").tap()
    assert tip.is_hidden()
