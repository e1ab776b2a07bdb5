"""Objects of an OpenStreetMap XML file that osmium cannot read, each by its id: osmium names none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lifecircle.errors import Fault
from lifecircle.sources.osm.sorting import is_xml, opened_xml

MOST: Final = 20
"""Faults listed of one file."""

_BLOCK_BYTES: Final = 1 << 24
_THING: Final = re.compile(rb"""<(node|way|relation|nd|member)\s((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE: Final = re.compile(rb"""([A-Za-z_:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_WHOLE: Final = re.compile(r"-?\d{1,18}")
_DEGREES: Final = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")
_KINDS: Final = {"node", "way", "relation"}
_FARTHEST: Final = {"lat": 90.0, "lon": 180.0}

__all__ = ["MOST", "broken_objects"]


def broken_objects(path: Path) -> list[Fault]:
    """Faults of objects whose ids, places, versions or references are no such thing, the first `MOST`.

    Parameters
    ----------
    path
        A file that osmium refused. Nothing is said of one that is no XML.
    """
    faults: list[Fault] = []
    if not is_xml(path):
        return faults
    about = ""
    for kind, attributes in _things(path):
        if kind in _KINDS:
            about = f"{kind} {attributes.get('id', '?')}"
        faults += [
            Fault("osm-object-broken", file=str(path), row=about, field=field, values={"found": value})
            for field, value in _wrong(kind, attributes)
        ]
        if len(faults) >= MOST:
            break
    return faults[:MOST]


def _things(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element that states an object or names one, with its attributes."""
    with opened_xml(path) as file:
        rest = b""
        while block := file.read(_BLOCK_BYTES):
            text = rest + block
            cut = text.rfind(b"<")
            whole, rest = (text[:cut], text[cut:]) if cut >= 0 else (b"", text)
            for kind, attributes in _THING.findall(whole):
                pairs = _ATTRIBUTE.findall(attributes)
                yield (
                    kind.decode(),
                    {name.decode(): (one or other).decode("utf-8", "replace") for name, one, other in pairs},
                )


def _wrong(kind: str, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Attributes of one element that hold what they cannot."""
    numbers = ("id", "version") if kind in _KINDS else ("ref",)
    for name in numbers:
        if name in attributes and not _WHOLE.fullmatch(attributes[name]):
            yield name, attributes[name]
    if kind == "member" and attributes.get("type") not in _KINDS:
        yield "type", attributes.get("type", "")
    for name, farthest in _FARTHEST.items() if kind == "node" else ():
        value = attributes.get(name)
        if value is not None and not (_DEGREES.fullmatch(value) and abs(float(value)) <= farthest):
            yield name, value
