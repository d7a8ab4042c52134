"""The page can be seen and used by everybody: at any size, in every language and theme, by keys, by a screen reader."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from tabs import NAMES, open_tab

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).resolve().parents[2]
CHECKS = Path(__file__).with_name("checks.js").read_text(encoding="utf-8")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

SIZES = [(390, 844), (768, 1024), (1366, 768), (1440, 900), (1920, 1080)]
FOLDS = [(1366, 768), (1440, 900)]
# Above the fold of each tab: its input, the model, the result and the control that matters.
ABOVE = {
    "reconstruct": "#reconstruct-picture, #reconstruct-diagram svg, #reconstruct-results figure, #reconstruct-code",
    "denoise": "#denoise-picture, #denoise-diagram svg, #denoise-results .compare, #noise-gaussian",
    "colorize": "#colorize-picture, #colorize-diagram svg, #colorize-results .compare, #colorize-saturation",
    "latent_walk": "#latent-pad canvas, #latent-diagram svg, #latent-decoded canvas, #latent-map canvas",
    "style": "#style-pad canvas, #style-diagram svg, #style-sheet .ten, #style-sheet .sliders",
    "anomaly": "#anomaly-data, #anomaly-diagram svg, #anomaly-found .histogram, #anomaly-found .threshold",
    "sequences": "#sequences-source, #sequences-diagram svg, #sequences-output .plot, #sequences-code .bars",
    "features": "#features-checkpoint, #features-diagram svg, #features-map canvas, #features-projection",
    "train": "#train-family, #train-diagram svg, #train-curve canvas, #train-start",
    "models": "#models-gallery select, #models-gallery .view, #models-gallery h3",
}

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What cannot be kept in Gradio's own markup: the frame of an upload is a button, named by what it does in Gradio's
# words, and shows other ones; a file or a figure that is not there yet has a label and no role; the header of a message
# is a button, and holds another one.
EXCEPTIONS = {
    ("label-content-name-mismatch", "upload-container"),
    ("aria-prohibited-attr", 'aria-label="Empty value"'),
    ("nested-interactive", "toast-header"),
}


@pytest.fixture(scope="module")
def page_in(served, watched_page):
    """`page_in("zh-CN")`: the demo in a language, loaded once for all tests here."""
    with ExitStack() as stack:
        pages = {}

        def get(language):
            if language not in pages:
                page = stack.enter_context(watched_page())
                page.set_default_timeout(60_000)  # ms; the machine may be busy
                page.goto(f"{served}?lang={language}")
                page.wait_for_selector("#reconstruct-results figure")
                page.add_style_tag(content="* { transition: none !important }")  # colours are measured at once
                page.evaluate(CHECKS)
                pages[language] = page
            pages[language].set_viewport_size({"width": 1440, "height": 900})
            return pages[language]

        yield get


def resize(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(80)  # what is drawn at the width there is is drawn anew


def set_dark(page, dark):
    page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)


@pytest.mark.parametrize("language", ["en", "zh-CN", "zh-TW"])
def test_nothing_is_cut_off_or_covered_and_what_matters_is_above_the_fold(page_in, language):
    page, wrong = page_in(language), {}
    for name in NAMES:
        resize(page, 1440, 900)
        open_tab(page, name)
        for place, size in enumerate(SIZES if language == "en" else [SIZES[0], *FOLDS]):
            resize(page, *size)
            set_dark(page, dark=place % 2 == (language != "en"))
            found = page.evaluate("checks.layout()")
            if size in FOLDS:
                found += [
                    f"below the fold: {each}"
                    for each in page.evaluate("all => checks.belowTheFold(all)", ABOVE[name].split(", "))
                ]
            if found:
                wrong[name, size] = found
    set_dark(page, dark=False)
    assert not wrong, "\n".join(f"{name} at {size}: {each}" for (name, size), all in wrong.items() for each in all)


def violations(page, context="document", **options):
    """The violations that axe finds, without the exceptions: the rule, the place, and the reason."""
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], **options}
    found = page.evaluate(f"async options => (await axe.run({context}, options)).violations", options)
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
        if not any(rule["id"] == name and part in node["html"] for name, part in EXCEPTIONS)
    ]


def test_every_tab_keeps_the_rules_of_wcag_2_2_aa(page_in):
    if not AXE.exists():
        pytest.skip("ACCESSIBILITY IS NOT CHECKED: axe-core is not installed (npm install)")
    page, wrong = page_in("en"), []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for name in NAMES:
        open_tab(page, name)
        panel = f"'#tab-{name}'"
        page.evaluate(f"document.querySelectorAll('#tab-{name} .label-wrap:not(.open)').forEach(fold => fold.click())")
        if name == "reconstruct":
            page.locator("#reconstruct-diagram .button").nth(1).click()
            page.wait_for_selector("#reconstruct-diagram .activations .grid")
        wrong += violations(page, "document" if name == NAMES[0] else panel)
        set_dark(page, dark=True)
        wrong += violations(page, "document" if name == NAMES[0] else panel, **contrast)
        set_dark(page, dark=False)
    page.locator("#ae-header").click()
    page.keyboard.press("p")
    page.wait_for_selector("#ae-topbar .stage >> visible=true")
    wrong += violations(page)
    page.keyboard.press("Escape")
    chinese = page_in("zh-TW")
    chinese.evaluate(AXE.read_text(encoding="utf-8"))
    wrong += violations(chinese)
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def missed_by_keys(page, name):
    """The controls of a tab that the Tab key does not reach, or that do not show the focus."""
    page.locator("#ae-tabs > .tab-wrapper [role=tab]").nth(NAMES.index(name)).focus()
    page.evaluate("checks.watchFocus()")
    inside = f"document.activeElement.closest('#tab-{name}, #ae-tabs > .tab-wrapper')"
    for _ in range(20):
        for _ in range(12):
            page.keyboard.press("Tab")
        if not page.evaluate(f"Boolean({inside})"):
            break
    return page.evaluate("panel => checks.unreached(panel)", f"#tab-{name}")


def test_every_control_is_reached_by_keys_and_shows_the_focus(page_in):
    page, wrong = page_in("en"), []
    for name in NAMES:
        open_tab(page, name)
        missed = missed_by_keys(page, name) and missed_by_keys(page, name)  # at first, results may still replace some
        wrong += [f"{name}: {each}" for each in missed]
    assert not wrong, "\n".join(wrong)
