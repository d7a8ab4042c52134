"""The theme: Gradio's controls in neutral tones, so that colour can carry meaning.

Blue, orange, green and red mean input, code, output and error everywhere (`styles/colours.css`); buttons, sliders and
tabs are therefore grey. Only system fonts are used, so nothing is fetched.

    demo.launch(theme=build_theme(), css_paths=CSS_PATHS)
"""

from pathlib import Path

import gradio as gr

STYLES = Path(__file__).with_name("styles")
# In the order of the cascade; Gradio joins them and puts them into the page.
CSS_PATHS = [
    STYLES / f"{name}.css" for name in ("colours", "layout", "controls", "narrow", "presenter", "touch", "server_gone")
]

SANS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]
MONO = ["ui-monospace", "SF Mono", "Cascadia Mono", "Menlo", "Consolas", "monospace"]


def build_theme() -> gr.themes.Base:
    """Make the theme to give to `launch(theme=...)`, together with `css_paths=CSS_PATHS`."""
    theme = gr.themes.Base(primary_hue="slate", secondary_hue="slate", neutral_hue="slate", font=SANS, font_mono=MONO)
    return theme.set(
        body_background_fill="var(--ae-page)",
        body_background_fill_dark="var(--ae-page)",
        body_text_color="var(--ae-ink)",
        body_text_color_dark="var(--ae-ink)",
        body_text_color_subdued="var(--ae-muted)",
        body_text_color_subdued_dark="var(--ae-muted)",
        background_fill_primary="var(--ae-surface)",
        background_fill_primary_dark="var(--ae-surface)",
        background_fill_secondary="var(--ae-well)",
        background_fill_secondary_dark="var(--ae-well)",
        border_color_primary="var(--ae-line)",
        border_color_primary_dark="var(--ae-line)",
        block_background_fill="var(--ae-surface)",
        block_background_fill_dark="var(--ae-surface)",
        block_border_color="var(--ae-line)",
        block_border_color_dark="var(--ae-line)",
        block_label_background_fill="var(--ae-surface)",
        block_label_background_fill_dark="var(--ae-surface)",
        block_label_text_color="var(--ae-muted)",
        block_label_text_color_dark="var(--ae-muted)",
        block_title_text_color="var(--ae-ink)",
        block_title_text_color_dark="var(--ae-ink)",
        block_info_text_color="var(--ae-muted)",
        block_info_text_color_dark="var(--ae-muted)",
        block_shadow="none",
        block_radius="12px",
        input_background_fill="var(--ae-surface)",
        input_background_fill_dark="var(--ae-well)",
        input_border_color="var(--ae-edge)",
        input_border_color_dark="var(--ae-edge)",
        input_border_width="1px",
        color_accent="var(--ae-ink)",
        slider_color="var(--ae-ink)",
        slider_color_dark="var(--ae-ink)",
        checkbox_background_color_selected="var(--ae-ink)",
        checkbox_background_color_selected_dark="var(--ae-muted)",
        checkbox_border_color="var(--ae-edge)",
        checkbox_border_color_dark="var(--ae-edge)",
        button_large_radius="10px",
        button_small_radius="8px",
        button_primary_background_fill="var(--ae-ink)",
        button_primary_background_fill_dark="var(--ae-ink)",
        button_primary_background_fill_hover="var(--ae-muted)",
        button_primary_background_fill_hover_dark="white",
        button_primary_text_color="var(--ae-surface)",
        button_primary_text_color_dark="var(--ae-page)",
        button_border_width="1px",
        button_secondary_border_color="var(--ae-edge)",
        button_secondary_border_color_dark="var(--ae-edge)",
        button_secondary_background_fill="var(--ae-surface)",
        button_secondary_background_fill_dark="var(--ae-surface)",
        button_secondary_background_fill_hover="var(--ae-well)",
        button_secondary_background_fill_hover_dark="var(--ae-well)",
        button_secondary_text_color="var(--ae-ink)",
        button_secondary_text_color_dark="var(--ae-ink)",
    )
