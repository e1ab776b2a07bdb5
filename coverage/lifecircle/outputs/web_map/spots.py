"""Findings about single facilities and their catchments, placed where the facilities are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.outputs.web_map.geometry import rounded
from lifecircle.tables import CATCHMENT, Results

FACILITY_LEVELS: Final = ("facility", CATCHMENT)

__all__ = ["FACILITY_LEVELS", "facility_findings", "facility_seats", "seated"]


def facility_seats(results: Results) -> pd.DataFrame:
    """Where the page keeps each facility: ``facility``, ``service``, ``row`` within the service's layer."""
    table = results.inputs.facilities
    rows = table.groupby("service", sort=True).cumcount()
    return pd.DataFrame({"facility": table["facility"], "service": table["service"], "row": rows})


def facility_findings(
    rows: pd.DataFrame, seats: pd.DataFrame, preferred: Sequence[str], notes: Sequence[int]
) -> dict[str, object]:
    """What one rule says of facilities, each at its place; empty where it judges none that is drawn.

    Parameters
    ----------
    rows
        Findings of one rule and service, with ``mark`` (see ``map_themes.STATUS_CODES``).
    seats
        From `facility_seats`.
    preferred
        Services under which a facility that offers several is shown, the first before the others.
    notes
        Number of each row's remarks, along `rows`.

    Returns
    -------
    dict
        ``services`` and, along the facilities: ``service`` (place in it), ``row`` (of the service's layer),
        ``status`` (one character each), ``value``, ``target``, ``deficit``, ``people``, ``notes``; with the
        units of value (one for all, else along them) and deficit, and the ``level`` judged.
    """
    judges = rows["level"].isin(FACILITY_LEVELS).to_numpy()
    if not judges.any():
        return {}
    own = rows[judges].assign(remark=np.asarray(notes)[judges]).drop_duplicates("code")
    judged = seated(own, seats, preferred)
    if judged.empty:
        return {}
    services = sorted(judged["offered"].unique())
    figures = {"value": "value", "target": "target", "deficit": "deficit", "people": "population_short"}
    return {
        "level": judged["level"].iloc[0],
        # people and committees may decide side by side
        "unit": judged["unit"].tolist() if len(set(judged["unit"])) > 1 else judged["unit"].iloc[0],
        "deficit_unit": next((unit for unit in judged["deficit_unit"] if unit), ""),
        "services": services,
        "service": [services.index(name) for name in judged["offered"]],
        "row": judged["row"].astype(int).tolist(),
        "status": "".join(judged["mark"]),
        **{key: rounded(judged[column].to_numpy()) for key, column in figures.items()},
        "notes": judged["remark"].astype(int).tolist(),
    }


def seated(findings: pd.DataFrame, seats: pd.DataFrame, preferred: Sequence[str]) -> pd.DataFrame:
    """Findings about facilities, one each, with the service they are shown under and their row there.

    Parameters
    ----------
    findings
        One per facility, by ``code``; those that the page does not draw are left out.
    seats, preferred
        As `facility_findings` takes them.

    Returns
    -------
    DataFrame
        `findings` with ``offered`` (the service) and ``row``.
    """
    order = {service: place for place, service in enumerate(dict.fromkeys(preferred))}
    judged = findings.merge(seats.rename(columns={"service": "offered"}), left_on="code", right_on="facility")
    judged = judged.assign(rank=judged["offered"].map(order).fillna(len(order)))
    return judged.sort_values(["rank", "offered"], kind="stable").drop_duplicates("code")
