"""A scenario as a TOML file, which ``[study] scenario_files`` and ``lifecircle run --scenario`` read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault, Faults, InputError
from lifecircle.messages import text
from lifecircle.tables.crs import WGS84

if TYPE_CHECKING:
    from lifecircle.tables.scenario import Scenario

__all__ = ["ROW_PARTS", "scenario_rows", "scenario_toml"]

ROW_PARTS: Final = ("add", "move", "open_streets", "close_streets", "capacity")
"""Parts of a scenario that a file holds as one table per row."""

_KEPT: Final = {"add": ("facility", "service", "name", "capacity"), "move": ("facility",)}
"""What a row of a file says of a facility, beside its place."""


def scenario_toml(name: str, close: Sequence[str], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    r"""Return the text of a file that holds one scenario.

    Parameters
    ----------
    name
        Of the scenario.
    close
        Ids of facilities that it closes.
    rows
        Of each of `ROW_PARTS` that the scenario has, its rows.

    Examples
    --------
    >>> print(scenario_toml("shut", ["ledger:17"], {}).split("\n\n")[1])
    [[scenarios]]
    name = "shut"
    close = ["ledger:17"]
    """
    head = "\n".join(f"# {text('live.file', lang)}" for lang in ("en", "zh"))
    lines = ["[[scenarios]]", f"name = {_value(name)}"]
    if close:
        lines.append(f"close = {_value(list(close))}")
    blocks = ["\n".join(lines)]
    for part in ROW_PARTS:
        for row in rows.get(part, ()):
            values = [f"{key} = {_value(value)}" for key, value in row.items()]
            blocks.append("\n".join([f"[[scenarios.{part}]]", *values]))
    return head + "\n\n" + "\n\n".join(blocks) + "\n"


def _value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        # escapes of JSON are escapes of TOML; it allows DEL, which TOML does not
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return repr(value)


def scenario_rows(scenario: Scenario) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a scenario's parts, places in degrees.

    Raises
    ------
    InputError
        With everything that a file of rows cannot say: facilities that are no points, columns beyond id,
        service, name and capacity, streets closed by a polygon, a point or an id, tables without a CRS.

    Examples
    --------
    >>> import lifecircle as lc
    >>> scenario_rows(lc.Scenario(add=[("pharmacy", (110.0, 0.5))]))["add"]
    [{'facility': 'scenario-1', 'service': 'pharmacy', 'lon': 110.0, 'lat': 0.5}]
    """
    faults = Faults()
    rows: dict[str, list[dict[str, Any]]] = {}
    for part, table in (("add", scenario.added), ("move", scenario.moved)):
        rows[part] = _facilities(scenario, part, table, faults)
    for part in ("open_streets", "close_streets"):
        rows[part] = _streets(scenario, part, getattr(scenario, part), faults)
    faults.raise_if_any(InputError)
    rows["capacity"] = [
        {"facility": name, "capacity": float(str(value))} for name, value in scenario.capacities
    ]
    return rows


def _facilities(
    scenario: Scenario, part: str, table: gpd.GeoDataFrame, faults: Faults
) -> list[dict[str, Any]]:
    """Facilities that are new or move, each with its place."""
    if not len(table):
        return []
    places = _in_degrees(scenario, part, table.geometry, ("Point",), faults)
    kept = [name for name in _KEPT[part] if name in table]
    further = table.drop(columns=[*kept, table.geometry.name]).dropna(axis="columns", how="all")
    if len(further.columns):
        columns = ", ".join(map(str, further.columns))
        faults.add(_fault("scenario-file-columns", scenario, part, columns=columns))
    if places is None:
        return []
    # a new facility without an id gets the one that a session would give it
    made = table[kept].astype(object).reset_index(drop=True)
    if part == "add":
        numbered = pd.Series([f"{scenario.name}-{number}" for number in range(1, len(made) + 1)])
        made["facility"] = made["facility"].fillna(numbered) if "facility" in made else numbered
        kept = [name for name in _KEPT[part] if name in made]
    return [
        {
            **{name: _plain(row[name]) for name in kept if not (pd.isna(row[name]) or row[name] == "")},
            "lon": place.x,
            "lat": place.y,
        }
        for row, place in zip(made.to_dict("records"), places, strict=True)
    ]


def _streets(scenario: Scenario, part: str, wish: Any, faults: Faults) -> list[dict[str, Any]]:
    """Lines that open or close."""
    if wish is None or not len(wish):
        return []
    if not isinstance(wish, gpd.GeoDataFrame | gpd.GeoSeries):
        faults.add(_fault("scenario-file-shapes", scenario, part, found="id"))
        return []
    lines = _in_degrees(scenario, part, wish.geometry, ("LineString", "MultiLineString"), faults)
    named = part == "open_streets" and isinstance(wish, gpd.GeoDataFrame) and "name" in wish
    names = list(wish["name"]) if named else [None] * len(wish)
    return [
        {"line": [list(place[:2]) for place in line.coords]} | ({} if pd.isna(name) else {"name": str(name)})
        for whole, name in zip([] if lines is None else lines, names, strict=lines is not None)
        for line in getattr(whole, "geoms", [whole])
    ]


def _in_degrees(
    scenario: Scenario, part: str, shapes: gpd.GeoSeries, kinds: Sequence[str], faults: Faults
) -> gpd.GeoSeries | None:
    """Shapes in WGS 84; None, and a fault, where they have no CRS or some are of another kind."""
    if shapes.crs is None:
        faults.add(_fault("scenario-no-crs", scenario, part))
        return None
    wrong = sorted({str(kind or "None") for kind in shapes.geom_type} - set(kinds))
    if wrong:
        faults.add(_fault("scenario-file-shapes", scenario, part, found=", ".join(wrong)))
        return None
    return shapes.to_crs(WGS84)


def _plain(value: Any) -> object:
    """A value of a table as Python's own: a number, or words."""
    if isinstance(value, int | float):
        return float(value)
    return float(value.item()) if hasattr(value, "item") else str(value)


def _fault(key: str, scenario: Scenario, part: str, **values: object) -> Fault:
    """A part that a file cannot say."""
    return Fault(key, file=scenario.source, field=f"{scenario.name}.{part}", values=values)
