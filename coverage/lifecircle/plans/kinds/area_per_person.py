"""Area of facilities' sites for every resident."""

from __future__ import annotations

from typing import ClassVar, Literal

from lifecircle.plans.kinds.shared import RatioRule

__all__ = ["AreaPerPerson"]


class AreaPerPerson(RatioRule):
    """Area of the facilities' sites, or of the sports grounds on them, for every resident.

    Attributes
    ----------
    area
        ``site``: all of the site. ``sports``: 场地面积, the ground that sport is played on; the site, which
        the outline on a map shows, is only its upper bound.
    """

    leans_on: ClassVar[tuple[str, ...]] = ("site_area_from_outline",)

    per = "population"
    per_number = 1.0

    kind: Literal["area-per-person"]
    unit: Literal["m2/person"]
    area: Literal["site", "sports"] = "site"

    @property
    def figure(self) -> str:  # type: ignore[override]
        """The column added up."""
        return {"site": "site_area_m2", "sports": "sports_area_m2"}[self.area]

    @property
    def upper_figure(self) -> str | None:
        """The column that a facility's figure can surely not exceed: a field lies within its site."""
        return "site_area_m2" if self.area == "sports" else None
