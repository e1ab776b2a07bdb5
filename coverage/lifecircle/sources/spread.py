"""Where people can live: residential buildings, else streets by their class, else the middle.

Each table of places holds ``owner`` (row of the community), ``weight`` (floor area in m2, metres of street
times the weight of its class, or 1), ``origin``, ``x`` and ``y``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.sources.containment import owner_of
from lifecircle.sources.street_pieces import street_pieces
from lifecircle.tables import StreetTable, concat_nonempty

__all__ = [
    "STREET_WEIGHTS",
    "building_blocks",
    "building_places",
    "centroid_places",
    "spread_people",
    "street_places",
    "well_mapped",
]

STREET_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "residential": 1.0,
        "living_street": 1.0,
        "pedestrian": 1.0,
        "unclassified": 0.5,
        "road": 0.5,
        "tertiary": 0.5,
        "service": 0.25,
        "secondary": 0.25,
        "primary": 0.1,
        **dict.fromkeys(
            (
                "motorway", "motorway_link", "trunk", "trunk_link", "primary_link", "secondary_link",
                "tertiary_link", "track", "path", "footway", "cycleway", "bridleway", "steps", "corridor",
                "platform", "crossing", "area", "busway", "bus_guideway", "escape", "raceway", "elevator",
                "via_ferrata", "ladder",
            ),
            0.0,
        ),
    }
)  # fmt: skip
"""How many people a metre of street of each class of OpenStreetMap stands for, against a residential street.

Ours: people live along residential streets; estates are reached by service roads, most of which lead to
yards and car parks; few live along main roads, and nobody along tracks, paths and trunks. A class that the
table does not name, and a street without a class, count 1. Nobody lives on bridges and in tunnels.
``[population] street_weights`` changes it.
"""

_SQUARE_M = 100.0
"""Side of the squares within which places of a community are merged."""
_SUMMED = ("weight", "residential_m", "moment_x", "moment_y")
_MAPPED_SHARE = 0.5
"""Of the lived-in squares of a community: with buildings in so many its buildings are mapped."""


def spread_people(totals: pd.Series, places: list[pd.DataFrame]) -> pd.DataFrame:
    """Each community's people over its places, by their weights; every person is kept.

    Parameters
    ----------
    totals
        Residents (float) by row of the community; NaN where unknown.
    places
        Tables of places in order of preference: a community is spread over the first that has places in it.

    Returns
    -------
    DataFrame
        The places used with ``people``, which per community sum to its total. Where that is unknown
        ``people`` is NaN and ``weight`` stands in for it; elsewhere ``weight`` is NaN.

    Examples
    --------
    >>> places = pd.DataFrame({"owner": [0, 0, 1], "weight": [30.0, 10.0, 5.0], "origin": "street"})
    >>> spread_people(pd.Series([100.0, float("nan")]), [places])[["owner", "people", "weight"]]
       owner  people  weight
    0      0    75.0     NaN
    1      0    25.0     NaN
    2      1     NaN     5.0
    """
    # Each community takes the first table in which it has places of any weight.
    used = []
    open_owners = set(totals.index)
    for table in places:
        chosen = table[table["owner"].isin(open_owners) & (table["weight"] > 0)]
        open_owners -= set(chosen["owner"])
        used.append(chosen)
    spread = concat_nonempty(used)
    # People in proportion to weight; shares of a community add up to 1, so that its total is kept.
    share = spread["weight"] / spread.groupby("owner")["weight"].transform("sum")
    spread["people"] = spread["owner"].map(totals).astype("float64") * share
    spread["weight"] = spread["weight"].where(spread["people"].isna())
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


def building_blocks(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Residential buildings as places, those of a community within one 100 m square as one.

    The place is the building nearest to the middle of its square's floor area. For buildings that nobody
    counts as dwellings: a city has a hundred thousand.
    """
    return _one_per_square(building_places(buildings, communities)).assign(origin="building")


def well_mapped(blocks: pd.DataFrame, streets: pd.DataFrame) -> NDArray[np.int64]:
    """Communities whose residential buildings are mapped well enough to place people on.

    A map of buildings may stop in the middle of a town. A community counts where at least half of its
    100 m squares with a residential street (weight 1 a metre or nearly so) hold a residential building.

    Parameters
    ----------
    blocks, streets
        From `building_blocks` and `street_places`.

    Returns
    -------
    array of int64
        Rows of communities, sorted.
    """
    # Squares with a residential street, and which of them hold a building.
    lived_in = streets[streets["residential_m"] > 0]
    squares = [_squares(table).drop_duplicates() for table in (lived_in, blocks)]
    built = squares[0].merge(squares[1].assign(built=1.0), how="left", on=["owner", "column", "row"])
    share = built["built"].fillna(0.0).groupby(built["owner"]).mean()
    # Where no street says that people live there, buildings alone do.
    without_streets = np.setdiff1d(blocks["owner"].unique(), lived_in["owner"].unique())
    return np.union1d(share.index[share >= _MAPPED_SHARE].to_numpy(np.int64), without_streets)


def _squares(places: pd.DataFrame) -> pd.DataFrame:
    """The 100 m square of the study's own grid that each place lies in."""
    square = {"owner": places["owner"]}
    square["column"] = np.floor(places["x"] / _SQUARE_M).astype(np.int64)
    square["row"] = np.floor(places["y"] / _SQUARE_M).astype(np.int64)
    return pd.DataFrame(square)


def street_places(
    streets: StreetTable,
    communities: gpd.GeoDataFrame,
    crs: CRS,
    weights: Mapping[str, float] = STREET_WEIGHTS,
) -> pd.DataFrame:
    """Streets as places, weighted by the metres inside each community and the weight of their class.

    The pieces of a community within one 100 m square become one place: the piece nearest to their
    common centre, so that every place is on a street. A community with streets of no weight alone is
    placed on all of them by length.

    Returns
    -------
    DataFrame
        A table of places, and ``residential_m``: metres of it of full weight.
    """
    pieces = street_pieces(streets, communities, crs)
    per_class = np.array([*(weights.get(name, 1.0) for name in streets.highways), 1.0])
    factor = np.where(streets.bridge, 0.0, per_class[streets.highway])[pieces["segment"].to_numpy()]
    metres = pieces["weight"]
    pieces = pieces.assign(weight=metres * factor, residential_m=metres.where(factor >= 1.0, 0.0))
    nobody = pieces.groupby("owner")["weight"].transform("sum") <= 0
    pieces["weight"] = pieces["weight"].where(~nobody, metres)
    return _one_per_square(pieces[pieces["weight"] > 0]).assign(origin="street")


def _one_per_square(pieces: pd.DataFrame) -> pd.DataFrame:
    """Places of one community within one square as the one nearest to their centre of weight."""
    pieces = pieces[pieces["weight"] > 0].reset_index(drop=True)
    squares = _squares(pieces)
    group = _group_of(squares)
    by_group = (
        pieces.assign(moment_x=pieces["x"] * pieces["weight"], moment_y=pieces["y"] * pieces["weight"])
        .drop(columns=["x", "y", "owner"])
        .groupby(group, sort=True)
    )
    sums = by_group[[name for name in _SUMMED if name in by_group.obj]].sum()
    weight = sums["weight"].to_numpy()
    centre_x, centre_y = sums["moment_x"].to_numpy() / weight, sums["moment_y"].to_numpy() / weight
    off = np.hypot(pieces["x"].to_numpy() - centre_x[group], pieces["y"].to_numpy() - centre_y[group])
    # Only the nearest are sorted; several are as near as one another where streets lie evenly.
    nearest = off == pd.Series(off).groupby(group).transform("min").to_numpy()
    chosen = pieces[nearest].assign(group=group[nearest])
    chosen = chosen.assign(**{name: squares.loc[nearest, name] for name in ("column", "row")})
    chosen = chosen.sort_values(["owner", "column", "row", "x", "y"]).drop_duplicates("group")
    for name in ("weight", "residential_m"):
        if name in sums:
            chosen[name] = sums[name].to_numpy()[chosen["group"]]
    kept = [name for name in ("owner", "weight", "residential_m", "x", "y") if name in chosen]
    return chosen[kept].reset_index(drop=True)


def _group_of(squares: pd.DataFrame) -> NDArray[np.intp]:
    """Number of each row's square among the squares that hold any row, in no particular order."""
    number = np.zeros(len(squares), dtype=np.int64)
    for name in squares.columns:
        values = squares[name].to_numpy()
        least = values.min(initial=0)
        number = number * (values.max(initial=0) - least + 1) + (values - least)
    return pd.factorize(number)[0]


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
