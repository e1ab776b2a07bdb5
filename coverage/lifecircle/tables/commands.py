"""Tables that commands write to a file of their own: edges, service areas, ways, household grids, changes."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.findings import FINDINGS
from lifecircle.tables.inputs import DEMAND
from lifecircle.tables.measured import ISOCHRONES, MODES_BESIDE
from lifecircle.tables.spec import Column, TableSpec

__all__ = [
    "CHANGES",
    "EDGES",
    "EXPLAINED_ROUTE",
    "HOUSEHOLD_GRIDS",
    "HOUSEHOLD_GRID_COMMUNITIES",
    "HOUSEHOLD_GRID_POINTS",
    "POINT_ISOCHRONES",
]

EDGES: Final = TableSpec(
    "edges",
    {
        "edge": Column("id", "way and segment of it"),
        "u": Column("count", "number of the node it starts from"),
        "v": Column("count", "number of the node it leads to"),
        "length_m": Column("number", "geodesic length", "m"),
        "name": Column("text", "name of the street", nullable=True),
        "highway": Column("text", "class of OpenStreetMap", nullable=True),
        "time_fwd_s": Column("number", "seconds along it; unknown where closed that way", "s", nullable=True),
        "time_back_s": Column(
            "number", "seconds against it; unknown where closed that way", "s", nullable=True
        ),
        "component": Column("count", "number of the piece of the network it belongs to"),
        "joinable": Column("flag", "points may join anywhere along it"),
        "geometry": Column("geometry", "line, WGS 84"),
    },
    key=("edge",),
)
"""The network's edges, as ``lifecircle streets`` and `edges_frame` give them."""

_OF_SEVERAL_MODES: Final = {
    "mode": Column("id", "walk | bike | drive, where several were asked for"),
    "speed_kmh": MODES_BESIDE.columns["speed_kmh"],
}

POINT_ISOCHRONES: Final = TableSpec(
    "point_isochrones",
    {
        "point": Column("object", "id of the point"),
        "minutes": Column("number", "travel time; the bands of one point nest", "min"),
        "reached_m": Column("number", "street length reached", "m"),
        "unreached_m": ISOCHRONES.columns["unreached_m"],
        "area_m2": ISOCHRONES.columns["area_m2"],
        "reason": Column(
            "text", "why nothing is reached: the status of its snap; '' elsewhere", nullable=True
        ),
        "geometry": Column("geometry", "polygon; empty where nothing is reached", nullable=True),
    },
    optional=_OF_SEVERAL_MODES,
)
"""Service areas of a list of points, as ``lifecircle isochrones`` and `isochrones` give them."""

EXPLAINED_ROUTE: Final = TableSpec(
    "explained_route",
    {
        "origin": Column("id", "the place asked for"),
        "unit": Column("text", "code of the unit it lies in", nullable=True),
        "service": Column("id", "service asked for"),
        "facility": Column("id", "id of the facility reached"),
        "name": Column("text", "its name", nullable=True),
        "distance_m": Column("number", "length of the way", "m"),
        "minutes": Column("number", "time along it", "min"),
        "access_m": Column("number", "of it from the place to its street", "m"),
        "egress_m": Column("number", "of it from the last street to the entrance", "m"),
        "climb_m": Column("number", "metres uphill; unknown without heights", "m", nullable=True),
        "descent_m": Column("number", "metres downhill; unknown without heights", "m", nullable=True),
        "streets": Column("text", "streets in order, with their lengths", nullable=True),
        "steepest": Column("number", "steepest street, rise over run; unknown likewise", nullable=True),
        "mode": Column("id", "walk | bike | drive"),
        "speed_kmh": Column("number", "speed on the flat", "km/h", nullable=True),
        "profile": Column("text", "group whose way it is; '' for everybody's", nullable=True),
        "measure": Column("id", "min | m: what is least along it"),
        "geometry": Column("geometry", "line, WGS 84"),
    },
)
"""The way that ``lifecircle explain`` found; the shorter one too, where rules limit metres beside minutes."""

_WORKERS: Final = {
    "workers_least": Column("count", "full-time workers, at least", "persons"),
    "workers_most": Column("count", "full-time workers, at most", "persons"),
}

HOUSEHOLD_GRIDS: Final = TableSpec(
    "household_grids",
    {
        "code": Column("id", "code of the grid: its community's and a number"),
        "name": Column("text", "its name", nullable=True),
        "community": Column("id", "code of its community"),
        "scope": Column("text", "urban | rural"),
        "households": Column("number", "households", "households"),
        "residents": Column("number", "residents; unknown where not counted", "persons", nullable=True),
        "demand_points": Column("count", "demand points in it"),
        "street_parts": Column("count", "1: all its points are next to each other along streets"),
        "area_km2": Column("number", "area", "km2"),
        **_WORKERS,
        "geometry": Column("geometry", "polygon; those of a community cover it and do not overlap"),
    },
    key=("code",),
)
"""Layer ``grids`` of ``lifecircle grids``: proposed household grids."""

HOUSEHOLD_GRID_POINTS: Final = TableSpec(
    "household_grid_points",
    {
        "demand": DEMAND.columns["demand"],
        "community": Column("id", "code of its community"),
        "grid": Column("id", "code of its grid"),
        "households": Column("number", "households", "households"),
        "geometry": Column("geometry", "point"),
    },
    key=("demand",),
)
"""Layer ``points`` of ``lifecircle grids``: the demand points that were divided."""

HOUSEHOLD_GRID_COMMUNITIES: Final = TableSpec(
    "household_grid_communities",
    {
        "code": Column("id", "code of the community"),
        "name": Column("text", "its name", nullable=True),
        "scope": Column("text", "urban | rural | ''", nullable=True),
        "households": Column("number", "households", "households", nullable=True),
        "nominal": Column("number", "nominal size of its grids", "households", nullable=True),
        "wanted": Column("number", "grids of that size", "grids", nullable=True),
        "made": Column("count", "grids it was divided into", "grids"),
        "mean": Column("number", "households of a grid on average", "households", nullable=True),
        "least": Column("number", "households of its smallest grid", "households", nullable=True),
        "most": Column("number", "households of its largest grid", "households", nullable=True),
        "spread": Column("number", "(most - least) / mean", nullable=True),
        "one_point": Column("number", "households of its largest demand point", "households", nullable=True),
        "even": Column("flag", "the spread is at most a tenth or one demand point"),
        "workers_least": Column("number", "full-time workers, at least", "persons", nullable=True),
        "workers_most": Column("number", "full-time workers, at most", "persons", nullable=True),
        "reason": Column("text", "why there are no or fewer grids; '' where all is well", nullable=True),
    },
    key=("code",),
)
"""Table ``communities`` of ``lifecircle grids``: what the division of each came to."""

CHANGES: Final = TableSpec(
    "changes",
    {
        "plan": FINDINGS.columns["plan"],
        "rule": FINDINGS.columns["rule"],
        "level": FINDINGS.columns["level"],
        "code": Column("text", "code of the unit; '' for the study", nullable=True),
        "name": Column("text", "its name", nullable=True),
        "service": Column("text", "service of the row; '' for the verdict over all of them", nullable=True),
        "change": Column("id", "improved | worsened | newly-measured | no-longer-measured"),
        "cause": Column("id", "the first of the causes: rule, assumption, facility …"),
        "status_before": Column("text", "status in the first run", nullable=True),
        "status_after": Column("text", "status in the second run", nullable=True),
        "certainty_before": Column("text", "certainty in the first run", nullable=True),
        "certainty_after": Column("text", "certainty in the second run", nullable=True),
        "value_before": Column("number", "value in the first run", nullable=True),
        "value_after": Column("number", "value in the second run", nullable=True),
        "unit": Column("text", "unit of both values", nullable=True),
        "deficit_before": Column("number", "deficit in the first run", nullable=True),
        "deficit_after": Column("number", "deficit in the second run", nullable=True),
        "people_short_before": Column("number", "residents short in the first run", "persons", nullable=True),
        "people_short_after": Column("number", "residents short in the second run", "persons", nullable=True),
        "deficit_unit": Column("text", "unit of both deficits", nullable=True),
        "causes": Column("object", "every cause that it may have; in files as one text"),
    },
    key=("plan", "rule", "level", "code", "service"),
)
"""What changed between two runs, as ``lifecircle compare`` writes it."""
