"""Units that have so much of something where a clause asks for so much: one unit, and all of them.

An amount is known from below where part of it is not known: it can then be enough, but it cannot be short.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, not_judged
from lifecircle.assessment.rows import Case, Row, finding, study_place
from lifecircle.assessment.units import Place, Selection, Unit
from lifecircle.assessment.verdicts import Share, share_judgement
from lifecircle.measures import area_of, exceeds, missing, reaches
from lifecircle.plans import Rule
from lifecircle.tables import Note

__all__ = [
    "IMPOSSIBLE_SHARE",
    "Amount",
    "Test",
    "judge_amount",
    "judge_each",
    "judge_sum",
    "ledger_of",
    "placed_in",
    "unit_rows",
    "verdict_place",
    "with_shortfalls",
]

IMPOSSIBLE_SHARE: Final = "impossible-share"
"""Stands among the blank columns of an amount where its two figures contradict each other."""


@dataclass(frozen=True)
class Amount:
    """What one unit has, against what it needs.

    Attributes
    ----------
    has
        In the unit of the deficit; a lower bound where `blank` names what is unknown.
    base
        What it is divided by; 0 where there is nothing to divide by, NaN where unknown.
    blank
        Columns that are missing or blank here.
    most
        What `has` can be at most where something is blank; ``inf`` where nothing bounds it.
    """

    has: float
    base: float = 1.0
    blank: tuple[str, ...] = ()
    most: float = math.inf


@dataclass(frozen=True)
class Test:
    """What a clause asks: `target` for every `per` of the base.

    Attributes
    ----------
    floor
        Least amount needed whatever the base, in the unit of the deficit.
    most
        Upper end of a range; more than this is enough, and noted.
    whole
        The thing is indivisible.
    """

    target: float
    per: float = 1.0
    strict: bool = False
    floor: float = 0.0
    most: float = UNKNOWN
    whole: bool = False

    @classmethod
    def of_rule(cls, rule: Rule, *, per: float = 1.0, floor: float = 0.0, whole: bool = False) -> Test:
        """The test that a rule's comparator and target make."""
        most = UNKNOWN if rule.target_max is None else rule.target_max
        target = rule.target if isinstance(rule.target, float) else UNKNOWN
        return cls(target, per, rule.comparator == ">", floor, most, whole)

    def needed(self, base: float) -> float:
        """How much a base asks for."""
        return max(self.floor, self.target * base / self.per)

    def value(self, amount: Amount) -> float:
        """The amount for every `per` of its base."""
        return amount.has * self.per / amount.base if amount.base > 0 else UNKNOWN


def judge_amount(unit: Unit, amount: Amount, test: Test, doubts: tuple[Note, ...] = ()) -> Judgement:
    """Judge one unit; a unit with nothing to divide by is not applicable."""
    if unit.status:
        return not_judged(unit)
    people = unit.population
    if amount.base == 0:
        note = Note("nothing-to-divide-by")
        return Judgement("not-applicable", population=people, notes=(*unit.notes, note))
    blank = _blanks(amount.blank) if amount.blank else ()
    # Nothing is claimed of figures that nobody knows.
    if math.isnan(amount.base) or math.isnan(amount.has):
        return Judgement("no-data", population=people, notes=(*unit.notes, *blank))
    # Met: what is known is a lower bound, so that blanks can only add to it.
    value, needed = test.value(amount), test.needed(amount.base)
    if reaches(amount.has, needed, strict=test.strict):
        over = exceeds(value, test.most)
        notes = (Note("above-range", {"most": test.most}),) if over else ()
        return Judgement("met", value, 0.0, people, 0.0, notes=(*unit.notes, *notes))
    most = amount.has
    bound: tuple[Note, ...] = ()
    if blank and not reaches(amount.most, needed, strict=test.strict):
        # Even if all that is unknown were as large as it can be, it would not do.
        most = amount.most
        bound = (Note("short-even-at-most", {"most": most * test.per / amount.base}),)
    # Open: a blank, or a part of the unit beyond the boundary, may hold what is missing.
    if (blank and not bound) or not unit.whole:
        why = blank or (Note("unit-not-whole"),)
        return Judgement("no-data", UNKNOWN if blank else value, population=people, notes=(*unit.notes, *why))
    deficit = missing(most, needed, whole=test.whole, strict=test.strict)
    open_to_doubt = bool(doubts) or unit.scope_unknown
    return Judgement("short", value, deficit, people, people, open_to_doubt, (*unit.notes, *doubts, *bound))


def judge_sum(
    units: Sequence[Unit], amounts: Mapping[str, Amount], test: Test, doubts: tuple[Note, ...] = ()
) -> Judgement:
    """Judge all units as one: the sum of what they have over the sum of what it is divided by.

    Units that are not applicable do not count. Where one has no base, or could not be judged at all,
    neither has the whole.
    """
    # Units that are concerned and have something to divide by.
    counted = [unit for unit in units if unit.status != "not-applicable" and amounts[unit.code].base != 0]
    if not counted:
        return Judgement("not-applicable", notes=(Note("no-unit-to-judge"),))
    population = math.fsum(unit.population for unit in counted if not math.isnan(unit.population))
    # One unit without its base leaves the whole without data.
    unfit = [unit for unit in counted if unit.status]
    blind = [unit for unit in counted if math.isnan(amounts[unit.code].base + amounts[unit.code].has)]
    if unfit or blind:
        columns = dict.fromkeys(name for unit in blind for name in amounts[unit.code].blank)
        codes = {unit.code for unit in (*unfit, *blind)}
        unknown = Note("units-unknown", {"unknown": len(codes), "units": len(counted)})
        return Judgement("no-data", population=population, notes=(*_blanks(columns), unknown))
    # Sum over sum, not a mean of ratios; the upper bounds of blank units add up as well.
    blank = tuple(dict.fromkeys(name for unit in counted for name in amounts[unit.code].blank))
    total = Amount(
        math.fsum(amounts[unit.code].has for unit in counted),
        math.fsum(amounts[unit.code].base for unit in counted),
        blank,
        math.fsum(
            amounts[unit.code].most if amounts[unit.code].blank else amounts[unit.code].has
            for unit in counted
        ),
    )
    all_units = Unit(counted[0].place, population, whole=all(unit.whole for unit in counted))
    return judge_amount(all_units, total, test, doubts)


def unit_rows(
    case: Case[Rule],
    selection: Selection,
    judgements: Mapping[str, Judgement],
    scale: Scale,
    *,
    service: str,
    whole: bool = False,
) -> Iterator[Row]:
    """One row per unit; `whole` where the only unit is the place judged, so that its row is the verdict."""
    for unit in selection.units:
        yield finding(case, judgements[unit.code], unit.place, scale, service, whole=whole)


def with_shortfalls(
    judgements: Mapping[str, Judgement], amounts: Mapping[str, Amount], test: Test, whole: Judgement
) -> dict[str, Judgement]:
    """The units of a whole that is short, each with what bringing it to the target would add to the whole.

    What a unit lacks is spread over the base of all of them: the figure of the whole rises by so much.
    """
    counted = [code for code, one in judgements.items() if one.status in {"met", "short"}]
    base = math.fsum(amounts[code].base for code in counted)
    if whole.status != "short" or not base:
        return dict(judgements)
    # Contribution: missing of the unit over the base of all, in the unit of the figure.
    grown = dict(judgements)
    for code in counted:
        lacks = max(0.0, test.needed(amounts[code].base) - amounts[code].has)
        grown[code] = replace(judgements[code], contribution=lacks * test.per / base)
    return grown


def judge_each(
    case: Case[Rule], judged: Sequence[tuple[Selection, Mapping[str, Judgement]]]
) -> tuple[Judgement, Share]:
    """The share of units that pass, and what is asked of it; units of several layers count alike."""
    share = Share.of_rule(case.rule, default=100.0)
    judgements = [one for _, each in judged for one in each.values()]
    if case.rule.is_report_only:
        note = Note("reported-per-unit", {"units": len(judgements)})
        return Judgement("report-only", notes=(note,)), Share(None)
    return share_judgement(judgements, share), share


def verdict_place(case: Case[Rule], units: Sequence[Unit], *, alone: Sequence[Unit]) -> Place | None:
    """Where the verdict on the study stands, apart from the rows of its units.

    None where the units that decide it (`alone`) are one, and that is the place judged: its row is the
    verdict. Where one of several units bears the study's code, the verdict is under ``study``.
    """
    place = study_place(case)
    # a unit that is the place judged keeps its code; the verdict over several gets one of its own
    own = [unit for unit in units if (unit.level, unit.code) == (place.level, place.code)]
    if own and len(alone) == 1:
        return None
    return replace(place, code="study") if own else place


def ledger_of(ctx: Context, selection: Selection, layer: str, columns: Iterable[str]) -> pd.DataFrame:
    """Figures of the units' own ledger: float64, 1 and 0 for yes and no, NaN where it does not say.

    Returns
    -------
    DataFrame
        Indexed by the codes of the selection, one column per name, also where no source has it.
    """
    asked = tuple(columns)
    level = selection.units[0].level
    of = ("ledger", level, tuple(selection.codes), asked)
    return ctx.remember(of, (), lambda: _ledger_of(_units(ctx, selection, layer), selection.codes, asked))


def _ledger_of(table: gpd.GeoDataFrame, codes: pd.Index, columns: Iterable[str]) -> pd.DataFrame:
    """`ledger_of`, looked up."""
    ledger = pd.DataFrame(index=codes)
    for name in columns:
        # a column that no source has is unknown everywhere
        given = table[name] if name in table.columns else pd.Series(math.nan, index=table.index)
        values = [math.nan if value is None or pd.isna(value) else float(value) for value in given.tolist()]
        ledger[name] = pd.Series(values, index=table.index, dtype="float64").reindex(codes)
    return ledger


def placed_in(ctx: Context, services: Collection[str], selection: Selection, layer: str) -> pd.Series:
    """Code of the unit that each row of `Context.offering` lies in, ``""`` for none."""
    table = ctx.offering(services)
    if layer == "communities":
        return table["community"]
    level = selection.units[0].level
    return ctx.remember(
        ("placed-in", tuple(services), level),
        services,
        lambda: area_of(gpd.GeoDataFrame(table), _of_level(ctx, level)),
    )


def _blanks(columns: Iterable[str]) -> tuple[Note, ...]:
    """Why an amount is not known."""
    return tuple(
        Note(IMPOSSIBLE_SHARE) if name == IMPOSSIBLE_SHARE else Note("missing-column", {"column": name})
        for name in columns
    )


def _units(ctx: Context, selection: Selection, layer: str) -> gpd.GeoDataFrame:
    """The units of a layer as their source has them, by code."""
    if layer == "communities":
        return ctx.communities
    return _of_level(ctx, selection.units[0].level).set_index("code")


def _of_level(ctx: Context, level: str) -> gpd.GeoDataFrame:
    """The units of one level."""
    units = ctx.inputs.units
    return ctx.remember(("units", level), (), lambda: units[units["level"] == level])
