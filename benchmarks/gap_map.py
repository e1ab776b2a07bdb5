"""The gap map's budgets, measured by the browser's own timers; writes gap_map.md beside this file.

    lifecircle demo --output data/processed/demo
    python benchmarks/gap_map.py [data/processed/demo/results/gap_map.html]

Pages are the demo city's as its run wrote it (left out where there is none), and 3,200 communities under 30
rules by hand; each at this computer's speed and with scripts slowed down four times, as on an old laptop.

Sizes are of the file. Times are of headless Chromium with no network. *First answer* is
``performance.now()`` when the page has drawn itself and taken its listeners, plus the wait for the next
paint. *Switch* is from the moment a rule is chosen to the paint after it (two animation frames: the first
draws, the second comes after it), over all rules or the first thirty. *Scroll*: the table of all
communities is scrolled by three rows a frame. What counts is the work of the page's own thread in a frame,
in milliseconds of the processor (Chromium's ``TaskDuration`` by thread ticks: scripts, style, layout and
paint), against the 16.7 ms that 60 frames a second leave. Other work on the computer hardly changes it, as
it does the frames a second, which are told beside it only where the load allows.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from lifecircle.outputs.web_map.gap_map import write_gap_map

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from browser_pages import chromium_browser, offline_pages
from results_by_hand import results_by_hand

DEMO = Path(__file__).parents[1] / "data" / "processed" / "demo" / "results" / "gap_map.html"
RULES = 30
LARGE = {"rows": 50, "columns": 64, "rules": RULES}
BUDGETS = {"demo city": "4 MB, 1 s, 150 ms", "3,200 communities": "12 MB, 2.5 s, 250 ms, 16.7 ms a frame"}
QUIET = 1.5
"""Frames a second are told up to this load at the start: beyond it they say how busy the computer is."""

FRAMES = 120
SLOWER = (1, 4)
ROUNDS = {1: 5, 4: 3}
"""Fresh pages at each speed."""

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

SCROLL = """async frames => {
  lifecircle.choose({show: "all", open: true});
  const holder = document.getElementById("table-scroll");
  const painted = () => new Promise(requestAnimationFrame);
  const began = performance.now(), end = holder.scrollHeight - holder.clientHeight;
  for (let at = 1; at <= frames; at += 1) { holder.scrollTop = (at * 132) % end; await painted(); }
  return 1000 * frames / (performance.now() - began); }"""


def measured(browser: Any, path: Path, slower: int) -> dict[str, float]:
    """First answer, rule switches and scrolling of one page, over fresh pages."""
    opened, switched, scrolled, worked, frames = [], [], [], [], []
    with offline_pages(browser) as open_page:
        for _ in range(ROUNDS[slower]):
            page = open_page(path, width=1366, height=768, slower=slower)
            opened.append(page.evaluate(INTERACTIVE))
            work = thread_work(page)
            before = work()
            switches = page.evaluate(SWITCHES, RULES)
            worked.append((work() - before) / len(switches))
            switched += switches
            page.evaluate(SCROLL, 2)
            before = work()
            scrolled.append(page.evaluate(SCROLL, FRAMES))
            frames.append((work() - before) / FRAMES)
            page.close()
    return {
        "first_s": statistics.median(opened) / 1000,
        "slowest_s": max(opened) / 1000,
        "switch_ms": statistics.median(switched),
        "slowest_ms": max(switched),
        "switch_work_ms": statistics.median(worked),
        "scroll_fps": statistics.median(scrolled),
        "frame_work_ms": statistics.median(frames),
    }


def thread_work(page: Any) -> Callable[[], float]:
    """Tells, when called, how long the page's thread has worked by now: milliseconds of the processor."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    session.send("Performance.enable")

    def told() -> float:
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])

    return told


def frames_told(fps: float, load: float) -> str:
    """Frames a second, where nothing else kept the computer busy."""
    return f", {fps:.0f} fps" if load <= QUIET else ""


@contextmanager
def pages(demo: Path) -> Iterator[dict[str, Path]]:
    """The pages to measure, by name."""
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "gap_map.html"
        write_gap_map(results_by_hand(**LARGE), large, lang="zh")
        yield {**({"demo city": demo} if demo.exists() else {}), "3,200 communities": large}


def main() -> None:
    """Measure every page at every speed and write what was found."""
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO
    load, lines = os.getloadavg()[0], []
    with chromium_browser() as browser, pages(demo) as files:
        for name, path in files.items():
            for slower in SLOWER:
                row = measured(browser, path, slower)
                lines.append(
                    f"| {name} | {path.stat().st_size / 1e6:.2f} MB | {BUDGETS[name]} | {slower}× "
                    f"| {row['first_s']:.2f} s ({row['slowest_s']:.2f} s) "
                    f"| {row['switch_ms']:.0f} ms ({row['slowest_ms']:.0f} ms) "
                    f"| {row['switch_work_ms']:.0f} ms "
                    f"| {row['frame_work_ms']:.1f} ms{frames_told(row['scroll_fps'], load)} |"
                )
        version = browser.version
    if "demo city" not in files:
        print(f"no demo map at {demo}: lifecircle demo --output data/processed/demo", file=sys.stderr)
    today = date.today().isoformat()  # noqa: DTZ011  # the reader's own day
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the start"
        f"{', at a raised priority' if os.nice(0) < 0 else ''}"
    )
    head = [
        "# The gap map in the browser",
        "",
        f"{today}, {machine} (other work ran beside it where the load is above 2);",
        f"Chromium {version}, headless, no network, 1366 × 768. Up to {RULES} rules switched to on each of",
        f"{ROUNDS[1]} fresh pages ({ROUNDS[4]} where scripts are slowed down four times). Made by",
        "`benchmarks/gap_map.py`; what is timed is told there. Budgets are at this computer's own speed.",
        "",
        "The work of a switch and of a frame of the table scrolled is of the processor: other work hardly",
        f"changes it. Frames a second are left out where the load at the start is above {QUIET}.",
        "",
        "| page | file | budget | slowed | first answer: median (slowest) | switch: same | work | a frame |",
        "|---|---|---|---|---|---|---|---|",
    ]
    words = "\n".join([*head, *lines, ""])
    Path(__file__).with_suffix(".md").write_text(words, encoding="utf-8")
    print(words)


if __name__ == "__main__":
    main()
