"""The tables ``[area]`` and ``[[areas]]``: where the study lies, and what its columns are called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.study.sections import Datum, StudyTable, Text
from lifecircle.tables import UNIT_FIGURES

__all__ = ["Area", "AreaColumns", "UnitLayer"]


class _AreaNames(StudyTable):
    """The columns of an area that are no figure of a ledger.

    Further keys are columns that only a plan of the user's own knows: the reader, which has the plans,
    refuses those that none of them needs.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Text] = Field(init=False)

    code: str = "code"
    name: str = "name"
    kind: str = "kind"
    scope: str = "scope"
    township: str = "township"
    township_name: str = "township_name"
    county: str = "county"
    county_name: str = "county_name"
    city: str = "city"
    city_name: str = "city_name"
    population: str = "population"
    population_urban: str = "population_urban"
    households: str = "households"


if TYPE_CHECKING:
    AreaColumns: TypeAlias = _AreaNames
else:
    AreaColumns = create_model(
        "AreaColumns",
        __base__=_AreaNames,
        __doc__="``[area.columns]``: what a file of areas calls each column, and each of `UNIT_FIGURES`.",
        **{name: (str, name) for name in UNIT_FIGURES if name not in _AreaNames.model_fields},
    )


class Area(StudyTable):
    """``[area]``: the boundary and the communities in it."""

    boundary: Path | None = None
    place: str = ""
    boundary_layer: str = ""
    boundary_encoding: str = ""
    boundary_datum: Datum | None = None
    """Of the boundary's file; None where `datum` is said of both files."""
    communities: Path | None = None
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    grid: Annotated[str, Field(pattern=r"^(h3:\d{1,2}|square:\d+m)$")] | None = None
    """``h3:8`` or ``square:500m``: cells instead of communities."""
    columns: AreaColumns = AreaColumns()

    @model_validator(mode="after")
    def _one_area(self) -> Area:
        """A study needs somewhere to judge, and one kind of community."""
        if self.communities is not None and self.grid is not None:
            raise PydanticCustomError("study-one-area", "communities or grid")
        if self.boundary is None and not self.place and self.communities is None:
            raise PydanticCustomError("study-no-area", "boundary, place or communities")
        return self

    @property
    def layer_of_boundary(self) -> str:
        """Its own key; `layer` where there is no other file that it could be said of."""
        return self.boundary_layer or ("" if self.communities is not None else self.layer)

    @property
    def encoding_of_boundary(self) -> str:
        """Its own key; `encoding` where there is no other file, or where nothing else can say it."""
        plain = self.boundary is not None and self.boundary.suffix.lower() in {".shp", ".zip"}
        return self.boundary_encoding or (self.encoding if plain or self.communities is None else "")


class UnitLayer(StudyTable):
    """``[[areas]]``: another layer of units that rules need."""

    kind: Text
    source: Path
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    columns: AreaColumns = AreaColumns()
