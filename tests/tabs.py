"""The tabs of the demo in a browser: what each one shows first, and how it is opened."""

from ae_demo.ui.tabs import TABS

NAMES = [tab.NAME for tab in TABS]
# Of each tab: what is there when its first result is.
READY = {
    "reconstruct": "#reconstruct-results figure >> nth=1",
    "denoise": "#denoise-filters figure >> nth=2",
    "colorize": "#colorize-proposals figure >> nth=2",
    "latent_walk": "#latent-decoded canvas[data-model]",
    "style": "#style-sheet .ten[data-z]",
    "anomaly": "#anomaly-found .detection:not(.none) .gallery",
    "sequences": "#sequences-output .plot",
    "features": "#features-map canvas",
    "train": "#train-facts figure",
    "models": "#models-gallery img, #models-gallery details.model",
}


def open_tab(page, name):
    """Click on a tab, in the menu if the page is narrow, and wait for its first result."""
    page.evaluate(
        "place => {"
        " const row = document.querySelector('#ae-tabs > .tab-wrapper');"
        " const title = row.querySelectorAll('.visually-hidden button')[place].textContent;"
        " const shown = [...row.querySelectorAll('[role=tab], .overflow-dropdown button')];"
        " shown.find(button => button.textContent === title).click() }",
        NAMES.index(name),
    )
    page.wait_for_selector(f"#tab-{name} >> visible=true")
    page.locator(READY[name]).first.wait_for()
    page.wait_for_function(
        "!document.querySelector('.ae-stale') &&"
        " ![...document.querySelectorAll('.busy')].some(bar => bar.checkVisibility())"
    )
