"""The ledger of problems: every binding shortfall at the place that must mend it, and what would."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from lifecircle.assessment.alike import RuleKey, asked_alike
from lifecircle.assessment.rows import pace_of
from lifecircle.plans import (
    AnyRule,
    AreaShare,
    AtLeastNPerArea,
    AttributeShareOfAreas,
    CoverageShareOfAreas,
    FigurePerArea,
    FigurePerFacility,
    Plan,
    ShareOfFacilities,
    StaffPer10000Population,
    TypeCircle,
)
from lifecircle.tables import CERTAINTY, PROBLEMS, WIDE_LEVELS, Inputs, verdict_rows

__all__ = ["problem_ledger", "township_names"]

_WHOLES: Final = ("province", "city")
_ACTION: Final[Mapping[str, str]] = {
    "adjacency": "regroup",
    "area-per-100-households": "extend",
    "area-per-person": "extend",
    "area-share": "extend",
    "at-least-n-per-area": "build",
    "attribute-share-of-areas": "equip",
    "capacity-per-1000-population": "places",
    "count-target": "build",
    "coverage-share-of-areas": "build",
    "figure-per-area": "staff",
    "figure-per-facility": "staff",
    "grid-coverage": "regroup",
    "household-grid-partition": "regroup",
    "indicator": "report",
    "minimum-facility-area": "extend",
    "opening-hours": "open",
    "population-per-facility": "build",
    "share-of-facilities": "equip",
    "staff-per-10000-population": "staff",
    "tiers": "build",
    "travel-distance-circle": "reach",
    "travel-time-circle": "reach",
    "type-circle": "types",
}
"""What mends a shortfall under each kind of rule; a kind that only reports has none."""

_NO_SERVICE: Final = ("of-", "by-")
"""How the `service` of a row begins that is a layer's or a measure's and no service's."""


def problem_ledger(findings: pd.DataFrame, inputs: Inputs, plans: Sequence[Plan]) -> pd.DataFrame:
    """Every binding shortfall, at the places that must mend it.

    A verdict on the study as a whole is left out where units of the same rule are short beside it: it only
    sums them up. What several provisions that ask the same find lacking at one place is one row.

    Returns
    -------
    DataFrame
        `tables.PROBLEMS`: what is behind before what is on schedule, most people concerned first, then in the
        order of the plans.
    """
    # stage 1: shortfalls where they are mended, not where they are summed up
    rules = {(one.id, rule.id): rule for one in plans for rule in one.rules}
    kinds = {rule.id: rule.kind for rule in rules.values()}
    lacking = _lacking(findings[findings["status"] == "short"])
    verdicts = verdict_rows(findings)
    short = verdicts[verdicts["status"] == "short"]
    # The whole only sums up the units that are short below it; a city may be a unit of its own in a tier.
    whole = short["level"].isin(_WHOLES)
    tier = (short["service"] != "") & (short["rule"].map(kinds) == "tiers")
    summed = whole & ~tier & (~whole).groupby([short["plan"], short["rule"]]).transform("any")
    short = short[~summed]
    short = short[[(row.plan, row.rule) in rules for row in short.itertuples()]]
    if short.empty:
        return PROBLEMS.empty()
    # stage 2: each with who must do what
    townships, offered = township_of_places(inputs), _services_offered(inputs)
    rows = []
    for row in short.itertuples(index=False):
        rule = rules[row.plan, row.rule]
        parts = lacking.get((row.plan, row.rule, row.level, row.code), ())
        rows.append(
            {
                **{name: getattr(row, name) for name in ("plan", "rule", "clause")},
                **_place(row, inputs),
                "township": townships.get(str(row.code), ""),
                "services": "|".join(rule.all_services),
                "action": _action(rule),
                "deficit": row.deficit,
                "deficit_unit": row.deficit_unit,
                "people": row.population_short,
                "certainty": row.certainty,
                "responsible": row.responsible,
                "missing": ", ".join(parts or _asked_of(rule, row, offered)),
                "columns": "|".join(_columns_asked(rule)),
                "pace": pace_of(row.note),
                "also": "",
            }
        )
    # stage 3: the same asked of one place once; what is on schedule last, then most people first
    table = pd.DataFrame(_told_once(rows, _first_of_alike(verdicts, findings, rules)))
    table = table.assign(waits=table["pace"] == "on-track")
    table = table.sort_values(["waits", "people"], ascending=[True, False], kind="stable", na_position="last")
    table = table.drop(columns="waits").drop_duplicates(list(PROBLEMS.key))
    return PROBLEMS.check(table.reset_index(drop=True))


def _first_of_alike(
    verdicts: pd.DataFrame, findings: pd.DataFrame, rules: Mapping[RuleKey, AnyRule]
) -> dict[RuleKey, RuleKey]:
    """The first of the provisions that ask the same, by plan and rule."""
    judged = verdicts[verdicts["status"].isin(["met", "short"])]
    missed = judged["status"] == "short"
    by_rule = judged.assign(met=~missed, short=missed).groupby(["plan", "rule"], sort=False)
    counts = by_rule[["met", "short"]].sum().query("short > 0")
    about = {
        key: {
            "title": rule.title.model_dump(),
            "kind": rule.kind,
            "cutoff_min": getattr(rule, "minutes", None),
            "services": rule.all_services,
        }
        for key, rule in rules.items()
    }
    # in the order of the plans, whatever that of the findings
    rows = counts.reset_index().to_dict("records")
    order = {key: at for at, key in enumerate(rules)}
    rows.sort(key=lambda row: order.get((str(row["plan"]), str(row["rule"])), len(order)))
    return asked_alike(rows, findings, about)


def _told_once(rows: Iterable[dict[str, Any]], first_of: Mapping[RuleKey, RuleKey]) -> list[dict[str, Any]]:
    """Rows of one place and gap under provisions that ask the same as one, with all their departments."""
    kept: dict[object, dict[str, Any]] = {}
    for row in rows:
        key = (row["plan"], row["rule"])
        figures = tuple(
            None if math.isnan(row[name]) else round(row[name], 6) for name in ("deficit", "people")
        )
        gap = (*figures, *(row[name] for name in ("level", "code", "deficit_unit", "missing")))
        first = kept.setdefault((first_of.get(key, key), gap), row)
        if first is row:
            continue
        first["also"] = "; ".join(filter(None, [first["also"], "/".join(key)]))
        departments = f"{first['responsible']}、{row['responsible']}".split("、")
        first["responsible"] = "、".join(dict.fromkeys(filter(None, departments)))
        first["pace"] = first["pace"] or row["pace"]
        # the surest of them stands: one clause that surely is not met is enough
        first["certainty"] = min(first["certainty"], row["certainty"], key=CERTAINTY.index)
    return list(kept.values())


def _place(row: Any, inputs: Inputs) -> dict[str, str]:
    """Level, code and name of a place: a study of one city is that city, whatever the level of the plan."""
    place = {"level": str(row.level), "code": str(row.code), "name": str(row.name)}
    if row.level not in _WHOLES:
        return place
    units = inputs.units
    cities = units[units["level"] == "city"]
    if len(cities) != 1 or row.code in set(units.loc[units["level"] == row.level, "code"]):
        return place
    code, name = str(cities["code"].iloc[0]), str(cities["name"].iloc[0])
    return {"level": "city", "code": code, "name": name or code}


def _lacking(failing: pd.DataFrame) -> dict[tuple[str, str, str, str], tuple[str, ...]]:
    """The services whose own rows are short, alternatives joined, by plan, rule, level and code."""
    own = failing[failing["service"].astype(bool) & ~failing["service"].str.startswith(_NO_SERVICE)]
    keys = ["plan", "rule", "level", "code"]
    groups = own.groupby(keys, sort=False)["service"].agg(tuple)
    return {tuple(str(part) for part in key): names for key, names in groups.items()}  # type: ignore[misc]


def _asked_of(rule: AnyRule, row: Any, offered: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What a place owes where none of its rows names a service: any of the rule's, of a facility its own."""
    services = rule.all_services
    if row.level == "facility":
        services = tuple(name for name in offered.get(str(row.code), ()) if name in services) or services
    elif isinstance(rule, AtLeastNPerArea | CoverageShareOfAreas) and rule.township_services:
        if row.level in _WHOLES:
            return services  # a township's facility is none of its communities': both may be missing
        services = rule.in_layer("townships" if row.level == "township" else "communities")
    return ("|".join(services),) if services else ()


def _services_offered(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """What each facility offers."""
    offered = inputs.facilities.groupby("facility", sort=False)["service"].agg(tuple)
    return {str(name): services for name, services in offered.items()}


def _columns_asked(rule: AnyRule) -> tuple[str, ...]:
    """The ledger's columns that the clause is about; none where it counts facilities or walks."""
    if isinstance(rule, AreaShare):
        return (rule.part,)
    if isinstance(rule, AttributeShareOfAreas | FigurePerArea | StaffPer10000Population):
        return rule.columns
    return (rule.column,) if isinstance(rule, FigurePerFacility | ShareOfFacilities) else ()


def _action(rule: AnyRule) -> str:
    """What mends a shortfall under a rule."""
    if isinstance(rule, TypeCircle) and rule.unit == "circles":
        return "circles"
    if "meets_standard" in _columns_asked(rule):
        return "standard"
    return _ACTION.get(rule.kind, "report")


def township_names(inputs: Inputs) -> dict[str, str]:
    """Name of the township above each community, and of each township, by code."""
    units = inputs.units[inputs.units["level"] == "township"]
    names = {
        str(code): str(name) or str(code) for code, name in zip(units["code"], units["name"], strict=True)
    }
    own = inputs.communities
    # a township that no unit layer names keeps its code for a name
    above = zip(own["code"], own["township"], strict=True)
    return {**names, **{str(code): names.get(str(township), str(township or "")) for code, township in above}}


def township_of_places(inputs: Inputs) -> dict[str, str]:
    """Name of the township that each community, facility and other small unit lies in, by code."""
    names = township_names(inputs)
    places = inputs.facilities.drop_duplicates("facility")
    homes = dict(zip(places["facility"].astype(str), places["community"].astype(str), strict=True))
    units = inputs.units[~inputs.units["level"].isin(WIDE_LEVELS) & ~inputs.units["code"].isin(names)]
    if len(units):
        points = gpd.GeoDataFrame(
            {"unit": units["code"]}, geometry=units.geometry.representative_point(), crs=units.crs
        )
        joined = gpd.sjoin(points, inputs.communities[["code", "geometry"]], predicate="within")
        homes |= dict(zip(joined["unit"].astype(str), joined["code"].astype(str), strict=True))
    return {**{place: names.get(home, "") for place, home in homes.items()}, **names}
