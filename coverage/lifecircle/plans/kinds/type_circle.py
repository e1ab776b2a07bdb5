"""Circles of several types of service: the convenience circle, by tier or by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.plans.kinds.shared import AT_LEAST, OF_CIRCLES, WalkedRule, require_near
from lifecircle.plans.rule import ServiceId, Services, Threshold, require
from lifecircle.plans.vocabulary import Binding, Comparator

__all__ = ["TypeCircle"]


def _groups_or_assumption(value: Any) -> Any:
    """Refuse a text that is not the one assumption that may stand for groups of services."""
    if isinstance(value, str) and value != "basic_types":
        raise PydanticCustomError(
            "plan-unknown-assumption", "{found}", {"found": value, "nearest": "basic_types"}
        )
    return value


class TypeCircle(WalkedRule):
    """Residents within a time of every required type of service (the convenience circle).

    The clause either sets the circle's minutes (`unit` is ``min``) or how many circles there must be
    (`unit` is ``circles``; `circle_minutes` then says how large one is).

    Attributes
    ----------
    tier
        ``basic``: the required types. ``quality``: those, and as many quality-improving types as
        the assumption ``quality_types_needed`` says.
    types
        Required groups; one service of a group is enough. Or ``basic_types``, the assumption.
    also
        Services required beside the types.
    """

    leans_on: ClassVar[tuple[str, ...]] = (*OF_CIRCLES, "walk_speed_kmh")
    usual: ClassVar[Mapping[str, str]] = {"comparator": "<=", "unit": "min", "tier": "basic"}
    comparators: ClassVar[tuple[Comparator, ...]] = ("<=", *AT_LEAST)

    kind: Literal["type-circle"]
    unit: Literal["min", "circles"]
    tier: Literal["basic", "quality"]
    types: Annotated[
        tuple[Services, ...] | Literal["basic_types"], BeforeValidator(_groups_or_assumption)
    ] = "basic_types"
    also: tuple[ServiceId, ...] = ()
    circle_minutes: Threshold | None = None

    @model_validator(mode="after")
    def _has_minutes_once(self) -> TypeCircle:
        wanted = self.unit == "circles"
        require((self.circle_minutes is not None) == wanted, "plan-circle-minutes", unit=self.unit)
        allowed = {"min": ("<=",), "circles": AT_LEAST}[self.unit]
        require(self.comparator in allowed, "plan-circle-comparator", kind=self.kind, found=self.comparator)
        require_near(self.circle_minutes if wanted else self.target, "min")
        return self

    def _settled_binding(self) -> Binding | None:
        return "whole" if self.unit == "circles" else super()._settled_binding()

    @property
    def minutes(self) -> Threshold:
        """The circle's limit in minutes, or the assumption that holds it."""
        return self.limit if self.circle_minutes is None else self.circle_minutes

    def _services(self) -> tuple[str, ...]:
        named = () if isinstance(self.types, str) else tuple(name for group in self.types for name in group)
        return (*named, *self.also)

    def _further_assumptions(self) -> tuple[str, ...]:
        types = ("basic_types",) if self.types == "basic_types" else ()
        quality = ("quality_types", "quality_types_needed") if self.tier == "quality" else ()
        limit = (self.circle_minutes,) if isinstance(self.circle_minutes, str) else ()
        built = ("life_circle_people",) if "life-circle" in self.units else ()
        return (*types, *quality, *limit, *built)
