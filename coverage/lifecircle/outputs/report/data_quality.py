"""``data_quality.html``: what is wrong or odd in a study's data, for the office that made them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, faults_by_sort
from lifecircle.messages import text
from lifecircle.outputs.remarks import quality_in_words
from lifecircle.outputs.report.html import page_of
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.geometry import simplified
from lifecircle.tables import Checked

__all__ = ["write_data_quality"]

_WIDTH: Final = 860
_VERTICES: Final = 30_000
_MARKS_SHOWN: Final = 1_000
_LINES_SHOWN: Final = 10
_NUMBERED: Final = 60
"""Signs that carry the number of their remark; more of them would hide each other."""
_LABELS: Final = 40
"""Communities whose names the map shows; of more, a pointer tells each."""
_SIGNS: Final = {
    "unreached": ("snap-",),
    "duplicates": ("likely-duplicate",),
    "overlaps": ("overlap", "parent-overlap"),
    "gaps": ("gap",),
    "sparse": ("streets-sparse",),
    "parted": ("network-parted", "network-shattered"),
    "differing": ("community-differs",),
}
"""Which remarks (beginnings of their keys) each sign of the map stands for."""


@dataclass(frozen=True)
class Mark:
    """One sign of the map, in drawing units, its number among the remarks, and what a reader hears."""

    x: float
    y: float
    number: str
    words: str


@dataclass(frozen=True)
class Sign:
    """One kind of oddity: its marks, how many there are, and those beyond the first thousand."""

    name: str
    label: str
    marks: tuple[Mark, ...]
    count: int


@dataclass(frozen=True)
class Group:
    """Lines of one kind: the first ten, and how many more."""

    severity: str
    lines: tuple[str, ...]
    further: int


@dataclass(frozen=True)
class FaultLine:
    """One fault, part by part."""

    file: str
    layer: str
    row: str
    field: str
    found: str
    expected: str
    what: str
    fix: str


def write_data_quality(checked: Checked, path: Path, *, lang: str) -> None:
    """Write the page: faults with their places, a map of what is odd, grouped remarks, the files read.

    One file with no script and no address to fetch; every outside word is escaped by the template engine.
    """
    path.write_text(
        page_of("data_quality.html.j2", _context(checked, lang), lang), encoding="utf-8", newline="\n"
    )


def _context(checked: Checked, lang: str) -> dict[str, object]:
    """Everything that the template names."""
    remarks = _numbered(quality_in_words(checked.quality, lang, checked.services, checked.communities))
    groups = _groups(remarks)
    outlines = _outlines(checked)
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "name": display_name(checked.name),
        "faults": [
            ([_fault_line(fault, lang) for fault in group[:_LINES_SHOWN]], max(0, len(group) - _LINES_SHOWN))
            for group in faults_by_sort(checked.faults)
        ],
        "fault_count": len(checked.faults),
        "warning_count": int((remarks["severity"] == "warning").sum()),
        "groups": groups,
        "drawing": _drawing(outlines, remarks, lang) if outlines else None,
        "files": [_file_line(entry) for entry in checked.files],
    }


def _numbered(remarks: pd.DataFrame) -> pd.DataFrame:
    """Remarks that the map shows numbered, in their words too: a sign and its line find each other."""
    starts = tuple(start for kind in _SIGNS.values() for start in kind)
    shown = remarks["x"].notna() & remarks["kind"].str.startswith(starts)
    if (remarks["kind"] == "gap-piece").any():
        shown &= remarks["kind"] != "gap"  # their sum is no place of its own
    number = shown.cumsum().where(shown & (shown.cumsum() <= _NUMBERED), 0).astype(int)
    words = [f"[{at}] {said}" if at else said for at, said in zip(number, remarks["words"], strict=True)]
    return remarks.assign(words=words, number=number, shown=shown)


def _fault_line(fault: Fault, lang: str) -> FaultLine:
    """The parts of a fault, files by their names."""
    return FaultLine(
        file=Path(fault.file).name,
        layer=fault.layer,
        row=fault.row,
        field=fault.field,
        found=fault.value("found", lang),
        expected=fault.expected(lang),
        what=fault.finding(lang),
        fix=fault.remedy(lang),
    )


def _groups(remarks: pd.DataFrame) -> list[Group]:
    """Remarks of one kind together, warnings first."""
    return [
        Group(str(severity), tuple(rows["words"].head(_LINES_SHOWN)), max(0, len(rows) - _LINES_SHOWN))
        for (severity, _), rows in remarks.groupby(["severity", "kind"], sort=False)
    ]


def _outlines(checked: Checked) -> list[gpd.GeoDataFrame]:
    """What the map shows below its signs, the boundary lowest: ground of no community lies in it."""
    return [layer for layer in (checked.boundary, checked.communities) if layer is not None and len(layer)]


@dataclass(frozen=True)
class Drawing:
    """Outlines in a box of `width` by `height` drawing units, and the signs on them."""

    width: int
    height: int
    outlines: tuple[tuple[str, str], ...]
    """Path data and name."""
    labels: tuple[tuple[float, float, str], ...]
    """Where names of communities stand, where there are few enough."""
    signs: tuple[Sign, ...]


def _drawing(layers: list[gpd.GeoDataFrame], remarks: pd.DataFrame, lang: str) -> Drawing:
    """The map of what is odd."""
    each = [simplified(layer.geometry, max_vertices=_VERTICES, shared_borders=True) for layer in layers]
    shapes = np.concatenate([one.to_numpy() for one in each])
    west, south, east, north = shapely.total_bounds(shapes)
    scale = _WIDTH / max(east - west, north - south, 1.0)

    def placed(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres as drawing units, south downward."""
        return np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale])

    drawn = shapely.transform(shapes, placed)
    names = [name for layer in layers for name in (layer["name"] if "name" in layer else [""] * len(layer))]
    on_map = remarks[remarks["shown"]]
    signs = []
    for name, starts in _SIGNS.items():
        rows = on_map[on_map["kind"].str.startswith(starts)]
        if len(rows):
            first = rows.head(_MARKS_SHOWN)
            places = placed(first[["x", "y"]].to_numpy(dtype=np.float64))
            marks = tuple(
                Mark(round(float(x), 1), round(float(y), 1), str(number or ""), words)
                for (x, y), number, words in zip(places, first["number"], first["words"], strict=True)
            )
            signs.append(Sign(name, text(f"check.sign-{name}", lang), marks, len(rows)))
    return Drawing(
        labels=_labels(layers[-1], placed),
        width=int(np.ceil((east - west) * scale)),
        height=int(np.ceil((north - south) * scale)),
        outlines=tuple((_path(shape), str(name)) for shape, name in zip(drawn, names, strict=True)),
        signs=tuple(signs),
    )


def _labels(
    layer: gpd.GeoDataFrame, placed: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> tuple[tuple[float, float, str], ...]:
    """Names of areas at a place inside each; none where there are too many to be read."""
    if "name" not in layer or len(layer) > _LABELS:
        return ()
    inner = placed(shapely.get_coordinates(shapely.point_on_surface(layer.geometry.to_numpy())))
    named = zip(inner, layer["name"], strict=True)
    return tuple((round(float(x), 1), round(float(y), 1), str(name)) for (x, y), name in named)


def _path(shape: shapely.Geometry) -> str:
    """SVG path data of a polygon or multipolygon, to a tenth of a drawing unit."""
    rings: Iterable[shapely.Geometry] = shapely.get_rings(shapely.get_parts(shape))
    parts = [" ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring)) for ring in rings]
    return "".join(f"M{part}Z" for part in parts)


def _file_line(entry: object) -> tuple[str, ...]:
    """A file's name, rows, encoding, coordinate system and datum."""
    about = dict(entry)  # type: ignore[call-overload]
    name = Path(str(about.get("path", ""))).name
    return (name, *(str(about.get(key, "")) for key in ("rows", "encoding", "crs", "datum")))
