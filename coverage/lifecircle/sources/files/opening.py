"""A file before it is opened: there, local, not empty, really of its kind; and its checksum."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault, InputError, MissingInputError

__all__ = ["describe_file", "local_file", "zip_members"]

_MAGIC: Final[dict[str, tuple[bytes, ...]]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".fgb": (b"fgb",),
    ".parquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
}
_SAME_AS: Final = {".tiff": ".tif", ".geotiff": ".tif"}
_REMOTE: Final = ("http:", "https:", "ftp:", "s3:", "gs:", "/vsi", "\\vsi")
_UNPACKED_LIMIT_BYTES: Final = 8 * 1024**3
_RATIO_LIMIT: Final = 1000


def local_file(path: Path, *, suffixes: tuple[str, ...]) -> Path:
    """The path, if it leads to a local, non-empty file of one of the kinds its suffix may promise.

    Virtual datasets and remote paths are refused whatever their suffix says, since they make GDAL read
    other files than the one the study names.

    Parameters
    ----------
    path
        As the study gives it.
    suffixes
        Lower-case suffixes that the reader understands.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If it is remote, a folder, empty, of an unknown kind, or not what its suffix promises.
    """
    label = str(path)
    if any(label.lower().startswith(start) for start in _REMOTE) or "http:/" in label or "https:/" in label:
        raise InputError(Fault("remote-path", file=label))
    if not path.exists():
        raise MissingInputError(Fault("no-file", file=label))
    suffix = path.suffix.lower()
    suffix = _SAME_AS.get(suffix, suffix)
    if not path.is_file() or suffix not in suffixes:
        raise InputError(Fault("unreadable-kind", file=label, values={"known": " ".join(suffixes)}))
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise InputError(Fault("empty-file", file=label))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip() if suffix in {".geojson", ".json"} else head
    if suffix in _MAGIC and not start.startswith(_MAGIC[suffix]):
        raise InputError(Fault("not-its-format", file=label, values={"suffix": suffix}))
    return path


def describe_file(path: Path, **facts: object) -> dict[str, object]:
    """What the manifest says about a file read: path, bytes, SHA-256 (streamed) and the facts given."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest, **facts}


def zip_members(path: Path) -> list[str]:
    """Names inside an archive that is safe to read in place; nothing is ever extracted.

    Raises
    ------
    InputError
        If the archive is damaged, would unpack to an absurd size, or holds virtual datasets.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(Fault("unreadable", file=str(path), values={"why": str(error)})) from None
    unpacked = sum(member.file_size for member in members)
    packed = max(1, path.stat().st_size)
    if unpacked > _UNPACKED_LIMIT_BYTES or (unpacked > 10**8 and unpacked / packed > _RATIO_LIMIT):
        raise InputError(
            Fault("zip-too-large", file=str(path), values={"gigabytes": f"{unpacked / 1e9:.1f}"})
        )
    names = [member.filename for member in members if not member.is_dir()]
    if any(name.lower().endswith(".vrt") for name in names):
        raise InputError(Fault("remote-path", file=str(path)))
    return names
