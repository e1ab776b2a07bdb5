"""The what-if page under a finger, in Chromium: what is clicked is what a run of the scenario gives."""

from __future__ import annotations

from contextlib import contextmanager

import pandas as pd
import pytest
from after_state import assert_the_map_tells_the_after_state
from browser_pages import chromium_browser, ready, wait_until

import lifecircle as lc
from lifecircle.sources.scenarios import read_one_scenario

pytestmark = pytest.mark.browser

KEYS = ["plan", "rule", "level", "code", "service"]


@pytest.fixture(scope="module")
def browser():
    with chromium_browser() as opened:
        yield opened


@contextmanager
def opened(browser, page, *, lang="en", width=1366, height=768, address=""):
    """The served page; anything it asks of another server, or says on the console, is a failure."""
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    tab, said = context.new_page(), []
    origin = page.url.split("?")[0]

    def pass_or_refuse(route):
        if route.request.url.startswith((origin, "data:", "blob:")):
            route.continue_()
            return
        said.append(route.request.url)
        route.abort()

    context.route("**/*", pass_or_refuse)
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(f"{page.url}#lang={lang}{address}")
    ready(tab)
    wait_until(tab, "document.body.dataset.version === '0' || Number(document.body.dataset.version) > 0")
    yield tab
    context.close()
    assert said == []


def current(tab, version, *, seconds=120):
    """The page once it shows every verdict of a version."""
    wait_until(
        tab,
        f"document.body.dataset.version === '{version}' && document.body.dataset.live === 'current'",
        seconds=seconds,
    )


def mode(tab, name):
    tab.click(f"#live-modes [data-mode='{name}']")


def at(tab, lon, lat):
    """Where a place is on the screen."""
    return tab.evaluate(
        f"""(() => {{ const p = lifecircle.map.latLngToContainerPoint([{lat}, {lon}]),
            b = document.getElementById('gap_map').getBoundingClientRect();
            return [p.x + b.left, p.y + b.top]; }})()"""
    )


def click(tab, lon, lat):
    tab.mouse.click(*at(tab, lon, lat))


def choose_service(tab, service):
    tab.select_option("#live-service", service)


def download(tab, button, folder):
    with tab.expect_download() as kept:
        tab.click(button)
    path = folder / kept.value.suggested_filename
    kept.value.save_as(path)
    return path


def shown_statuses(tab):
    """Status of every community under every rule, as the page shows them now."""
    return tab.evaluate(
        """lifecircle.data.themes.filter(t => t.level === "community").flatMap(t => {
            const seen = lifecircle.seen(t);
            return lifecircle.data.communities.code.map((code, row) =>
                [t.plan, t.rule, code, t.service, seen.status[row], lifecircle.at(seen.value, row)]);
        })"""
    )


STATUS = {"m": "met", "n": "met", "q": "met", "s": "short", "t": "short", "p": "short", "d": "no-data",
          "a": "not-applicable", "r": "report-only", "c": "context"}  # fmt: skip


def assert_the_page_shows_the_run(tab, study_file, toml):
    """Row by row: a run of the exported scenario, and what the page shows of it."""
    study = lc.Study.from_file(study_file)
    run = lc.prepare(study).assess(read_one_scenario(study, toml))
    findings = run.findings
    findings = findings[findings["level"].isin(["community", "village"])]
    wanted = {
        (row["plan"], row["rule"], row["code"], row["service"]): row["status"]
        for row in findings.to_dict("records")
    }
    told = {tuple(row[:4]): STATUS[row[4]] for row in shown_statuses(tab) if row[4] != "-"}
    assert told == wanted
    return run


def test_a_site_is_clicked_undone_exported_and_equals_its_run(browser, page, study_file, tmp_path):
    with opened(browser, page, address="&rule=mofcom-circle-2021%2Fmofcom-circle-pharmacy-8min%2F") as tab:
        before = shown_statuses(tab)
        mode(tab, "add")
        choose_service(tab, "pharmacy")
        click(tab, 110.0131, 0.0052)
        current(tab, 1)
        assert "Pharmacy, within 8 min" in tab.inner_text("#live-reach")
        assert tab.locator("#live-changes li").count() == 1
        assert tab.locator("#live-gains tr").count() >= 2
        after = shown_statuses(tab)
        click(tab, 110.004, 0.0021)
        current(tab, 2)
        tab.click("#live-undo")
        current(tab, 3)
        assert shown_statuses(tab) == after
        assert after != before
        tab.evaluate("document.querySelector('.live-more').open = true")
        run = assert_the_page_shows_the_run(tab, study_file, download(tab, "#live-toml", tmp_path))
        csv = pd.read_csv(download(tab, "#live-csv", tmp_path), dtype=str, keep_default_na=False)
        statuses = run.findings.set_index(KEYS)["status"]
        pd.testing.assert_series_equal(csv.set_index(KEYS)["status"].astype(str), statuses.astype(str))
        png = download(tab, "#live-png", tmp_path)
        assert png.read_bytes()[:4] == b"\x89PNG"
        tab.click("#live-undo")
        current(tab, 4)
        assert shown_statuses(tab) == before


def test_facilities_are_dragged_closed_and_resized_and_streets_drawn(browser, page, study_file, tmp_path):
    with opened(browser, page, address="&rule=mofcom-circle-2021%2Fmofcom-circle-pharmacy-8min%2F") as tab:
        mode(tab, "move")
        choose_service(tab, "pharmacy")
        grip = tab.locator(".live-grip").first.bounding_box()
        x, y = grip["x"] + 12, grip["y"] + 12
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.mouse.move(x + 30, y - 20, steps=6)
        tab.mouse.move(x + 60, y - 40, steps=6)
        tab.mouse.up()
        current(tab, 1)
        assert "Moved" in tab.inner_text("#live-changes")
        mode(tab, "close")
        tab.locator(".live-grip").last.click()
        current(tab, 2)
        assert "Closed" in tab.inner_text("#live-changes")
        mode(tab, "capacity")
        choose_service(tab, "supermarket")
        tab.locator(".live-grip").first.click()
        tab.fill("#live-capacity", "77")
        tab.click("#live-done")
        current(tab, 3)
        assert "77" in tab.inner_text("#live-changes")
        mode(tab, "open-street")  # its second place lies on the facility that was moved
        for place in ((110.00115, 0.0001), (110.0031, 0.0031)):
            click(tab, *place)
        tab.click("#live-done")
        current(tab, 4)
        mode(tab, "close-street")
        for place in ((110.0051, 0.0010), (110.0039, 0.0010)):
            click(tab, *place)
        tab.keyboard.press("Enter")
        current(tab, 5)
        assert tab.locator("#live-changes li").count() == 5
        tab.evaluate("document.querySelector('.live-more').open = true")
        assert_the_page_shows_the_run(tab, study_file, download(tab, "#live-toml", tmp_path))
        tab.locator("#live-changes li button").last.click()
        current(tab, 6)
        assert tab.locator("#live-changes li").count() == 4


def test_faults_and_remarks_are_said_in_the_page_s_language_and_nothing_is_lost(browser, page):
    with opened(browser, page, lang="zh") as tab:
        mode(tab, "add")
        choose_service(tab, "library")
        click(tab, 110.012, 0.004)
        current(tab, 1)
        assert "均无针对" in tab.inner_text("#live-messages")
        tab.evaluate("lifecircle.live.edit({kind: 'add', service: 'pharmacy', lon: 120, lat: 30})")
        wait_until(tab, "document.querySelector('#live-messages').innerText.includes('已撤回')", seconds=60)
        assert "边界外" in tab.inner_text("#live-messages")
        current(tab, 3)
        assert tab.locator("#live-changes li").count() == 1
        tab.click("#languages button >> nth=1")
        assert "New: Public library" in tab.inner_text("#live-changes")
        tab.reload()
        ready(tab)
        wait_until(tab, "document.querySelector('#live-changes').innerText.length > 0")
        assert tab.locator("#live-changes li").count() == 1, "a page loaded anew finds its scenario"


def test_the_page_fits_a_phone(browser, page):
    with opened(browser, page, width=390, height=844) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        bar, frame = (tab.locator(name).bounding_box() for name in ("#live-bar", "#gap_map"))
        assert bar["x"] >= 0
        assert bar["x"] + bar["width"] <= 390
        assert bar["y"] + bar["height"] <= frame["y"] + frame["height"]
        mode(tab, "add")
        box = tab.locator("#gap_map").bounding_box()
        tab.mouse.click(box["x"] + 240, box["y"] + 110)
        current(tab, 1)
        assert tab.locator("#live-changes li").count() == 1


@pytest.mark.slow
def test_in_the_demo_city_a_proposed_station_turns_what_its_run_turns(browser, demo_run, tmp_path):
    study_file = demo_run.folder / "study.toml"
    session = lc.prepare(lc.Study.from_file(study_file))
    served = session.serve()
    try:
        with opened(browser, served) as tab:
            service = "health-station"
            proposed = lc.propose_sites(session.present, service, new=1).sites.to_crs(4326).geometry.iloc[0]
            tab.evaluate(
                "edit => lifecircle.live.edit(edit)",
                {"kind": "add", "service": service, "lon": proposed.x, "lat": proposed.y},
            )
            current(tab, 1, seconds=240)
            ground = {"kind": "add", "service": "sports-ground", "lon": 103.8512, "lat": 40.3854}
            tab.evaluate("edit => lifecircle.live.edit(edit)", ground)
            current(tab, 2, seconds=240)
            tab.evaluate("document.querySelector('.live-more').open = true")
            run = assert_the_page_shows_the_run(tab, study_file, download(tab, "#live-toml", tmp_path))
            assert (run.effects["status_before"] != run.effects["status_after"]).any()
            before = tab.evaluate("lifecircle.data.scenarios[0].turned_met")
            assert before == run.summary["turned_met"].iloc[0]
            assert assert_the_map_tells_the_after_state(tab, run.findings) > 0
            for version in (3, 4):
                tab.click("#live-undo")
                current(tab, version, seconds=240)
            assert tab.evaluate("lifecircle.data.scenarios[0].themes.length") == 0
    finally:
        served.stop()
