"""Tables of what a run measured: travel, circles, catchments, gaps, isochrones, ways, snaps."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.spec import Column, TableSpec

__all__ = [
    "CATCHMENTS",
    "CIRCLES",
    "COMMUNITY_FIGURES",
    "COMMUNITY_VERDICTS",
    "GAPS",
    "ISOCHRONES",
    "MODES_BESIDE",
    "ROUTES",
    "SCENARIO_SITES",
    "SNAPS",
    "TRAVEL",
]

TRAVEL: Final = TableSpec(
    "travel",
    {
        "origin": Column("object", "id of the origin"),
        "facility": Column("object", "id of the facility reached", nullable=True),
        "service": Column("id", "service it offers"),
        "distance_m": Column("number", "length along the path chosen", "m"),
        "minutes": Column("number", "walking time along it", "min"),
    },
    optional={
        "reason": Column("text", "why no facility is reached; '' where one is", nullable=True),
        "mode": Column("id", "walk | bike | drive, where several were asked for"),
        "speed_kmh": Column(
            "number", "its speed; unknown where streets have their own", "km/h", nullable=True
        ),
    },
)

CIRCLES: Final = TableSpec(
    "circles",
    {
        "code": Column("id", "code of the community"),
        "name": Column("text", "its name", nullable=True),
        "minutes": Column("number", "minutes of the circle", "min"),
        "reached_km": Column("number", "street length within the circle", "km"),
        "unreached_km": Column("number", "street length inside the polygon that was not reached", "km"),
        "area_km2": Column("number", "area of the polygon", "km2"),
        "residents": Column("number", "residents of the community", "persons", nullable=True),
        "tier": Column("text", "quality | basic | below | '' where not judged", nullable=True),
        "geometry": Column("geometry", "polygon, study CRS", nullable=True),
    },
    key=("code",),
    patterns={"n_<service>": Column("count", "facilities of the service inside the circle")},
)
"""Each community's own life circle."""

CATCHMENTS: Final = TableSpec(
    "catchments",
    {
        "service": Column("id", "service"),
        "facility": Column("id", "id of the facility"),
        "name": Column("text", "its name", nullable=True),
        "residents": Column("number", "residents whose nearest facility it is", "persons", nullable=True),
        "beyond_residents": Column(
            "number", "of them, beyond the time the plan names", "persons", nullable=True
        ),
        "communities": Column("number", "committees most of whose residents it serves", "communities"),
        "geometry": Column("geometry", "polygon or None, study CRS", nullable=True),
    },
    key=("service", "facility"),
)

COMMUNITY_FIGURES: Final = TableSpec(
    "community_figures",
    {
        "code": Column("id", "code of the community"),
        "tier": Column("text", "quality | basic | below | '' where not judged", nullable=True),
    },
    key=("code",),
    patterns={
        "min50_<service>": Column(
            "number", "minutes of the median resident; unknown where unreached", "min", nullable=True
        ),
        "min90_<service>": Column(
            "number",
            "minutes of the resident at the 90th percentile; unknown where unreached",
            "min",
            nullable=True,
        ),
        "unreached_<service>": Column("number", "residents that reach none", "share", nullable=True),
        "share_<service>": Column(
            "number", "residents within the minutes of a life circle", "share", nullable=True
        ),
        "dwellings_<service>": Column(
            "number", "dwellings within the minutes of a life circle", "share", nullable=True
        ),
    },
)
"""What a run measures for every community, beside the columns of `COMMUNITIES`."""

COMMUNITY_VERDICTS: Final = TableSpec(
    "community_verdicts",
    {
        "code": Column("id", "code of the community"),
        "rules_short": Column("number", "rules under which it is short", nullable=True),
    },
    key=("code",),
    patterns={
        "status_<rule>": Column(
            "text",
            "met | short | short-provisional | no-data | not-applicable | report-only | context; "
            "the plan's id stands before the rule's where two plans share that",
            nullable=True,
        ),
        "deficit_<rule>": Column("number", "what is missing, in the rule's own unit", nullable=True),
        "status_<rule>_<mode>": Column(
            "text", "the status in a further mode of a study of several: walk, bike or drive", nullable=True
        ),
        "deficit_<rule>_<mode>": Column("number", "what is missing in that mode", nullable=True),
    },
)
"""What a GeoPackage's layer ``communities`` says of every rule, beside `COMMUNITY_FIGURES`."""

GAPS: Final = TableSpec(
    "gaps",
    {
        "demand": Column("count", "id of the demand point"),
        "community": Column("id", "code of its community"),
        "service": Column("id", "service that is out of reach"),
        "minutes": Column(
            "number", "walking time to the nearest; unknown where unreached", "min", nullable=True
        ),
        "residents": Column("number", "people of the demand point", "persons", nullable=True),
        "geometry": Column("geometry", "point, study CRS"),
    },
    key=("demand", "service"),
    optional={
        "weight": Column("number", "stands in for residents where they are unknown", nullable=True),
        "reason": Column(
            "text",
            "beyond-limit | beyond-proof | no-facility | why the point joined no street",
            nullable=True,
        ),
    },
)
"""People whom a service does not reach in the time that a rule gives."""

ISOCHRONES: Final = TableSpec(
    "isochrones",
    {
        "service": Column("id", "service"),
        "minutes": Column("number", "walking time; the bands of one service nest", "min"),
        "reached_m": Column("number", "street length reached", "m"),
        "unreached_m": Column("number", "street length inside the polygon that was not reached", "m"),
        "area_m2": Column("number", "area of the polygon", "m2"),
        "geometry": Column("geometry", "polygon, study CRS", nullable=True),
    },
    key=("service", "minutes"),
)
"""Service areas of all facilities of a service."""

MODES_BESIDE: Final = TableSpec(
    "modes",
    {
        "mode": Column("id", "walk | bike | drive"),
        "speed_kmh": Column(
            "number", "its speed; unknown where streets have their own", "km/h", nullable=True
        ),
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "level": Column("id", "level of the unit"),
        "code": Column("text", "code of the unit; blank for the study", nullable=True),
        "name": Column("text", "its name", nullable=True),
        "service": Column("text", "service; blank for the verdict over several", nullable=True),
        "value": Column("number", "what was measured, in unit", nullable=True),
        "unit": Column("text", "unit of value", nullable=True),
        "status": Column("id", "met | short | no-data | not-applicable | report-only | context"),
        "certainty": Column("text", "firm | assumed | provisional", nullable=True),
        "deficit": Column("number", "what is missing, in deficit_unit", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "population_short": Column("number", "residents beyond the limit", "persons", nullable=True),
    },
    key=("mode", "plan", "rule", "level", "code", "service"),
)
"""What circles find in each of several modes of one study."""

ROUTES: Final = TableSpec(
    "routes",
    {
        "code": Column("id", "code of a community that falls short of a circle"),
        "service": Column("id", "service that it lacks"),
        "facility": Column("id", "id of the facility nearest to its central demand point"),
        "distance_m": Column("number", "length of the way there", "m"),
        "minutes": Column("number", "time along it", "min"),
        "geometry": Column("geometry", "line from the demand point to the entrance, study CRS"),
        "unit": Column("id", "min | m: what is least along the way, as the rules' limits have it"),
        "profile": Column("text", "group that walks it; '' for everybody", nullable=True),
        "speed_kmh": Column("number", "speed on the flat", "km/h"),
        "rules": Column("text", "plan/provision under which it is lacked, several side by side"),
    },
    key=("code", "service", "unit", "profile", "speed_kmh"),
)
"""Ways to the nearest facility of what communities lack, by the measure of the rules that say so."""

SCENARIO_SITES: Final = TableSpec(
    "scenario_sites",
    {
        "scenario": Column("id", "name of the scenario"),
        "change": Column("id", "added | closed | moved | street-opened | street-closed"),
        "id": Column("text", "id of the facility", nullable=True),
        "service": Column("text", "services it offers, side by side", nullable=True),
        "name": Column("text", "its name", nullable=True),
        "geometry": Column(
            "geometry", "point of a facility, line or polygon of a street, study CRS", nullable=True
        ),
    },
)
"""What scenarios change on the ground."""

SNAPS: Final = TableSpec(
    "snaps",
    {
        "kind": Column("id", "demand | facility"),
        "id": Column("id", "id of the demand point or facility"),
        "status": Column("id", "how it joined the streets, or why it did not"),
        "snap_distance_m": Column(
            "number", "straight walk to the street; unknown where it joins none", "m", nullable=True
        ),
        "x": Column("number", "easting of the point, study CRS", "m"),
        "y": Column("number", "northing of the point, study CRS", "m"),
    },
)
"""How each demand point and entry joined the streets."""
