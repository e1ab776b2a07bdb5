"""Files beside a raster that GDAL would read with it: none is opened, and none that matters passed over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault, InputError
from lifecircle.libraries import library_faults

__all__ = ["refuse_side_files"]

_MASK: Final = ".msk"
_NOTES: Final = (".aux.xml", ".aux")
_WORLD: Final = (".tfw", ".tifw", ".tiffw", ".wld")
_TELLING: Final = re.compile(
    rb"<(?:NoDataValue|SRS|GeoTransform|GCPList|Scale|Offset|UnitType|Description|MaskBand)\b|EHFA_HEADER_TAG"
)
"""What in such notes changes where cells lie or what they say; statistics and histograms do not."""
_NOTES_BYTES: Final = 50_000_000


def refuse_side_files(path: Path, *, placed: bool) -> None:
    """Refuse a raster whose cells, or whose place on Earth, a file beside it says in part.

    Overviews (.ovr) and statistics say nothing that is read, and may lie there.

    Parameters
    ----------
    path
        The raster.
    placed
        Whether it says by itself where it lies; then a world file says nothing.

    Raises
    ------
    InputError
        With one fault for each such file.
    """
    with library_faults(path, "file-unusable"):
        whole, stem = path.name.lower(), path.stem.lower()
        names = {f"{whole}{_MASK}", *(f"{name}{end}" for name in (whole, stem) for end in _NOTES)}
        if not placed:
            names |= {f"{stem}{end}" for end in _WORLD}
        beside = sorted(item for item in path.parent.iterdir() if item.name.lower() in names)
        telling = [item.name for item in beside if _is_telling(item)]
    if telling:
        whole_name = f"{path.stem}-whole.tif"
        raise InputError(
            Fault("raster-side-file", file=str(path), values={"part": name, "whole": whole_name})
            for name in telling
        )


def _is_telling(item: Path) -> bool:
    """Whether a file beside a raster says what the raster's figures depend on."""
    if not item.name.lower().endswith(_NOTES):
        return True
    if not item.is_file() or item.stat().st_size > _NOTES_BYTES:
        return True
    return bool(_TELLING.search(item.read_bytes()))
