"""What a table must look like, and the check that it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import geopandas as gpd
import pandas as pd

from lifecircle.errors import ContractError

Frame = TypeVar("Frame", bound=pd.DataFrame)
Kind = Literal["id", "text", "number", "count", "flag", "geometry", "object"]

__all__ = ["Column", "Kind", "TableSpec", "concat_nonempty"]


@dataclass(frozen=True)
class Column:
    """One column: its kind, unit, whether a value may be unknown, and what it says.

    Kinds: ``id`` and ``text`` are str (object or string dtype), ``number`` float64, ``count`` an integer
    dtype, ``flag`` bool, ``geometry`` shapely, ``object`` anything. A nullable text holds ``""``, a
    nullable number NaN, a nullable flag is an object column of True, False or None.
    """

    kind: Kind
    says: str
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class TableSpec:
    """The contract of one table."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    optional: Mapping[str, Column] = field(default_factory=dict)
    patterns: Mapping[str, Column] = field(default_factory=dict)
    """Families of further columns, such as ``min50_<service>``: any name that begins so is one of them."""

    def pattern_of(self, name: str) -> Column | None:
        """The family that a column belongs to; None where it belongs to none.

        Examples
        --------
        >>> spec = TableSpec("figures", {}, patterns={"min50_<service>": Column("number", "median", "min")})
        >>> spec.pattern_of("min50_market").unit
        'min'
        >>> spec.pattern_of("min50_") is None
        True
        """
        if name in self.columns or name in self.optional:
            return None
        for pattern, column in self.patterns.items():
            before, _, rest = pattern.partition("<")
            after = rest.partition(">")[2]
            if name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after):
                return column
        return None

    def check(self, table: Frame) -> Frame:
        """Return the table unchanged, or raise.

        Raises
        ------
        ContractError
            If a column is missing, has the wrong dtype or holds unknowns it must not, or if the key
            is not unique. Everything wrong is named at once.
        """
        wrong = [f"no column {name!r}" for name in self.columns if name not in table.columns]
        for name, column in {**self.columns, **self.optional}.items():
            if name in table.columns and (why := _misfit(table[name], column)):
                wrong.append(f"{name!r} {why}")
        for name in table.columns if self.patterns else ():
            family = self.pattern_of(str(name))
            if family is not None and (why := _misfit(table[name], family)):
                wrong.append(f"{name!r} {why}")
        if self.key and not wrong and table.duplicated(list(self.key)).any():
            wrong.append(f"key {self.key} is not unique")
        has_shape = any(column.kind == "geometry" for column in self.columns.values())
        if has_shape and not isinstance(table, gpd.GeoDataFrame):
            wrong.append("is not a GeoDataFrame")
        if wrong:
            raise ContractError(f"table {self.name}: " + "; ".join(wrong))
        return table

    def empty(self) -> pd.DataFrame:
        """A table of no rows with the right columns and dtypes."""
        dtypes = {"number": "float64", "count": "int64", "flag": "bool"}
        return pd.DataFrame(
            {
                name: pd.Series([], dtype=dtypes.get(column.kind, "object"))
                for name, column in self.columns.items()
            }
        )

    def empty_layer(self, crs: object) -> gpd.GeoDataFrame:
        """A layer of no rows: as `empty`, its shapes in a coordinate system."""
        return gpd.GeoDataFrame(self.empty(), geometry="geometry", crs=crs)


def concat_nonempty(tables: Sequence[Frame]) -> Frame:
    """Rows of several tables, one below the other, numbered anew.

    Tables without rows are left out, so that their dtypes do not count; where none has any, the first is
    what comes out.

    Examples
    --------
    >>> rows, none = pd.DataFrame({"people": [3.0]}), pd.DataFrame({"people": pd.Series([], dtype=object)})
    >>> concat_nonempty([none, rows])["people"].tolist()
    [3.0]
    """
    return pd.concat([table for table in tables if len(table)] or list(tables[:1]), ignore_index=True)


def _misfit(values: pd.Series, column: Column) -> str:
    """Why a column does not fit, or nothing."""
    if column.kind in {"id", "text"}:
        if values.isna().any():
            return "holds nulls (unknown text is '')"
        return "holds blank ids" if column.kind == "id" and values.isin([""]).any() else ""
    right_dtype = {
        "number": pd.api.types.is_float_dtype,
        "count": pd.api.types.is_integer_dtype,
        "flag": pd.api.types.is_bool_dtype,
    }.get(column.kind)
    if right_dtype and not right_dtype(values) and not (column.kind == "flag" and column.nullable):
        return f"is {values.dtype}, not {column.kind}"
    return "holds unknowns" if not column.nullable and values.isna().any() else ""
