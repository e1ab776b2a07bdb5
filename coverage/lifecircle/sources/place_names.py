"""What Chinese codes and names say about a place: urban or rural, street, town or township.

The committee part (last three digits) of a 12-digit statistical code is 001-199 for residents' committees
and 200-399 for villagers' committees; the township part (digits 7-9) is 001-099 for streets, 100-199 for
towns and 200-399 for townships (统计用区划代码和城乡划分代码编制规则, National Bureau of Statistics 2009).
"""

from __future__ import annotations

from typing import Final

from lifecircle.sources.files.cell_values import key
from lifecircle.tables import PARENT_LEVELS

__all__ = [
    "committee_scope",
    "declared_kind",
    "declared_scope",
    "name_scope",
    "parent_code",
    "township_kind",
    "unit_kind",
]

PARENT_DIGITS: Final = dict(zip(PARENT_LEVELS, (9, 6, 4), strict=True))
"""Digits of a code of statistics that name the unit at each level above a community."""

_URBAN: Final = frozenset({"urban", "u", "城镇", "城市", "城区", "市区", "镇区", "城", "街道", "居委会"})
_RURAL: Final = frozenset({"rural", "r", "乡村", "农村", "村", "乡", "村委会"})
_URBAN_ENDINGS: Final = ("社区", "居委会", "居民委员会", "社区居委会", "居委", "小区")
_RURAL_ENDINGS: Final = ("村委会", "村民委员会", "村", "村委", "嘎查", "嘎查村委会")
_COMMUNITY: Final = frozenset({"community", "社区", "居委会", "城市社区", "居民委员会", "城镇社区"})
_VILLAGE: Final = frozenset({"village", "村", "行政村", "建制村", "村委会", "农村社区", "村民委员会"})
_UNIT_ENDINGS: Final = (
    (("街道", "街道办事处", "街道办", "办事处"), "street"),
    (("镇", "镇人民政府"), "town"),
    (("乡", "乡人民政府", "苏木"), "township"),
    (("新区", "区"), "district"),
    (("县", "自治县", "旗"), "county"),
    (("市",), "city"),
)


def declared_scope(value: str) -> str | None:
    """``urban``, ``rural``, ``""`` for a blank cell, or None where the words are unknown.

    The urban-rural classes of the statistical code (111, 112, 121, 122, 123; 210, 220) are understood.
    """
    text = key(value).removesuffix(".0")
    if not text:
        return ""
    if text in _URBAN or (len(text) == 3 and text.isdigit() and text.startswith("1")):
        return "urban"
    if text in _RURAL or (len(text) == 3 and text.isdigit() and text.startswith("2")):
        return "rural"
    return None


def committee_scope(code: str) -> str:
    """Scope by the committee part of a 12-digit code, ``""`` where it says nothing."""
    if len(code) != 12 or not code.isdigit():
        return ""
    committee = int(code[9:])
    if 1 <= committee <= 199:
        return "urban"
    return "rural" if 200 <= committee <= 399 else ""


def name_scope(name: str) -> str:
    """Scope by the ending of a committee's name, ``""`` where it says nothing."""
    text = key(name)
    if text.endswith(_URBAN_ENDINGS):
        return "urban"
    return "rural" if text.endswith(_RURAL_ENDINGS) else ""


def declared_kind(value: str) -> str | None:
    """``community``, ``village``, ``""`` for a blank cell, or None where the words are unknown."""
    text = key(value)
    if not text:
        return ""
    if text in _COMMUNITY:
        return "community"
    return "village" if text in _VILLAGE else None


def parent_code(code: str, level: str) -> str:
    """The code of the unit above a 12-digit code, ``""`` for codes of another make."""
    return code[: PARENT_DIGITS[level]] if len(code) == 12 and code.isdigit() else ""


def unit_kind(name: str) -> str:
    """Kind of a unit by the ending of its name, ``""`` where it says nothing."""
    text = key(name)
    return next((kind for endings, kind in _UNIT_ENDINGS if text.endswith(endings)), "")


def township_kind(code: str) -> str:
    """Kind of a 9-digit township code by its last three digits, ``""`` where it says nothing."""
    if len(code) != 9 or not code.isdigit():
        return ""
    number = int(code[6:])
    if 1 <= number <= 99:
        return "street"
    if 100 <= number <= 199:
        return "town"
    return "township" if 200 <= number <= 399 else ""
