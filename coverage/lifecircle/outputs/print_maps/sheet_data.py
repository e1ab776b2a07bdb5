"""What a map sheet shows: the units of one rule with their class, and the ground they lie on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import gap_unit_word
from lifecircle.outputs.palette import MISSING, REACHED, STATUS
from lifecircle.outputs.report.figures import WHOLE, rule_scores, short_rules_judged, short_words
from lifecircle.outputs.web_map.classes import class_breaks
from lifecircle.outputs.web_map.geometry import simplified
from lifecircle.outputs.web_map.streets import MAJOR, merged_lines, segment_ranks
from lifecircle.outputs.words import about_rule, clause_of, figure_words, title_of, whole_words
from lifecircle.tables import COMMUNITY_LEVELS, WGS84, Results, gap_unit

_UNIT_LEVELS: Final = ("township", "county")
_UNJUDGED: Final = "#f6f4ef"
_VERTICES: Final = 60_000
_SIZE_UNKNOWN: Final = -1
_SLIGHTLY: Final = 1e-9

_COUNTED: Final = frozenset(
    {
        *("types", "services", "tiers", "circles", "communities", "villages"),
        *("communities+villages", "townships", "counties", "functions"),
    }
)
"""Units of what there is no part of."""

MOST_SHEETS: Final = 24
"""Rules drawn on paper: more than anybody leafs through, and each takes half a second."""

__all__ = [
    "Ground",
    "MapClass",
    "SheetContent",
    "class_colours",
    "class_words",
    "ground",
    "overview",
    "rule_sheets",
]


@dataclass(frozen=True)
class MapClass:
    """One line of the legend: its words, colour, hatch, and the rows of `SheetContent.units` in it."""

    words: str
    colour: str
    hatch: str
    rows: NDArray[np.intp]


@dataclass(frozen=True)
class SheetContent:
    """One map sheet.

    Attributes
    ----------
    key : ``overview`` or the rule's id; plan : the plan's id, blank for the overview
    title, subtitle, quote : words above the map
    units : ``code, name, label`` (blank for cells of a grid), ``weight`` (what the largest are chosen by)
        and geometry, study CRS
    legend_title : what the colours say
    classes : in the order of the legend
    services : whose facilities are drawn
    """

    key: str
    plan: str
    title: str
    subtitle: str
    units: gpd.GeoDataFrame
    legend_title: str
    classes: tuple[MapClass, ...]
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What every sheet of a study lies on, in the study CRS: boundary, water, main streets."""

    boundary: gpd.GeoSeries
    water: gpd.GeoSeries
    streets: NDArray[np.object_]


def ground(results: Results) -> Ground:
    """The ground of a study's sheets, simplified to what a page can show."""
    inputs = results.inputs
    ranks = segment_ranks(inputs.streets)
    lines = merged_lines(inputs.streets, np.flatnonzero(ranks < len(MAJOR)))
    return Ground(
        boundary=simplified(inputs.boundary.geometry, max_vertices=_VERTICES),
        water=simplified(inputs.water.geometry, max_vertices=_VERTICES),
        streets=gpd.GeoSeries(lines, crs=WGS84).to_crs(inputs.crs).to_numpy(),
    )


def overview(results: Results, lang: str) -> SheetContent:
    """How many rules each community falls short of; those without any verdict apart."""
    drawn = _units(results, "community")
    counts = short_rules_judged(results).reindex(drawn["code"], fill_value=-1).to_numpy(dtype=np.int64)
    limits = np.unique(np.ceil(class_breaks(counts[counts > 0])))
    shade = np.where(counts > 0, 1 + np.searchsorted(limits, counts, side="right"), counts)
    classes = []
    for number in np.unique(shade[shade >= 0]):
        rows = np.flatnonzero(shade == number)
        low, high = int(counts[rows].min()), int(counts[rows].max())
        key = "none-short" if number == 0 else "one-count" if low == high else "count-range"
        words = text(f"sheet.{key}", lang, low=low, high=high, n=len(rows))
        classes.append(MapClass(words, REACHED[0] if number == 0 else MISSING[number - 1], "", rows))
    unjudged = np.flatnonzero(shade < 0)
    if len(unjudged):
        words = text("sheet.not-judged", lang, n=len(unjudged))
        classes.append(MapClass(words, _UNJUDGED, "", unjudged))
    return SheetContent(
        key="overview",
        plan="",
        title=text("sheet.overview", lang),
        subtitle=text("sheet.overview-subtitle", lang) if (counts >= 0).any() else short_words(results, lang),
        units=drawn.assign(weight=np.maximum(counts, 0)),
        legend_title=text("sheet.overview-legend", lang),
        classes=tuple(classes),
    )


def rule_sheets(results: Results, lang: str) -> Iterator[SheetContent]:
    """One sheet per rule that falls short where it can be drawn: communities, else townships or counties.

    A rule met everywhere would be a sheet of one colour; the reports name it. Of very many rules those
    that concern most people are drawn (`MOST_SHEETS`), in the order of the plans.
    """
    chosen = _chosen_rules(results)
    shapes = {level: _units(results, level) for level in ("community", *_UNIT_LEVELS)}
    for key, group in results.verdicts_by_rule.items():
        if key not in chosen:
            continue
        missed = group[group["status"] == "short"]
        levels = missed["level"].replace(dict.fromkeys(COMMUNITY_LEVELS, "community"))
        level = next((name for name in shapes if (levels == name).any() and len(shapes[name])), None)
        if level is not None:
            own = group[group["level"].isin(COMMUNITY_LEVELS if level == "community" else (level,))]
            yield _rule_sheet(results, key, own, shapes[level], lang)


def _chosen_rules(results: Results) -> set[tuple[str, str]]:
    """The rules missed that concern most people, as many as are drawn, by the number that tables tell."""
    people: dict[tuple[str, str], float] = {}
    for score in rule_scores(results):
        if score.short and score.level not in WHOLE:
            key = (score.plan, score.rule)
            people[key] = max(people.get(key, 0.0), score.people_short or 0.0)
    return set(sorted(people, key=lambda key: -people[key])[:MOST_SHEETS])


def _rule_sheet(
    results: Results, key: tuple[str, str], rows: pd.DataFrame, shapes: gpd.GeoDataFrame, lang: str
) -> SheetContent:
    """The sheet of one rule."""
    along = rows.drop_duplicates("code").set_index("code").reindex(shapes["code"])
    about = about_rule(results, *key)
    unit = next((name for name in rows["deficit_unit"] if name), "")
    plan = next((entry for entry in results.plans if entry["id"] == key[0]), None)
    services = about.get("services", ())
    return SheetContent(
        key=key[1],
        plan=key[0],
        title=title_of(results, *key, lang),
        subtitle=" · ".join(
            words
            for words in (
                plan["title"].get(lang, key[0]) if plan else key[0],
                clause_of(results, *key, lang),
                _target(rows, lang),
            )
            if words
        ),
        units=shapes.assign(weight=along["deficit"].fillna(0.0).to_numpy()),
        legend_title=text("sheet.missing-legend", lang, unit=gap_unit_word(unit, lang)),
        classes=tuple(_classes(along, gap_unit(unit, rows["level"]), lang)),
        services=tuple(map(str, services)) if isinstance(services, (tuple, list)) else (),
    )


def _target(rows: pd.DataFrame, lang: str) -> str:
    """The target, where all units share one."""
    targets = rows["target"].dropna().unique()
    if len(targets) != 1:
        return ""
    return text("sheet.target", lang, target=figure_words(float(targets[0]), str(rows["unit"].iloc[0]), lang))


def _classes(along: pd.DataFrame, unit: str, lang: str) -> Iterator[MapClass]:
    """Shortfalls by their size, firm and provisional apart, then the other statuses.

    Limits, colours and words of the sizes are those of the gap map on a screen.
    """
    short = (along["status"] == "short").to_numpy()
    deficit = along["deficit"].to_numpy(dtype=np.float64)
    limits = class_breaks(deficit[deficit > 0])
    shade = np.where(deficit > 0, np.searchsorted(np.array(limits), deficit, side="right"), _SIZE_UNKNOWN)
    provisional = (along["certainty"] == "provisional").to_numpy()
    colours = [
        *class_colours(len(limits) + 1),
        MISSING[len(MISSING) // 2],
    ]  # the last: of what size, nobody knows
    for number in (*range(len(limits) + 1), _SIZE_UNKNOWN):
        for unsure in (False, True):
            rows = np.flatnonzero(short & (shade == number) & (provisional == unsure))
            if len(rows):
                name = "short-provisional" if unsure else "short"
                known = number != _SIZE_UNKNOWN and limits
                amount = class_words(limits, number, unit, lang) if known else _spread(deficit[rows], lang)
                words = text(f"sheet.{name}", lang, amount=amount, n=len(rows))
                yield MapClass(words, colours[number], "////" if unsure else "", rows)
    status = along["status"].fillna("not-judged").to_numpy()
    hatches = {"no-data": "....", "not-applicable": "xx"}
    for name in ("met", "no-data", "not-applicable", "report-only", "not-judged"):
        rows = np.flatnonzero(status == name)
        if len(rows):
            colour = REACHED[0] if name == "met" else STATUS.get(name, _UNJUDGED)
            words = text(f"sheet.{name}", lang, n=len(rows))
            yield MapClass(words, colour, hatches.get(name, ""), rows)


def class_colours(count: int) -> list[str]:
    """So many colours of what is missing, spread over the whole ramp as the gap map spreads them.

    Examples
    --------
    >>> class_colours(1) == [MISSING[2]], class_colours(3) == [MISSING[0], MISSING[2], MISSING[4]]
    (True, True)
    """
    if count == 1:
        return [MISSING[len(MISSING) // 2]]
    return [MISSING[int(place * (len(MISSING) - 1) / (count - 1) + 0.5)] for place in range(count)]


def class_words(limits: Sequence[float], place: int, unit: str, lang: str) -> str:
    """A class of figures between two limits, as the gap map's legend says it; the unit stands elsewhere.

    A figure equal to a limit belongs to the class above it; what is counted in whole ones needs no range
    where a class holds one figure.

    Examples
    --------
    >>> [class_words([1000.0, 4000.0], place, "persons", "en") for place in range(3)]
    ['< 1,000', '1,000 – 4,000', '≥ 4,000']
    >>> [class_words([2.0, 3.0, 6.0], place, "types", "en") for place in range(4)]
    ['< 2', '2', '3 – 5', '≥ 6']
    """
    counted = unit in _COUNTED
    edges = [float(np.ceil(limit - _SLIGHTLY)) for limit in limits] if counted else list(limits)
    shown = [figure_words(edge, "", lang) for edge in edges]
    if place == 0:
        return f"< {shown[0]}"
    if place == len(edges):
        return f"≥ {shown[-1]}"
    first, last = edges[place - 1], edges[place] - counted
    if counted and first >= last:
        return shown[place - 1]
    return f"{shown[place - 1]} – {figure_words(last, '', lang)}"


def _spread(deficit: NDArray[np.float64], lang: str) -> str:
    """The least and the largest of some deficits; without residents nobody knows how large they are."""
    known = deficit[~np.isnan(deficit)]
    if not len(known):
        return text("sheet.size-unknown", lang)
    low, high = known.min(), known.max()
    return whole_words(low) if low == high else f"{whole_words(low)} – {whole_words(high)}"


def _units(results: Results, level: str) -> gpd.GeoDataFrame:
    """Units of one level with simplified shapes that still share their borders."""
    if level == "community":
        table = results.communities[results.communities["inside"]]
    elif "level" in results.inputs.units:
        table = results.inputs.units[results.inputs.units["level"] == level]
    else:
        table = results.communities.iloc[:0]
    table = table.reset_index(drop=True)
    drawn = ~(table.geometry.isna() | table.geometry.is_empty)
    table = table[drawn].reset_index(drop=True)
    shapes = (
        simplified(table.geometry, max_vertices=_VERTICES, shared_borders=True)
        if len(table)
        else table.geometry
    )
    facts = pd.DataFrame(table[["code", "name"]])
    facts["label"] = (
        table["name"].where(table["name"] != "", table["code"]).where(table["kind"] != "cell", "")
    )
    return gpd.GeoDataFrame(facts, geometry=shapely.make_valid(shapes.to_numpy()), crs=results.inputs.crs)
