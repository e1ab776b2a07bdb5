"""The counties of a large study, each with a page of its own, and how the pages lead to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd

from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.geometry import Origin, pack_shapes, rounded, simplified

_VERTICES_OF_BORDERS: Final = 20_000

__all__ = ["CountyPage", "page_links", "worst_first"]


@dataclass(frozen=True)
class CountyPage:
    """A county as the map and the reports of the whole study list it.

    Attributes
    ----------
    code, name : of the county
    communities, short : how many it has, how many of them fall short of a binding target
    people : residents of those that fall short; NaN where nobody knows
    folder : where its files are, as seen from the page of the whole study
    outline : GeoSeries, its outline, study CRS
    residents : of all its communities; NaN where nobody knows
    short_of : how many of its communities fall short of a rule, by plan and rule, where any are judged
    largest : what most of its residents lack, in words; blank where nothing is missing
    """

    code: str
    name: str
    communities: int
    short: int
    people: float
    folder: str
    outline: gpd.GeoSeries
    residents: float = float("nan")
    short_of: Mapping[tuple[str, str], int] = field(default_factory=dict)
    largest: str = ""

    @property
    def map_address(self) -> str:
        """Of its map, as seen from the folder of the whole study."""
        return f"{self.folder}/gap_map.html"

    @property
    def report_address(self) -> str:
        """Of its report, as seen from the folder of the whole study."""
        return f"{self.folder}/report.html"


def worst_first(counties: Iterable[CountyPage]) -> list[CountyPage]:
    """Counties in the order in which they are listed: those where most communities fall short first."""
    return sorted(counties, key=lambda one: (-one.short, one.code))


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
    listed = worst_first(counties)
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
                "page": one.map_address,
                "shape": shape,
            }
            for one, shape in zip(listed, shapes, strict=True)
        ],
        "whole": whole,
    }
