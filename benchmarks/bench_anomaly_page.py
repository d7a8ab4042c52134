"""The Anomaly tab in headless Chromium: seconds from the choice of samples to PCA's answer and to the complete one.

    python benchmarks/bench_anomaly_page.py [--rounds 3]

Each round starts a server, opens the tab, waits for its first answer, and chooses the heartbeats of record 100 and then
those of record 208, with the dense autoencoder. *PCA* is the time from the click until the table has PCA's row, *chosen
model* until it has that of the autoencoder, *complete* until it has that of nearest neighbours, too.
"""

from __future__ import annotations

import argparse
import os
import statistics

from bench_latent import DESKTOP, serving, start_chromium

ROWS = "document.querySelectorAll('#anomaly-table tbody tr').length"
CHOICES = {"record 100": "heartbeats", "record 208": "heartbeats-208"}
WATCH = """() => {
  const table = document.querySelector("#anomaly-table");
  window.answers = [];
  window.noting?.disconnect();
  document.addEventListener("click", (event) => {
    const began = event.timeStamp;
    const note = () => {
      const rows = table.querySelectorAll("tbody tr").length;
      window.answers.push([rows, (performance.now() - began) / 1000]);
    };
    window.noting = new MutationObserver(note);
    window.noting.observe(table, { childList: true, subtree: true });
  }, { once: true, capture: true });
}"""
DONE = "window.answers.some(([rows]) => rows < 3) && window.answers.at(-1)[0] === 3"


def choose(page, value: str) -> list[float]:
    """Choose samples; return the seconds until the table has one, two and three rows."""
    page.evaluate(WATCH)
    page.locator(f"#anomaly-data input[value='{value}']").click()
    page.wait_for_function(DONE)
    answers = page.evaluate("window.answers")
    start = next(i for i, (rows, _) in enumerate(answers) if rows < 3)  # until then, the table is of the last choice
    return [next(seconds for rows, seconds in answers[start:] if rows >= count) for count in (1, 2, 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="servers that are started [3]")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    found: dict[str, list[list[float]]] = {name: [] for name in CHOICES}
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for _ in range(options.rounds):
        with serving() as server, sync_playwright() as playwright:
            chromium = start_chromium(playwright)
            page = chromium.new_context(viewport=DESKTOP, locale="en-US").new_page()
            page.set_default_timeout(60_000)
            page.add_init_script("try { localStorage.setItem('ae-tour', '1'); } catch {}")
            page.goto(f"{server}/?tab=anomaly")
            page.wait_for_function(f"{ROWS} === 3")
            page.wait_for_timeout(2000)
            for name, value in CHOICES.items():
                found[name].append(choose(page, value))
                page.wait_for_timeout(1000)
            chromium.close()
    print("\n| choice | PCA | chosen model | complete |\n|---|---|---|---|")
    for name, rounds in found.items():
        cells = [f"{statistics.median(times):.1f} ({max(times):.1f}) s" for times in zip(*rounds, strict=True)]
        print(f"| {name} | {' | '.join(cells)} |")
    print("median (maximum)")


if __name__ == "__main__":
    main()
