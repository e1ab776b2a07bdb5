"""Names that are markup, formulas or steering signs stay text on the what-if page and in its files."""

from __future__ import annotations

import csv
import io
import json

import geopandas as gpd
import pandas as pd
import pytest
from browser_pages import chromium_browser, ready, wait_until
from served import Visitor

import lifecircle as lc

HOSTILE = (
    "<img src=x onerror=hacked()>",
    "</script><script>hacked()</script>",
    '=HYPERLINK("http://x","y")',
    "\u202e\u2066hacked()\u2069",
    "`${hacked()}`{{hacked()}}",
    "\u200fa\x1b[31mred\x07\x9b2J",
    '"><svg/onload=hacked()>',
)
STEERS = {"\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u2069"}
IDS = ("A", "B", "C", "D")


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory):
    """The example study, every name in it a hostile one."""
    study = lc.example_study(tmp_path_factory.mktemp("hostile"))
    folder = study.parent
    layer = gpd.read_file(folder / "communities.geojson")
    layer.assign(name=HOSTILE[:2], township_name=HOSTILE[4:6]).to_file(folder / "communities.geojson")
    ledger = pd.read_csv(folder / "facilities.csv")
    ids = dict(zip(IDS, HOSTILE, strict=False))
    ledger = ledger.assign(id=ledger["id"].map(ids), name=HOSTILE[3:7])
    ledger.to_csv(folder / "facilities.csv", index=False)
    text = study.read_text(encoding="utf-8")
    name = json.dumps("".join(HOSTILE[:2]) + "\u202e\u0007", ensure_ascii=True)
    more = [
        "[costs]",
        f"currency = {json.dumps(HOSTILE[0])}",
        "[costs.facilities]",
        "pharmacy = 100",
        "[[scenarios]]",
        f"name = {json.dumps(HOSTILE[1])}",
        'close = ["facilities:' + HOSTILE[2].replace('"', '\\"') + '"]',
    ]
    study.write_text(text.replace('"Example"', name) + "\n".join(more), encoding="utf-8")
    served = lc.prepare(lc.Study.from_file(study)).serve()
    yield served
    served.stop()


@pytest.fixture
def visitor(hostile_page):
    return Visitor(hostile_page)


def facility_drawn(visitor, place):
    """Close a facility by where the page draws it."""
    return visitor.post("edit", edit={"kind": "close", "drawn": {"service": "pharmacy", "row": place}})


def test_the_page_holds_no_live_name_and_no_sign_that_steers(visitor):
    page = visitor.get("").decode()
    assert "<script>hacked" not in page
    assert "<img src=x" not in page
    assert "<svg/onload" not in page
    assert not STEERS & set(page)


def test_what_the_page_hands_out_is_text(visitor):
    listening = visitor.listen()
    assert facility_drawn(visitor, 0)[0] == 200
    listening.next("verdicts")
    rows = list(csv.reader(io.StringIO(visitor.get("deficits.csv").decode("utf-8-sig"))))
    assert len(rows) > 2
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(("=", "@", "\t"))
        assert not STEERS & set(cell)
    toml = visitor.get("scenario.toml").decode()
    assert not STEERS & set(toml)
    status, told = visitor.post("name", name=HOSTILE[0])
    assert status == 422
    assert not STEERS & set(json.dumps(told, ensure_ascii=False))


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_in_a_browser_nothing_runs_and_every_name_shows_as_text(hostile_page, lang):
    with chromium_browser() as browser:
        tab = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        said = []
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.add_init_script("window.hacks = 0; window.hacked = () => { window.hacks += 1; };")
        tab.goto(f"{hostile_page.url}#lang={lang}")
        ready(tab)
        wait_until(tab, "Number(document.body.dataset.version) >= 0")
        start = int(tab.evaluate("document.body.dataset.version"))
        for row, name in enumerate(HOSTILE[:2]):
            tab.evaluate(f"lifecircle.choose({{community: {row}, fly: true}})")
            assert tab.locator("#place h2").inner_text() == name
        tab.evaluate("lifecircle.live.edit({kind: 'close', drawn: {service: 'pharmacy', row: 1}})")
        tab.evaluate("lifecircle.live.edit({kind: 'add', service: 'pharmacy', lon: 110.0131, lat: 0.0052})")
        wait_until(
            tab,
            f"Number(document.body.dataset.version) >= {start + 2}"
            " && document.body.dataset.live === 'current'",
            seconds=120,
        )
        for kind in ("move", "close", "capacity"):
            tab.click(f"#live-modes [data-mode='{kind}']")
            for grip in tab.locator(".live-grip").all():
                grip.dispatch_event("mouseover")
        shown = tab.inner_text("body")
        assert not STEERS & set(shown)
        assert tab.evaluate("window.hacks") == 0
        assert tab.locator("img[src=x]").count() == 0
        assert said == []
