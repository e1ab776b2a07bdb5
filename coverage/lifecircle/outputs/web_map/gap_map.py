"""``gap_map.html``: the planner's map, one file that opens from disk with no network at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from lifecircle.messages import LANGUAGES
from lifecircle.outputs.dublin_core import dublin_core
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.uncertainty import Uncertainty, stand_ins, uncertainties, uncertainty_words
from lifecircle.outputs.web_map import layers as map_layers
from lifecircle.outputs.web_map.basemap import Basemap
from lifecircle.outputs.web_map.county_pages import CountyPage, page_links
from lifecircle.outputs.web_map.geometry import (
    Origin,
    map_origin,
    pack_points,
    pack_shapes,
    rounded,
    simplified,
)
from lifecircle.outputs.web_map.initials import initials
from lifecircle.outputs.web_map.nearest import minutes_and_nearest
from lifecircle.outputs.web_map.network import walk_network
from lifecircle.outputs.web_map.scenarios import certainties, scenarios
from lifecircle.outputs.web_map.spots import facility_seats
from lifecircle.outputs.web_map.streets import street_lines
from lifecircle.outputs.web_map.tallies import Key, headline_targets, tallies, totals
from lifecircle.outputs.web_map.text import page_words, review_number, source_list, study_date
from lifecircle.outputs.web_map.themes import NoteIndex, themes
from lifecircle.outputs.web_map.topics import TOPICS, topic_of
from lifecircle.outputs.web_map.unit_shapes import unit_shapes
from lifecircle.outputs.words import clause_of, plan_short, study_name, study_note, study_place, titled
from lifecircle.tables import Results, is_circle

_FEWEST_VERTICES: Final = 20_000
_VERTICES_PER_COMMUNITY: Final = 60
_VERTICES_OF_STREETS: Final = 130_000

__all__ = ["LiveMap", "map_data", "write_gap_map"]


def write_gap_map(
    results: Results,
    path: Path,
    *,
    lang: str,
    basemap: Basemap | None = None,
    counties: Sequence[CountyPage] = (),
    whole: str = "",
) -> None:
    """Write the interactive map.

    Leaflet, data and words in both languages are inside the file; `lang` (``zh`` or ``en``) is the one it
    opens in. Outside text enters as JSON data only and is shown with ``textContent``; a
    Content-Security-Policy lets nothing run but the page's own scripts, and nothing be fetched but the
    tiles of a `basemap` that was asked for.

    `counties` have pages of their own, which this page leads to; on them is the network that minutes to any
    place are told by. On the page of a county, `whole` is the address of the page of the whole study.
    """
    from lifecircle.outputs.web_map.page import map_page  # noqa: PLC0415  # folium is slow to import

    page = map_page(
        map_data(results, lang=lang, basemap=basemap, counties=counties, whole=whole),
        title=study_name(display_name(results.inputs.name), lang),
        lang=lang,
        image_sources=basemap.image_sources if basemap else (),
        terms=dublin_core(results, lang),
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def map_data(
    results: Results,
    *,
    lang: str,
    basemap: Basemap | None = None,
    counties: Sequence[CountyPage] = (),
    whole: str = "",
) -> dict[str, object]:
    """Everything the page shows, as JSON can hold it.

    Arrays about communities run along ``communities.code``; shapes are packed (`map_geometry`) and
    places are steps of 1e-5 degrees from ``origin``; unknown figures are None.
    """
    made = LiveMap(results, lang=lang, basemap=basemap, with_network=not counties)
    return made.data | {"pages": page_links(counties, whole, made.origin)}


class LiveMap:
    """The page's data, and what of them one more scenario changes.

    Attributes
    ----------
    data : everything the page shows, see `map_data`
    origin : from where its places count
    codes : communities drawn, in the order of the page
    """

    def __init__(
        self, results: Results, *, lang: str, basemap: Basemap | None = None, with_network: bool = True
    ) -> None:
        judged = results.communities[results.communities["inside"]].reset_index(drop=True)
        self._judged = judged
        self._townships = township_list(results, judged)
        self.origin = map_origin(pd.concat([results.inputs.boundary.geometry, judged.geometry]))
        self.codes = judged["code"]
        self._certainty = certainties(results.findings)
        self._with_network = with_network
        self.data = self._data(results, lang, basemap)

    @property
    def _township_codes(self) -> list[str]:
        """Codes of the townships, in the order of the page."""
        return [str(one["code"]) for one in self._townships]

    def _data(self, results: Results, lang: str, basemap: Basemap | None) -> dict[str, object]:
        """Everything the page shows."""
        judged, origin, codes = self._judged, self.origin, self._township_codes
        row_of = pd.Series(judged.index, index=judged["code"])
        notes = NoteIndex()
        counted = tallies(results, codes)
        self._seats = facility_seats(results)
        shapes = unit_shapes(results.inputs.units, results.findings, origin)
        self._themes = themes(results, judged, notes, counted, origin, shapes=shapes)
        return {
            "lang": lang,
            "name": display_name(results.inputs.name),
            "place": study_place(display_name(results.inputs.name)),
            "note": study_note(display_name(results.inputs.name)),
            "mode": str(results.assumptions.get("mode", "walk")),
            "date": study_date(results),
            "review_number": review_number(results),
            "sources": source_list(results),
            "words": page_words("map", "status"),
            "services": {key: _both(names) for key, names in results.services.items()},
            "plans": _plans(results),
            "origin": list(origin),
            "communities": _communities(judged, origin, codes),
            "townships": self._townships,
            "counties": _counties(judged),
            "topics": list(TOPICS),
            "headlines": headline_targets(results, self._themes),
            "totals": totals(results, codes),
            "no_data": results.rules_without_data,
            "minutes": minutes_and_nearest(results, judged, self._seats),
            "themes": self._themes,
            "areas": shapes,
            "notes": notes.words(),
            "boundary": _boundary(results, origin),
            "streets": street_lines(results.inputs.streets, origin, max_vertices=_VERTICES_OF_STREETS),
            "water": map_layers.water(results, origin),
            "facilities": map_layers.facilities(results, origin, row_of),
            "gaps": map_layers.gaps(results, origin),
            "circles": map_layers.circles(results, origin, judged["code"]),
            "routes": map_layers.routes(results, origin, row_of),
            "isochrones": map_layers.isochrones(results, origin),
            "catchments": map_layers.catchments(results, origin),
            "proposals": map_layers.proposals(results, origin),
            "scenarios": self._scenarios(results, counted),
            "network": walk_network(results, origin) if self._with_network else {},
            "basemap": basemap.to_page() if basemap else None,
            "pages": page_links((), "", origin),
        }

    def under(self, results: Results) -> dict[str, object]:
        """What the page needs to show one scenario: its entries of ``scenarios`` and ``totals``.

        Parameters
        ----------
        results
            The study with one scenario: ``scenarios``, ``effects``, ``scenario_sites``, and of ``summary``
            at least the rows of that scenario.
        """
        counted = tallies(results, self._township_codes)
        (told,) = self._scenarios(results, counted)
        (name,) = results.scenarios["scenario"]
        return {"scenario": told, "totals": totals(results, self._township_codes).get(name)}

    def _scenarios(
        self, results: Results, counted: Mapping[Key, Mapping[str, object]]
    ) -> list[dict[str, object]]:
        """Every scenario as the page shows it."""
        return scenarios(
            results,
            self._judged,
            self._themes,
            counted,
            self.origin,
            seats=self._seats,
            certainty=self._certainty,
        )


def _both(names: object) -> dict[str, str]:
    """A name in both languages, fit to show."""
    return {lang: display_name(name) for lang, name in dict(names).items()}  # type: ignore[call-overload]


def _plans(results: Results) -> list[dict[str, object]]:
    """The plans and their rules, with the words quoted from them and what is uncertain of each rule."""
    known = uncertainties(results)
    counted = {lang: stand_ins(results, lang) for lang in LANGUAGES}
    return [_plan(results, plan, known, counted) for plan in results.plans]


def _plan(
    results: Results,
    plan: object,
    known: Mapping[tuple[str, str], Uncertainty],
    counted: Mapping[str, Mapping[tuple[str, str], str]],
) -> dict[str, object]:
    """One plan and its rules; `counted` says by language who stands in for those that a rule is about."""
    entry = dict(plan)  # type: ignore[call-overload]
    departments = [_both(name) for name in entry.get("departments", ())]
    listed = [name["zh"] for name in entry.get("departments", ())]
    rules = {
        rule: {
            "title": _both(about.get("title", {})),
            "titled": _with_plan(results, entry["id"], rule, _both(about.get("title", {}))),
            "unsure": _unsure(known.get((entry["id"], rule))),
            "stand_in": {lang: told[entry["id"], rule] for lang, told in counted.items()}
            if (entry["id"], rule) in counted[LANGUAGES[0]]
            else None,
            "quote": str(about.get("quote", "")),
            "responsible": [listed.index(name) for name in about.get("responsible", ())],
            "clause": {lang: clause_of(results, entry["id"], rule, lang) for lang in LANGUAGES},
            "services": list(about.get("services", ())),
            "topic": topic_of(rule, about.get("services", ())),
            "kind": str(about.get("kind", "")),
            "comparable": bool(about.get("comparable")),
            "circle": is_circle(str(about.get("kind", ""))),
            "cutoff": about.get("cutoff_min"),
            **({"nature": str(about["nature"])} if about.get("nature") else {}),
            "initials": initials(str(about.get("title", {}).get("zh", ""))),
        }
        for rule, about in entry["rules"].items()
    }
    return {
        "id": entry["id"],
        "title": _both(entry["title"]),
        "short": {lang: plan_short(results, entry["id"], lang) for lang in LANGUAGES},
        "issued": str(entry.get("issued", "")),
        "departments": departments,
        "rules": rules,
    }


def _with_plan(results: Results, plan: str, rule: str, title: Mapping[str, str]) -> dict[str, str] | None:
    """A title with its plan, where another plan has one that reads the same; else nothing."""
    told = {lang: titled(results, plan, rule, lang) for lang in LANGUAGES}
    return None if told == title else told


def _unsure(about: Uncertainty | None) -> dict[str, object] | None:
    """What is uncertain of a rule: in words, and how many of how many verdicts another setting turns."""
    if about is None or not (about.assumed or about.provisional):
        return None
    said = {lang: uncertainty_words(about, lang) for lang in LANGUAGES}
    return {"turning": about.turning, "judged": about.judged, "provisional": about.provisional, **said}


def township_list(results: Results, judged: pd.DataFrame) -> list[dict[str, str]]:
    """Townships of the communities drawn, by code: ``code``, ``name`` and its ``initials``."""
    units = results.inputs.units
    names = units[units["level"] == "township"].set_index("code")["name"] if "level" in units else {}
    codes = sorted(code for code in judged["township"].unique() if code)
    told = {code: display_name(names.get(code) or code) for code in codes}
    return [{"code": code, "name": name, "initials": initials(name)} for code, name in told.items()]


def _counties(judged: pd.DataFrame) -> list[str]:
    """Codes of the counties that communities lie in."""
    return sorted(code for code in judged["county"].unique() if code)


def _communities(judged: gpd.GeoDataFrame, origin: Origin, townships: list[str]) -> dict[str, object]:
    """Codes, names, residents, kinds, shapes and a point inside each for its label."""
    most = max(_FEWEST_VERTICES, _VERTICES_PER_COMMUNITY * len(judged))
    shapes = simplified(judged.geometry, max_vertices=most, shared_borders=True)
    x, y = pack_points(judged.geometry, origin)
    counties = _counties(judged)
    return {
        "code": judged["code"].tolist(),
        "name": [display_name(name) for name in judged["name"]],
        "initials": [initials(str(name)) for name in judged["name"]],
        "township": [townships.index(code) if code else -1 for code in judged["township"]],
        "county": [counties.index(code) if code else -1 for code in judged["county"]],
        "kind": judged["kind"].tolist(),
        "scope": judged["scope"].tolist(),
        "residents": [None if value is None else round(value) for value in rounded(judged["population"])],
        "edge": judged.index[judged["edge"]].tolist(),
        "shape": pack_shapes(shapes, origin),
        "x": x,
        "y": y,
        # of cells, which have no name of their own
        "street": [display_name(name) for name in judged["street"]] if "street" in judged else [],
    }


def _boundary(results: Results, origin: Origin) -> str:
    """Outline of the area judged."""
    outline = simplified(results.inputs.boundary.geometry, max_vertices=_FEWEST_VERTICES)
    return ";".join(shape for shape in pack_shapes(outline, origin) if shape)
