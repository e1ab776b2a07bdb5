"""Columns of communities that may hold their people under a name that nobody has mapped to ``population``."""

from __future__ import annotations

import re
from typing import Final

import geopandas as gpd

from lifecircle.errors import preview
from lifecircle.sources.files.cell_values import key
from lifecircle.sources.files.columns import unread_headings
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.people_counts import PeopleSource

__all__ = ["remark_likely_population"]

_PEOPLE: Final = re.compile(
    r"population|(?:^|[^a-z])pop(?:[^a-z]|$)|residents?(?:$|[^a-z])|inhabitants|persons|einwohner|bevölkerung"
    r"|bevoelkerung|habitants|habitantes|població|poblacio|população|populacao|abitanti|popolazione"
    r"|inwoner|ludno|人口|居民数|居民人数|总人数"
)
"""What a column of people is called, in headings as `key` has them."""
_NO_COUNT: Final = re.compile(r"dens|dichte|densi|per_?(?:km|ha)|share|pct|percent|%|密度|比例|占比|率")


def remark_likely_population(
    communities: gpd.GeoDataFrame | None, people: PeopleSource, log: ReadingLog, *, file: str
) -> None:
    """Remark upon columns that may be the population, where no input says how many people live anywhere.

    Parameters
    ----------
    communities
        As `read_communities` returns them.
    people
        What ``[population]`` gave.
    log, file
        Takes the remark, on this file.
    """
    if communities is None or people.raster is not None or people.points is not None:
        return
    if communities["population"].notna().any():
        return
    likely = [name for name in unread_headings(communities) if _may_be_people(name)]
    if likely:
        log.remark(
            "population", "population-column-likely", item=file, value=preview(likely), severity="warning"
        )


def _may_be_people(heading: str) -> bool:
    """Whether a heading names a number of people.

    Examples
    --------
    >>> [_may_be_people(name) for name in ("EINWOHNER", "POP_2020", "常住人口", "popular", "pop_density")]
    [True, True, True, False, False]
    """
    said = key(heading)
    return _PEOPLE.search(said) is not None and _NO_COUNT.search(said) is None
