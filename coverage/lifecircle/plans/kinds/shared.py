"""What several kinds of rule have in common: their layers, their columns, and the checks of their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, model_validator

from lifecircle.plans.rule import EVERY_UNIT, Rule, Services, Threshold, Year, binding_judged, require
from lifecircle.plans.vocabulary import Binding, Comparator, PeopleMeasure
from lifecircle.study.numbers import DAY_MIN

__all__ = [
    "AT_LEAST",
    "OF_CIRCLES",
    "ColumnName",
    "ColumnRule",
    "FacilityRule",
    "GridRule",
    "Level",
    "MeasuredRule",
    "NetworkRule",
    "PresenceRule",
    "RatioRule",
    "ServiceLimit",
    "ShareRule",
    "WalkedRule",
    "WithinLimit",
    "binding_of_share",
    "require_comparator",
    "require_near",
    "require_number",
    "require_share",
    "require_whole",
]

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A column of a ledger, as `tables` and the study's own files name it."""

Level = Literal["nation", "province", "city", "county"]
"""Whose total a figure of a programme is."""

AT_LEAST: Final[tuple[Comparator, ...]] = (">=", ">", "=")
"""Comparators of a least number."""

OF_CIRCLES: Final = ("mode", "covered_share", "origin")
"""Assumptions of every circle."""

_FARTHEST: Final = {"min": DAY_MIN, "m": 100_000.0}
"""The longest limit that a circle may have, by its unit."""

_NETWORK_LAYERS: Final = ("streets", "demand", "facilities")


def require_comparator(rule: Rule, error: str = "plan-least-comparator") -> None:
    """Refuse a rule whose comparator its kind cannot mean."""
    require(rule.comparator in rule.comparators, error, found=rule.comparator)


def require_number(rule: Rule) -> None:
    """Refuse a target that is the name of an assumption: the kind wants the clause's own number, if any."""
    own = rule.target is None or isinstance(rule.target, float)
    require(own, "plan-target-not-a-number", found=str(rule.target))


def require_whole(rule: Rule) -> None:
    """Refuse a target that is no whole number."""
    whole = isinstance(rule.target, float) and rule.target.is_integer()
    require(whole, "plan-count-not-whole", found=str(rule.target))


def require_near(limit: Threshold | None, unit: str) -> None:
    """Refuse a limit in minutes or metres that no street network answers: a day, 100 km."""
    farthest = _FARTHEST.get(unit)
    if farthest is not None and isinstance(limit, float):
        require(limit <= farthest, "plan-limit-too-far", found=limit, limit=f"{farthest:,.0f} {unit}")


def require_share(rule: Rule) -> None:
    """Refuse a target that is no share in percent; a rule without a target has none to refuse."""
    share = rule.target is None or (isinstance(rule.target, float) and rule.target <= EVERY_UNIT)
    require(share, "plan-not-a-share", found=str(rule.target))


def binding_of_share(rule: Rule) -> Binding | None:
    """The whole where `target` is a share below 100 %, which no single unit can miss; else undecided."""
    return "whole" if isinstance(rule.target, float) and rule.target < EVERY_UNIT else None


class NetworkRule(Rule):
    """A rule that needs streets and people."""

    def needs_layers(self) -> tuple[str, ...]:
        """Also streets and people."""
        return tuple(dict.fromkeys((*super().needs_layers(), *_NETWORK_LAYERS)))

    @property
    def limit(self) -> Threshold:
        """The clause's limit, which a circle always has, or the assumption that holds it."""
        if self.target is None:
            raise ValueError(self.id)
        return self.target

    @property
    def people(self) -> PeopleMeasure:
        """Those beyond the limit."""
        return "beyond-reach"


class WalkedRule(NetworkRule):
    """A rule about the walks of people, or of a group with a profile of its own.

    Attributes
    ----------
    profile
        Who walks: ``wheelchair`` uses no steps; the study's ``[profiles]`` say how each group walks.
    """

    profile: Literal["elderly", "child", "wheelchair"] | None = None

    @property
    def walker(self) -> str:
        """The group whose walks count; ``""`` for everybody's."""
        return self.profile or ""


class WithinLimit(NetworkRule):
    """A rule whose clause sets a limit: so many minutes or metres at most."""

    usual: ClassVar[Mapping[str, str]] = {"comparator": "<="}
    comparators: ClassVar[tuple[Comparator, ...]] = ("<=",)

    @model_validator(mode="after")
    def _is_a_limit(self) -> WithinLimit:
        require(self._limits(), "plan-circle-comparator", kind=self.kind, found=self.comparator)
        require_near(self.target, self.unit)
        return self

    def _limits(self) -> bool:
        """Whether comparator and target make a limit."""
        return self.comparator == "<="


class ServiceLimit(WalkedRule, WithinLimit):
    """A limit to facilities of some services.

    Attributes
    ----------
    services
        Any one of them will do.
    """

    services: Services

    def _services(self) -> tuple[str, ...]:
        return self.services


class PresenceRule(Rule):
    """A rule that counts facilities lying in areas; facilities outside the boundary never count.

    Attributes
    ----------
    services
        What is counted: any one of them (`need` is ``any``), or each on its own (``each``).
    min_floor_area_m2, min_site_area_m2
        A facility smaller than this, by its floors or by its site, does not count.
    meets_standard
        Only facilities declared to meet their standard count.
    township_services
        What townships and streets must hold, where that is another facility than a community's.
    """

    services: Services
    need: Literal["any", "each"] = "any"
    min_floor_area_m2: float | None = Field(default=None, gt=0)
    min_site_area_m2: float | None = Field(default=None, gt=0)
    meets_standard: bool = False
    township_services: Services | None = None

    def in_layer(self, layer: str) -> tuple[str, ...]:
        """The services that count in one layer: a township's own facility is none of its communities'."""
        return self.township_services if self.township_services and layer == "townships" else self.services

    def needs_columns(self) -> tuple[str, ...]:
        """Also what makes a facility count."""
        least = {"floor_area_m2": self.min_floor_area_m2, "site_area_m2": self.min_site_area_m2}
        area = tuple(f"facilities.{name}" for name, asked in least.items() if asked is not None)
        standard = ("facilities.meets_standard",) if self.meets_standard else ()
        return (*super().needs_columns(), *area, *standard)

    def _services(self) -> tuple[str, ...]:
        return (*self.services, *(self.township_services or ()))

    def _further_assumptions(self) -> tuple[str, ...]:
        return ("site_area_from_outline",) if self.min_site_area_m2 is not None else ()


class FacilityRule(Rule):
    """A rule about every facility of some services; facilities beyond the boundary are not judged.

    Attributes
    ----------
    services
        Whose facilities are judged.
    built_since
        Only those built in this year or later; the others are not applicable.
    """

    services: Services
    built_since: Year | None = None

    def needs_layers(self) -> tuple[str, ...]:
        """Facilities; and the areas whose scope picks among them."""
        areas = ("communities",) if self.picks_by_scope else ()
        return (*areas, "facilities")

    def needs_columns(self) -> tuple[str, ...]:
        """Also what is asked of a facility."""
        built = ("facilities.built_year",) if self.built_since is not None else ()
        scope = ("communities.scope",) if self.picks_by_scope else ()
        return (*scope, *(f"facilities.{name}" for name in self._figures()), *built)

    @property
    def picks_by_scope(self) -> bool:
        """Whether only facilities in communities of the rule's scope are judged."""
        return False

    def _figures(self) -> tuple[str, ...]:
        """Columns of the facilities' ledger."""
        return ()

    def _services(self) -> tuple[str, ...]:
        return self.services

    @property
    def people(self) -> PeopleMeasure:
        """Facilities are judged, not who lives near them."""
        return "nobody"


class MeasuredRule(FacilityRule):
    """A rule about one figure of every facility.

    Attributes
    ----------
    judged
        ``each`` facility on its own; or all ``together`` by their mean, which a clause may state of the
        facilities of town or country alone.
    """

    comparators: ClassVar[tuple[Comparator, ...]] = (*AT_LEAST, "range", "none")

    judged: Literal["each", "together"] | None = None

    @property
    def picks_by_scope(self) -> bool:
        """A mean is taken over the facilities of the rule's scope."""
        return self.judged_as == "whole" and self.scope != "both"

    @model_validator(mode="after")
    def _is_a_test(self) -> MeasuredRule:
        require_comparator(self)
        require_number(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    @property
    def figure(self) -> str:
        """The column measured."""
        raise NotImplementedError

    def _figures(self) -> tuple[str, ...]:
        return (self.figure,)


class ColumnRule(Rule):
    """A rule that reads one column of its areas' own ledger, and no facility.

    Attributes
    ----------
    column
        Where the figure stands.
    """

    column: ColumnName

    def needs_layers(self) -> tuple[str, ...]:
        """The areas themselves."""
        return tuple(self.layers)

    def needs_columns(self) -> tuple[str, ...]:
        """Also the figure, and what it is divided by."""
        columns = (*self.columns, *self._divisors())
        return (
            *super().needs_columns(),
            *(f"{layer}.{column}" for layer in self.layers for column in columns),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns read."""
        return (self.column,)

    def _divisors(self) -> tuple[str, ...]:
        """Columns the figure is divided by."""
        return ()


class RatioRule(Rule):
    """Facilities of an area against its people or households.

    Attributes
    ----------
    services
        Whose facilities are added up, each facility once.
    judged
        The older way to write `binding`: ``each`` area against the clause, and the share of areas that
        pass; or all ``together``, which is how a plan's table states an indicator.
    """

    figure: ClassVar[str]
    per: ClassVar[str]
    per_number: ClassVar[float]
    comparators: ClassVar[tuple[Comparator, ...]] = AT_LEAST

    services: Services
    judged: Literal["each", "together"] | None = None

    @model_validator(mode="after")
    def _is_a_minimum(self) -> RatioRule:
        require_comparator(self)
        require_number(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_judged(self.judged) or super()._settled_binding()

    def _usual_binding(self) -> Binding:
        return "whole"

    def needs_columns(self) -> tuple[str, ...]:
        """Also both sides of the ratio."""
        divisors = (f"{layer}.{self.per}" for layer in self.layers)
        return (*super().needs_columns(), *divisors, f"facilities.{self.figure}")

    def _services(self) -> tuple[str, ...]:
        return self.services


class ShareRule(Rule):
    """A rule whose clause sets a share of what it counts, in percent, or reports it."""

    wrong_comparator: ClassVar[str] = "plan-least-comparator"
    """Key of the fault of any other comparator."""
    comparators: ClassVar[tuple[Comparator, ...]] = (*AT_LEAST, "none")

    @model_validator(mode="after")
    def _is_a_share(self) -> ShareRule:
        require_comparator(self, self.wrong_comparator)
        require_share(self)
        return self

    def _settled_binding(self) -> Binding | None:
        return binding_of_share(self) or super()._settled_binding()


class GridRule(Rule):
    """A rule that compares a layer of grids with the communities they divide."""

    def needs_layers(self) -> tuple[str, ...]:
        """Grids and communities."""
        return ("communities", "areas:grid")

    def needs_columns(self) -> tuple[str, ...]:
        """Also the scope that decides between town and country."""
        return ("communities.scope",) if self.scope != "both" else ()
