"""What reading found on the way: faults, data-quality remarks and the files themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault, Faults
from lifecircle.libraries import faults_of_libraries
from lifecircle.tables import QUALITY, NameDoubt

__all__ = ["LostRows", "ReadingLog"]


@dataclass(frozen=True)
class LostRows:
    """Rows of a file that are not used, although they may stand for something real.

    Attributes
    ----------
    file : str
    reason : str
        Key of the remark (under ``quality.*``) that tells of them.
    rows : DataFrame
        What could be read of them, indexed by row label; empty where nothing could.
    services : frozenset of str or None
        Services that they stand for; None where nobody can say.
    """

    file: str
    reason: str
    rows: pd.DataFrame
    services: frozenset[str] | None = None


class ReadingLog:
    """Collects everything a study's readers have to say, so that it can be said at once.

    Attributes
    ----------
    faults : Faults
        What makes the study unreadable; raised together by `raise_if_any`.
    files : list of mapping
        Every file read, for the run's manifest.
    lost : list of LostRows
        Rows left out of a file: what is declared complete and lost rows is not complete.
    placed : dict of str to GeoDataFrame
        ``boundary`` and ``communities`` in the study's system, as soon as they are placed.
    names : dict
        What the user says that names mean: kind and name as it compares, to an id or code.
    doubts : list of NameDoubt
        Names that nobody knows.
    memory : mapping
        Tables in memory, by the names that stand where paths would.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.files: list[Mapping[str, object]] = []
        self.lost: list[LostRows] = []
        self.placed: dict[str, gpd.GeoDataFrame] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.doubts: list[NameDoubt] = []
        self.memory: Mapping[str, Any] = {}
        self._remarks: list[dict[str, object]] = []

    @contextmanager
    def collecting(self, file: object = "") -> Iterator[None]:
        """Keep the faults of an `InputError` raised inside, and go on after the block.

        `file` is what is worked on: what a library raises of it becomes a fault, too.
        """
        with self.faults.collect(), faults_of_libraries(file) if file else nullcontext():
            yield

    def fault(self, key: str, *, place: tuple[str, ...] = (), **values: object) -> None:
        """Keep one fault; `place` is file, layer, row, field, as far as they apply."""
        file, layer, row, field = (*place, "", "", "", "")[:4]
        self.faults.add(Fault(key, file=file, layer=layer, row=row, field=field, values=values))

    def remark(
        self,
        subject: str,
        remark: str,
        *,
        item: str = "",
        count: float = float("nan"),
        value: object = "",
        severity: str = "info",
        xy: tuple[float, float] = (float("nan"), float("nan")),
    ) -> None:
        """Keep one row of the data-quality table; `remark` is a key under ``quality.*``."""
        self._remarks.append(
            {
                "subject": subject,
                "item": item,
                "remark": remark,
                "count": float(count),
                "value": str(value),
                "severity": severity,
                "x": float(xy[0]),
                "y": float(xy[1]),
            }
        )

    def lose(self, file: str, reason: str, rows: pd.DataFrame | None = None) -> None:
        """Keep rows that are left out of a file; None where nobody can say which they are."""
        self.lost.append(LostRows(file, reason, pd.DataFrame() if rows is None else rows))

    def raise_if_any(self) -> None:
        """Raise every fault kept so far.

        Raises
        ------
        InputError
            With all of them.
        """
        self.faults.raise_if_any()

    def quality(self) -> pd.DataFrame:
        """The data-quality table, in the order things were noticed."""
        if not self._remarks:
            return QUALITY.check(QUALITY.empty())
        return QUALITY.check(pd.DataFrame(self._remarks))
