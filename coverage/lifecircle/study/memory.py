"""A study of tables, networks and plans that are in memory: nothing is written, nothing read from disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import networkx as nx
import pandas as pd
import shapely

from lifecircle.errors import Fault, Faults, StudyError, closest
from lifecircle.messages import Words, spoken_language
from lifecircle.study.plan_names import unknown_plans
from lifecircle.study.reading import MEMORY, study_from_tables
from lifecircle.tables import WGS84

if TYPE_CHECKING:
    from lifecircle.study.config import Study

__all__ = ["study_from_memory"]

_GRID: Final = ("h3:", "square:")
_FLAT: Final = (
    "area", "streets", "communities", "facilities", "population", "buildings", "plan", "plans", "name",
    "output", "language", "jurisdiction", "as_of", "covers_whole", "proposals", "grid", "mode", "barriers",
    "elevation", "complete_for", "indicators", "assumptions", "costs", "profiles", "services", "areas", "map",
    "study", "scenarios", "ledgers",
)  # fmt: skip
_SINGLE: Final = ("assumptions", "costs", "profiles", "map")
"""Tables that a study has one of."""
_HEAD: Final = ("name", "output", "language", "jurisdiction", "as_of", "covers_whole", "proposals")


def study_from_memory(**given: Any) -> Study:
    """Return the study of what is given, as `Study` documents it.

    Raises
    ------
    StudyError
        With every argument that is unknown or of a type that nothing can be made of, and every id that no
        packaged plan has.
    """
    faults = Faults()
    for key in given.keys() - set(_FLAT):
        near = ", ".join(closest(key, _FLAT, n=2, cutoff=0.5) or _FLAT)
        faults.add(Fault("unknown-key", field=key, values={"nearest": near}))
    if given.get("area") is None and given.get("communities") is None:
        faults.add(Fault("missing-key", field="area"))
    if given.get("streets") is None:
        faults.add(Fault("missing-key", field="streets"))
    faults.raise_if_any(StudyError)
    for key in ("plan", "plans"):
        for fault in unknown_plans(
            (one for one in _listed(given.get(key)) if isinstance(one, str)), field=key
        ):
            faults.add(fault)
    held = _Held(faults)
    tree: dict[str, Any] = {
        "study": _head(given, held),
        "area": _area(given, held),
        "streets": _streets(given, held),
        "facilities": _facilities(given, held),
    }
    if (people := given.get("population")) is not None:
        tree["population"] = _population(people, held)
    if (homes := given.get("buildings")) is not None:
        tree["buildings"] = _one_source(homes, "buildings", held)
    if (reported := given.get("indicators")) is not None:
        tree["indicators"] = _one_source(reported, "indicators", held)
    pace: Any = held.things.get(tree["streets"].get("source", ""))
    tree |= _further_tables(given, held)
    if hasattr(pace, "street_table") and pace.mode != "drive":
        # people move as fast as in the network that was given
        own = {"walk_speed_kmh" if pace.mode == "walk" else "bike_speed_kmh": pace.speed_kmh}
        tree["assumptions"] = {**own, **(tree.get("assumptions") or {})}
    faults.raise_if_any(StudyError)
    return study_from_tables(tree, root=Path.cwd(), allow_outside=True, memory=held.things)


class _Held:
    """Things in memory under the names by which the study's tables call them."""

    def __init__(self, faults: Faults) -> None:
        self.things: dict[str, Any] = {}
        self._faults = faults

    def name(self, thing: object, place: str) -> str:
        """Hold a thing; its name in the tables."""
        called = f"{MEMORY}{place}"
        self.things[called] = thing
        return called

    def wrong(self, thing: object, place: str, wanted: str) -> str:
        """Note down that nothing can be made of a thing."""
        values = {"found": type(thing).__name__, "expected": Words(f"faults.wanted.{wanted}")}
        self._faults.add(Fault("wrong-type", field=place, values=values))
        return ""

    def source(self, thing: object, place: str, wanted: str = "table") -> str:
        """A table of places or a path, as a table of the study names it."""
        if isinstance(thing, str | Path):
            return str(thing)
        if isinstance(thing, gpd.GeoSeries):
            return self.name(thing.to_frame("geometry"), place)
        if isinstance(thing, pd.DataFrame):
            return self.name(thing, place)
        return self.wrong(thing, place, wanted)

    def tables(self, value: Any, place: str) -> Any:
        """A table of the study, with whatever is in memory inside it replaced by its name."""
        if isinstance(value, Mapping):
            return {key: self.tables(inner, f"{place}.{key}") for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.tables(inner, f"{place}[{at}]") for at, inner in enumerate(value, 1)]
        if isinstance(value, gpd.GeoSeries | pd.DataFrame):
            return self.source(value, place)
        if isinstance(value, nx.Graph) or hasattr(value, "street_table"):
            return self.name(value, place)
        if hasattr(value, "model_dump"):
            return self.tables(value.model_dump(exclude_unset=True), place)
        return str(value) if isinstance(value, Path) else value


def _head(given: Mapping[str, Any], held: _Held) -> dict[str, Any]:
    """``[study]``."""
    plans = [plan for key in ("plan", "plans") for plan in _listed(given.get(key))]
    head = held.tables(given.get("study") or {}, "study")
    head |= {key: held.tables(given[key], key) for key in _HEAD if given.get(key) is not None}
    head.setdefault("name", "study")
    head.setdefault("language", spoken_language())
    if plans or "plans" not in head:
        head["plans"] = [
            str(plan)
            if isinstance(plan, str | Path)
            else held.name(plan, f"plan:{plan.id}")
            if hasattr(plan, "rules")
            else held.wrong(plan, "plan", "plan")
            for plan in plans
        ]
    return dict(head)


def _further_tables(given: Mapping[str, Any], held: _Held) -> dict[str, Any]:
    """Tables that stand in a study file as they are given: one of each, or a list of them."""
    made: dict[str, Any] = {}
    for key in (*_SINGLE, "services", "areas", "scenarios", "ledgers"):
        if given.get(key) is not None:
            table = held.tables(given[key], key)
            if isinstance(table, Mapping) or (isinstance(table, list) and key not in _SINGLE):
                made[key] = table
            else:
                held.wrong(given[key], key, "tables")
    return made


def _listed(value: Any) -> list[Any]:
    """One thing or several as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _area(given: Mapping[str, Any], held: _Held) -> dict[str, Any]:
    """``[area]``: the boundary, and the communities or a grid of cells in it."""
    area, units, grid = given.get("area"), given.get("communities"), given.get("grid")
    table: dict[str, Any] = {}
    if isinstance(area, Mapping) or hasattr(area, "model_dump"):
        table = dict(held.tables(area, "area"))
    elif isinstance(area, shapely.Geometry):
        table["boundary"] = held.name(gpd.GeoDataFrame(geometry=[area], crs=WGS84), "area")
    elif area is not None:
        table["boundary"] = held.source(area, "area", "area")
    if isinstance(units, str) and units.startswith(_GRID):
        grid = units
    elif units is not None:
        table["communities"] = held.source(units, "communities")
    if grid is not None:
        table["grid"] = grid
    if "communities" not in table and "grid" not in table:
        table["grid"] = "h3:8"
    return table


def _streets(given: Mapping[str, Any], held: _Held) -> dict[str, Any]:
    """``[streets]``: a network, a graph, lines or a file."""
    streets = given["streets"]
    table: dict[str, Any] = {}
    if isinstance(streets, Mapping) or hasattr(streets, "model_dump"):
        table = dict(held.tables(streets, "streets"))
        streets = held.things.get(str(table.get("source")), "")
    elif isinstance(streets, nx.Graph) or hasattr(streets, "street_table"):
        table["source"] = held.name(streets, "streets")
    else:
        table["source"] = held.source(streets, "streets", "streets")
    for key in ("mode", "barriers", "elevation"):
        if given.get(key) is not None:
            several = isinstance(given[key], list | tuple)
            table[key] = list(given[key]) if several else held.source(given[key], key)
    if hasattr(streets, "street_table"):
        # a network is of one mode and speed
        table.setdefault("mode", streets.mode)
        table.setdefault("speed_kmh", streets.speed_kmh)
    return table


def _population(people: Any, held: _Held) -> dict[str, Any]:
    """``[population]``: points with people, or a file of either kind."""
    if isinstance(people, Mapping) or hasattr(people, "model_dump"):
        return dict(held.tables(people, "population"))
    source = held.source(people, "population", "people")
    raster = source.lower().endswith((".tif", ".tiff")) and not source.startswith(MEMORY)
    return {"raster" if raster else "points": source}


def _one_source(given: Any, place: str, held: _Held) -> dict[str, Any]:
    """A table of the study whose only need is a source."""
    if isinstance(given, Mapping) or hasattr(given, "model_dump"):
        return dict(held.tables(given, place))
    return {"source": held.source(given, place)}


def _facilities(given: Mapping[str, Any], held: _Held) -> list[dict[str, Any]]:
    """``[[facilities]]``: by service, in one table with a column ``service``, or as in a study file."""
    facilities, complete = given.get("facilities"), [str(one) for one in _listed(given.get("complete_for"))]
    if facilities is None:
        return []
    if isinstance(facilities, Mapping) and "source" not in facilities:
        return [
            {
                "source": held.source(places, f"facilities:{service}"),
                "service": str(service),
                "complete_for": [service] if service in complete else [],
            }
            for service, places in facilities.items()
        ]
    several = (
        facilities if isinstance(facilities, Sequence) and not isinstance(facilities, str) else [facilities]
    )
    tables = []
    for number, one in enumerate(several, 1):
        if isinstance(one, Mapping) or hasattr(one, "model_dump"):
            tables.append(dict(held.tables(one, f"facilities[{number}]")))
            continue
        place = "facilities" if len(several) == 1 else f"facilities[{number}]"
        table: dict[str, Any] = {"source": held.source(one, place, "facilities")}
        if table["source"] != "streets":
            table |= {"service_column": "service", "complete_for": complete}
        tables.append(table)
    return tables
