"""Endings of files that are read, and archives: the one layer meant among the members of a ``.zip``."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.files.geopackages import LOG
from lifecircle.sources.files.layers import LAYERED
from lifecircle.sources.files.opening import archive_names, local_file, unpacked
from lifecircle.sources.log import ReadingLog

__all__ = ["SHEETS", "VECTORS", "layer_file"]

SHEETS: Final = (".csv", ".xlsx")
VECTORS: Final = (*LAYERED, ".zip", ".parquet", *SHEETS)

_WEAK: Final = frozenset({".csv", ".xlsx", ".json"})
"""Kinds that also come as notes beside a layer: in an archive they serve where there is no layer."""

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@contextmanager
def layer_file(path: Path, layer: str, log: ReadingLog, subject: str) -> Iterator[tuple[Path, str]]:
    """The file to read and the layer in it: itself, or the one layer of an archive, unpacked for a while."""
    if path.suffix.lower() != ".zip":
        yield path, layer
        return
    names = archive_names(path)
    member, layer_there, others = _member_meant(path, names, layer)
    stem, suffix = PurePosixPath(member).stem, PurePosixPath(member).suffix.lower()
    parts = {f"layer{suffix}": names[member]}
    if suffix == ".shp":
        beside = {name.lower(): name for name in names}
        bare = member[: -len(suffix)].lower()
        parts = {f"layer{part}": names[beside[bare + part]] for part in _PARTS if bare + part in beside}
    if suffix == ".gpkg" and f"{member}{LOG}" in names:
        parts[f"layer{suffix}{LOG}"] = names[f"{member}{LOG}"]
    if others:
        log.remark(
            subject,
            "archive-member-read",
            item=str(path),
            count=len(others),
            value=f"{member} ({preview(others)})",
        )
    with unpacked(path, parts) as folder:
        inner = folder / f"layer{suffix}"
        try:
            local_file(inner, suffixes=VECTORS)
            yield inner, layer_there
        except InputError as error:
            # Users know the archive and the member, not the folder it was unpacked to.
            told = [
                dataclasses.replace(
                    fault,
                    file=f"{path}/{member}" if fault.file.startswith(str(folder)) else fault.file,
                    values=_renamed(fault, stem),
                )
                for fault in error.faults
            ]
            raise type(error)(told) from None


def _renamed(fault: Fault, stem: str) -> dict[str, object]:
    """A fault's values with the parts' names as the archive has them, not as our copies have."""
    return {
        name: said.replace("layer.", f"{stem}.") if isinstance(said, str) else said
        for name, said in fault.values.items()
    }


def _member_meant(path: Path, names: Collection[str], layer: str) -> tuple[str, str, list[str]]:
    """The member of an archive to read, the layer in it, and further members that may be meant."""
    readable = [name for name in names if PurePosixPath(name).suffix.lower() in VECTORS[:-2] + SHEETS]
    readable = [name for name in readable if not name.lower().endswith(".zip")]
    if not readable:
        raise InputError(
            Fault(
                "archive-without-layer",
                file=str(path),
                values={
                    "found": preview(names) or "—",
                    "known": " ".join(one for one in VECTORS if one != ".zip"),
                },
            )
        )
    named = [
        name
        for name in readable
        if layer and layer in {PurePosixPath(name).stem, PurePosixPath(name).name, name}
    ]
    strong = [name for name in readable if PurePosixPath(name).suffix.lower() not in _WEAK]
    pool = named or strong or readable
    if len(pool) > 1:
        values = {"choices": ", ".join(pool), "one": PurePosixPath(pool[-1]).name}
        raise InputError(Fault("several-members", file=str(path), layer=layer, values=values))
    return pool[0], "" if named else layer, [name for name in readable if name != pool[0]]
