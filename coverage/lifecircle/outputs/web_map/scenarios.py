"""Before and after: what each scenario or further mode changes on the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.messages import LANGUAGES
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.geometry import Origin, pack_points, pack_shapes, rounded
from lifecircle.outputs.web_map.nearest import minutes_and_nearest
from lifecircle.outputs.web_map.tallies import Key
from lifecircle.outputs.web_map.themes import STATUS_CODES
from lifecircle.outputs.words import mode_titles
from lifecircle.tables import COMMUNITY_LEVELS, STATUS, Results, python_texts, verdict_rows
from lifecircle.tables.shapes import AREAS, LINES, of_kind

_AFTER: Final[Mapping[str, str]] = {
    "value": "value_after",
    "deficit": "deficit_after",
    "people": "people_after",
}
_FIGURES: Final[Mapping[str, str]] = {
    "added": "facilities_added",
    "closed": "facilities_closed",
    "opened_m": "streets_opened_m",
    "closed_m": "streets_closed_m",
    "turned_met": "turned_met",
    "turned_short": "turned_short",
}
_MOST_ABOVE: Final = 200
_UNIT: Final = ["plan", "rule", "level", "code", "service"]
Unit: TypeAlias = tuple[str, str, str, str, str]

__all__ = ["certainties", "scenarios"]


def scenarios(
    results: Results,
    communities: pd.DataFrame,
    themes: Sequence[Mapping[str, object]],
    tallies: Mapping[Key, Mapping[str, object]],
    origin: Origin,
    *,
    seats: pd.DataFrame,
    certainty: Mapping[Unit, str],
) -> list[dict[str, object]]:
    """Every scenario with the communities it recolours, the areas above them it changes, and its sites.

    Further modes of the study stand among them, of the kind ``mode``, with ``title`` and ``title_before`` in
    both languages and the ``minutes`` that residents need in that mode.

    Parameters
    ----------
    results
        The finished study, its ``effects`` filled where scenarios were assessed.
    communities
        Those drawn, in the order of the page.
    themes
        From `themes.themes`, in the order of the page.
    tallies
        The summary's counts, from `tallies.tallies`.
    origin
        From ``map_origin``.
    seats
        Where the page keeps each facility, from `spots.facility_seats`.
    certainty
        How sure each finding is, from `certainties`.
    """
    place = {(one["plan"], one["rule"], one["service"]): number for number, one in enumerate(themes)}
    effects = (
        pd.concat([results.effects, results.mode_effects]) if len(results.mode_effects) else results.effects
    )
    known = effects["status_before"].isin(STATUS) & effects["status_after"].isin(STATUS)
    effects = python_texts(effects[known])
    units = zip(*(effects[name] for name in _UNIT), strict=True)
    sure = [certainty.get(unit, "firm") for unit in units]
    # The theme of the page that each effect recolours; -1 where the page has none.
    about = zip(*(effects[name] for name in ("plan", "rule", "service")), strict=True)
    effects = effects.assign(
        theme=np.array([place.get(key, -1) for key in about], np.intp),
        **{
            f"mark_{when}": pd.Series(
                [STATUS_CODES[pair] for pair in zip(effects[f"status_{when}"], sure, strict=True)],
                effects.index,
                dtype=object,
            )
            for when in ("before", "after")
        },
    )
    drawn_at = _DrawnAt(communities)
    made = []
    for told in [*results.scenarios.to_dict("records"), *_further_modes(results)]:
        own = effects[(effects["scenario"] == told["scenario"]) & (effects["theme"] >= 0)]
        made.append(
            {
                "name": display_name(told["scenario"]),
                "kind": told["kind"],
                **{key: rounded([told[column]])[0] for key, column in _FIGURES.items()},
                "kept": int(told.get("verdicts_kept", 0)),
                "themes": [
                    _recoloured(themes[int(number)], int(number), rows, drawn_at, tallies)
                    for number, rows in own.groupby("theme", sort=True)
                ],
                "above": _above(own),
                **_sites(results, told["scenario"], origin),
                **{key: told[key] for key in ("title", "title_before") if key in told},
                **_minutes(results, communities, seats, told),
            }
        )
    return made


def certainties(findings: pd.DataFrame) -> dict[Unit, str]:
    """How sure each finding is, by plan, rule, level, code and service; a scenario does not change it."""
    single = findings.drop_duplicates(_UNIT)
    units = zip(*(single[name] for name in _UNIT), strict=True)
    return dict(zip(units, single["certainty"], strict=True))


class _DrawnAt:
    """Rows of the page that show a unit: a community its own, a township those of its communities."""

    def __init__(self, communities: pd.DataFrame) -> None:
        self._communities = communities
        self._rows: dict[str, dict[str, list[int]]] = {}

    def rows(self, level: str, codes: Iterable[str]) -> list[tuple[int, int]]:
        """Rows drawn, in their order, each with the number of its unit among some codes of one level."""
        if level not in self._rows:
            rows_of: dict[str, list[int]] = {}
            for row, code in enumerate(self._communities["code" if level == "community" else level]):
                rows_of.setdefault(code, []).append(row)
            self._rows[level] = rows_of
        known = self._rows[level]
        return sorted((row, number) for number, code in enumerate(codes) for row in known.get(code, ()))


def _minutes(
    results: Results, communities: pd.DataFrame, seats: pd.DataFrame, told: Mapping[str, object]
) -> dict[str, object]:
    """Minutes of a further mode; a scenario of a run keeps none."""
    mode = str(told["scenario"])
    if told["kind"] != "mode" or mode not in results.mode_communities:
        return {}
    return {"minutes": minutes_and_nearest(results, communities, seats, mode=mode)}


def _further_modes(results: Results) -> list[dict[str, object]]:
    """The modes beside the one judged, as scenarios that change nothing on the ground."""
    titles = {lang: mode_titles(results, lang) for lang in LANGUAGES}
    status = {
        mode: verdict_rows(rows).set_index(_UNIT)["status"] for mode, rows in results.modes.groupby("mode")
    }
    made: list[dict[str, object]] = []
    for mode in list(titles["en"])[1:]:
        after = status[mode]
        before = status[next(iter(titles["en"]))].reindex(after.index)
        made.append(
            {
                "scenario": mode,
                "kind": "mode",
                **dict.fromkeys(list(_FIGURES.values())[:4], 0),
                "turned_met": int((before.eq("short") & after.eq("met")).sum()),
                "turned_short": int((before.eq("met") & after.eq("short")).sum()),
                "title": {lang: words[mode] for lang, words in titles.items()},
                "title_before": {lang: next(iter(words.values())) for lang, words in titles.items()},
            }
        )
    return made


def _recoloured(
    theme: Mapping[str, object],
    number: int,
    rows: pd.DataFrame,
    drawn_at: _DrawnAt,
    tallies: Mapping[Key, Mapping[str, object]],
) -> dict[str, object]:
    """The communities of one theme that look different afterwards, and its counts then."""
    level = theme["level"]
    shown = rows[rows["level"].isin(COMMUNITY_LEVELS if level == "community" else (level,))]
    drawn = drawn_at.rows(str(level or "community"), shown["code"])
    at = [number for _, number in drawn]
    scenario = str(rows["scenario"].iloc[0])
    plan, rule, service, counted = (str(theme[name]) for name in ("plan", "rule", "service", "counted"))
    unchanged = {name: theme[name] for name in ("counts", "people_sum", "deficit_sum", "townships")}
    tally = tallies.get((scenario, plan, rule, service, counted), unchanged)
    wide = rows[~rows["level"].isin(COMMUNITY_LEVELS)]
    turned = shown["mark_before"].isin(list("stp")) & shown["mark_after"].isin(list("mnq"))
    return {
        "theme": number,
        "row": [row for row, _ in drawn],
        "status": "".join(shown["mark_after"].to_numpy(object)[at]),
        **{key: rounded(shown[column].to_numpy()[at]) for key, column in _AFTER.items()},
        **tally,
        "turned_met": int(turned.sum()),
        "above": [
            {
                "level": row["level"],
                "code": row["code"],
                "status": row["mark_after"],
                **{key: rounded([row[column]])[0] for key, column in _AFTER.items()},
            }
            for row in wide[["level", "code", "mark_after", *_AFTER.values()]].to_dict("records")
        ],
        "newly_reached": rounded([shown["newly_reached"].sum(min_count=1)])[0],
    }


def _above(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Verdicts on areas above communities that turn, each with what it was and what it becomes."""
    other = rows[~rows["level"].isin(COMMUNITY_LEVELS) & (rows["mark_before"] != rows["mark_after"])]
    return [
        {
            "theme": int(row["theme"]),
            "level": row["level"],
            "name": display_name(row["name"] or row["code"]),
            "before": row["mark_before"],
            "after": row["mark_after"],
        }
        for row in other.head(_MOST_ABOVE).to_dict("records")
    ]


def _sites(results: Results, name: str, origin: Origin) -> dict[str, object]:
    """What a scenario changes on the ground: facilities as places, streets as lines."""
    table = results.scenario_sites
    if table is None or table.empty:
        return {"sites": [], "streets": {}}
    own = table[(table["scenario"] == name) & ~(table.geometry.isna() | table.geometry.is_empty)]
    on_street = own["change"].isin(["street-opened", "street-closed"])
    facilities, streets = own[~on_street], own[on_street]
    x, y = pack_points(facilities.geometry, origin) if len(facilities) else ([], [])
    rows = zip(facilities["change"], facilities["service"], facilities["name"], x, y, strict=True)
    return {
        "sites": [
            {"change": change, "service": service, "name": display_name(words), "x": east, "y": north}
            for change, service, words, east, north in rows
        ],
        "streets": {change: _lines(part, origin) for change, part in streets.groupby("change", sort=True)},
    }


def _lines(streets: gpd.GeoDataFrame, origin: Origin) -> str:
    """Streets, or what closes them, packed as lines."""
    outline = streets.geometry.where(~of_kind(streets.geometry.to_numpy(), AREAS), streets.boundary)
    lines = outline[of_kind(outline.to_numpy(), LINES)]
    packed = (shape.replace(";", ",") for shape in pack_shapes(lines, origin))
    return ",".join(shape for shape in packed if shape)
