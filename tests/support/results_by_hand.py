"""A finished study made by hand: a bent grid of communities with plain figures, to show results with."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.assessment import headlines, priorities, scorecard, summarise
from lifecircle.tables import (
    COMMUNITIES,
    DEMAND,
    EFFECTS,
    ENTRIES,
    FACILITIES,
    QUALITY,
    SCENARIOS,
    SENSITIVITY,
    UNITS,
    WGS84,
    Inputs,
    Results,
    StreetTable,
    TravelTimes,
    findings_frame,
    local_crs,
)

LON, LAT = 110.3, 20.0
CRS = local_crs(LON, LAT)
CELL_M = 900.0
SERVICES = {
    "fitness-site": {"zh": "健身场地", "en": "Fitness site"},
    "market": {"zh": "菜市场", "en": "Fresh-food market"},
    "health-station": {"zh": "社区卫生服务站", "en": "Health station"},
}
PLAN = "hand-2025"


def results_by_hand(*, rows=8, columns=10, rules=3, names=None, facility_names=None):
    """A study of ``rows × columns`` communities and `rules` rules, of which the first three kinds repeat.

    `names` and `facility_names` replace the first names by the caller's (hostile ones, for example).
    """
    communities = _communities(rows, columns, names or [])
    facilities = _facilities(communities, facility_names or [])
    minutes = _minutes(communities, facilities)
    findings = findings_frame(
        row
        for number in range(rules)
        for row in _findings(communities, minutes, f"rule-{number}", number % 3)
    )
    for service in SERVICES:
        communities[f"min50_{service}"] = minutes[service].to_numpy()
        communities[f"min90_{service}"] = minutes[service].to_numpy() * 1.5
        communities[f"unreached_{service}"] = 0.0
    outline = gpd.GeoDataFrame(geometry=[communities.union_all()], crs=CRS)
    demand = gpd.GeoDataFrame(
        {
            "demand": np.arange(len(communities)),
            "community": communities["code"],
            "residents": communities["population"],
            "origin": "centroid",
            "inside": True,
        },
        geometry=communities.representative_point(),
        crs=CRS,
    )
    travel = TravelTimes(minutes * 1000 / 15, minutes.astype(str), minutes, 4.0)
    centre = communities.representative_point()
    inputs = Inputs(
        name="手绘市",
        crs=CRS,
        boundary=outline,
        communities=communities,
        units=_townships(communities),
        demand=DEMAND.check(demand),
        facilities=facilities,
        entries=gpd.GeoDataFrame(ENTRIES.empty(), geometry="geometry", crs=CRS),
        streets=_streets(rows, columns),
        complete_for=frozenset({"health-station"}),
        layers_present=frozenset(),
        water=_water(columns),
        indicators=pd.DataFrame(columns=["rule", "code", "year", "value"]),
        quality=QUALITY.empty(),
        files=(
            {"path": "data/raw/communities.gpkg", "rows": len(communities)},
            {"path": "data/raw/city.osm.pbf"},
        ),
    )
    nearest = facilities[facilities["service"] == "health-station"]
    made = Results(
        inputs=inputs,
        travel=travel,
        snaps=pd.DataFrame(columns=["kind", "id", "status", "snap_distance_m"]),
        findings=findings,
        communities=COMMUNITIES.check(communities),
        circles=_circles(communities, centre),
        isochrones=_isochrones(facilities),
        catchments=gpd.GeoDataFrame(
            {
                "service": "health-station",
                "facility": nearest["facility"].to_numpy(),
                "name": nearest["name"].to_numpy(),
                "residents": 21_000.0,
                "beyond_residents": 400.0,
                "communities": 4.0,
            },
            geometry=nearest.buffer(1500).to_numpy(),
            crs=CRS,
        ),
        gaps=_gaps(communities, minutes, centre),
        proposals=gpd.GeoDataFrame(
            {"proposal": ["p1"], "service": ["fitness-site"], "rank": [1.0], "gain": [5200.0]},
            geometry=[centre.iloc[len(centre) // 2 + 1]],
            crs=CRS,
        ),
        rasters={},
        plans=(_plan(rules),),
        services=SERVICES,
        assumptions={"walk_speed_kmh": 4.0, "covered_share": 0.9},
        settings={"study": {"as_of": "2025-06-30"}, "map_review_number": "琼S（2025）001号"},
        timings={},
        sensitivity=_sensitivity(communities),
    )
    return with_findings(made, findings)


def with_findings(results, findings):
    """The same study with other findings, and the scores that follow from them."""
    table = summarise(findings, results.inputs, results.effects)
    first = headlines(table, findings, results.plans)
    return dataclasses.replace(
        results,
        findings=findings,
        scorecard=scorecard(findings, [PLAN], first),
        priorities=priorities(findings, results.inputs),
        summary=table,
        headlines=first,
    )


def with_scenarios(results):
    """The same study with a scenario that helps one community reach a service, and one of proposed sites.

    Under ``rule-0`` the first community short turns met and 1,234 people are newly reached; under ``rule-1``
    its one service improves and the verdict over both stays short; the city's share is short as before.
    """
    short = results.findings.query("status == 'short' and level == 'community'")
    single = short[short["rule"] == "rule-0"].iloc[0]
    both = short[(short["rule"] == "rule-1") & (short["service"] == "")].iloc[0]
    one = short[(short["rule"] == "rule-1") & (short["service"] == "market")].iloc[0]
    rows = [
        _effect(single, after="met", deficit=0.0, newly=1234.0),
        _effect(one, after="met", deficit=0.0, newly=77.0),
        _effect(both, after="short", deficit=1.0, newly=77.0),
        {**_effect(single, after="short", deficit=5.0, newly=1234.0), "level": "city", "code": "4601"},
    ]
    scenarios = [
        {
            "scenario": name,
            "kind": kind,
            "facilities_added": 2,
            "facilities_closed": 0,
            "streets_opened_m": 450.0,
            "streets_closed_m": 0.0,
            "turned_met": 1,
            "turned_short": 0,
            "people_reached": 120.0,
            "cost": float("nan"),
            "cost_per_person": float("nan"),
        }
        for name, kind in (("Two new fitness sites", "study"), ("Sites proposed", "proposal"))
    ]
    effects = [{**row, "scenario": scenario["scenario"]} for scenario in scenarios for row in rows]
    grown = dataclasses.replace(
        results,
        scenarios=SCENARIOS.check(pd.DataFrame(scenarios)),
        effects=EFFECTS.check(pd.DataFrame(effects)),
    )
    return with_findings(grown, grown.findings)


def _effect(finding, *, after, deficit, newly):
    """What becomes of one finding that is short."""
    return {
        **{name: finding[name] for name in ("plan", "rule", "level", "code", "name", "service")},
        "status_before": "short",
        "status_after": after,
        "value_before": finding["value"],
        "value_after": 0.95,
        "deficit_before": finding["deficit"],
        "deficit_after": deficit,
        "deficit_unit": finding["deficit_unit"],
        "people_before": finding["population_short"],
        "people_after": finding["population_short"] - newly,
        "newly_reached": newly,
    }


def _townships(communities):
    """The townships that communities name, numbered."""
    groups = communities.dissolve("township", aggfunc={"population": "sum"}).reset_index(names="code")
    return UNITS.check(
        groups.assign(
            level="township",
            name=[f"第{number}街道" for number in range(1, len(groups) + 1)],
            kind="street",
            scope="urban",
            households=np.nan,
            whole=True,
        )
    )


def _sensitivity(communities):
    """The circle of one service at three speeds: more communities meet it the faster people walk."""
    count = len(communities)
    rows = [
        {
            "plan": PLAN,
            "rule": "rule-0",
            "varied": "walk-speed",
            "setting": setting,
            "own": setting == "4",
            "met": met,
            "short": count - met,
            "no_data": 0,
            "not_applicable": 0,
            "met_share": 100.0 * met / count,
            "verdict": "short",
            "people_short": 1000.0,
        }
        for setting, met in (("3", 2), ("4", count // 2), ("4.8", count - 3))
    ]
    return SENSITIVITY.check(pd.DataFrame(rows))


def _bent(x, y):
    """A grid point moved smoothly, so that neighbours still share their corners."""
    return x + 230 * np.sin(y / 1300) + 120 * np.sin(x / 700 + y / 900), y + 210 * np.sin(
        x / 1500
    ) + 90 * np.cos(y / 500)


def _communities(rows, columns, names):
    """Cells of the bent grid with 21 vertices a side, codes counting up, residents from 400 to 9,400."""
    side = np.linspace(0, 1, 21)
    ring = np.concatenate(
        [
            np.stack([side, 0 * side]),
            np.stack([1 + 0 * side, side]),
            np.stack([1 - side, 1 + 0 * side]),
            np.stack([0 * side, 1 - side]),
        ],
        axis=1,
    )
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    shapes = []
    for row, column in cells:
        x, y = _bent((ring[0] + column - columns / 2) * CELL_M, (ring[1] + row - rows / 2) * CELL_M)
        shapes.append(shapely.Polygon(np.stack([x, y], axis=1)))
    given = "和平新民解放建设东风红旗光明前进幸福友谊朝阳文化胜利长江青年花园"
    tens = "一二三四五六七八九十"
    usual = [f"{given[at % 16 * 2 : at % 16 * 2 + 2]}{tens[at // 16 % 10]}社区" for at in range(len(cells))]
    return gpd.GeoDataFrame(
        {
            "code": [f"4601060{at // 100:02d}{at % 100:03d}" for at in range(len(cells))],
            "name": [*names, *usual[len(names) :]],
            "kind": "community",
            "scope": "urban",
            "scope_source": "code",
            "township": [f"4601060{at // 100:02d}" for at in range(len(cells))],
            "county": "460106",
            "city": "4601",
            "population": [400.0 + 1000 * (at * 7 % 10) for at in range(len(cells))],
            "households": np.nan,
            "inside": True,
            "edge": [at == 0 for at in range(len(cells))],
        },
        geometry=shapes,
        crs=CRS,
    )


def _facilities(communities, names):
    """A facility of some service in every third community, clustered towards the west."""
    points, rows = communities.representative_point(), []
    for at in range(len(communities)):
        if at % 10 > 6 and at % 7:
            continue
        for place, service in enumerate(SERVICES):
            if (at + place) % 3 == 0:
                shift = shapely.affinity.translate(points.iloc[at], 120.0 * place, 60.0 * place)
                rows.append(
                    (
                        f"f{at}",
                        service,
                        f"{SERVICES[service]['zh']}{at}号",
                        communities["code"].iloc[at],
                        shift,
                    )
                )
    table = gpd.GeoDataFrame(
        rows, columns=["facility", "service", "name", "community", "geometry"], geometry="geometry", crs=CRS
    )
    table["name"] = [*names, *table["name"].iloc[len(names) :]]
    table = table.assign(
        source="ledger.xlsx", inside=True, public=[at != 1 for at in range(len(table))], meets_standard=None
    )
    for figure in (
        "floor_area_m2",
        "activity_area_m2",
        "site_area_m2",
        "capacity",
        "staff",
        "open_hours_per_day",
        "open_days_per_week",
    ):
        table[figure] = np.nan
    table.loc[table["service"] == "health-station", "capacity"] = 30.0
    return FACILITIES.check(table)


def _minutes(communities, facilities):
    """Crow-fly minutes at 4 km/h from each community to the nearest facility of every service."""
    points = communities.representative_point()
    nearest = {
        service: [own.distance(point).min() / (4000 / 60) for point in points]
        for service, own in ((s, facilities[facilities["service"] == s].geometry) for s in SERVICES)
    }
    return pd.DataFrame(nearest, index=communities["code"])


def _findings(communities, minutes, rule, kind):
    """Rows of one rule: a circle of one service, of two, or stations per county."""
    if kind == 2:
        yield _row(
            rule,
            "health-station",
            "county",
            code="460106",
            name="手绘区",
            value=25_400.0,
            target=20_000.0,
            deficit=3.0,
            unit="persons/facility",
            deficit_unit="facilities",
        )
    for at, community in enumerate(communities.to_dict("records")):
        people, shares = community["population"], {}
        for service in ("fitness-site", "market") if kind == 1 else ("fitness-site",) if kind == 0 else ():
            time = minutes.loc[community["code"], service]
            shares[service] = float(np.clip(1.35 - time / 22 + (at * 13 % 7) / 40, 0, 1))
            yield _circle(rule, service, community, people=people, share=shares[service], at=at)
        if kind == 1:
            yield _circle(rule, "", community, people=people, share=min(shares.values()), at=at)


def _circle(rule, service, community, *, people, share, at):
    """A finding of a circle: people beyond are counted, some places have no data, some nobody."""
    covered = np.floor(share * people)
    row = _row(
        rule,
        service,
        "community",
        code=community["code"],
        name=community["name"],
        value=share,
        target=0.9,
        deficit=max(0.0, np.ceil(0.9 * people) - covered),
        unit="share",
        deficit_unit="persons",
    )
    row |= {"population": people, "population_short": people - covered}
    if at % 17 == 5:
        row |= {"status": "no-data", "value": np.nan, "deficit": np.nan, "population_short": np.nan}
    if at % 29 == 9:
        row |= {"status": "not-applicable", "value": np.nan, "deficit": np.nan, "population_short": np.nan}
    if at % 4 == 1 and row["status"] == "short":
        row |= {"certainty": "provisional"}
    return row


def _row(rule, service, level, *, code, name, value, target, deficit, unit, deficit_unit):
    """One finding."""
    return {
        "plan": PLAN,
        "rule": rule,
        "clause": "第三章第二节",
        "role": "target",
        "level": level,
        "scope": "urban",
        "code": code,
        "name": name,
        "service": service,
        "value": value,
        "unit": unit,
        "comparator": ">=",
        "target": target,
        "target_year": 2025.0,
        "status": "short" if deficit > 0 else "met",
        "certainty": "firm",
        "deficit": deficit,
        "deficit_unit": deficit_unit,
        "population": 400_000.0,
        "population_short": np.nan,
        "assumptions": "covered_share=0.9; walk_speed_kmh=4.0",
        "note": (),
    }


def _plan(rules):
    """What the outputs are told of the plan."""
    kinds = [
        ("15分钟健身圈", "15-minute fitness circle", ["fitness-site"]),
        ("一刻钟便民生活圈", "15-minute convenience circle", ["fitness-site", "market"]),
        ("社区卫生服务站配置", "Health stations", ["health-station"]),
    ]
    return {
        "id": PLAN,
        "title": {"zh": "手绘市城乡社区服务体系建设规划（2021-2025年）", "en": "Plan made by hand 2021-2025"},
        "issued": "2022-01-10",
        "rules": {
            f"rule-{number}": {
                "title": {"zh": kinds[number % 3][0], "en": kinds[number % 3][1]},
                "quote": "基本形成城市社区一刻钟生活服务圈",
                "clause": "第三章第二节",
                "kind": "travel-time-circle",
                "services": kinds[number % 3][2],
                "cutoff_min": 15.0,
            }
            for number in range(rules)
        },
    }


def _streets(rows, columns):
    """Two streets a cell along both directions of the bent grid; every fifth is a main road."""
    lines = []
    for along, across in ((columns, rows), (rows, columns)):
        at = np.linspace(-along / 2, along / 2, along * 5 + 1) * CELL_M
        for step in range(across * 2 + 1):
            other = np.full_like(at, (step / 2 - across / 2) * CELL_M)
            x, y = _bent(at, other) if along == columns else _bent(other, at)
            lines.append((np.stack([x, y], axis=1), 0 if step % 5 == 0 else 1))
    vertices = np.concatenate([line for line, _ in lines])
    lonlat = shapely.get_coordinates(
        gpd.GeoSeries(gpd.points_from_xy(vertices[:, 0], vertices[:, 1]), crs=CRS).to_crs(WGS84).to_numpy()
    )
    lengths = [len(line) for line, _ in lines]
    first = np.delete(np.arange(len(vertices)), np.cumsum(lengths) - 1)
    kind = np.repeat([kind for _, kind in lines], [length - 1 for length in lengths])
    count = len(first)
    return StreetTable(
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        node_id=np.arange(len(vertices)),
        u=first.astype(np.int32),
        v=(first + 1).astype(np.int32),
        way=np.arange(count),
        segment=np.zeros(count, dtype=np.int32),
        forward=np.ones(count, dtype=bool),
        backward=np.ones(count, dtype=bool),
        name=np.full(count, -1, dtype=np.int32),
        highway=kind.astype(np.int32),
        speed_kmh=np.full(count, np.nan, dtype=np.float32),
        steps=np.zeros(count, dtype=bool),
        bridge=np.zeros(count, dtype=bool),
        highways=("primary", "residential"),
        source="city.osm.pbf",
    )


def _water(columns):
    """A river across the city."""
    x = np.linspace(-columns / 2, columns / 2, 60) * CELL_M
    river = shapely.LineString(np.stack([x, 500 * np.sin(x / 1700) - 700], axis=1)).buffer(110)
    return gpd.GeoDataFrame(geometry=[river], crs=CRS)


def _circles(communities, centre):
    """A life circle around every community."""
    counts = {f"n_{service}": 2.0 for service in SERVICES}
    return gpd.GeoDataFrame(
        {
            "code": communities["code"],
            "name": communities["name"],
            "minutes": 15.0,
            "reached_km": 21.4,
            "unreached_km": 1.2,
            "area_km2": 1.6,
            "residents": communities["population"],
            "tier": "basic",
            **counts,
        },
        geometry=centre.buffer(750),
        crs=CRS,
    )


def _isochrones(facilities):
    """Nested bands around the facilities of each service."""
    rows = [
        (service, minutes, facilities[facilities["service"] == service].buffer(minutes * 50).union_all())
        for service in SERVICES
        for minutes in (5.0, 10.0, 15.0)
    ]
    return gpd.GeoDataFrame(rows, columns=["service", "minutes", "geometry"], geometry="geometry", crs=CRS)


def _gaps(communities, minutes, centre):
    """The people of every community more than 15 minutes away, at its middle."""
    rows = [
        (
            at,
            code,
            service,
            minutes.loc[code, service],
            0.3 * communities["population"].iloc[at],
            centre.iloc[at],
        )
        for service in SERVICES
        for at, code in enumerate(communities["code"])
        if minutes.loc[code, service] > 15
    ]
    return gpd.GeoDataFrame(
        rows,
        columns=["demand", "community", "service", "minutes", "residents", "geometry"],
        geometry="geometry",
        crs=CRS,
    )
