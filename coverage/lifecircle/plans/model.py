"""A plan: its title page, and its rules in the order they stand in the document."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from lifecircle.messages import LANGUAGES, text
from lifecircle.plans.clause_places import english_clause
from lifecircle.plans.divisions import Division
from lifecircle.plans.kinds import AnyRule
from lifecircle.plans.rule import LocalText, Record, Rule, require
from lifecircle.study import Assumptions
from lifecircle.study.sections import ServiceOfOnesOwn

_MISPRINTED: Final = re.compile(r"(?<=\d)O|(?<=（)O(?=）)")
"""A letter O where the web editions of plans print ㎡."""

_ROW: Final = re.compile(r"(.+）)([\d.≥≤]+)([^\W\d]\w*)?")
"""A row of a table of indicators: name with unit, beginning and target, nature."""

__all__ = [
    "Jurisdiction",
    "Plan",
    "clause_in_words",
    "plan_summary",
    "readable_quote",
    "responsible_in_words",
]


class Jurisdiction(Record):
    """Whom the plan binds.

    Attributes
    ----------
    code
        Its code: in China the six digits of the administrative division (GB/T 2260), elsewhere what the
        country uses (``MC-01``); blank for a standard that binds everywhere.
    country
        Two letters (ISO 3166-1), or ``any``. Only maps of China need a review number.
    name
        Its name.
    """

    code: str = Field(default="", pattern=r"^([0-9]{6}|[A-Z]{2}[A-Z0-9-]{0,14})?$")
    country: str = Field(default="CN", pattern=r"^([A-Z]{2}|any)$")
    name: LocalText


_ANYWHERE: Final = Jurisdiction(
    country="any", name=LocalText(**{lang: text("plans.anywhere", lang) for lang in LANGUAGES})
)


def _in_order(period: tuple[int, int]) -> tuple[int, int]:
    """The years themselves, if the first does not lie behind the last."""
    first, last = period
    require(first <= last, "plan-period-reversed", first=first, last=last)
    return period


def _in_both_languages(name: object) -> object:
    """A name that is given once: it stands in either language."""
    return {"zh": name, "en": name} if isinstance(name, str) else name


class Plan(Record):
    """One plan or standard.

    Attributes
    ----------
    id
        As users name it: ``hainan-2022``.
    title, document_no, source
        What it is called, its number (blank where it has none) and where its text is found.
    issued, period
        Date of issue; first and last year it covers; None where the file says neither.
    level
        Level of the authority that issued it.
    jurisdiction
        Whom it binds; anywhere where the file names nobody.
    divisions
        The plan's own table of the units at a level, where codes alone do not tell it; empty where the
        lengths of the codes do.
    departments
        Departments that the plan holds responsible for its clauses, as it names them; with an English name
        where the file gives one.
    services
        Services that the catalogue does not have: ``[[services]]`` of the plan file.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: LocalText
    document_no: str = ""
    issued: dt.date | None = None
    period: Annotated[tuple[int, int], AfterValidator(_in_order)] | None = None
    level: Literal["nation", "province", "city", "county"] = "city"
    jurisdiction: Jurisdiction = _ANYWHERE
    source: str = ""
    divisions: tuple[Division, ...] = ()
    departments: tuple[Annotated[LocalText, BeforeValidator(_in_both_languages)], ...] = ()
    services: tuple[ServiceOfOnesOwn, ...] = ()
    rules: tuple[AnyRule, ...] = Field(min_length=1)

    def __repr__(self) -> str:
        """One line: its id, its title and how many rules it has."""
        return f"<{type(self).__name__} {self.id!r} {self.title.en!r} rules={len(self.rules)}>"

    __str__ = __repr__

    def rule(self, name: str) -> AnyRule:
        """One rule by its id.

        Raises
        ------
        KeyError
            If the plan has no such rule.
        """
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise KeyError(name)


def plan_summary(plan: Plan, assumptions: Assumptions) -> Mapping[str, object]:
    """What maps and reports say of a plan and its rules."""
    return {
        "id": plan.id,
        "title": plan.title.model_dump(),
        "issued": "" if plan.issued is None else str(plan.issued),
        "country": plan.jurisdiction.country,
        "place": plan.jurisdiction.name.model_dump(),
        "departments": [name.model_dump() for name in plan.departments],
        "rules": {
            rule.id: {
                "title": rule.title.model_dump(),
                "quote": readable_quote(rule),
                "clause": rule.clause,
                "clause_words": clause_in_words(rule),
                "kind": rule.kind,
                "services": rule.all_services,
                "cutoff_min": _limit(rule, "minutes", assumptions),
                "cutoff_m": _limit(rule, "metres", assumptions),
                "nature": rule.nature or "",
                "responsible": rule.responsible,
                "comparable": rule.baseline_is_comparable,
            }
            for rule in plan.rules
        },
    }


def clause_in_words(rule: Rule) -> dict[str, str]:
    """Where a rule stands in its plan, by language.

    Examples
    --------
    >>> from lifecircle.plans import plan
    >>> clause_in_words(plan("zhuhai-2021").rule("zhuhai-self-service-coverage-urban"))
    {'zh': '三（一）1', 'en': '3 (1) 1'}
    """
    return (rule.clause_words or LocalText(zh=rule.clause, en=english_clause(rule.clause))).model_dump()


def responsible_in_words(plan: Plan, rule: Rule) -> dict[str, str]:
    """The departments that a plan holds responsible for a clause, one after another, by language.

    Examples
    --------
    >>> from lifecircle.plans import plan
    >>> shijiazhuang = plan("shijiazhuang-2016")
    >>> rule = next(rule for rule in shijiazhuang.rules if rule.responsible)
    >>> responsible_in_words(shijiazhuang, rule)
    {'zh': '县(市)、区政府', 'en': 'County (city) and district governments'}
    """
    named = [name for name in plan.departments if name.zh in rule.responsible]
    named.sort(key=lambda name: rule.responsible.index(name.zh))
    return {"zh": "、".join(name.zh for name in named), "en": "; ".join(name.en for name in named)}


def readable_quote(rule: Rule) -> str:
    """A clause as it is shown: square metres where the published text misprints O, cells of a table apart.

    `Rule.quote` keeps the text as it was published, to be found there.

    Examples
    --------
    >>> from lifecircle.plans import plan
    >>> readable_quote(plan("hainan-2022").rule("hainan-facility-area-per-100-households"))[-16:-3]
    '（㎡）｜30.5｜≥30｜'
    """
    words = _MISPRINTED.sub("㎡", rule.quote)
    row = _ROW.fullmatch(words)
    if row is None:
        return words
    # the figures of a row run together: the first is where the plan began
    name, figures, nature = row.groups()
    started = rule.baseline if rule.share_baseline_pct is None else rule.share_baseline_pct
    first = "" if started is None else f"{started:g}"
    if not first or not figures.startswith(first):
        return words
    return "｜".join(filter(None, (name, first, figures.removeprefix(first), nature)))


def _limit(rule: object, name: str, assumptions: Assumptions) -> float | None:
    """How far a circle reaches, in minutes or metres; None for other kinds."""
    limit = getattr(rule, name, None)
    return float(getattr(assumptions, limit)) if isinstance(limit, str) else limit
