"""What the map can be coloured by: one theme per rule and service, one figure per community.

A finding about a township, county or city is shown on every community of it; findings above the level
shown, and those about facilities, stand beside the map as verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.messages import LANGUAGES
from lifecircle.outputs.assumptions import basis_words
from lifecircle.outputs.web_map.classes import class_breaks
from lifecircle.outputs.web_map.geometry import Origin, pack_points, rounded
from lifecircle.outputs.web_map.spots import FACILITY_LEVELS, facility_findings, facility_seats
from lifecircle.outputs.web_map.tallies import Key
from lifecircle.outputs.web_map.text import note_words
from lifecircle.outputs.web_map.unit_shapes import unit_findings
from lifecircle.outputs.web_map.units import judged_level, short_units, units_counted
from lifecircle.outputs.words import about_rule
from lifecircle.tables import (
    CERTAINTY,
    COMMUNITY_LEVELS,
    PARENT_LEVELS,
    WIDE_LEVELS,
    Note,
    Results,
    gap_unit,
    python_texts,
)

STATUS_CODES: Final[Mapping[tuple[str, str], str]] = {
    ("met", "firm"): "m",
    ("met", "assumed"): "n",
    ("met", "provisional"): "q",
    ("short", "firm"): "s",
    ("short", "assumed"): "t",
    ("short", "provisional"): "p",
    **{("no-data", certainty): "d" for certainty in CERTAINTY},
    **{("not-applicable", certainty): "a" for certainty in CERTAINTY},
    **{("report-only", certainty): "r" for certainty in CERTAINTY},
    **{("context", certainty): "c" for certainty in CERTAINTY},
}
"""One character per status and certainty; ``-`` where a community has no finding."""

COLOUR_FIELDS: Final[Mapping[str, str]] = {
    "deficit": "deficit",
    "people": "population_short",
    "value": "value",
}
"""What a theme can be coloured by, and the column of the findings it is."""

_SHOWN: Final = ("code", "mark", "note", "target", *COLOUR_FIELDS.values(), "turns_at", "contribution")
"""Columns of the findings that are told of each community."""

_MOST_NOTES: Final = 2_000
_MOST_VERDICTS: Final = 60

__all__ = ["COLOUR_FIELDS", "STATUS_CODES", "NoteIndex", "status_codes", "themes"]


class NoteIndex:
    """Every different remark once, in both languages; findings carry its number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._told: dict[int, tuple[tuple[Note, ...], int]] = {}
        self._spoken: dict[tuple[str, str], tuple[str, ...]] = {}

    def number(self, notes: tuple[Note, ...]) -> int:
        """Number of the remarks of one finding; -1 where it has none, -2 where the page is full."""
        if not notes:
            return -1
        # a finding is asked for by several tables of the page: its remarks are put into words once
        if id(notes) not in self._told:
            self._told[id(notes)] = (notes, self._numbered(notes))
        return self._told[id(notes)][1]

    def _numbered(self, notes: tuple[Note, ...]) -> int:
        """`number` of remarks that were not asked for before."""
        spoken = [self._in_words(note) for note in notes]
        return self.spoken_number(dict(zip(LANGUAGES, zip(*spoken, strict=True), strict=True)))

    def spoken_number(self, spoken: Mapping[str, Sequence[str]]) -> int:
        """Number of what is said in each language already; -1 where nothing is, -2 where the page is full."""
        zh, en = (separator.join(spoken[lang]) for lang, separator in (("zh", "；"), ("en", "; ")))
        if not zh:
            return -1
        if (zh, en) not in self._numbers and len(self._numbers) >= _MOST_NOTES:
            return -2
        return self._numbers.setdefault((zh, en), len(self._numbers))

    def _in_words(self, note: Note) -> tuple[str, ...]:
        """One remark in Chinese and English, put into words once however often it is made."""
        key = (note.key, repr(note.values))
        if key not in self._spoken:
            self._spoken[key] = tuple(note_words(note, lang) for lang in LANGUAGES)
        return self._spoken[key]

    def words(self) -> list[dict[str, str]]:
        """The remarks in the order of their numbers."""
        return [dict(zip(LANGUAGES, words, strict=True)) for words in self._numbers]


def status_codes(findings: pd.DataFrame) -> pd.Series:
    """One character per finding, see `STATUS_CODES`."""
    pairs = zip(findings["status"], findings["certainty"], strict=True)
    return pd.Series([STATUS_CODES[pair] for pair in pairs], index=findings.index, dtype=object)


def themes(
    results: Results,
    communities: pd.DataFrame,
    notes: NoteIndex,
    tallies: Mapping[Key, Mapping[str, object]],
    origin: Origin,
    *,
    shapes: Mapping[str, Mapping[str, list[Any]]],
) -> list[dict[str, object]]:
    """One theme per plan, rule and service: rules as the findings name them, each one's verdict first.

    Parameters
    ----------
    results
        The finished study.
    communities
        Those drawn, in the order of the page: every array of a theme runs along its rows.
    notes
        Collects the remarks that the themes number.
    tallies
        The summary's counts, from `tallies.tallies`.
    origin
        From where places of the page count.
    shapes
        Units drawn beside communities, from `unit_shapes.unit_shapes`.
    """
    findings = python_texts(results.findings).assign(mark=status_codes(results.findings))
    order = findings.groupby(["plan", "rule"], sort=False).ngroup()
    findings = findings.assign(order=order, of_service=findings["service"] != "")
    findings = findings.sort_values(["order", "of_service"], kind="stable")
    # what is missing is counted in what a reader calls it
    levels = findings.groupby("order")["level"].agg(frozenset)
    pairs = zip(findings["deficit_unit"], findings["order"].map(levels), strict=True)
    findings["deficit_unit"] = [gap_unit(unit, of) for unit, of in pairs]
    seats = facility_seats(results)
    row_of = pd.Series(range(len(communities)), index=communities["code"].to_numpy())
    lies_in = results.inputs.facilities.drop_duplicates("facility").set_index("facility")["community"]
    lies_in = lies_in.map(row_of).dropna().astype(int).to_dict()
    places = _places(results.inputs.units, origin)
    of_rules = dict(list(findings.groupby(["plan", "rule"], sort=False)))
    made = []
    for (plan, rule, service), rows in findings.groupby(["plan", "rule", "service"], sort=False):
        level = _level_shown(rows["level"])
        preferred = (service, *about_rule(results, plan, rule).get("services", ()))  # type: ignore[misc]
        remarks = [notes.number(note) for note in rows["note"]]
        shown = rows[rows["level"].isin(COMMUNITY_LEVELS if level == "community" else (level,))]
        of_facilities = facility_findings(rows, seats, preferred, remarks)
        # a facility that is drawn tells its own finding: not once more among the areas'
        beside = {*COMMUNITY_LEVELS, of_facilities.get("level", "")}
        made.append(
            {
                "plan": plan,
                "rule": rule,
                "service": service,
                "level": level,
                "judged": judged_level(rows),
                "of_units": units_counted(rows),
                **_constants(results, rows, shown, notes),
                **_arrays(_along(communities, shown, level), notes),
                "breaks": _breaks(shown),
                **_tally(tallies, ("", str(plan), str(rule), str(service)), level, rows),
                "verdicts": _verdicts(rows[~rows["level"].isin(beside)], notes, places),
                "unlisted": max(0, _not_listed(rows[~rows["level"].isin(beside)])),
                "facilities": of_facilities,
                "areas": unit_findings(rows, shapes),
                "units": short_units(rows, of_rules[plan, rule], seats, preferred, lies_in),
            }
        )
    return made


def _tally(
    tallies: Mapping[Key, Mapping[str, object]],
    about: tuple[str, str, str, str],
    level: str,
    rows: pd.DataFrame,
) -> dict[str, object]:
    """Counts, people and deficit of the units shown, or of those judged one by one or not drawn at all."""
    judged = judged_level(rows)
    first = judged if judged in FACILITY_LEVELS else level
    for name in (first, level, judged, *rows["level"].unique()):
        if (*about, name) in tallies:
            return {**tallies[*about, name], "counted": name}
    return {"counts": {}, "people_sum": None, "deficit_sum": None, "townships": {}, "counted": level}


def _level_shown(levels: pd.Series) -> str:
    """The finest level that communities can be coloured by; blank where there is none."""
    shown = set(levels)
    if shown & set(COMMUNITY_LEVELS):
        return "community"
    return next((level for level in PARENT_LEVELS if level in shown), "")


def _along(communities: pd.DataFrame, rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """The finding that each community shows, one row per community, unknown where it has none."""
    unit = communities["code"] if level in {"community", ""} else communities[level]
    columns = [name for name in _SHOWN if name in rows]
    return rows[columns].drop_duplicates("code").set_index("code").reindex(unit)


def _constants(
    results: Results, rows: pd.DataFrame, shown: pd.DataFrame, notes: NoteIndex
) -> dict[str, object]:
    """What every finding of a rule and service shares; units are those of the level shown."""
    first = (shown if len(shown) else rows).iloc[0]
    units = (shown if (shown["deficit_unit"] != "").any() else rows)["deficit_unit"]
    year = rows["target_year"].dropna()
    assumptions = [words for words in rows["assumptions"].unique() if words]
    return {
        # a plan that names no clause has the rule's id in its place
        "clause": "" if first["clause"] == rows["rule"].iloc[0] else first["clause"],
        "role": first["role"],
        "scope": first["scope"],
        "unit": first["unit"],
        "deficit_unit": next((unit for unit in units if unit), ""),
        "comparator": first["comparator"],
        "year": None if year.empty else int(year.iloc[0]),
        "assumptions": notes.spoken_number(
            {lang: basis_words(results, assumptions, lang) for lang in LANGUAGES}
        ),
        "criterion": next((words for words in rows["criterion"] if words), ""),
    }


def _arrays(along: pd.DataFrame, notes: NoteIndex) -> dict[str, object]:
    """The figures of one theme along the communities; a target or a remark that all share is one number."""
    targets = along["target"].dropna().unique()
    remarks = [
        notes.number(_beside_turns(value)) if isinstance(value, tuple) else -1 for value in along["note"]
    ]
    arrays: dict[str, object] = {
        "status": "".join(along["mark"].fillna("-")),
        "target": rounded(targets)[0]
        if len(targets) == 1
        else rounded(along["target"])
        if len(targets)
        else None,
        **{name: _thinned(along[column]) for name, column in COLOUR_FIELDS.items()},
    }
    if any(number != -1 for number in remarks):
        arrays["notes"] = remarks if len(set(remarks)) > 1 else remarks[0]
    for name in ("turns_at", "contribution"):
        if name in along and along[name].replace("", np.nan).notna().any():
            arrays[name] = (
                along[name].fillna("").tolist() if name == "turns_at" else rounded(along[name].to_numpy())
            )
    return arrays


def _beside_turns(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Remarks on a community without what ``turns_at`` says of it already."""
    beside = tuple(note for note in notes if not note.key.startswith(("holds-", "turns-")))
    return beside if len(beside) < len(notes) else notes


def _thinned(values: pd.Series) -> list[float | int | None]:
    """A column of figures, or nothing at all where every one is unknown."""
    return rounded(values.to_numpy()) if values.notna().any() else []


def _breaks(shown: pd.DataFrame) -> dict[str, list[float]]:
    """Class limits of each measure over the units judged; amounts count where something is missing."""
    breaks = {}
    for name, column in COLOUR_FIELDS.items():
        values = shown[column].to_numpy(dtype=np.float64)
        targets = shown["target"].dropna().unique()
        target = float(targets[0]) if name == "value" and len(targets) == 1 else None
        breaks[name] = class_breaks(values if name == "value" else values[values > 0], target=target)
    return breaks


def _not_listed(rows: pd.DataFrame) -> int:
    """How many findings `_verdicts` leaves out."""
    areas = int(rows["level"].isin(WIDE_LEVELS).sum())
    return len(rows) - areas - max(0, _MOST_VERDICTS - areas)


def _places(units: gpd.GeoDataFrame, origin: Origin) -> dict[tuple[str, str], tuple[int, int]]:
    """A point inside each unit that is neither a community nor above them, by level and code."""
    listed = units[~units["level"].isin([*COMMUNITY_LEVELS, *WIDE_LEVELS])] if "level" in units else units[:0]
    listed = listed[~(listed.geometry.isna() | listed.geometry.is_empty)]
    if listed.empty:
        return {}
    keys = zip(listed["level"], listed["code"], strict=True)
    return dict(zip(keys, zip(*pack_points(listed.geometry, origin), strict=True), strict=True))


def _verdicts(
    rows: pd.DataFrame, notes: NoteIndex, places: Mapping[tuple[str, str], tuple[int, int]]
) -> dict[str, object]:
    """Findings about areas above communities and about facilities, worst first, the longest lists cut.

    What is found of areas above communities is never cut for the sake of facilities.

    By column, as the page unpacks them: a column whose rows all say the same is that value alone.
    """
    worst = rows.sort_values(["level", "deficit"], ascending=[True, False], na_position="last", kind="stable")
    areas = worst["level"].isin(WIDE_LEVELS)
    told = worst[areas | ((~areas).cumsum() <= max(0, _MOST_VERDICTS - int(areas.sum())))]
    if told.empty:
        return {"rows": 0}
    figures = {
        name: rounded(told[column].to_numpy())
        for name, column in (
            *((name, name) for name in ("value", "target", "deficit")),
            ("people", "population_short"),
            ("baseline", "baseline"),
            ("progress", "progress"),
        )
    }
    at = [places.get(key, (None, None)) for key in zip(told["level"], told["code"], strict=True)]
    columns: dict[str, list[object]] = {
        **{name: told[name].tolist() for name in ("level", "code", "name")},
        "status": told["mark"].tolist(),
        **{name: told[name].tolist() for name in ("unit", "comparator", "deficit_unit")},
        **{name: list(figures[name]) for name in ("value", "target", "deficit", "people")},
        "note": [notes.number(note) for note in told["note"]],
        **{name: list(figures[name]) for name in ("baseline", "progress")},
        **dict(zip(("x", "y"), map(list, zip(*at, strict=True)), strict=True)),
    }
    shared = {
        name: values[0] if values.count(values[0]) == len(values) else values
        for name, values in columns.items()
    }
    return {"rows": len(told), **shared}
