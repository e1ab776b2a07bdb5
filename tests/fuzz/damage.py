"""Files damaged in a way that can be told and repeated: a seed, and what is done to its bytes in order."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from hypothesis import strategies as st

WORDS = (
    b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"0", b"-1", b"1e308",
    b"NaN", b"inf", b"9" * 23, b"\n", b"\r\n", b'"', b"'", b"<", b">", b"&", b"{", b"}", b"[",
    b"]", b",", b";", b"=", b"\\", b"../", b"\xef\xbb\xbf", b"\xc4\xa3", "区".encode(), b"<!DOCTYPE a [",
    b"[[", b"]]", b'"""', b"\x1f\x8b", b"PK\x03\x04", b"EMPTY", b"null", b"true",
)  # fmt: skip
"""What parsers stumble over: ends of numbers, signs with a meaning, marks of other formats."""


@dataclass(frozen=True)
class Edit:
    """One damage: what is done, where (a share of the file), over how many bytes, and what is put there."""

    how: str
    place: float
    length: int
    word: bytes

    def applied(self, data: bytes) -> bytes:
        """The bytes after the damage."""
        at = min(int(self.place * (len(data) + 1)), len(data))
        end = min(at + self.length, len(data))
        if self.how == "replace":
            return data[:at] + self.word + data[at + len(self.word) :]
        if self.how == "insert":
            return data[:at] + self.word + data[at:]
        if self.how == "delete":
            return data[:at] + data[end:]
        if self.how == "repeat":
            return data[:end] + data[at:end] * 3 + data[end:]
        if self.how == "cut":
            return data[:at]
        flipped = bytes([data[at] ^ (1 << (self.length % 8))]) if at < len(data) else b""
        return data[:at] + flipped + data[at + 1 :]


EDITS = st.builds(
    Edit,
    how=st.sampled_from(["flip", "replace", "insert", "delete", "repeat", "cut"]),
    place=st.floats(0.0, 1.0, exclude_max=True),
    length=st.integers(1, 64),
    word=st.sampled_from(WORDS) | st.binary(min_size=1, max_size=4),
)


def members_damaged(archive: bytes, edits: list[Edit], number: int) -> bytes:
    """An archive in which one member was damaged and packed anew, so that its check sum fits."""
    with zipfile.ZipFile(io.BytesIO(archive)) as before:
        contents = {name: before.read(name) for name in before.namelist()}
    chosen = sorted(contents)[number % len(contents)]
    for edit in edits:
        contents[chosen] = edit.applied(contents[chosen])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after:
        for name, content in contents.items():
            after.writestr(name, content)
    return packed.getvalue()
