"""Findings: one row per rule, area and service, as ``deficits.csv`` publishes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle import messages
from lifecircle.tables.spec import Column, TableSpec

__all__ = [
    "CATCHMENT",
    "CERTAINTY",
    "COMMUNITY_LEVELS",
    "FINDINGS",
    "PARENT_LEVELS",
    "STATUS",
    "WHOLE_LEVELS",
    "WIDE_LEVELS",
    "Note",
    "findings_frame",
    "gap_unit",
    "is_verdict",
    "python_texts",
    "rows_by_rule",
    "verdict_rows",
]

STATUS: Final = ("met", "short", "no-data", "not-applicable", "report-only", "context")
"""``met`` and ``short`` bind; ``context`` is a unit's figure under a rule that the plan sets for a whole."""
COMMUNITY_LEVELS: Final = ("community", "village")
"""Levels of findings about communities, which every map and sheet shows as one."""

CATCHMENT: Final = "catchment"
"""Level of findings about the people whose nearest facility it is."""

CERTAINTY: Final = ("firm", "assumed", "provisional")
"""The plan's own figure on complete data; a threshold of ours on complete data; incomplete data."""

PARENT_LEVELS: Final = ("township", "county", "city")
"""Levels above the communities whose code and name a community's own row carries, narrowest first."""

WIDE_LEVELS: Final = (*PARENT_LEVELS, "province")
"""Levels above the communities, narrowest first."""

WHOLE_LEVELS: Final = ("city", "province")
"""Levels of which a study has one unit as a rule."""

FINDINGS: Final = TableSpec(
    "findings",
    {
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "clause": Column("text", "where in the plan"),
        "role": Column("text", "target | standing | baseline"),
        "level": Column(
            "id",
            "community | village | life-circle | township | county | city | province | catchment | facility",
        ),
        "scope": Column("text", "urban | rural | both", nullable=True),
        "code": Column("id", "code of the unit"),
        "name": Column("text", "name of the unit", nullable=True),
        "service": Column("text", "service, or '' for the verdict over several", nullable=True),
        "value": Column("number", "what was measured, in `unit`", nullable=True),
        "unit": Column("text", "unit of value and target"),
        "comparator": Column("text", ">= | > | <= | < | = | range | ''", nullable=True),
        "target": Column("number", "the plan's own figure; blank where it has none", nullable=True),
        "target_year": Column("number", "by when", nullable=True),
        "baseline": Column("number", "where the plan started", nullable=True),
        "progress": Column("number", "share of the way from baseline to target", nullable=True),
        "status": Column("id", " | ".join(STATUS)),
        "certainty": Column("id", " | ".join(CERTAINTY)),
        "deficit": Column("number", "what is missing to reach the target, 0 when met", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "population": Column("number", "residents of the unit", "persons", nullable=True),
        "population_short": Column(
            "number",
            "residents concerned: beyond a circle's reach, also where met; else of what falls short, else 0",
            "persons",
            nullable=True,
        ),
        "assumptions": Column("text", "name=value; ... of every assumption used", nullable=True),
        "note": Column("object", "tuple of Note: rendered in the reader's language by outputs"),
        "criterion": Column("text", "the threshold used where it is ours and not the plan's", nullable=True),
        "turns_at": Column(
            "text",
            "settings under which an assumed verdict turns; '' if it holds under all",
            nullable=True,
        ),
        "contribution": Column(
            "number", "what bringing a context unit to the target adds to the whole", nullable=True
        ),
        "responsible": Column("text", "departments that the plan names for the clause", nullable=True),
    },
    key=("plan", "rule", "level", "code", "service"),
)


def gap_unit(unit: str, levels: Iterable[str] = ()) -> str:
    """What a reader is told that a gap is counted in: shares lie percentage points apart, units have a name.

    Parameters
    ----------
    unit
        ``deficit_unit`` of a finding.
    levels
        Levels of all findings of its rule: what ``units`` are.

    Examples
    --------
    >>> gap_unit("%"), gap_unit("% of working time"), gap_unit("persons")
    ('percentage-points', 'percentage-points', 'persons')
    >>> gap_unit("units", ["community", "village", "city"]), gap_unit("units", ["township", "province"])
    ('communities+villages', 'townships')
    """
    if unit == "units":
        # the widest level is that of the verdict which counts the others
        there = set(levels)
        whole = next((level for level in reversed(WIDE_LEVELS) if level in there), "")
        return _UNITS.get(frozenset(there - {whole}), unit)
    return "percentage-points" if unit.startswith("%") else unit


_UNITS: Final = {
    frozenset({"community"}): "communities",
    frozenset({"village"}): "villages",
    frozenset(COMMUNITY_LEVELS): "communities+villages",
    frozenset({"township"}): "townships",
    frozenset({"county"}): "counties",
}
"""What units are called that are all of some levels."""


_PLAIN: Final = frozenset({str, int, float, bool, np.float64, np.int64})
"""Types of values that read alike in every language; subclasses may not."""


@runtime_checkable
class InWords(Protocol):
    """A value of a remark that reads differently in each language: names of services, say."""

    def render(self, lang: str) -> str:
        """The value in one language."""


@dataclass(frozen=True)
class Note:
    """A remark on a finding, kept as a message key so that it can be read in either language.

    Examples
    --------
    >>> print(Note("edge"))
    its surroundings leave the street data
    >>> Note("edge").render("zh")
    '其周边超出街道数据范围'

    Layers, columns, levels and groups of people are told by their names:

    >>> print(Note("missing-column", {"column": "facilities.barrier_free"}))
    missing or blank here: made barrier-free (facilities)
    >>> Note("cohort-missing", {"cohort": "over60"}).render("zh")
    '缺少60岁以上居民的数据：按全部居民计算'
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        """The remark in English."""
        return self.render("en")

    def render(self, lang: str) -> str:
        """The remark in one language, what is in words among its values in the same."""
        # plain figures and texts first: to ask a protocol is slow
        values = {
            name: value.render(lang)
            if type(value) not in _PLAIN and isinstance(value, Note | InWords)
            else _NAMED[name](value, lang)
            if name in _NAMED and isinstance(value, str)
            else value
            for name, value in self.values.items()
        }
        return messages.text(f"notes.{self.key}", lang, **values)


def _known(value: str, lang: str, *namespaces: str) -> str:
    """The word for a key in the first part of the catalogue that has one; the key where none has."""
    keys = (f"{namespace}.{value}" for namespace in namespaces)
    return next((messages.text(key, lang) for key in keys if messages.has(key)), value)


def _units_in_words(units: str, lang: str) -> str:
    """Kinds of units, of which a ``+`` joins several."""
    said = (_known(unit, lang, "plans.unit", "status") for unit in units.split("+"))
    return messages.text("plans.list-separator", lang).join(dict.fromkeys(said))


def _layer_in_words(layer: str, lang: str) -> str:
    """A layer of the study, or one of areas of a kind."""
    kind = layer.removeprefix("areas:")
    return _known(kind, lang, "plans.unit" if kind != layer else "plans.layer")


def _column_in_words(column: str, lang: str) -> str:
    """What a column of a layer holds, as the headings of ledgers call it."""
    layer, _, name = column.rpartition(".")
    said = _known(name, lang, "plans.column", "workbook.column")
    return (
        messages.text("notes.of-layer", lang, name=said, layer=_layer_in_words(layer, lang))
        if layer
        else said
    )


_NAMED: Final[Mapping[str, Callable[[str, str], str]]] = {
    "column": _column_in_words,
    "layer": _layer_in_words,
    "level": _units_in_words,
    "units": _units_in_words,
    "cohort": lambda cohort, lang: _known(cohort, lang, "notes.people"),
    "profile": lambda profile, lang: _known(profile, lang, "explain.who"),
    "scope": lambda scope, lang: _known(scope, lang, "status"),
}
"""Values of remarks that are keys, and how they are told."""


def findings_frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows into a checked table, columns in the published order, absent figures unknown."""
    blank = {name: () if column.kind == "object" else None for name, column in FINDINGS.columns.items()}
    whole = [row if row.keys() >= blank.keys() else {**blank, **row} for row in rows]
    columns: dict[str, pd.Series] = {}
    for name, column in FINDINGS.columns.items():
        dtype = {"number": "float64", "object": "object"}.get(column.kind, "str")
        values = pd.Series([row[name] for row in whole], dtype=dtype)
        columns[name] = values.fillna("") if dtype == "str" else values
    return FINDINGS.check(pd.DataFrame(columns))


def python_texts(table: pd.DataFrame) -> pd.DataFrame:
    """The same table, texts as objects: what is taken apart rule by rule reads them far faster than Arrow's.

    Every different text is one object, however often it stands in a column.

    Examples
    --------
    >>> import pandas as pd
    >>> python_texts(pd.DataFrame({"rule": ["a", "b"], "value": [1.0, 2.0]})).dtypes.astype(str).to_dict()
    {'rule': 'object', 'value': 'float64'}
    """
    texts = [name for name, dtype in table.dtypes.items() if isinstance(dtype, pd.StringDtype)]
    columns = {}
    for name in texts:
        codes, different = pd.factorize(table[name], use_na_sentinel=False)
        # without its dtype told, a column of texts would be made Arrow's again
        columns[name] = pd.Series(np.asarray(different, dtype=object)[codes], table.index, dtype=object)
    return table.assign(**columns) if columns else table


def rows_by_rule(findings: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Findings taken apart: those of each plan and rule, in their order, texts as `python_texts` has them.

    Whoever asks for one rule after another finds its rows here at once; a search through all findings for
    each of them would be most of the time.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"plan": ["p", "p"], "rule": ["a", "b"], "value": [1.0, 2.0]})
    >>> {key: rows["value"].tolist() for key, rows in rows_by_rule(table).items()}
    {('p', 'a'): [1.0], ('p', 'b'): [2.0]}
    """
    groups = python_texts(findings).groupby(["plan", "rule"], sort=False)
    return {(str(plan), str(rule)): rows for (plan, rule), rows in groups}


def verdict_rows(findings: pd.DataFrame) -> pd.DataFrame:
    """The one row that says how each unit stands under each rule.

    A rule over several services has a verdict with a blank service beside a row per service; a rule over
    one service has only that service's row, which is its verdict.
    """
    return findings[is_verdict(findings)]


def is_verdict(findings: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows `verdict_rows` keeps."""
    blank = (findings["service"] == "").to_numpy(bool)
    kept = np.ones(len(findings), np.bool_)
    # units are told apart only of rules that have rows of both kinds
    rule = _numbered([pd.factorize(findings[name])[0] for name in ("plan", "rule")])
    mixed = np.isin(rule, np.intersect1d(rule[blank], rule[~blank]))
    if mixed.any():
        rows = findings[mixed]
        unit = _numbered([rule[mixed], *(pd.factorize(rows[name])[0] for name in ("level", "code"))])
        kept[mixed] = blank[mixed] | ~np.isin(unit, unit[blank[mixed]])
    return kept


def _numbered(parts: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """One number for each different combination of numbers that are not negative."""
    number = parts[0].astype(np.intp)
    for part in parts[1:]:
        number = number * (int(part.max(initial=0)) + 1) + part
    return number
