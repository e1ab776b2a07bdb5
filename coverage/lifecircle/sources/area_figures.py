"""Figures of areas: which columns a layer or ledger of areas may hold, read, and laid over one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lifecircle.errors import Fault, InputError, preview
from lifecircle.services import nearest
from lifecircle.sources.figures import check_parts, figure, figure_or_mark, mark
from lifecircle.sources.files.columns import Wanted, names_of
from lifecircle.sources.log import ReadingLog
from lifecircle.study.area import AreaColumns
from lifecircle.tables import UNIT_FIGURES

__all__ = ["LAYER_OF_LEVEL", "AreaLedger", "area_columns", "area_figures", "columns_of", "laid_over"]

LAYER_OF_LEVEL: Final[Mapping[str, str]] = {
    "township": "townships",
    "county": "counties",
    "city": "cities",
    "province": "provinces",
}
"""What rules call the layer of a level; others are ``areas:<kind>``."""

_COUNTS: Final = ("population", "households")
_OWN: Final = AreaColumns()


@dataclass(frozen=True)
class AreaLedger:
    """A ledger of areas without shapes.

    Attributes
    ----------
    layer : ``communities``, ``townships`` …, ``areas:<kind>``
    file : for remarks
    table : by code; texts are ``""`` and figures NaN (marks None) where the ledger does not say
    """

    layer: str
    file: str
    table: pd.DataFrame


def columns_of(layer: str, columns: Iterable[str] | None) -> tuple[str, ...] | None:
    """Of ``layer.column`` names those of one layer that are no column of ours, sorted: a plan's own.

    Communities also have those of the levels above them, which are summed up from theirs. None where no
    plan was asked.
    """
    if columns is None:
        return None
    layers = {layer, *(LAYER_OF_LEVEL.values() if layer == "communities" else ())}
    named = (name.rpartition(".") for name in columns)
    ours = {*AreaColumns.model_fields, *UNIT_FIGURES}
    return tuple(sorted({column for of, _, column in named if of in layers and column not in ours}))


def area_columns(
    columns: AreaColumns, own: Iterable[str] | None = None, *, place: str = ""
) -> tuple[Wanted, frozenset[str]]:
    """What to look for in a layer of areas, and what the study itself names, which must be there.

    Parameters
    ----------
    columns
        The study's names. A column it does not name is known by ours, or by a template's heading.
    own
        Further columns, which only a plan of the user's own knows; None where no plan was asked: names
        that are not ours are then left unread.
    place
        Where in the study the names stand, for faults.

    Raises
    ------
    InputError
        If the study names a column that is neither ours nor a plan's own.
    """
    given = columns.model_dump()
    known = dict.fromkeys([*AreaColumns.model_fields, *(own or ())])
    unknown = [
        Fault("unknown-key", field=f"{place}.{name}", values={"nearest": nearest(name, known)})
        for name in given
        if name not in known
    ]
    if unknown and own is not None:
        raise InputError(unknown)
    usual = _OWN.model_dump()
    named = frozenset(name for name in known if name in given and given[name] != usual.get(name))
    return {name: (given[name],) if name in named else names_of(name) for name in known}, named


def area_figures(
    raw: pd.DataFrame,
    log: ReadingLog,
    *,
    file: str,
    fields: Mapping[str, str] | None = None,
    own: Iterable[str] | None = None,
) -> pd.DataFrame:
    """The figures a layer or ledger of areas holds: ``population``, ``households``, `UNIT_FIGURES`, `own`.

    Only columns that `raw` has are there. Impossible values become faults of the log: no number, less
    than none, a part larger than its whole.
    """
    called = fields or {}
    figures = pd.DataFrame(index=raw.index)
    for name in (*_COUNTS, *UNIT_FIGURES):
        if name in raw:
            is_mark = name in UNIT_FIGURES and UNIT_FIGURES[name].kind == "flag"
            read = mark if is_mark else figure
            figures[name] = read(raw, name, log, file=file, field=called.get(name, name))
    for name in own or ():
        if name in raw:
            figures[name] = figure_or_mark(raw, name, log, file=file, field=called.get(name, name))
    check_parts(figures, log, file=file, fields=called)
    return figures


def laid_over(table: pd.DataFrame, layer: str, ledgers: Sequence[AreaLedger], log: ReadingLog) -> None:
    """Put what ledgers say into a table of areas, in place: by ``code``, a ledger's word over the table's.

    Columns that the table lacks are added. Rows about areas that the table does not hold are remarked upon.
    """
    for ledger in ledgers:
        if ledger.layer != layer:
            continue
        unmatched = sorted(set(ledger.table.index) - set(table["code"]) - {""})
        if unmatched:
            log.remark(
                "area",
                "ledger-codes-unmatched",
                item=ledger.file,
                count=len(unmatched),
                value=preview(unmatched),
                severity="warning",
            )
        for name, given in ledger.table.items():
            said = given[given.notna() & (given.astype(object) != "")]
            if said.empty:
                continue
            new = table["code"].map(said)
            known = table["code"].isin(said.index)
            table[str(name)] = new.where(known, table[name]) if name in table else new
            if given.dtype == object:
                column = table[str(name)].astype(object)
                table[str(name)] = column.where(column.notna(), "" if _is_text(said) else None)


def _is_text(values: pd.Series) -> bool:
    """Whether a column holds words and not marks."""
    return isinstance(values.iloc[0], str)
