"""Take pictures of every tab at every size, in both themes and all languages: `python tests/screenshots.py OUT`.

`--widths 390 1366`, `--languages en` and `--tabs train` leave out the rest; `--whole` adds what lies below the window.
`--readme` renews those that the README shows: `assets/screenshot.png` and the animation `assets/latent-walk.gif`.
"""

import argparse
import io
import sys
from contextlib import contextmanager
from math import cos, pi, sin
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from install_browser import start_chromium
from PIL import Image
from playwright.sync_api import sync_playwright
from tabs import NAMES, READY, open_tab

from ae_demo.data import ASSETS
from ae_demo.ui.app import build_app, launch
from ae_demo.ui.strings import LOCALES

SIZES = [(390, 844), (768, 1024), (1366, 768), (1440, 900), (1920, 1080)]
FRAMES, WIDTH, MILLISECONDS = 30, 540, 110  # of the animation
COLORS = 255  # of the animation; the 256th stands for a pixel that has not changed, which saves two thirds of the bytes


@contextmanager
def opened(url: str, size: tuple[int, int], query: str):
    """A page of the served demo at a size in pixels, as a query sets it."""
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="en-US")
        page.set_default_timeout(120_000)
        page.add_init_script("localStorage.setItem('ae-tour', '1')")
        page.goto(f"{url}?{query}")
        yield page
        browser.close()


def take_all(url: str, out: Path, arguments: argparse.Namespace) -> None:
    """Write `<tab>-<width>-<theme>-<language>.png` for all that are asked for."""
    for language in arguments.languages:
        with opened(url, SIZES[-1], f"lang={language}") as page:
            page.locator(READY[NAMES[0]]).first.wait_for()
            for name in arguments.tabs:
                page.set_viewport_size({"width": SIZES[-1][0], "height": SIZES[-1][1]})
                open_tab(page, name)
                for width, height in [size for size in SIZES if size[0] in arguments.widths]:
                    page.set_viewport_size({"width": width, "height": height})
                    for theme in ("light", "dark"):
                        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
                        page.wait_for_timeout(250)
                        path = out / f"{name}-{width}-{theme}-{language}.png"
                        page.screenshot(path=path, full_page=arguments.whole)


def take_readme(url: str) -> None:
    """Renew the README's pictures: the Latent walk, and a walk along a circle in it."""
    with opened(url, (1440, 900), "tab=latent_walk") as page:
        page.locator(READY["latent_walk"]).first.wait_for()
        page.wait_for_function("document.querySelector('#latent-map canvas').latent?.plane?.refined")
        box = page.locator("#latent-map canvas").bounding_box()

        def point(share: float) -> None:
            angle = 2 * pi * share
            page.mouse.move(
                box["x"] + box["width"] * (0.5 + 0.27 * cos(angle)),
                box["y"] + box["height"] * (0.5 - 0.24 * sin(angle)),
            )
            page.wait_for_timeout(150)

        point(0.07)
        page.wait_for_timeout(800)  # until the text describes this place
        page.screenshot(path=ASSETS / "screenshot.png")
        shrink(ASSETS / "screenshot.png")
        frames = []
        page.add_style_tag(content="#latent-map-block :is(.hint, .beta, .switches) { visibility: hidden }")
        clip = page.locator("#latent-map-block").bounding_box()
        clip["height"] = box["y"] + box["height"] + 30 - clip["y"]
        for i in range(FRAMES):
            point(i / FRAMES)
            frames.append(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB"))
    height = round(WIDTH * frames[0].height / frames[0].width)
    frames = [frame.resize((WIDTH, height), Image.Resampling.LANCZOS) for frame in frames]
    palette = frames[0].quantize(COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    options = {"save_all": True, "append_images": frames[1:], "duration": MILLISECONDS, "loop": 0, "optimize": True}
    frames[0].save(ASSETS / "latent-walk.gif", **options)


def shrink(path: Path) -> None:
    """Store a picture with a palette, a third of its bytes."""
    picture = Image.open(path).convert("RGB")
    picture = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="the folder for the pictures")
    parser.add_argument("--readme", action="store_true", help="renew the README's pictures")
    widths = [width for width, _ in SIZES]
    parser.add_argument("--widths", nargs="+", type=int, choices=widths, default=widths)
    parser.add_argument("--languages", nargs="+", choices=LOCALES, default=LOCALES)
    parser.add_argument("--tabs", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--whole", action="store_true", help="also what lies below the window")
    arguments = parser.parse_args()
    if not arguments.out and not arguments.readme:
        parser.error("say where: python tests/screenshots.py OUT, or --readme")
    app = build_app()
    _, url, _ = launch(app, prevent_thread_lock=True, quiet=True, server_port=None)
    if arguments.readme:
        take_readme(url)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        take_all(url, arguments.out, arguments)
    app.close()


if __name__ == "__main__":
    main()
