"""People known only per community, put where they can live: buildings, else streets, else the middle."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from lifecircle.sources.containment import owner_of
from lifecircle.tables import WGS84, StreetTable

__all__ = ["building_places", "centroid_places", "spread_people", "street_pieces", "street_places"]

_PIECE_M, _FINE_PIECE_M = 50.0, 1.0
_SQUARE_M = 100.0


def spread_people(totals: pd.Series, places: list[pd.DataFrame]) -> pd.DataFrame:
    """Each community's people over its places, by their weights; every person is kept.

    Parameters
    ----------
    totals
        Residents (float) by row of the community; NaN where unknown, which puts nobody anywhere.
    places
        Tables of ``owner`` (row of the community), ``weight`` (> 0), ``origin``, ``x``, ``y``, in order
        of preference: a community is spread over the first table that has places in it.

    Returns
    -------
    DataFrame
        The places used with ``people``; per community they sum to its total.
    """
    known = totals[totals.notna()]
    used = []
    open_owners = set(known.index)
    for table in places:
        chosen = table[table["owner"].isin(open_owners) & (table["weight"] > 0)]
        open_owners -= set(chosen["owner"])
        used.append(chosen)
    spread = pd.concat(used, ignore_index=True)
    share = spread["weight"] / spread.groupby("owner")["weight"].transform("sum")
    spread["people"] = spread["owner"].map(known) * share
    return spread


def building_places(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Residential buildings as places, weighted by floor area.

    Parameters
    ----------
    buildings
        ``floor_area_m2`` (footprint times levels) and ``dwellings``, polygons or points, in the
        communities' system. A building belongs to the community its inner point lies in.
    """
    inner = shapely.point_on_surface(buildings.geometry.to_numpy())
    owner = owner_of(inner, communities)
    table = pd.DataFrame(
        {
            "owner": owner,
            "weight": buildings["floor_area_m2"].to_numpy(),
            "dwellings": buildings["dwellings"].to_numpy(),
            "origin": "building",
            "x": shapely.get_x(inner),
            "y": shapely.get_y(inner),
        }
    )
    return table[owner >= 0].reset_index(drop=True)


def street_pieces(streets: StreetTable, communities: gpd.GeoDataFrame, crs: CRS) -> pd.DataFrame:
    """Pieces of street and the metres that lie inside each community.

    Segments are cut into pieces of at most 50 m, those that leave a community of 1 m; a piece belongs to
    the community its middle lies in.

    Returns
    -------
    DataFrame
        ``owner`` (row of the community), ``weight`` (metres), ``x``, ``y`` of the middle.
    """
    x, y = Transformer.from_crs(WGS84, crs, always_xy=True).transform(streets.lon, streets.lat)
    x, y = np.asarray(x), np.asarray(y)
    length = np.hypot(x[streets.v] - x[streets.u], y[streets.v] - y[streets.u])
    # Two nodes joined twice by the same straight line (a way drawn twice) are one street.
    pairs = np.sort(np.column_stack([streets.u, streets.v]), axis=1)
    _, once = np.unique(pairs, axis=0, return_index=True)
    once = once[length[once] > 0]
    owner = owner_of(shapely.points(x, y), communities)
    crossing = owner[streets.u[once]] != owner[streets.v[once]]
    piece_m = np.where(crossing, _FINE_PIECE_M, _PIECE_M)
    count = np.maximum(1, np.ceil(length[once] / piece_m)).astype(np.int64)
    segment = np.repeat(once, count)
    position = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    along = (position + 0.5) / np.repeat(count, count)
    u, v = streets.u[segment], streets.v[segment]
    pieces = pd.DataFrame(
        {
            "x": x[u] + along * (x[v] - x[u]),
            "y": y[u] + along * (y[v] - y[u]),
            "weight": length[segment] / np.repeat(count, count),
        }
    )
    pieces["owner"] = owner_of(shapely.points(pieces["x"], pieces["y"]), communities)
    return pieces[pieces["owner"] >= 0]


def street_places(streets: StreetTable, communities: gpd.GeoDataFrame, crs: CRS) -> pd.DataFrame:
    """Streets as places, weighted by the metres that lie inside each community.

    The pieces of a community within one 100 m square become one place: the piece nearest to their
    common centre, so that every place is on a street.
    """
    return _one_per_square(street_pieces(streets, communities, crs)).assign(origin="street")


def _one_per_square(pieces: pd.DataFrame) -> pd.DataFrame:
    """Pieces of one community within one square as the piece nearest to their centre of weight."""
    pieces = pieces.assign(
        column=np.floor(pieces["x"] / _SQUARE_M).astype(np.int64),
        row=np.floor(pieces["y"] / _SQUARE_M).astype(np.int64),
        moment_x=pieces["x"] * pieces["weight"],
        moment_y=pieces["y"] * pieces["weight"],
    )
    squares = pieces.groupby(["owner", "column", "row"], sort=True)
    total = squares["weight"].transform("sum")
    centre_x = squares["moment_x"].transform("sum") / total
    centre_y = squares["moment_y"].transform("sum") / total
    pieces = pieces.assign(off=np.hypot(pieces["x"] - centre_x, pieces["y"] - centre_y), total=total)
    nearest = pieces.sort_values(["owner", "column", "row", "off", "x", "y"])
    nearest = nearest.drop_duplicates(["owner", "column", "row"])
    chosen = nearest[["owner", "total", "x", "y"]].rename(columns={"total": "weight"})
    return chosen.reset_index(drop=True)


def centroid_places(communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """The middle of each community, or a place inside it where its middle falls out of it."""
    shapes: NDArray[np.object_] = communities.geometry.to_numpy()
    middle = shapely.centroid(shapes)
    middle = np.where(shapely.intersects(shapes, middle), middle, shapely.point_on_surface(shapes))
    return pd.DataFrame(
        {
            "owner": np.arange(len(communities)),
            "weight": 1.0,
            "origin": "centroid",
            "x": shapely.get_x(middle),
            "y": shapely.get_y(middle),
        }
    )
