"""What every rule carries, whatever its kind: the clause, its words, its number and its units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from lifecircle import services
from lifecircle.errors import shown
from lifecircle.plans.vocabulary import (
    ASSUMPTIONS,
    LAYER_OF_UNIT,
    LEVEL_OF_UNIT,
    AssessmentUnit,
    Binding,
    Certainty,
    Comparator,
    Mark,
    Nature,
    PeopleMeasure,
    Role,
    Scope,
)
from lifecircle.study.numbers import NO_TRUTH
from lifecircle.study.sections import ONE_OR_MORE
from lifecircle.tables import COMMUNITY_LEVELS

__all__ = [
    "EVERY_UNIT",
    "Condition",
    "LocalText",
    "Record",
    "Rule",
    "ServiceId",
    "Services",
    "Threshold",
    "Year",
    "binding_judged",
    "require",
]


def _known_service(name: str) -> str:
    """The service itself, or what it may have meant."""
    if name not in services.catalogue():
        raise PydanticCustomError(
            "plan-unknown-service",
            "no service {found}",
            {"found": name, "nearest": services.nearest(name, services.catalogue())},
        )
    return name


def _number_or_assumption(value: Any) -> float | str:
    """A clause's number as a float, or the name of an assumption as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if isinstance(value, str) and value in ASSUMPTIONS:
        return value
    raise PydanticCustomError(
        "plan-unknown-assumption",
        "{found} is no number and no assumption",
        {"found": str(value), "nearest": services.nearest(str(value), ASSUMPTIONS)},
    )


EVERY_UNIT = 100.0
"""Percent: a share that leaves no unit out, so that each unit is judged."""

_THRESHOLDS = frozenset(
    {
        "walk_speed_kmh",
        "elderly_speed_kmh",
        "covered_share",
        "basic_types",
        "quality_types",
        "quality_types_needed",
        "adjacency_m",
        "accessible_minutes",
    }
)
"""Assumptions that are thresholds, as others say whom or what to measure."""

_SYMBOL_OF: Final = {"minutes": "min", "minute": "min", "metres": "m", "meters": "m"}
"""Units written out, and their symbols."""
_USUAL: Final = {"role": "standing", "units": ("community", "village"), "scope": "both"}
"""What a rule is about where its file does not say."""

ServiceId = Annotated[str, AfterValidator(_known_service)]
Services = Annotated[tuple[ServiceId, ...], Field(min_length=1), ONE_OR_MORE]
Threshold = Annotated[float | str, PlainValidator(_number_or_assumption)]
"""A number of the clause, or the named assumption that stands in where the clause has none."""


_MOST = 1e12
"""No number of a plan is larger."""


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_wild_numbers(cls, value: Any) -> Any:
        """Numbers are such as plans write: with larger ones figures would turn into infinity."""
        for key, number in value.items() if isinstance(value, Mapping) else ():
            if isinstance(number, int | float) and abs(number) > _MOST:
                said = {"field": str(key), "found": shown(number), "limit": f"{_MOST:,.0f}"}
                raise PydanticCustomError("plan-number-too-large", "too large", said)
        return value


Year = Annotated[int, NO_TRUTH, Field(ge=1900, le=2200)]


class LocalText(Record):
    """The same words in Chinese and in English; a plan of one language says them once."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _of_one_language(cls, value: Any) -> Any:
        """Words without a language, or in one, stand for both."""
        if isinstance(value, str):
            return {"zh": value, "en": value}
        if isinstance(value, Mapping) and len(value) == 1 and value.keys() <= {"zh", "en"}:
            (words,) = value.values()
            return {"zh": words, "en": words}
        return value

    def __getitem__(self, lang: str) -> str:
        return {"zh": self.zh, "en": self.en}[lang]


class Condition(Record):
    """Which units of the named kind a clause concerns; the others are not applicable.

    Attributes
    ----------
    population_over
        Residents must exceed this: a unit with exactly this many is exempt.
    population_at_least
        Residents must reach this.
    names_excluded
        Names of exempt units, as the plan writes them.
    """

    population_over: float | None = Field(default=None, ge=0)
    population_at_least: float | None = Field(default=None, ge=0)
    names_excluded: tuple[str, ...] = ()


class Rule(Record):
    """One provision of a plan.

    Attributes
    ----------
    id, clause, quote
        The provision's stable id, where it stands, and its words with white space removed.
    clause_words
        The clause in both languages, where it is a word and not a number; `clause` itself where left out.
    restated
        Other passages of the same plan that say the same.
    role
        ``target`` (dated), ``standing`` (no year) or ``baseline`` (a fact, never judged).
    units, scope
        What is judged. Units of one layer share a denominator; layers are judged apart. `scope` picks
        among communities and villages; of the units above them it is only a remark.
    comparator, target, target_max, unit
        The clause's own test. `target` is the name of an assumption where the clause has no number,
        and None where there is nothing to test.
    target_year, baseline, baseline_year
        By when, and where the plan started, in `unit`.
    share_target_pct, share_comparator, share_baseline_pct
        Share of units that must pass the test of each unit; None where the plan names no share. The
        comparator ``none`` stands alone where the clause hedges how many units ("basically every street"):
        each is judged and their share is only reported.
    qualifier
        The hedge in the clause (``基本形成``), as it stands.
    condition
        Which units it concerns.
    certainty
        ``unconfirmed`` where a figure was not checked against the original: findings become provisional.
    nature
        ``expected`` (预期性) or ``binding`` (约束性), where the plan's table says.
    mark, cited
        How the figure of a standard is known (`vocabulary.Mark`), and where it was read.
    report_only
        The clause names a thing that nothing tests: the figure is reported and never met or short.
    binding
        ``unit`` where the plan sets the figure for each unit, ``whole`` where it sets it for all of them:
        a share below 100 %, an average, a total. Where a file leaves it out the rule's other fields say it.
    responsible
        Departments that the plan names for the clause; each must be listed in the plan's `departments`.
    """

    leans_on: ClassVar[tuple[str, ...]] = ()
    """Assumptions that every rule of the kind uses."""
    usual: ClassVar[Mapping[str, str]] = {}
    """Keys where a file leaves them out: the comparator of a circle is that of a limit."""
    comparators: ClassVar[tuple[Comparator, ...]] = get_args(Comparator)
    """Comparators that the kind can mean."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: str
    clause: str = Field(min_length=1)
    clause_words: LocalText | None = None
    role: Role
    title: LocalText
    quote: str = Field(min_length=1)
    restated: tuple[str, ...] = ()
    units: tuple[AssessmentUnit, ...] = Field(min_length=1)
    scope: Scope
    comparator: Comparator
    target: Threshold | None = None
    target_max: float | None = None
    unit: str
    target_year: Year | None = None
    baseline: float | None = None
    baseline_year: Year | None = None
    share_comparator: Comparator | None = None
    share_target_pct: float | None = Field(default=None, ge=0, le=100)
    share_baseline_pct: float | None = Field(default=None, ge=0, le=100)
    qualifier: str = ""
    condition: Condition | None = None
    certainty: Certainty = "confirmed"
    nature: Nature | None = None
    mark: Mark | None = None
    cited: str = ""
    note: LocalText | None = None
    report_only: bool = False
    binding: Binding | None = None
    responsible: tuple[str, ...] = ()
    _sizes: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="before")
    @classmethod
    def _as_usual(cls, value: Any) -> Any:
        """What a plan of one's own may leave out: the clause is the rule itself, in its title's words."""
        if not isinstance(value, Mapping):
            return value
        title = value.get("title")
        words = next(iter(title.values()), None) if isinstance(title, Mapping) else title
        only = get_args(cls.model_fields["unit"].annotation) if "unit" in cls.model_fields else ()
        unit = {"unit": only[0]} if len(only) == 1 else {}
        if (symbol := _SYMBOL_OF.get(str(value.get("unit")))) in only:
            value = {**value, "unit": symbol}
        usual = {**_USUAL, **unit, **cls.usual, "clause": value.get("id"), "quote": words}
        return {**{key: said for key, said in usual.items() if said}, **value}

    @model_validator(mode="after")
    def _target_fits_comparator(self) -> Rule:
        """A comparator needs its number, a range two in order, and a share its comparator."""
        if (self.comparator == "none") != (self.target is None):
            raise PydanticCustomError("plan-target-missing", "target", {"comparator": self.comparator})
        is_range = (
            isinstance(self.target, float) and self.target_max is not None and self.target <= self.target_max
        )
        if (self.comparator == "range") != is_range or (self.target_max is not None and not is_range):
            raise PydanticCustomError("plan-range-broken", "range", {})
        if isinstance(self.target, float) and self.target < 0:
            raise PydanticCustomError("plan-negative-target", "negative", {"found": self.target})
        if (self.share_comparator in {None, "none"}) != (self.share_target_pct is None):
            raise PydanticCustomError("plan-share-broken", "share", {})
        return self

    @model_validator(mode="after")
    def _knows_its_sizes(self) -> Rule:
        """Services of a plan's or a study's own are known while its rules are read."""
        known = services.catalogue()
        selected = (known[name].least for name in self._services() if name in known)
        self._sizes = tuple(dict.fromkeys(column for least in selected for column in least))
        return self

    @model_validator(mode="after")
    def _is_of_one_level(self) -> Rule:
        """A share below 100 %, an average or a total is no figure that a single unit can miss."""
        settled = self._settled_binding()
        fits = self.binding is None or settled is None or self.binding == settled
        require(fits, "plan-levels-mixed", binding=self.binding, settled=settled)
        return self

    @model_validator(mode="after")
    def _is_as_sure_as_its_mark(self) -> Rule:
        """Only what was read in its primary text is confirmed; what was read elsewhere says where."""
        sure = self.mark is None or (self.mark == "P") == (self.certainty == "confirmed")
        require(sure, "plan-mark-certainty", mark=self.mark, certainty=self.certainty)
        require(self.mark != "S" or bool(self.cited), "plan-mark-uncited")
        return self

    @property
    def judged_as(self) -> Binding:
        """Whether each unit is judged, or all of them as one whole."""
        return self.binding or self._settled_binding() or self._usual_binding()

    def _settled_binding(self) -> Binding | None:
        """What the rule's other fields leave no choice about; None where both can be meant."""
        if self.share_target_pct is not None and self.share_target_pct < EVERY_UNIT:
            return "whole"
        return None

    def _usual_binding(self) -> Binding:
        """How a clause of this kind is meant where neither its fields nor the file say."""
        return "unit"

    @property
    def baseline_is_comparable(self) -> bool:
        """Whether the present figure is counted as the plan counted its baseline.

        It is where departments report both. What is measured from maps and ledgers follows the definitions of
        the study, and how far it has come from a baseline counted otherwise nobody can tell.
        """
        return False

    @property
    def people(self) -> PeopleMeasure:
        """Whom the rule's findings count as concerned: one measure, the same in every table."""
        return "of-units-short"

    @property
    def our_thresholds(self) -> tuple[str, ...]:
        """Assumptions whose value decides the verdict because the clause states no such threshold."""
        return tuple(name for name in self.assumptions if name in _THRESHOLDS)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels, as findings name them, at which units are judged; in the order of `units`, no doubles."""
        return tuple(dict.fromkeys(LEVEL_OF_UNIT[unit] for unit in self.units))

    @property
    def layers(self) -> dict[str, tuple[str, ...]]:
        """Units by the layer that holds them: each layer has a denominator of its own."""
        by_layer: dict[str, tuple[str, ...]] = {}
        for unit in self.units:
            layer = LAYER_OF_UNIT[unit]
            by_layer[layer] = (*by_layer.get(layer, ()), unit)
        return by_layer

    @property
    def is_report_only(self) -> bool:
        """Whether the rule is never met or short: a baseline, or a clause without a test of its own.

        A target that is the name of an assumption is none of the clause's: "accessible", "adjacent".
        """
        untested = self.comparator == "none" or isinstance(self.target, str)
        return self.report_only or self.role == "baseline" or untested

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Names of the assumptions a finding under this rule uses, in the order of the vocabulary."""
        named = (self.target,) if isinstance(self.target, str) else ()
        site = ("site_area_from_outline",) if "site_area_m2" in self.sizes else ()
        return tuple(dict.fromkeys((*self.leans_on, *named, *self._further_assumptions(), *site)))

    @property
    def all_services(self) -> tuple[str, ...]:
        """Every service the rule names itself, without doubles (those behind an assumption are not)."""
        return tuple(dict.fromkeys(self._services()))

    def needs_columns(self) -> tuple[str, ...]:
        """Columns, as ``table.column``, without which the rule is no-data."""
        columns = ["communities.scope"] if self.scope != "both" and "communities" in self.layers else []
        if self.condition is not None:
            of_people = self.condition.population_over, self.condition.population_at_least
            tables = [layer for layer in self.layers if layer != "facilities"]
            if any(bound is not None for bound in of_people):
                columns += [f"{table}.population" for table in tables]
            if self.condition.names_excluded:
                columns += [f"{table}.name" for table in tables]
        if len({"street", "township"} & set(self.units)) == 1:
            columns.append("townships.kind")
        if self.scope == "both" and len(set(COMMUNITY_LEVELS) & set(self.units)) == 1:
            columns.append("communities.kind")
        return tuple(dict.fromkeys(columns))

    @property
    def sizes(self) -> tuple[str, ...]:
        """Columns that say which facilities offer the services that are selected by size."""
        return self._sizes

    def needs_layers(self) -> tuple[str, ...]:
        """Layers without which the rule is no-data."""
        return tuple(dict.fromkeys((*self.layers, "facilities")))

    def _services(self) -> tuple[str, ...]:
        """Services the kind names."""
        return ()

    def _further_assumptions(self) -> tuple[str, ...]:
        """Assumptions that depend on the rule's own fields."""
        return ()


def require(holds: bool, error: str, **values: Any) -> None:  # noqa: FBT001
    """Refuse a rule whose fields do not go together, under the message's own key."""
    if not holds:
        raise PydanticCustomError(error, error, values)


def binding_judged(judged: str | None) -> Binding | None:
    """The level that ``judged`` of an older plan file means; None where it is left out."""
    return None if judged is None else "unit" if judged == "each" else "whole"
