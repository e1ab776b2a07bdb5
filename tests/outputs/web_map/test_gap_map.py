"""The gap map: one file, nothing to fetch, nothing but its own scripts to run, figures as in the findings."""

import base64
import dataclasses
import hashlib
import json
import re

import geopandas as gpd
import pandas as pd
import pytest
from results_by_hand import PLAN, results_by_hand, with_findings

from lifecircle.outputs.web_map.gap_map import map_data, write_gap_map
from lifecircle.outputs.web_map.text import review_number
from lifecircle.outputs.web_map.themes import STATUS_CODES

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`alert(1)`",
    "</script><script>alert(1)</script>",
    "\u202egnol\u202c",
    "{{7*7}}{% endraw %}{{7*7}}",
    "长" * 10_000,
]


@pytest.fixture(scope="module")
def page(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "gap_map.html"
    write_gap_map(results, path, lang="zh")
    return path.read_text(encoding="utf-8")


def data_of(page):
    """The data block as a browser reads it."""
    return json.loads(
        re.search(r'<script type="application/json" id="lifecircle-data">(.*?)</script>', page, re.DOTALL)[1]
    )


def rows_of(table):
    """A table told by column, one dictionary a row, as the page unpacks it."""
    columns = {name: values for name, values in table.items() if name != "rows"}
    return [
        {name: values[at] if isinstance(values, list) else values for name, values in columns.items()}
        for at in range(table["rows"])
    ]


def test_nothing_is_fetched(page):
    """No tag or style names an address; what is left names XML languages and Leaflet."""
    assert not re.findall(r"<(?:script|img|link|iframe|object)[^>]+(?:src|href)=", page.split("<script>")[0])
    assert not re.findall(r"url\((?!data:|#|\\?\"#|images/)[^)]*//", page)
    assert "@import" not in page
    assert "sourceMappingURL" not in page
    known = {"http://www.w3.org/2000/svg", "https://leafletjs.com", "http://www.w3.org/1999/xlink"}
    result = set(re.findall(r"https?://[\w./-]+", page))
    assert {address for address in result if not any(address.startswith(name) for name in known)} == set()


def test_the_policy_holds_the_hash_of_every_script_and_style(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    blocks = re.findall(r"<(script|style)>(.*?)</\1>", page, re.DOTALL)
    assert len(blocks) > 5
    for kind, source in blocks:
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in re.search(rf"{kind}-src ([^;]+)", policy)[1]
    assert "unsafe" not in policy
    assert "http" not in policy


def test_every_figure_is_that_of_the_findings(page, results):
    """Walk the findings, look each one up in the page."""
    data, findings = data_of(page), results.findings
    row_of = {code: row for row, code in enumerate(data["communities"]["code"])}
    themes = {(theme["plan"], theme["rule"], theme["service"]): theme for theme in data["themes"]}
    assert set(themes) == set(findings[["plan", "rule", "service"]].itertuples(index=False, name=None))
    seen = 0
    for finding in findings[findings["level"] == "community"].to_dict("records"):
        theme, row = themes[(finding["plan"], finding["rule"], finding["service"])], row_of[finding["code"]]
        assert theme["status"][row] == STATUS_CODES[(finding["status"], finding["certainty"])]
        for name, column in {"value": "value", "deficit": "deficit", "people": "population_short"}.items():
            known = pd.notna(finding[column])
            assert theme[name][row] == (pytest.approx(finding[column], abs=6e-5) if known else None)
        seen += 1
    assert seen == 4 * len(row_of)


def test_a_finding_about_a_county_colours_its_communities_and_stands_as_a_verdict(page):
    theme = next(theme for theme in data_of(page)["themes"] if theme["rule"] == "rule-2")
    assert theme["level"] == "county"
    assert set(theme["status"]) == {"s"}
    assert [(result["name"], result["deficit"]) for result in rows_of(theme["verdicts"])] == [("手绘区", 3)]


def test_a_verdict_keeps_its_own_unit(results):
    own = results.findings[(results.findings["rule"] == "rule-1") & (results.findings["service"] == "")]
    city = own.head(1).assign(
        level="city", code="9901", name="市", unit="%", value=42.5, deficit_unit="communities"
    )
    grown = pd.concat([results.findings, city], ignore_index=True)
    data = map_data(with_findings(results, grown), lang="zh")
    theme = next(theme for theme in data["themes"] if (theme["rule"], theme["service"]) == ("rule-1", ""))
    match = next(match for match in rows_of(theme["verdicts"]) if match["level"] == "city")
    assert (match["value"], match["unit"], match["deficit_unit"]) == (42.5, "%", "communities")
    assert theme["unit"] != "%"


def test_a_rules_verdict_comes_before_its_services(page):
    services = [theme["service"] for theme in data_of(page)["themes"] if theme["rule"] == "rule-1"]
    assert services == ["", "fitness-site", "market"]


def test_people_out_of_reach_are_all_drawn(results):
    layers = map_data(results, lang="zh")["gaps"]
    for service, rows in results.gaps.groupby("service"):
        assert sum(layers[service]["residents"]) == pytest.approx(rows["residents"].sum())


def test_every_facility_can_be_found(page, results):
    layers = data_of(page)["facilities"]
    assert sum(len(layer["id"]) for layer in layers.values()) == len(results.inputs.facilities)
    assert layers["health-station"]["load"][0] == 21_000


def test_both_languages_are_in_the_page(page):
    words = data_of(page)["words"]
    assert words["zh"].keys() == words["en"].keys()
    assert words["zh"]["status.short"] == "未达标"


def test_every_word_the_scripts_ask_for_is_in_the_catalogue(page):
    scripts = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    asked = set(re.findall(r'word\("((?:map|status)\.[\w.-]*\w)"', scripts))
    asked |= set(re.findall(r'data-(?:word|label|placeholder)="(map\.[\w.-]+)"', scripts))
    assert len(asked) > 40
    assert {key for key in asked if key not in data_of(page)["words"]["en"]} == set()


def test_equal_results_make_equal_pages(results, page, tmp_path):
    write_gap_map(results, tmp_path / "again.html", lang="zh")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_hostile_names_enter_as_data_only(tmp_path):
    path = tmp_path / "gap_map.html"
    write_gap_map(results_by_hand(names=HOSTILE, facility_names=HOSTILE), path, lang="en")
    page = path.read_text(encoding="utf-8")
    assert "<img" not in page
    assert "alert(1)</script>" not in page
    assert "{{7*7}}" in data_of(page)["communities"]["name"][5]
    assert "\u202e" not in page
    assert max(map(len, data_of(page)["communities"]["name"])) <= 120


def test_a_study_with_no_findings_still_opens(tmp_path):
    empty = with_findings(results_by_hand(), results_by_hand().findings.head(0))
    write_gap_map(empty, tmp_path / "gap_map.html", lang="zh")
    assert data_of((tmp_path / "gap_map.html").read_text(encoding="utf-8"))["themes"] == []


def test_a_town_of_160_communities_stays_within_three_megabytes(tmp_path):
    path = tmp_path / "gap_map.html"
    write_gap_map(results_by_hand(rows=10, columns=16, rules=30), path, lang="zh")
    assert path.stat().st_size <= 3_000_000


def test_the_plan_is_named_in_both_languages(page):
    plan = data_of(page)["plans"][0]
    assert plan["id"] == PLAN
    assert set(plan["title"]) == {"zh", "en"}


def test_only_maps_of_china_speak_of_a_review_number(results):
    settings = {key: value for key, value in results.settings.items() if key != "map_review_number"}
    bare = dataclasses.replace(results, settings=settings)
    assert review_number(bare) == ""
    elsewhere = tuple({**plan, "country": "MC"} for plan in results.plans)
    assert review_number(dataclasses.replace(bare, plans=elsewhere)) is None
    assert review_number(dataclasses.replace(results, plans=elsewhere))


def test_the_page_fills_in_its_words_itself(page):
    words = data_of(page)["words"]
    # the page chooses between one and several, so it must be told both
    assert words["en"]["map.affects"] == "{n:resident|residents} affected"
    assert words["zh"]["map.affects"] == "涉及居民{n}人"


def test_every_rule_says_how_sure_it_is_in_both_languages_and_counts_it(results):
    """Of communities judged by a threshold of ours two would turn under another setting."""
    own = (results.findings["rule"] == "rule-0") & (results.findings["level"] == "community")
    rows = results.findings[own].assign(status="short", certainty="assumed", turns_at="")
    rows.iloc[:2, rows.columns.get_loc("turns_at")] = "mode=bike"
    data = map_data(with_findings(results, rows), lang="zh")
    told = data["plans"][0]["rules"]["rule-0"]["unsure"]
    assert (told["turning"], told["judged"], told["provisional"]) == (2, len(rows), 0)
    assert f"{len(rows)}个社区中有2个的结论在其他设定下会改变" in told["zh"]
    assert told["en"].startswith(f"2 of {len(rows)} communities change verdict")
    firm = map_data(with_findings(results, rows.assign(certainty="firm")), lang="zh")
    assert firm["plans"][0]["rules"]["rule-0"]["unsure"] is None


def test_titles_that_several_plans_share_carry_the_plan(results):
    (plan,) = results.plans
    other = {**plan, "id": "other-2025", "place": {"zh": "别处市", "en": "Elsewhere"}}
    data = map_data(dataclasses.replace(results, plans=(plan, other)), lang="zh")
    assert [one["rules"]["rule-0"]["titled"]["zh"].endswith("（别处市）") for one in data["plans"]] == [
        False,
        True,
    ]
    assert map_data(results, lang="zh")["plans"][0]["rules"]["rule-0"]["titled"] is None


def test_units_beside_communities_have_their_place_and_the_list_says_what_it_leaves_out(results):
    """Estates are shown on the map when chosen; of more than sixty the rest is counted."""
    area = results.communities.geometry.iloc[:2].to_numpy()
    estates = gpd.GeoDataFrame(
        {"level": "estate", "code": ["E1", "E2"], "name": ["甲苑", "乙苑"]},
        geometry=area,
        crs=results.communities.crs,
    )
    inputs = dataclasses.replace(results.inputs, units=pd.concat([results.inputs.units, estates]))
    row = results.findings[results.findings["rule"] == "rule-0"].head(1)
    many = [f"E{number}" for number in range(1, 71)]
    rows = pd.concat([row.assign(level="estate", code=code, name=code, status="context") for code in many])
    theme = map_data(dataclasses.replace(with_findings(results, rows), inputs=inputs), lang="zh")["themes"][0]
    told = {one["code"]: (one["x"], one["y"]) for one in rows_of(theme["verdicts"])}
    assert len(told) == 60
    assert theme["unlisted"] == 10
    assert all(isinstance(step, int) for code in ("E1", "E2") for step in told[code])
    assert told["E3"] == (None, None)


def test_departments_have_their_names_in_both_languages_and_rules_name_them_by_place(results):
    plan = results.plans[0]
    rules = {**plan["rules"], "rule-0": {**plan["rules"]["rule-0"], "responsible": ("市教育局", "市民政局")}}
    named = [{"zh": "市民政局", "en": "Civil Affairs"}, {"zh": "市教育局", "en": "Education"}]
    own = dataclasses.replace(results, plans=({**plan, "departments": named, "rules": rules},))
    (told,) = map_data(own, lang="en")["plans"]
    assert told["departments"] == named
    assert told["rules"]["rule-0"]["responsible"] == [1, 0]
    assert told["rules"]["rule-1"]["responsible"] == []
