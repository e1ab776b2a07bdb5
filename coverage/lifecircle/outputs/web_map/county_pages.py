"""The counties of a large study, each with a page of its own, and how the pages lead to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd

from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.geometry import Origin, pack_shapes, rounded, simplified

_VERTICES_OF_BORDERS: Final = 20_000

__all__ = ["CountyPage", "page_links"]


@dataclass(frozen=True)
class CountyPage:
    """A county as the page of the whole study lists it.

    Attributes
    ----------
    code, name : of the county
    communities, short : how many it has, how many of them fall short of a binding target
    people : residents of those that fall short; NaN where nobody knows
    folder : where its files are, as seen from the page of the whole study
    outline : GeoSeries, its outline, study CRS
    """

    code: str
    name: str
    communities: int
    short: int
    people: float
    folder: str
    outline: gpd.GeoSeries


def page_links(counties: Sequence[CountyPage], whole: str, origin: Origin) -> Mapping[str, object]:
    """What a page says of the pages beside it.

    Parameters
    ----------
    counties
        Those that the study has pages of, on the page of the whole study.
    whole
        Address of the page of the whole study, on the page of a county; blank elsewhere.
    origin
        From ``map_origin``.
    """
    listed = sorted(counties, key=lambda one: (-one.short, one.code))
    shapes = [""] * len(listed)
    if listed:
        outlines = gpd.GeoSeries([one.outline.union_all() for one in listed], crs=listed[0].outline.crs)
        drawn = simplified(outlines, max_vertices=_VERTICES_OF_BORDERS, shared_borders=True)
        shapes = pack_shapes(drawn, origin)
    return {
        "counties": [
            {
                "code": one.code,
                "name": display_name(one.name),
                "communities": one.communities,
                "short": one.short,
                "people": rounded([one.people])[0],
                "page": f"{one.folder}/gap_map.html",
                "shape": shape,
            }
            for one, shape in zip(listed, shapes, strict=True)
        ],
        "whole": whole,
    }
