"""A file before it is opened: there, local, not empty, really of its kind; and its checksum."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.libraries import library_faults
from lifecircle.messages import Words

__all__ = [
    "archive_names",
    "describe_file",
    "local_file",
    "too_large",
    "unpacked",
    "zip_members",
]

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files and encrypted workbooks begin."""
_MAGIC: Final[dict[str, tuple[bytes, ...]]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".fgb": (b"fgb\x03fgb",),
    ".parquet": (b"PAR1",),
    ".xlsx": (b"PK\x03\x04",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
}
_NEVER_CSV: Final = (b"PK\x03\x04", _OLE, b"SQLite format 3\x00", b"%PDF", b"\x1f\x8b")
_SAME_AS: Final = {".tiff": ".tif", ".geotiff": ".tif"}
_OLD_WORKBOOKS: Final = frozenset({".xls", ".xlsb", ".xlsm", ".et", ".ods", ".numbers"})
_WAYS_OUT: Final = {
    **dict.fromkeys([".kml", ".kmz", ".gdb", ".mdb", ".tab", ".mif", ".gml", ".gpx"], "other-gis-format"),
    **dict.fromkeys([".dwg", ".dxf", ".dgn"], "drawing-unread"),
    **dict.fromkeys([".txt", ".tsv", ".dat"], "text-not-csv"),
    **dict.fromkeys([".rar", ".7z", ".gz", ".tar", ".tgz"], "archive-not-zip"),
    **dict.fromkeys([".doc", ".docx", ".pdf", ".wps", ".png", ".jpg", ".jpeg"], "document-unread"),
}
"""Kinds that people send and that are not read, with the fault that says the way out."""
_REMOTE: Final = ("http:", "https:", "ftp:", "s3:", "gs:", "/vsi", "\\vsi")
_UNPACKED_LIMIT_BYTES: Final = 8 * 1024**3
_RATIO_LIMIT: Final = 1000
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1


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
        If it is remote, a folder, empty, of an unknown kind, cannot be read by this user, is an old or an
        encrypted workbook, or not what its suffix promises.
    """
    label = str(path)
    if any(label.lower().startswith(start) for start in _REMOTE) or "http:/" in label or "https:/" in label:
        raise InputError(Fault("remote-path", file=label))
    with library_faults(path, "file-unusable"):
        if "\x00" in label:
            raise ValueError("a path holds no NUL")
        if not path.exists():
            raise MissingInputError(Fault("no-file", file=label))
        suffix = path.suffix.lower()
        suffix = _SAME_AS.get(suffix, suffix)
        if suffix in _OLD_WORKBOOKS and ".xlsx" in suffixes:
            raise InputError(Fault("old-workbook", file=label, values={"suffix": suffix}))
        if suffix in _WAYS_OUT and suffix not in suffixes:
            values = {"suffix": suffix, "known": " ".join(suffixes)}
            raise InputError(Fault(_WAYS_OUT[suffix], file=label, values=values))
        if not path.is_file() or suffix not in suffixes:
            raise InputError(Fault("unreadable-kind", file=label, values={"known": " ".join(suffixes)}))
        with path.open("rb") as stream:
            head = stream.read(64)
    if not head:
        raise InputError(Fault("empty-file", file=label))
    if suffix == ".xlsx" and head.startswith(_OLE):
        key = "encrypted-workbook" if _is_encrypted(path) else "old-workbook"
        raise InputError(Fault(key, file=label, values={"suffix": ".xls"}))
    if not _begins_like(suffix, head):
        raise InputError(Fault("not-its-format", file=label, values={"suffix": suffix}))
    return path


def _begins_like(suffix: str, head: bytes) -> bool:
    """Whether the first bytes are those of a file of this kind."""
    if suffix == ".csv":
        return not head.startswith(_NEVER_CSV)
    if suffix in {".geojson", ".json"}:
        utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
        head = head[2:].replace(b"\x00", b"") if utf16 else head.removeprefix(b"\xef\xbb\xbf")
        head = head.lstrip()
    if suffix == ".fgb" and head[11:12] not in {b"", b"\x00"}:
        return False  # a text after the first bytes: GDAL looks for its kinds of XML anywhere in it
    return suffix not in _MAGIC or head.startswith(_MAGIC[suffix])


def _is_encrypted(path: Path) -> bool:
    """Whether an OLE file holds an encrypted workbook: its directory names the package in UTF-16."""
    with library_faults(path), path.open("rb") as stream:
        return "EncryptedPackage".encode("utf-16-le") in stream.read(4_000_000)


def too_large(path: Path, what: str, limit: int) -> InputError:
    """The refusal of a file that holds more of something than a reader takes.

    Parameters
    ----------
    path
        The file.
    what
        Entry of ``faults.amount``: cells, columns, rows, bytes, characters and others.
    limit
        The most of it.
    """
    values = {"what": Words(f"faults.amount.{what}"), "limit": f"{limit:,}"}
    return InputError(Fault("table-too-large", file=str(path), values=values))


def describe_file(path: Path, **facts: object) -> dict[str, object]:
    """What the manifest says about a file read: path, bytes, SHA-256 (streamed) and the facts given."""
    with library_faults(path, "file-unusable"):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"path": str(path), "bytes": path.stat().st_size, "sha256": digest, **facts}


def zip_members(path: Path) -> list[str]:
    """Names inside an archive that is safe to read, as its directory has them.

    Raises
    ------
    InputError
        If the archive is damaged or encrypted, would unpack to an absurd size, names a part twice, or holds
        virtual datasets.
    """
    with library_faults(path), zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
    unpacked_bytes = sum(member.file_size for member in members)
    packed = max(1, path.stat().st_size)
    if unpacked_bytes > _UNPACKED_LIMIT_BYTES or (
        unpacked_bytes > 10**8 and unpacked_bytes / packed > _RATIO_LIMIT
    ):
        raise InputError(
            Fault("zip-too-large", file=str(path), values={"gigabytes": f"{unpacked_bytes / 1e9:.1f}"})
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise InputError(Fault("encrypted-archive", file=str(path)))
    names = [member.filename for member in members]
    if any(name.lower().endswith(".vrt") for name in names):
        raise InputError(Fault("remote-path", file=str(path)))
    if len({name.lower() for name in names}) < len(names):
        raise InputError(Fault("archive-member-twice", file=str(path)))
    return names


def archive_names(path: Path) -> dict[str, str]:
    """The members of an archive as people wrote them, to the names its directory has.

    Chinese programs write names in GBK without saying so, which zip takes for code page 437.
    """
    names = zip_members(path)
    with library_faults(path), zipfile.ZipFile(path) as archive:
        flags = {member.filename: member.flag_bits for member in archive.infolist()}
    return {_written(name, flags[name]): name for name in names if "__MACOSX" not in name}


def _written(name: str, flags: int) -> str:
    """The name of a member as its author wrote it."""
    if flags & _UTF8_NAME or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


@contextmanager
def unpacked(path: Path, members: dict[str, str]) -> Iterator[Path]:
    """A folder of its own with members of an archive, under names that we give; it is gone afterwards.

    Parameters
    ----------
    path
        The archive, checked by `zip_members`.
    members
        Plain file names of ours to members of the archive.
    """
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        with library_faults(path), zipfile.ZipFile(path) as archive:
            for ours, member in members.items():
                with (
                    archive.open(member) as source,
                    (Path(folder) / PurePosixPath(ours).name).open("wb") as copy,
                ):
                    shutil.copyfileobj(source, copy)
        yield Path(folder)
