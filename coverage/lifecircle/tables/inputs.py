"""Everything read from the world, ready to measure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from lifecircle.tables.spec import Column, TableSpec
from lifecircle.tables.streets import StreetTable

__all__ = [
    "COMMUNITIES",
    "DEMAND",
    "ENTRIES",
    "FACILITIES",
    "FACILITY_DETAILS",
    "FACILITY_FIGURES",
    "QUALITY",
    "UNITS",
    "UNIT_FIGURES",
    "Inputs",
    "share_weights",
    "weight_basis",
]

UNIT_FIGURES: Final[Mapping[str, Column]] = {
    "population_urban": Column("number", "residents of towns", "persons", nullable=True),
    "community_workers": Column("number", "community workers", "persons", nullable=True),
    "community_workers_recruited": Column("number", "of them centrally recruited", "persons", nullable=True),
    "community_workers_elected": Column("number", "of them elected", "persons", nullable=True),
    "community_workers_public_posts": Column("number", "of them in welfare posts", "persons", nullable=True),
    "social_workers": Column("number", "professional social workers", "persons", nullable=True),
    "certified_social_workers": Column(
        "number", "social workers with a certificate", "persons", nullable=True
    ),
    "graduates": Column("number", "university graduates at work there", "persons", nullable=True),
    "staff": Column("number", "full-time staff of a grid", "persons", nullable=True),
    "police_staff": Column("number", "officers and auxiliaries", "persons", nullable=True),
    "police_officers": Column("number", "police officers", "persons", nullable=True),
    "auxiliary_police": Column("number", "auxiliary police", "persons", nullable=True),
    "mediators": Column("number", "full-time mediators", "persons", nullable=True),
    "disability_commissioners": Column("number", "disability commissioners", "persons", nullable=True),
    "disaster_information_officers": Column(
        "number", "disaster information officers", "persons", nullable=True
    ),
    "legal_literate_persons": Column("number", "legally literate persons", "persons", nullable=True),
    "legal_literate_leaders": Column("number", "leading ones among them", "persons", nullable=True),
    "law_demonstration_households": Column(
        "number", "law-demonstration households", "households", nullable=True
    ),
    "social_organisations": Column("number", "social organisations", "organisations", nullable=True),
    "hub_social_organisations": Column("number", "hub organisations", "organisations", nullable=True),
    "total_floor_area_m2": Column("number", "floor area of all buildings", "m2", nullable=True),
    "supporting_floor_area_m2": Column(
        "number", "floor area of all supporting facilities", "m2", nullable=True
    ),
    "commercial_service_area_m2": Column(
        "number", "of it for commerce and comprehensive services", "m2", nullable=True
    ),
    "office_fund_cny": Column("number", "office fund of a year", "CNY", nullable=True),
    "it_training_fund_cny": Column("number", "fund for IT and training of a year", "CNY", nullable=True),
    "work_fund_cny": Column("number", "work fund of a year", "CNY", nullable=True),
    "disability_representatives": Column(
        "number", "representatives of the disability association", "persons", nullable=True
    ),
    "environment_property_committee": Column(
        "flag", "its committee has one for environment and property", nullable=True
    ),
    "disability_association": Column("flag", "it has a disability association", nullable=True),
    "public_health_committee": Column("flag", "it has a public-health committee", nullable=True),
    "agency_service": Column("flag", "government errands are done on residents' behalf", nullable=True),
    "child_director": Column("flag", "it has a child director", nullable=True),
    "legal_adviser": Column("flag", "it has a legal adviser", nullable=True),
    "information_platform": Column("flag", "it is on the public-service platform", nullable=True),
    "sewage_treated": Column("flag", "its domestic sewage is treated", nullable=True),
    "beautiful_village": Column("flag", "it meets the beautiful-village standard", nullable=True),
    "smart_security": Column("flag", "an estate with smart security", nullable=True),
}
"""Figures and marks that a ledger of areas may carry, at any level; NaN (or None) where it does not say.

A rule of a user's own plan may name further columns: they are read and judged in the same way.
"""

COMMUNITIES: Final = TableSpec(
    "communities",
    {
        "code": Column("id", "the community's or village's code, as text"),
        "name": Column("text", "its name", nullable=True),
        "kind": Column("text", "community | village | cell (of a grid)", nullable=True),
        "scope": Column("text", "urban | rural | '' where unknown", nullable=True),
        "scope_source": Column("text", "column | code | name | '' : what scope was read from", nullable=True),
        "township": Column("text", "code of the township or street above it", nullable=True),
        "county": Column("text", "code of the county above it", nullable=True),
        "city": Column("text", "code of the city above it", nullable=True),
        "population": Column("number", "residents: the sum over its demand points", "persons", nullable=True),
        "households": Column("number", "households", "households", nullable=True),
        "inside": Column("flag", "it belongs to the boundary (False: context beyond it, demand only)"),
        "edge": Column("flag", "its surroundings leave the street data: findings are provisional"),
        "geometry": Column("geometry", "polygon or multipolygon, study CRS"),
    },
    key=("code",),
    optional={
        **UNIT_FIGURES,
        "township_name": Column("text", "name of the township or street above it", nullable=True),
        "county_name": Column("text", "name of the county above it", nullable=True),
        "city_name": Column("text", "name of the city above it", nullable=True),
        "reported": Column("number", "residents as its own source counts them", "persons", nullable=True),
        "placement": Column(
            "text",
            "what its people, or the weights that stand in for them, were placed on: "
            "population | building | street | centroid; '' where nobody lives",
            nullable=True,
        ),
    },
)

UNITS: Final = TableSpec(
    "units",
    {
        "level": Column(
            "id", "township | county | city | province | grid | life-circle | another layer's kind"
        ),
        "code": Column("id", "the unit's code"),
        "name": Column("text", "its name", nullable=True),
        "kind": Column("text", "street | township | town | district | county | scenic | ...", nullable=True),
        "scope": Column("text", "urban | rural | ''", nullable=True),
        "population": Column("number", "residents", "persons", nullable=True),
        "households": Column("number", "households", "households", nullable=True),
        "whole": Column("flag", "all of the unit lies within the boundary"),
        "geometry": Column("geometry", "polygon or multipolygon, study CRS"),
    },
    key=("level", "code"),
    optional=UNIT_FIGURES,
)
"""Areas above the communities, dissolved from them or supplied by ``[[areas]]``."""

DEMAND: Final = TableSpec(
    "demand",
    {
        "demand": Column("count", "id of the demand point"),
        "community": Column("text", "code of the community it lies in; '' outside every one", nullable=True),
        "residents": Column("number", "residents", "persons", nullable=True),
        "origin": Column("text", "population | building | street | centroid: what the point is"),
        "inside": Column("flag", "its community belongs to the boundary"),
        "geometry": Column("geometry", "point, study CRS"),
    },
    key=("demand",),
    optional={
        "weight": Column(
            "number",
            "stands in for residents where they are unknown: floor area (m2) or weighted street length (m)",
            nullable=True,
        ),
        "point": Column("text", "id of the point of [population] whose people they are", nullable=True),
        "dwellings": Column("number", "dwellings", "dwellings", nullable=True),
        "over60": Column("number", "residents over 60", "persons", nullable=True),
        "under3": Column("number", "residents under 3", "persons", nullable=True),
    },
)
"""Where people live. `residents` are persons and nothing else, NaN where nobody knows how many; `weight` is
then what shares are counted with (see `share_weights`), and NaN where residents are known."""

FACILITY_FIGURES: Final[Mapping[str, Column]] = {
    "floor_area_m2": Column("number", "floor area", "m2", nullable=True),
    "activity_area_m2": Column("number", "of it for residents' activities", "m2", nullable=True),
    "site_area_m2": Column("number", "area of the site", "m2", nullable=True),
    "capacity": Column("number", "places, beds or seats", "places", nullable=True),
    "staff": Column("number", "staff", "persons", nullable=True),
    "open_hours_per_day": Column("number", "hours open a day", "h/day", nullable=True),
    "open_days_per_week": Column("number", "days open a week", "days/week", nullable=True),
    "meets_standard": Column("flag", "declared to meet its standard", nullable=True),
}
"""Figures a ledger may carry about a facility; NaN (or None) where it does not say."""

FACILITY_DETAILS: Final[Mapping[str, Column]] = {
    "built_year": Column("number", "year it was built", nullable=True),
    "child_general_practitioners": Column(
        "number", "general practitioners who treat children", "persons", nullable=True
    ),
    "child_health_doctors": Column("number", "doctors for child health", "persons", nullable=True),
    "government_run": Column("flag", "the government runs it", nullable=True),
    "volunteer_station": Column("flag", "it houses a volunteer station", nullable=True),
    "entry_delay_min": Column(
        "number", "minutes lost at its entrance (a lift, a check, a queue)", "min", nullable=True
    ),
    "site_from_outline": Column("flag", "its site was measured by its outline on a map", nullable=True),
    "functions": Column("number", "functions that it houses", "functions", nullable=True),
    "fever_clinic": Column("flag", "it has a fever clinic or sentinel room", nullable=True),
    "public_health_section": Column("flag", "it has a public-health section", nullable=True),
    "youth_volunteer_station": Column("flag", "it houses a youth-volunteer station", nullable=True),
    "opens_grounds": Column("flag", "a public school that opens its grounds to everybody", nullable=True),
    "barrier_free": Column("flag", "it has been made barrier-free", nullable=True),
    "elderly_friendly": Column("flag", "it has been adapted for older people", nullable=True),
    "child_friendly": Column("flag", "it has been adapted for children", nullable=True),
    "elderly_canteen": Column("flag", "it has a canteen for older people", nullable=True),
    "day_care": Column("flag", "it has day care for older people", nullable=True),
    "women_children_home": Column("flag", "it has a home for women and children", nullable=True),
    "youth_home": Column("flag", "it has a youth home", nullable=True),
    "child_growth_centre": Column("flag", "it has a children's growth centre", nullable=True),
    "sports_area_m2": Column("number", "ground that sport is played on", "m2", nullable=True),
}
"""Further figures and marks that only some rules ask for: columns of the table where a ledger has them."""

FACILITIES: Final = TableSpec(
    "facilities",
    {
        "facility": Column("id", "id of the facility: unique over all sources"),
        "service": Column("id", "a service of the catalogue that it offers"),
        "name": Column("text", "its name", nullable=True),
        "source": Column("text", "where it was read from"),
        "community": Column("text", "code of the community it lies in; ''", nullable=True),
        "inside": Column("flag", "it lies within the boundary"),
        "public": Column("flag", "open to the public: others never count"),
        "geometry": Column("geometry", "point or polygon as supplied, study CRS"),
        **FACILITY_FIGURES,
    },
    key=("facility", "service"),
    optional=FACILITY_DETAILS,
)
"""One row per facility and service: a centre that offers three services has three rows."""

ENTRIES: Final = TableSpec(
    "entries",
    {
        "facility": Column("id", "id of the facility"),
        "entry": Column("count", "number of the entry within its facility, from 0"),
        "how": Column("text", "point | gate | crossing | assumed_entry"),
        "delay_s": Column("number", "time to be added at this entry", "s"),
        "geometry": Column("geometry", "point, study CRS"),
    },
    key=("facility", "entry"),
)
"""Where a facility is entered from the street; a point facility has one entry, itself."""

QUALITY: Final = TableSpec(
    "data_quality",
    {
        "subject": Column("id", "streets | communities | population | facilities | snapping | area"),
        "item": Column("text", "id of the thing the remark is about; ''", nullable=True),
        "remark": Column("id", "key of the message under quality.*"),
        "count": Column("number", "how many, where it is counted", nullable=True),
        "value": Column("text", "the figure or value, ready to read", nullable=True),
        "severity": Column("id", "info | warning"),
        "x": Column("number", "where, study CRS", "m", nullable=True),
        "y": Column("number", "where, study CRS", "m", nullable=True),
    },
)
"""Nothing is silently dropped: what was repaired, guessed, moved or left out."""


@dataclass(frozen=True)
class Inputs:
    """All inputs of one study, checked, in the study's local CRS (`streets` stays in WGS 84)."""

    name: str
    crs: CRS
    boundary: gpd.GeoDataFrame
    """One row: the polygon judged."""
    communities: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    entries: gpd.GeoDataFrame
    streets: StreetTable
    complete_for: frozenset[str]
    """Services that a source declares itself complete for: failures there are firm."""
    layers_present: frozenset[str]
    """Names of what was supplied (households, grid, buildings, cohort:over60 ...): for no-data notes."""
    water: gpd.GeoDataFrame
    """Water and barriers to cut out of displayed areas; may be empty."""
    indicators: pd.DataFrame
    """Reported values: rule, code, year, value; may be empty."""
    quality: pd.DataFrame
    files: tuple[Mapping[str, object], ...] = ()
    """Every file read: path as given, bytes, sha256, rows, encoding or CRS."""
    rows_lost_for: frozenset[str] = frozenset()
    """Services that a source declared itself complete for and then lost rows of: failures are provisional."""

    def __repr__(self) -> str:
        """One line: the study, and how much of everything was read."""
        people = f"communities={len(self.communities)} demand={len(self.demand)}"
        return f"<{type(self).__name__} {self.name!r} {people} facilities={len(self.facilities)}>"

    @property
    def people_known(self) -> bool:
        """Whether any source says how many people live there; else shares are shares of the weights."""
        return bool(self.demand["residents"].notna().any())

    @cached_property
    def share_basis(self) -> str:
        """What shares of the whole study are shares of: ``residents``, else as `weight_basis`."""
        return "residents" if self.people_known else weight_basis(self.demand["origin"])

    @cached_property
    def facility_ids(self) -> frozenset[str]:
        """Ids of the facilities."""
        return frozenset(self.facilities["facility"].to_numpy(dtype=object))


def weight_basis(origins: Collection[str]) -> str:
    """What the weights of demand points are made of, as a code that messages and criteria put into words.

    Parameters
    ----------
    origins
        Column ``origin`` of the points.

    Returns
    -------
    str
        ``floor-area`` (of dwellings), ``street-length``, or ``residential-weight`` where it is not one thing.

    Examples
    --------
    >>> weight_basis(["street", "street"]), weight_basis(["building", "street"])
    ('street-length', 'residential-weight')
    """
    basis = {"building": "floor-area", "street": "street-length"}
    return basis.get("".join(set(origins)), "residential-weight")


def share_weights(demand: pd.DataFrame) -> pd.Series:
    """What each demand point counts for in a share: its residents, else the weight that stands in for them.

    Parameters
    ----------
    demand
        `DEMAND`; without a column ``weight`` unknown residents count for nothing.

    Returns
    -------
    Series
        Indexed like `demand`, float64, >= 0. Persons and stand-ins never meet in one community, but they
        do across communities: only shares within a community may be formed of it.

    Examples
    --------
    >>> points = pd.DataFrame({"residents": [120.0, float("nan")], "weight": [float("nan"), 840.0]})
    >>> share_weights(points).tolist()
    [120.0, 840.0]
    """
    weights = demand["residents"]
    if "weight" in demand:
        weights = weights.fillna(demand["weight"])
    return weights.fillna(0.0).astype("float64")
