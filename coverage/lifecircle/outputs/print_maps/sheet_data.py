"""What a map sheet shows: the units of one rule with their class, and the ground they lie on."""

from __future__ import annotations

from collections.abc import Iterator
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
from lifecircle.tables import COMMUNITY_LEVELS, WGS84, Results

_UNIT_LEVELS: Final = ("township", "county")
_UNJUDGED: Final = "#f6f4ef"
_VERTICES: Final = 60_000

MOST_SHEETS: Final = 24
"""Rules drawn on paper: more than anybody leafs through, and each takes half a second."""

__all__ = ["Ground", "MapClass", "SheetContent", "ground", "overview", "rule_sheets"]


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
        classes=tuple(_classes(along, lang)),
        services=tuple(map(str, services)) if isinstance(services, (tuple, list)) else (),
    )


def _target(rows: pd.DataFrame, lang: str) -> str:
    """The target, where all units share one."""
    targets = rows["target"].dropna().unique()
    if len(targets) != 1:
        return ""
    return text("sheet.target", lang, target=figure_words(float(targets[0]), str(rows["unit"].iloc[0]), lang))


def _classes(along: pd.DataFrame, lang: str) -> Iterator[MapClass]:
    """Shortfalls by their size, firm and provisional apart, then the other statuses."""
    short = (along["status"] == "short").to_numpy()
    deficit = along["deficit"].to_numpy(dtype=np.float64)
    limits = np.array(class_breaks(deficit[short & (deficit > 0)]))
    shade = np.searchsorted(limits, deficit, side="right")
    provisional = (along["certainty"] == "provisional").to_numpy()
    for number in range(len(limits) + 1):
        for unsure in (False, True):
            rows = np.flatnonzero(short & (shade == number) & (provisional == unsure))
            if len(rows):
                name = "short-provisional" if unsure else "short"
                words = text(f"sheet.{name}", lang, amount=_spread(deficit[rows], lang), n=len(rows))
                yield MapClass(words, MISSING[number], "////" if unsure else "", rows)
    status = along["status"].fillna("not-judged").to_numpy()
    hatches = {"no-data": "....", "not-applicable": "xx"}
    for name in ("met", "no-data", "not-applicable", "report-only", "not-judged"):
        rows = np.flatnonzero(status == name)
        if len(rows):
            colour = REACHED[0] if name == "met" else STATUS.get(name, _UNJUDGED)
            words = text(f"sheet.{name}", lang, n=len(rows))
            yield MapClass(words, colour, hatches.get(name, ""), rows)


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
