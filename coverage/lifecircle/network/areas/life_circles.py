"""Each community's own life circle: the area its people walk to, and what stands in it."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.network.areas.isochrones import service_areas
from lifecircle.network.graph import Network
from lifecircle.network.routing.od import ODPoints
from lifecircle.network.routing.origins import bands_of
from lifecircle.network.routing.within import pairs
from lifecircle.network.snapping import Snaps
from lifecircle.tables import CIRCLES, Inputs, share_weights

__all__ = ["central_points", "life_circles"]


def life_circles(
    network: Network,
    inputs: Inputs,
    od: ODPoints,
    *,
    minutes: float,
    origin: Literal["centre", "all"] = "centre",
    threads: int | None = None,
) -> gpd.GeoDataFrame:
    """The circle of every community inside the boundary.

    Parameters
    ----------
    network, inputs, od
        The streets, the study's inputs, and their places on the streets.
    minutes
        Time of the circle, > 0.
    origin
        ``centre``: from the central demand point (`central_points`); ``all``: from every demand point,
        that is, where anyone of the community can walk.
    threads
        Number of threads, the machine's if None; the result does not depend on it.

    Returns
    -------
    GeoDataFrame
        As `tables.CIRCLES`, one row per community inside, with ``n_<service>`` facilities within the
        time on the network (not within the polygon). `tier` is blank: the assessment judges it.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> inputs, network, od = session.prepared.inputs, session.baseline.network, session.baseline.od
    >>> circles = life_circles(network, inputs, od, minutes=15)
    >>> circles[["code", "n_pharmacy"]].values.tolist()
    [['110101001001', 2], ['110101001002', 0]]
    """
    # stage 1: where each community's circle starts
    codes = inputs.communities.loc[inputs.communities["inside"], "code"].to_numpy(dtype=object)
    community = inputs.demand["community"].to_numpy(dtype=object)
    reached = od.demand.reached & pd.Series(community).isin(codes).to_numpy()
    rows = central_points(inputs, reached) if origin == "centre" else np.flatnonzero(reached)
    start, owner = od.demand.take(rows), community[rows]
    # stage 2: the ground walked from there
    areas = service_areas(
        network,
        start,
        owner,
        [minutes],
        places=inputs.demand.iloc[rows],
        direction="out",
        minus=inputs.water if len(inputs.water) else None,
        threads=threads,
    ).set_index("facility")
    # stage 3: one row per community, also where nobody can walk
    about = inputs.communities.set_index("code").loc[codes]
    areas = areas.reindex(codes)
    circles = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": about["name"].to_numpy(),
            "minutes": np.full(len(codes), float(minutes)),
            "reached_km": areas["reached_m"].fillna(0.0).to_numpy() / 1000,
            "unreached_km": areas["unreached_m"].fillna(0.0).to_numpy() / 1000,
            "area_km2": areas["area_m2"].fillna(0.0).to_numpy() / 1e6,
            "residents": about["population"].to_numpy(),
            "tier": "",
        },
        geometry=gpd.GeoSeries(areas.geometry.to_numpy(), crs=network.crs),
        crs=network.crs,
    )
    # stage 4: what stands in it, by walks and not by the polygon
    counts = _counts(network, start, od, owner=owner, codes=codes, minutes=minutes, threads=threads)
    return CIRCLES.check(pd.concat([circles, counts], axis=1))


def central_points(inputs: Inputs, usable: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Position of the demand point nearest to the middle of each community's residents.

    The middle is the residents' mean place; where nobody lives every point weighs the same. Ties go to
    the earlier point. Communities without a usable point have none.

    Parameters
    ----------
    inputs
        The study's inputs.
    usable
        bool, one per demand point: the points that may be chosen.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> inputs, od = session.prepared.inputs, session.baseline.od
    >>> rows = central_points(inputs, od.demand.reached)
    >>> inputs.demand["community"].iloc[rows].tolist()
    ['110101001001', '110101001002']
    """
    table = pd.DataFrame(
        {
            "community": inputs.demand["community"].to_numpy(),
            "x": inputs.demand.geometry.x.to_numpy(),
            "y": inputs.demand.geometry.y.to_numpy(),
            "weight": share_weights(inputs.demand).to_numpy(),
        }
    )[usable]
    table["row"] = np.flatnonzero(usable)
    # the weighted mean of the places; where all weights are 0 every point weighs 1
    total = table.groupby("community")["weight"].transform("sum")
    table["weight"] = np.where(total > 0, table["weight"], 1.0)
    for axis in ("x", "y"):
        weighted = (table[axis] * table["weight"]).groupby(table["community"]).transform("sum")
        table[f"mean_{axis}"] = weighted / table.groupby("community")["weight"].transform("sum")
    # nearest to it to the millimetre, so that rounding in the plane decides no tie
    table["away"] = np.hypot(table["x"] - table["mean_x"], table["y"] - table["mean_y"]).round(3)
    first = table.sort_values(["community", "away", "row"]).drop_duplicates("community")
    return first["row"].to_numpy(dtype=np.intp)


def _counts(
    network: Network,
    start: Snaps,
    od: ODPoints,
    *,
    owner: NDArray[np.object_],
    codes: NDArray[np.object_],
    minutes: float,
    threads: int | None,
) -> pd.DataFrame:
    """Facilities of each service within the time: community × service, each facility once."""
    limit = bands_of(network, [minutes], None).limits[0]
    destinations = od.destinations
    origin, target, _ = pairs(
        network, start, destinations.snaps, max_cost=limit, delay_mm=destinations.delay_mm, threads=threads
    )
    # several entries or demand points may lead to one facility: it counts once
    seen = pd.DataFrame(
        {
            "community": owner[origin],
            "service": od.service[target],
            "facility": destinations.owner[target],
        }
    ).drop_duplicates()
    # communities without any facility, and services that nobody offers, count 0
    table = pd.crosstab(seen["community"], seen["service"])
    table = table.reindex(index=codes, columns=list(od.services), fill_value=0).astype("int64")
    return table.add_prefix("n_").reset_index(drop=True)
