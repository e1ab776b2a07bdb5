"""Where a facility could go: places on the streets, parcels, or a list of the user's own."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.arguments import require, require_method
from lifecircle.errors import Fault, Faults, preview, shown
from lifecircle.network import Network
from lifecircle.tables import Inputs

__all__ = ["allowed", "check_candidates", "entrances", "street_candidates"]


def street_candidates(network: Network, inputs: Inputs, *, spacing_m: float) -> gpd.GeoSeries:
    """One crossing or bend of a street per square of ground, the one nearest to its middle.

    Parameters
    ----------
    network, inputs
        Streets, and the boundary candidates must lie in.
    spacing_m
        Side of a square, metres.

    Returns
    -------
    GeoSeries
        Points in the study's CRS, indexed ``site-1`` …, from the south-west row by row. Places on islands
        of the network are left out.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> len(lc.street_candidates(session.baseline.network, session.present.inputs, spacing_m=500))
    8
    """
    require_method("small_component", "network", network=network)
    require_method("communities", "inputs", inputs=inputs)
    require("number", spacing_m=spacing_m)
    # Crossings and bends of the main network inside the boundary.
    on_land = np.flatnonzero(~network.small_component[network.component])
    x, y = network.node_x[on_land], network.node_y[on_land]
    ground = inputs.boundary.geometry.union_all()
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, x, y)
    x, y = x[inside], y[inside]
    # The square of each, counted from the origin of the CRS, and how far it is from the middle of it.
    column, row = np.floor(x / spacing_m), np.floor(y / spacing_m)
    away = np.hypot(x / spacing_m - column - 0.5, y / spacing_m - row - 0.5)
    # The first of each square in that order is its candidate; ties go west, then south.
    order = np.lexsort((y, x, away, column, row))
    squares = pd.DataFrame({"row": row[order], "column": column[order]})
    chosen = order[~squares.duplicated().to_numpy()]
    names = pd.Index(
        [f"site-{number}" for number in range(1, len(chosen) + 1)], name="candidate", dtype=object
    )
    return gpd.GeoSeries(gpd.points_from_xy(x[chosen], y[chosen]), index=names, crs=inputs.crs)


def entrances(places: gpd.GeoSeries, network: Network) -> gpd.GeoSeries:
    """Where one enters candidate places from the street: points as they are, parcels at their outline.

    Parameters
    ----------
    places
        Points, lines or polygons in the network's CRS.
    network
        The streets.

    Returns
    -------
    GeoSeries
        Points, indexed like `places`. A parcel is entered where the nearest street meets or crosses its
        outline, else at the place on that street nearest to it; islands of the network do not count.
    """
    parcel = places[~places.geom_type.isin(["Point", "MultiPoint"]) & ~places.is_empty]
    if parcel.empty:
        return places
    # Streets of the main network as straight segments.
    served = np.flatnonzero(~network.small_component[network.component[network.u]])
    ends = np.empty((len(served), 2, 2))
    for at, node in enumerate((network.u[served], network.v[served])):
        ends[:, at, 0], ends[:, at, 1] = network.node_x[node], network.node_y[node]
    streets = shapely.linestrings(ends)
    # The outline of each parcel; a line, bounded by points, stands for itself.
    outline = shapely.boundary(parcel.to_numpy())
    outline = np.where(shapely.is_empty(outline) | (shapely.get_dimensions(outline) < 1), parcel, outline)
    which, street = shapely.STRtree(streets).query_nearest(outline, all_matches=False)
    # The shortest line from outline to street ends at the entrance.
    entered = places.copy()
    joined = shapely.shortest_line(outline[which], streets[street])
    entered.loc[parcel.index[which]] = gpd.GeoSeries(
        shapely.get_point(joined, -1), index=parcel.index[which], crs=places.crs
    )
    return entered


def check_candidates(places: object, *, taken: Collection[Hashable], faults: Faults) -> None:
    """A user's candidates are places in a known system, each with an id of its own.

    Parameters
    ----------
    places
        What the user gave.
    taken
        Ids that stand for facilities there are.
    faults
        Takes whatever is wrong.
    """
    shapeless = isinstance(places, gpd.GeoDataFrame) and places.active_geometry_name is None
    if shapeless or not isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
        faults.add(_fault("propose-candidates", type(places).__name__))
        return
    if places.crs is None:
        faults.add(_fault("propose-candidates-crs", ""))
    ids, shapes = places.index, places.geometry.to_numpy()
    for key, wrong in (
        ("propose-candidates-blank", ids.isna() if ids.nlevels == 1 else np.zeros(len(ids), bool)),
        ("propose-candidates-twice", ids.duplicated()),
        ("propose-candidates-taken", np.array([one in taken for one in ids], dtype=bool)),
        ("propose-candidates-nowhere", ~np.isfinite(shapely.bounds(shapes)).all(axis=1)),
    ):
        if wrong.any():
            faults.add(_fault(key, preview(ids[wrong].unique())))


def allowed(
    places: gpd.GeoSeries, forced: Iterable[Hashable], forbidden: Iterable[Hashable], faults: Faults
) -> tuple[gpd.GeoSeries, tuple[Hashable, ...]]:
    """The candidates that may be chosen, and the ids of those that must be, in the order given."""
    listed_by: dict[str, list[Hashable]] = {}
    for field, ids in (("forced", forced), ("forbidden", forbidden)):
        listed = None if isinstance(ids, str) or not np.iterable(ids) else list(dict.fromkeys(ids))
        if listed is None:
            faults.add(Fault("site-no-list", field=field, values={"found": shown(ids)}))
        unknown = [one for one in listed or () if one not in places.index]
        if unknown:
            faults.add(Fault("site-unknown", field=field, values={"found": preview(unknown)}))
        listed_by[field] = listed or []
    both = [one for one in listed_by["forced"] if one in listed_by["forbidden"]]
    if both:
        faults.add(Fault("site-forced-and-forbidden", field="forced", values={"found": preview(both)}))
    return places[~places.index.isin(listed_by["forbidden"])], tuple(listed_by["forced"])


def _fault(key: str, given: str) -> Fault:
    """One thing that is wrong with the candidates."""
    return Fault(key, field="candidates", values={"found": given})
