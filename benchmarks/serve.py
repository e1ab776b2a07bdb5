"""The what-if page under 1, 5 and 20 users: how long a click waits, from the browser's own clock.

python benchmarks/serve.py [--demo FOLDER] [--users 1,5,20] [--clicks 12] [--pause 4]

`FOLDER` holds what ``lifecircle demo`` wrote; without it the demo city is written anew. One user sits at a
page in headless Chromium, whose own clock runs from the click to the frame in which the answer is seen; the
others ask the same server over sockets of their own. Everybody adds a facility, waits for all verdicts, and
pauses; every third time an edit is undone. Every last answer is compared with the session's own.
Writes serve.md.
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

import report
from playwright.sync_api import sync_playwright

import lifecircle as lc
from lifecircle.demo import write_demo
from lifecircle.serve.server import LivePage
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.study.scenarios import ScenarioChange

HERE = Path(__file__).parent
GOALS_MS = {"first": 50, "verdicts": 150}
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
    page: LivePage, places: list[tuple[float, float]], clicks: int, pause: float
) -> dict[str, list[float]]:
    """Milliseconds from the click to the pixels, by the browser's own clock."""
    waits: dict[str, list[float]] = {"first": [], "verdicts": []}
    choice = random.Random(4711)  # noqa: S311
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--headless"])
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.goto(page.url)
        tab.wait_for_selector("body[data-live]")
        for click in range(clicks):
            version = tab.evaluate("lifecircle.live.version") + 1
            if click % 3 == 2:
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
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--users", default="1,5,20")
    parser.add_argument("--clicks", type=int, default=12)
    parser.add_argument("--pause", type=float, default=4.0)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        path = options.demo / "study.toml" if options.demo else write_demo(Path(name))
        session = lc.prepare(lc.Study.from_file(path))
        middle = session.baseline.inputs.communities.query("inside").geometry.representative_point()
        places = [(point.x, point.y) for point in middle.to_crs(4326)]
        page = session.serve()
        for users in map(int, options.users.split(",")):
            load = os.getloadavg()[0]
            askers = [
                Asker(page, 1000 * users + number, places, options.clicks, options.pause)
                for number in range(users - 1)
            ]
            for asker in askers:
                asker.start()
            waits = at_the_page(page, places, options.clicks, options.pause)
            for asker in askers:
                asker.join()
            others = {kind: [ms for asker in askers for ms in asker.waits[kind]] for kind in waits}
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            rows.append((users, load, waits, others, wrong_answers(session, askers), memory))
        page.stop()
    (HERE / "serve.md").write_text(told(rows, options), encoding="utf-8")
    print(told(rows, options))


def told(rows: list[tuple[Any, ...]], options: argparse.Namespace) -> str:
    """The figures as a page."""
    machine = ", ".join(f"{key} {value}" for key, value in report.machine().items())
    date = dt.datetime.now(dt.UTC).date().isoformat()
    made = f"Made by `python benchmarks/serve.py` on {date} with the demo city: {machine}. Each user clicks "
    made += f"{options.clicks} times and pauses {options.pause:g} s; every third click is an undo."
    goals = f"Goals for one user: {GOALS_MS['first']} ms until who is in reach is seen, "
    goals += (
        f"{GOALS_MS['verdicts']} ms until every verdict is (95 of 100 clicks); for 20 users on 2 cores 2 s."
    )
    head = "| users | load at the start | in reach, ms: median | 95 % | verdicts, ms: median | 95 % "
    head += "| other users' verdicts, ms: 95 % | wrong answers | most memory, MB |"
    lines = [
        "# The what-if page: from the click to the pixels",
        "",
        made,
        "",
        goals,
        "",
        head,
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for users, load, waits, others, wrong, memory in rows:
        first, full = waits["first"], waits["verdicts"]
        rest = f"{p95(others['verdicts']):,.0f}" if others["verdicts"] else "–"
        lines.append(
            f"| {users} | {load:.1f} | {statistics.median(first):,.0f} | {p95(first):,.0f} "
            f"| {statistics.median(full):,.0f} | {p95(full):,.0f} | {rest} | {wrong} | {memory:,.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
