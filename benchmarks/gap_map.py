"""The gap map's budgets, measured by the browser's own timers; writes gap_map.md beside this file.

    python benchmarks/gap_map.py

Sizes are of the file written.
Times are of headless Chromium with no network: *interactive* is ``performance.now()`` when the page has
drawn itself and taken its listeners, plus the wait for the next paint; *rule switch* is from the moment the
chooser's event is sent to the paint after it (two animation frames: the first draws, the second comes after
it), the median and the slowest of the switches between all rules or the first thirty.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from lifecircle.outputs.web_map.gap_map import write_gap_map

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from browser_pages import chromium_browser, offline_pages
from results_by_hand import results_by_hand

STUDIES = {160: {"rows": 10, "columns": 16}, 3_200: {"rows": 50, "columns": 64}}
RULES = 30
BUDGETS = {160: "3 MB", 3_200: "10 MB, 3 s, 200 ms"}
ROUNDS = 5

INTERACTIVE = """() => new Promise(done => {
  const wait = () => document.body && document.body.dataset.ready
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(wait);
  wait(); })"""

SWITCHES = """async rules => {
  const themes = lifecircle.data.themes.filter(theme => !theme.service), taken = [];
  const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await painted();
  for (let at = 0; at < Math.min(rules, themes.length); at += 1) {
    const began = performance.now();
    lifecircle.choose({theme: themes[(at + 1) % themes.length]});
    await painted();
    taken.push(performance.now() - began);
  }
  return taken; }"""


def measured(browser: Any, communities: int) -> dict[str, float]:
    """Size and times of one page, times over `ROUNDS` fresh pages."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gap_map.html"
        write_gap_map(results_by_hand(**STUDIES[communities], rules=RULES), path, lang="zh")
        opened, switched = [], []
        with offline_pages(browser) as open_page:
            for _ in range(ROUNDS):
                page = open_page(path, width=1400, height=900)
                opened.append(page.evaluate(INTERACTIVE))
                switched += page.evaluate(SWITCHES, RULES)
        return {
            "megabytes": path.stat().st_size / 1e6,
            "interactive_s": statistics.median(opened) / 1000,
            "slowest_s": max(opened) / 1000,
            "switch_ms": statistics.median(switched),
            "slowest_ms": max(switched),
        }


def main() -> None:
    """Measure both studies and write what was found."""
    with chromium_browser() as browser:
        version = browser.version
        rows = {communities: measured(browser, communities) for communities in STUDIES}
    load = os.getloadavg()[0]
    today = date.today().isoformat()  # noqa: DTZ011  # the reader's own day
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}"
    lines = [
        "# The gap map in the browser",
        "",
        f"{today}, {machine} (other work ran beside it where the load",
        f"is above 2); Chromium {version}, headless, no",
        f"network. {RULES} rules; {ROUNDS} fresh pages of each, every rule switched to on each.",
        "Made by `benchmarks/gap_map.py` from the study by hand of `tests/support/results_by_hand.py`;",
        "what is timed is told there.",
        "",
        "| communities | file | budget | interactive: median (slowest) | rule to paint: median (slowest) |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {communities:,} | {row['megabytes']:.2f} MB | {BUDGETS[communities]} "
        f"| {row['interactive_s']:.2f} s ({row['slowest_s']:.2f} s) "
        f"| {row['switch_ms']:.0f} ms ({row['slowest_ms']:.0f} ms) |"
        for communities, row in rows.items()
    ]
    words = "\n".join([*lines, ""])
    Path(__file__).with_suffix(".md").write_text(words, encoding="utf-8")
    print(words)


if __name__ == "__main__":
    main()
