"""Which encoding a text is in: UTF-8 proves itself, Chinese is recognised by its common characters."""

from __future__ import annotations

import codecs
from typing import Final

from charset_normalizer import from_bytes

__all__ = ["contradicted", "decode_field", "guess_encoding", "known_encoding", "mojibake"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS: Final = ["gb18030", "big5", "cp1252", "latin_1", "shift_jis", "euc_kr"]
_COMMON_SHARE: Final = 0.9
_SAMPLE_BYTES: Final = 1_000_000


def known_encoding(name: str) -> bool:
    """Whether Python knows an encoding of this name."""
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def guess_encoding(data: bytes) -> str:
    """The encoding of a text.

    A byte-order mark decides; valid UTF-8 is UTF-8; text whose non-ASCII part consists of the 6,763
    characters of GB 2312 is Chinese; the rest is left to charset-normalizer.

    Parameters
    ----------
    data
        The whole text, or fields joined by line feeds; cut-off characters at line ends are forgiven.

    Returns
    -------
    str
        A Python codec name.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if data.isascii():
        return "utf-8"
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    if all(_is_utf8(line) for line in lines):
        return "utf-8"
    sample = b"\n".join(lines)[:_SAMPLE_BYTES]
    if _common_chinese_share(sample) >= _COMMON_SHARE:
        return "gb18030"
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    return best.encoding if best else "gb18030"


def contradicted(data: bytes, declared: str) -> bool:
    """Whether a text declared to be in another encoding is valid UTF-8, as no other is by chance."""
    name = codecs.lookup(declared).name
    return not name.startswith("utf") and not data.isascii() and guess_encoding(data).startswith("utf-8")


def mojibake(text: str) -> str:
    """What a text was before Chinese bytes were read as Latin-1; blank where nothing points to that."""
    if text.isascii():
        return ""
    try:
        raw = text.encode("latin-1")
        found = raw.decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    return found if _common_chinese_share(raw) == 1.0 and len(found) < len(text) else ""


def decode_field(raw: bytes, encoding: str) -> str:
    """One fixed-width field; a character cut in two by the field's width is dropped."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        return decoder.decode(raw, final=False)
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace")


def _is_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8, forgiving a last character that was cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line.rstrip(b" \r"), final=False)
    except UnicodeDecodeError:
        return False
    return True


def _common_chinese_share(sample: bytes) -> float:
    """Share of the non-ASCII characters that GB 2312 holds, reading the bytes as GB 18030."""
    signs = [sign for sign in sample.decode("gb18030", errors="replace") if not sign.isascii()]
    if not signs:
        return 0.0
    common = sum(1 for sign in signs if _in_gb2312(sign))
    return common / len(signs)


def _in_gb2312(sign: str) -> bool:
    """Whether GB 2312 holds the character."""
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
