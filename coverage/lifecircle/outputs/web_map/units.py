"""The level at which a rule is judged, and what falls short of it one by one: stations, other facilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.stations import most_affected_first
from lifecircle.outputs.web_map.geometry import rounded
from lifecircle.outputs.web_map.spots import FACILITY_LEVELS, seated
from lifecircle.tables import COMMUNITY_LEVELS, WIDE_LEVELS

_MOST_SHORT: Final = 300
_VERDICTS: Final = ("met", "short")

__all__ = ["judged_level", "short_units", "units_counted"]


def judged_level(rows: pd.DataFrame) -> str:
    """The narrowest level of which there are verdicts, villages as communities; blank where there is none.

    Examples
    --------
    >>> units = {"level": ["city", "catchment", "community"], "status": ["met", "short", "context"]}
    >>> judged_level(pd.DataFrame(units))
    'catchment'
    """
    judged = set(rows.loc[rows["status"].isin(_VERDICTS), "level"])
    if judged & set(COMMUNITY_LEVELS):
        return "community"
    alone = sorted(judged - set(WIDE_LEVELS))
    return (alone or [level for level in WIDE_LEVELS if level in judged] or [""])[0]


def units_counted(rows: pd.DataFrame) -> int:
    """Of how many units a share of the whole is: all below it that the rule concerns.

    Examples
    --------
    >>> units = {"level": ["city", "village", "village"], "status": ["short", "context", "not-applicable"]}
    >>> units_counted(pd.DataFrame({**units, "code": ["C", "a", "b"]}))
    1
    """
    there = [level for level in WIDE_LEVELS if level in set(rows["level"])]
    units = rows[~rows["level"].isin(there[-1:]) & (rows["status"] != "not-applicable")]
    return len(units[["level", "code"]].drop_duplicates())


def short_units(
    rows: pd.DataFrame,
    of_rule: pd.DataFrame,
    seats: pd.DataFrame,
    preferred: Sequence[str],
    community: Mapping[str, int],
) -> dict[str, object]:
    """Facilities or catchments that fall short, most people affected first; empty where none is judged.

    Parameters
    ----------
    rows
        Findings of one rule and service, with ``mark``.
    of_rule
        All findings of the rule: what its verdict on a unit is made of stands among them.
    seats, preferred
        As `spots.facility_findings` takes them.
    community
        Row of the page's community that each facility lies in, by id; those outside are left out.

    Returns
    -------
    dict
        ``level``, ``judged`` (how many have a verdict) and ``short``: per unit ``name, code, service, row``
        (where the page keeps the facility; -1 nowhere), ``community`` (its row; -1 none), ``status``,
        ``value, unit, target, deficit, deficit_unit``, ``residents`` (whom it serves), ``people`` (affected)
        and ``conditions``: what the clause joins by "or", each with ``service, value, unit, target, status``.
    """
    own = rows[rows["level"].isin(FACILITY_LEVELS) & rows["status"].isin(_VERDICTS)].drop_duplicates("code")
    if own.empty:
        return {}
    short = most_affected_first(own[own["status"] == "short"]).head(_MOST_SHORT)
    at = seated(short, seats, preferred).set_index("code")[["offered", "row"]]
    parts = of_rule[of_rule["code"].isin(short["code"]) & (of_rule["service"] != "")]
    parts = parts[parts["level"].isin(FACILITY_LEVELS)] if (short["service"] == "").all() else parts.iloc[:0]
    return {
        "level": own["level"].iloc[0],
        "judged": len(own),
        "short": [
            {
                "name": display_name(row["name"] or row["code"]),
                "code": row["code"],
                "service": str(at["offered"].get(row["code"], "")),
                "row": int(at["row"].get(row["code"], -1)),
                "community": int(community.get(row["code"], -1)),
                "status": row["mark"],
                **_figures(row, ("value", "target", "deficit")),
                **{name: row[name] for name in ("unit", "deficit_unit")},
                "residents": rounded([row["population"]])[0],
                "people": rounded([row["population_short"]])[0],
                "conditions": [
                    {
                        "service": part["service"],
                        "status": part["mark"],
                        "unit": part["unit"],
                        **_figures(part, ("value", "target")),
                    }
                    for part in parts[parts["code"] == row["code"]].to_dict("records")
                ],
            }
            for row in short.to_dict("records")
        ],
    }


def _figures(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, float | int | None]:
    """Figures of one finding as the page holds them; unknown ones are None."""
    return {name: rounded([row[name]])[0] for name in names}
