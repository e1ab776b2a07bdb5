"""The what-if page under 1, 5 and 20 users: how long a click waits, from the browser's own clock.

python benchmarks/serve.py [--study FILE]... [--users 1,5,20] [--clicks 12] [--streets 4] [--pause 4]

Without a study the demo city is written anew; ``benchmarks/province.py 1/16 --keep FOLDER`` writes one with
310 thousand nodes. One user sits at a page in headless Chromium, whose own clock runs from the click to the
frame in which the answer is seen; the processor time is that of the server's process, in which the other
users are counted too; the others ask the same server over sockets of their own. Everybody adds a
facility, waits for all verdicts, and pauses; every third time an edit is undone. Then, alone, streets are
opened between communities. Every last answer is compared with the session's own. Writes serve.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import report
from playwright.sync_api import sync_playwright
from scipy.spatial import cKDTree

import lifecircle as lc
from lifecircle.demo import write_demo
from lifecircle.serve.server import LivePage
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.study.scenarios import ScenarioChange

HERE = Path(__file__).parent
SERVICES = ("health-station", "pharmacy", "sports-ground", "convenience-store", "supermarket", "food-market")
BROWSER = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)


class Asker(threading.Thread):
    """A user without a browser: the server's answers as they come over the wire."""

    def __init__(
        self, page: LivePage, number: int, places: list[tuple[float, float]], clicks: int, pause: float
    ) -> None:
        super().__init__(daemon=True)
        self.base, _, self.token = page.url.partition("?token=")
        self.desk = f"{number + 1:016x}"
        self.places, self.clicks, self.pause = places, clicks, pause
        self.random = random.Random(number)  # noqa: S311
        self.waits: dict[str, list[float]] = {"first": [], "verdicts": []}
        self.last: dict[str, Any] = {}

    def post(self, path: str, **values: object) -> dict[str, Any]:
        """Ask for something."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        body = json.dumps({"desk": self.desk, **values}).encode()
        request = urllib.request.Request(self.base + path, data=body, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return dict(json.load(answer))

    def run(self) -> None:
        """Click, wait, pause."""
        stream = urllib.request.urlopen(f"{self.base}events?desk={self.desk}&token={self.token}")  # noqa: S310
        time.sleep(self.random.random() * self.pause)
        for click in range(self.clicks):
            began = time.perf_counter()
            if click % 3 == 2:
                version = self.post("undo")["version"]
            else:
                lon, lat = self.random.choice(self.places)
                edit = {"kind": "add", "service": self.random.choice(SERVICES), "lon": lon, "lat": lat}
                version = self.post("edit", edit=edit)["version"]
            kind = ""
            while True:
                name, _, value = stream.readline().decode().strip().partition(": ")
                kind = value if name == "event" else kind
                if name != "data" or kind not in self.waits:
                    continue
                told = json.loads(value)
                if told["version"] == version:
                    self.waits[kind].append(1000 * (time.perf_counter() - began))
                    self.last = {"told": told, "change": self.post("state")["change"]}
                    if kind == "verdicts":
                        break
            time.sleep(self.pause * (0.5 + self.random.random()))


def at_the_page(
    page: LivePage, places: list[tuple[float, float]], clicks: int, pause: float, streets: int = 0
) -> dict[str, list[float]]:
    """Milliseconds from the click to the pixels, by the browser's own clock.

    The last `streets` clicks open a street from a community to the one nearest to it; without any, facilities
    are added and every third click is an undo.
    """
    waits: dict[str, list[float]] = {"first": [], "verdicts": []}
    choice = random.Random(4711)  # noqa: S311
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--headless"])
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.goto(page.url)
        tab.wait_for_selector("body[data-live]")
        for click in range(clicks):
            version = tab.evaluate("lifecircle.live.version") + 1
            if streets:
                lon, lat = choice.choice(places)
                near = sorted(places, key=lambda one: (one[0] - lon) ** 2 + (one[1] - lat) ** 2)[1]
                edit = {"kind": "open-street", "line": [[lon, lat], list(near)]}
                tab.evaluate("edit => { lifecircle.live.edit(edit); }", edit)
            elif click % 3 == 2:
                tab.evaluate("lifecircle.live.change('undo')")
            else:
                lon, lat = choice.choice(places)
                edit = {"kind": "add", "service": choice.choice(SERVICES), "lon": lon, "lat": lat}
                tab.evaluate("edit => { lifecircle.live.edit(edit); }", edit)
            done = f"lifecircle.live.times.filter(one => one.version === {version}).length > 1"
            while not tab.evaluate(done):
                tab.wait_for_timeout(50)
            for one in tab.evaluate("lifecircle.live.times.splice(0)"):
                if one["version"] == version:
                    waits[one["kind"]].append(one["ms"])
            tab.wait_for_timeout(1000 * pause)
        browser.close()
    return waits


def wrong_answers(session: lc.Session, askers: list[Asker]) -> int:
    """Users whose last answer is not what the session says of their scenario."""
    wrong = 0
    for asker in askers:
        change = ScenarioChange.model_validate_json(json.dumps(asker.last["change"]))
        wrong += asker.last["told"]["changed"] != len(session.assess(scenario_of_rows(change)).effects)
    return wrong


def p95(values: list[float]) -> float:
    """The wait that 95 of 100 do not exceed."""
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values) + 0.5) - 1)]


def main() -> None:
    """Serve, click, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--study", type=Path, action="append", default=[])
    parser.add_argument("--users", default="1,5,20")
    parser.add_argument("--clicks", type=int, default=12)
    parser.add_argument("--streets", type=int, default=4)
    parser.add_argument("--pause", type=float, default=4.0)
    options = parser.parse_args()
    told = [head(options)]
    with tempfile.TemporaryDirectory() as name:
        for path in options.study or [write_demo(Path(name))]:
            told.append(measured(lc.prepare(lc.Study.from_file(path)), options))
            (HERE / "serve.md").write_text("\n".join(told), encoding="utf-8")
    print("\n".join(told))


def measured(session: lc.Session, options: argparse.Namespace) -> str:
    """The table of one study."""
    middle = session.baseline.inputs.communities.query("inside").geometry.representative_point()
    places = [(point.x, point.y) for point in middle.to_crs(4326)]
    # streets are opened from corner to corner: a line that meets no street would be taken back
    streets = session.baseline.inputs.streets
    corners = cKDTree(np.column_stack([streets.lon, streets.lat]))
    near = corners.query(places)[1]
    ends = [(float(streets.lon[node]), float(streets.lat[node])) for node in near]
    page = session.serve()
    rows = []
    for users in map(int, options.users.split(",")):
        load, began = os.getloadavg()[0], time.process_time()
        askers = [
            Asker(page, 1000 * users + number, places, options.clicks, options.pause)
            for number in range(users - 1)
        ]
        for asker in askers:
            asker.start()
        waits = at_the_page(page, places, options.clicks, options.pause)
        for asker in askers:
            asker.join()
        others = [ms for asker in askers for ms in asker.waits["verdicts"]]
        cpu = 1000 * (time.process_time() - began) / (users * options.clicks)
        rows.append((str(users), load, waits, others, cpu, wrong_answers(session, askers), memory_mb()))
    if options.streets:
        load, began = os.getloadavg()[0], time.process_time()
        waits = at_the_page(page, ends, options.streets, options.pause, options.streets)
        cpu = 1000 * (time.process_time() - began) / options.streets
        rows.append(("1, opening streets", load, waits, [], cpu, 0, memory_mb()))
    page.stop()
    nodes = session.baseline.network.n_nodes
    title = f"## {session.study.study.name}: {nodes:,} nodes, {len(places):,} communities"
    return "\n".join([title, "", *table(rows), ""])


def memory_mb() -> float:
    """The most memory this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def head(options: argparse.Namespace) -> str:
    """What was measured, where and how."""
    machine = ", ".join(f"{key} {value}" for key, value in report.machine().items())
    date = dt.datetime.now(dt.UTC).date().isoformat()
    made = f"Made by `benchmarks/serve.py` on {date}: {machine}. Each user clicks {options.clicks} times and "
    made += (
        f"pauses about {options.pause:g} s; every third click is an undo. Server, browser and all users share"
    )
    made += " the machine."
    return f"# The what-if page: from the click to the pixels\n\n{made}\n"


def table(rows: list[tuple[Any, ...]]) -> list[str]:
    """Waits in milliseconds, a line for each number of users."""
    names = "| users | load at the start | in reach, ms: median | 95 % | verdicts, ms: median | 95 % "
    names += (
        "| other users' verdicts, ms: 95 % | processor time a click, ms | wrong answers | most memory, MB |"
    )
    lines = [names, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for users, load, waits, others, cpu, wrong, memory in rows:
        first, full = waits["first"], waits["verdicts"]
        rest = f"{p95(others):,.0f}" if others else "–"
        lines.append(
            f"| {users} | {load:.1f} | {statistics.median(first):,.0f} | {p95(first):,.0f} "
            f"| {statistics.median(full):,.0f} | {p95(full):,.0f} | {rest} | {cpu:,.0f} | {wrong} "
            f"| {memory:,.0f} |"
        )
    return lines


if __name__ == "__main__":
    main()
