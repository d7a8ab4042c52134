"""Tabs that are built when they are opened: their controls can be used."""

import pytest

DISABLED = "[...document.querySelectorAll('input')].filter((e) => e.offsetParent && e.disabled).map((e) => e.ariaLabel)"


@pytest.mark.parametrize("tab", ["denoise", "colorize", "latent_walk", "style", "anomaly", "features"])
def test_no_control_is_disabled(served, page, tab):
    page.goto(f"{served}?tab={tab}")
    page.wait_for_selector("input:visible", timeout=60_000)
    page.wait_for_timeout(3000)
    assert page.evaluate(DISABLED) == []
