"""Facilities that name their community: placed by it where nothing else says where they are, else checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import preview
from lifecircle.sources.files.shapes import labelled
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.name_variants import meant, suggested

__all__ = ["NAMED_COMMUNITY", "check_named_communities", "place_by_community"]

NAMED_COMMUNITY: Final = "named_community"
"""Column of a ledger's rows: the code of the community that the row names; ``""`` where it names none."""


def place_by_community(
    rows: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, log: ReadingLog, *, file: str
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Rows without coordinates put inside the community they name, and those that nobody can place.

    Parameters
    ----------
    rows
        Of one ledger, with `NAMED_COMMUNITY`, in any coordinate system.
    communities
        ``code`` and ``geometry``; results are in their system.
    log, file
        Takes one remark on the rows placed so, and one on those that cannot be.

    Returns
    -------
    GeoDataFrame, DataFrame
        The rows that have a place, and the rest.
    """
    rows = rows.assign(**{NAMED_COMMUNITY: _known_codes(rows, communities, log, file)})
    placed = rows.to_crs(communities.crs)
    lacking = shapely.is_missing(placed.geometry.to_numpy())
    if not lacking.any():
        return placed, rows.iloc[:0]
    inside = dict(zip(communities["code"], communities.geometry.representative_point(), strict=True))
    named = placed[NAMED_COMMUNITY].to_numpy(dtype=object)
    shapes = placed.geometry.to_numpy().copy()
    shapes[lacking] = [inside.get(code) for code in named[lacking]]
    placed = placed.set_geometry(gpd.GeoSeries(shapes, index=placed.index, crs=communities.crs))
    lost = shapely.is_missing(shapes)
    _remark(placed[lacking & ~lost], "placed-by-community", log, file)
    _remark(placed[lost], "community-unknown", log, file)
    return placed[~lost], pd.DataFrame(rows[lost])


def _known_codes(rows: pd.DataFrame, communities: gpd.GeoDataFrame, log: ReadingLog, file: str) -> list[str]:
    """What rows name as their community, names that the user's table explains put as codes.

    A name that is no community's code, and that the table does not explain, is kept as a doubt.
    """
    known = set(communities["code"])
    said = [str(name) for name in rows[NAMED_COMMUNITY].fillna("")]
    strange = {name for name in said if name and name not in known}
    if not strange:
        return said
    by_name = dict(zip(communities["name"].astype(str), communities["code"], strict=True))
    explained: dict[str, str] = {}
    for name in sorted(strange):
        use = meant("community", name, log)
        if use in known:
            explained[name] = use
            continue
        at = [str(row) for row, one in zip(rows["row"], said, strict=True) if one == name]
        log.doubts.append(suggested("community", name, by_name, file=file, rows=at[:10]))
    if explained:
        count = sum(name in explained for name in said)
        value = preview([f"{name} = {code}" for name, code in explained.items()], 10)
        log.remark("facilities", "names-explained", item=file, count=count, value=value)
    return [explained.get(name, name) for name in said]


def check_named_communities(rows: gpd.GeoDataFrame, files: Mapping[str, str], log: ReadingLog) -> None:
    """Remark upon facilities that name another community than they lie in, or one that nobody knows.

    Parameters
    ----------
    rows
        Facilities with ``community`` (where they lie), ``source`` and `NAMED_COMMUNITY`.
    files
        Source to its file.
    """
    if NAMED_COMMUNITY not in rows:
        return
    named = rows[NAMED_COMMUNITY].fillna("")
    wrong = (named != "") & (rows["community"] != "") & (named != rows["community"])
    for source, group in rows[wrong].groupby("source", sort=True):
        _remark(group, "community-contradicted", log, files.get(str(source), str(source)))


def _remark(rows: pd.DataFrame, remark: str, log: ReadingLog, file: str) -> None:
    """One remark on rows, named by row, id and the community they name."""
    if not len(rows):
        return
    single = rows.drop_duplicates("row")
    named = single.set_index("row").rename(columns={"facility": "id"})
    words = labelled(named, np.ones(len(named), dtype=bool))
    said = [f"{word}: {code}" for word, code in zip(words, single[NAMED_COMMUNITY], strict=True)]
    log.remark("facilities", remark, item=file, count=len(single), value=preview(said), severity="warning")
