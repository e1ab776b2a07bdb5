"""How many there are in a whole jurisdiction."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from lifecircle.plans.kinds.shared import AT_LEAST, ColumnName, Level, require_comparator, require_whole
from lifecircle.plans.rule import Rule, ServiceId, Year, require
from lifecircle.plans.vocabulary import Binding, Comparator, PeopleMeasure
from lifecircle.study.sections import ONE_OR_MORE

__all__ = ["CountTarget"]


CountUnit = Literal[
    "facilities", "stations", "points", "units", "communities", "counties/districts", "persons"
]


class CountTarget(Rule):
    """How many there are in the whole jurisdiction: a total that none of its parts must reach alone.

    Attributes
    ----------
    counts
        ``facilities`` of `services`; ``units`` themselves; ``units-with`` or ``units-without`` a facility
        of `services`; or the sum of a ``column`` of the units.
    of_level
        Whose total it is: in a study of a smaller place the rule is not applicable, and the count is told.
    min_floor_area_m2
        A facility smaller than this does not count.
    adds
        `target` comes on top of what there was: of `baseline`, or, where the plan does not say how many
        those were, only facilities built since `built_since` count.
    built_since
        First year a facility may have been built to count.
    """

    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    kind: Literal["count-target"]
    unit: CountUnit
    counts: Literal["facilities", "units", "units-with", "units-without", "column"]
    of_level: Level
    services: Annotated[tuple[ServiceId, ...], ONE_OR_MORE] = ()
    column: ColumnName | None = None
    min_floor_area_m2: float | None = Field(default=None, gt=0)
    adds: bool = False
    built_since: Year | None = None

    @model_validator(mode="after")
    def _counts_one_thing(self) -> CountTarget:
        require_comparator(self)
        require_whole(self)
        wants_services = self.counts in {"facilities", "units-with", "units-without"}
        require(wants_services == bool(self.services), "plan-count-of-what", counts=self.counts)
        require(
            (self.counts == "column") == (self.column is not None), "plan-count-of-what", counts=self.counts
        )
        known = not self.adds or self.baseline is not None or self.built_since is not None
        require(known, "plan-adds-to-what")
        return self

    def _settled_binding(self) -> Binding:
        """Always the whole: a figure of the jurisdiction."""
        return "whole"

    @property
    def total(self) -> float:
        """What there must be in all: with `adds` and a baseline, the baseline included."""
        asked = float(self.target or 0)
        return asked + (self.baseline or 0.0) if self.adds and self.built_since is None else asked

    @property
    def picks_areas(self) -> bool:
        """Whether only facilities in some of the areas count: of one scope, or streets and no townships."""
        by_scope = self.scope != "both" and "communities" in self.layers
        return by_scope or len({"street", "township"} & set(self.units)) == 1

    def needs_layers(self) -> tuple[str, ...]:
        """Facilities, or the units counted, or both."""
        facilities = ("facilities",) if self.services else ()
        areas = tuple(self.layers) if self.counts != "facilities" or self.picks_areas else ()
        return (*areas, *facilities)

    def needs_columns(self) -> tuple[str, ...]:
        """Also the column summed, and what makes a facility count."""
        own = super().needs_columns() if self.counts != "facilities" or self.picks_areas else ()
        summed = tuple(f"{layer}.{self.column}" for layer in self.layers) if self.column else ()
        area = ("facilities.floor_area_m2",) if self.min_floor_area_m2 is not None else ()
        built = ("facilities.built_year",) if self.built_since is not None else ()
        return (*own, *summed, *area, *built)

    def _services(self) -> tuple[str, ...]:
        return self.services

    @property
    def people(self) -> PeopleMeasure:
        """A total concerns no one unit."""
        return "nobody"
