"""Which encoding a text is in: UTF-8 proves itself, Chinese is recognised by its common characters."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from lifecircle.errors import Fault, InputError

__all__ = [
    "contradicted",
    "decode_field",
    "decode_strictly",
    "guess_encoding",
    "known_encoding",
    "looks_chinese",
    "mixed_lines",
    "mojibake",
    "require_encoding",
]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS: Final = ["gb18030", "big5", "cp1252", "latin_1", "shift_jis", "euc_kr"]
_COMMON_SHARE: Final = 0.75
_NO_TEXT: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"}
)
_WESTERN: Final = frozenset(
    ["iso8859-1", "cp1252", "iso8859-15", "cp1250", "iso8859-2", "cp437", "cp850", "mac-roman"]
)
"""Encodings that take every byte for an accented letter or a sign, so that nothing is ever wrong in them."""
_LONE: Final = re.compile(rb"[a-z][\x80-\xff]{1,3}(?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff]{1,3}[a-z]")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")
_REPLACEMENT: Final = "\ufffd"
_SAMPLE_BYTES: Final = 1_000_000


def known_encoding(name: str) -> bool:
    """Whether Python knows an encoding of text of this name (``hex`` and ``zip`` are none of text)."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return bool(getattr(codec, "_is_text_encoding", True)) and codec.name not in _NO_TEXT


def require_encoding(name: str, path: Path) -> None:
    """Refuse a declared encoding that does not exist.

    Raises
    ------
    InputError
        Naming it and the file it was declared for.
    """
    if not known_encoding(name):
        raise InputError(Fault("unknown-encoding", file=str(path), values={"encoding": name}))


def decode_strictly(data: bytes, encoding: str, path: Path) -> str:
    """A whole text in an encoding that every byte must fit.

    Raises
    ------
    InputError
        Naming the first byte that does not, and the encoding that the text looks like.
    """
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        position = getattr(error, "start", 0)
        values = {"encoding": encoding, "position": position, "guess": guess_encoding(data)}
        raise InputError(Fault("wrong-encoding", file=str(path), values=values)) from None


def guess_encoding(data: bytes) -> str:
    """The encoding of a text.

    A byte-order mark decides; valid UTF-8 is UTF-8; text that is valid GB 18030 and whose non-ASCII part
    mostly consists of the 6,763 characters and the signs of GB 2312 is Chinese; the rest is left to
    charset-normalizer.

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
    if _common_chinese_share(sample) >= _COMMON_SHARE and not _accented(sample):
        return "gb18030"
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    return best.encoding if best else "gb18030"


def mixed_lines(data: bytes) -> list[int]:
    r"""Lines of a text that are not in UTF-8 although others are beyond doubt: two encodings in one file.

    Returns
    -------
    list of int
        Numbers of the lines of the rarer encoding, from 1; none where the text is of one piece.

    Examples
    --------
    >>> mixed_lines("光华路\n".encode() + "光华路".encode("gbk"))
    [2]
    """
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if not line.isascii()]
    broken = [number for number, line in lines if not _is_utf8(line)]
    known = set(broken)
    certain = [number for number, line in lines if number not in known and _only_utf8(line)] if broken else []
    return (broken if len(broken) <= len(certain) else certain) if certain else []


def _only_utf8(line: bytes) -> bool:
    """Whether a line of UTF-8 holds two or more Chinese characters, and would be none in GB 18030."""
    signs = sum(1 for sign in line.decode("utf-8", errors="ignore") if "\u4e00" <= sign <= "\u9fff")
    return signs >= 2 and _common_chinese_share(line) < _COMMON_SHARE


def contradicted(data: bytes, declared: str) -> bool:
    """Whether a text declared to be in another encoding shows that it is not.

    Valid UTF-8 is nothing else by chance; Chinese declared to be in a western encoding of one byte a sign,
    which every byte fits, is known by its characters.
    """
    name = codecs.lookup(declared).name
    if name.startswith("utf") or data.isascii():
        return False
    if guess_encoding(data).startswith("utf-8"):
        return True
    return name in _WESTERN and looks_chinese(data)


def looks_chinese(data: bytes) -> bool:
    """Whether bytes are Chinese in GB 18030 beyond doubt, and not accented letters of the West.

    Western accented letters stand alone or in pairs among plain ones; Chinese stands in longer runs.
    """
    sample = b"\n".join(line for line in data.split(b"\n") if not line.isascii())[:_SAMPLE_BYTES]
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    in_long_runs = sum(run for run in runs if run >= 4)
    return bool(runs) and in_long_runs >= 0.5 * sum(runs) and _common_chinese_share(sample) >= _COMMON_SHARE


def _accented(sample: bytes) -> bool:
    """Whether most high bytes stand alone or in pairs within words of plain letters, as accents do."""
    lone = sum(1 for _ in _LONE.finditer(sample))
    return lone > 0.6 * sum(1 for _ in _HIGH_RUN.finditer(sample))


def mojibake(text: str) -> str:
    """What a text was before it was read in a wrong encoding; blank where nothing points to that.

    Chinese or UTF-8 bytes read as Latin-1 or Windows-1252, and UTF-8 bytes read as GBK, are undone; a text
    with replacement signs is returned as it is, since nobody can restore it.

    Examples
    --------
    >>> mojibake("¹â»ªÂ·ÉçÇø")
    '光华路社区'
    """
    if text.isascii():
        return ""
    if _REPLACEMENT in text or "锟斤拷" in text:
        return text
    for wrong in ("latin-1", "cp1252"):
        try:
            raw = text.encode(wrong)
        except UnicodeEncodeError:
            continue
        for right in ("utf-8", "gb18030"):
            try:
                meant = raw.decode(right)
            except UnicodeDecodeError:
                continue
            sound = right == "utf-8" or (_common_chinese_share(raw) == 1.0 and looks_chinese(raw))
            if sound and len(meant) < len(text):
                return meant
    return _utf8_read_as_gbk(text)


def _utf8_read_as_gbk(text: str) -> str:
    """What Chinese text was before its UTF-8 bytes were read as GBK; blank where it is sound as it stands."""
    try:
        meant = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return ""
    rare = sum(1 for sign in text if not sign.isascii() and not _in_gb2312(sign))
    return meant if rare and len(meant) < len(text) else ""


def decode_field(raw: bytes, encoding: str) -> str:
    """One fixed-width field; a character cut in two by the field's width is dropped.

    Raises
    ------
    UnicodeError
        If it is not in the encoding.
    """
    return codecs.getincrementaldecoder(encoding)(errors="strict").decode(raw, final=False)


def _is_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8, forgiving a last character that was cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line.rstrip(b" \r"), final=False)
    except UnicodeDecodeError:
        return False
    return True


def _common_chinese_share(sample: bytes) -> float:
    """Share of the non-ASCII characters that GB 2312 holds, reading the bytes as GB 18030."""
    text = sample.decode("gb18030", errors="replace")
    signs = [sign for sign in text if not sign.isascii()]
    if not signs:
        return 0.0
    common = sum(1 for sign in signs if _in_gb2312(sign))
    return common / len(signs)


def _in_gb2312(sign: str) -> bool:
    """Whether a character, or a sign of Chinese typing such as · and —, lies in the rows of GB 2312."""
    raw = sign.encode("gb18030", errors="ignore")
    rows = len(raw) == 2 and raw[1] >= 0xA1
    return rows and (0xA1 <= raw[0] <= 0xA9 or 0xB0 <= raw[0] <= 0xF7)
