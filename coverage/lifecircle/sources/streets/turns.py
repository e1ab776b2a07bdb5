"""Turn restrictions of OpenStreetMap files: relations that forbid a turn, or all turns but one."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import osmium.filter
from numpy.typing import NDArray

from lifecircle.sources.streets.rules import StreetRules

__all__ = ["read_turns"]

_KINDS: Final = ("no_", "only_")


def read_turns(path: Path, rules: StreetRules) -> tuple[NDArray[np.int64], dict[str, int]]:
    """The turns that a mode may not take, and how many restrictions are not applied.

    Parameters
    ----------
    path
        A file as `lifecircle.sources.osm.sorting.plain_osm` gives it.
    rules
        Rules of the mode: which keys restrict its turns, and which of the words under ``except`` free it.

    Returns
    -------
    turns : int64, n × 4
        As of `lifecircle.tables.streets.StreetTable`: one row per pair of ways that a relation names.
    counts : dict
        ``street-turns-over-ways`` (restrictions that lead over a way, not a node), ``street-turns-at-times``
        (that hold at some times only), ``street-turns-broken`` (that lack a member) and, for modes whose
        restrictions are not applied, ``street-turns-not-read``.
    """
    left_out: Counter[str] = Counter()
    turns: list[tuple[int, int, int, int]] = []
    if not rules.turns:
        return np.empty((0, 4), np.int64), _counted(path, rules)
    relations = osmium.FileProcessor(str(path), osmium.osm.RELATION)
    for relation in relations.with_filter(osmium.filter.TagFilter(("type", "restriction"))):
        kind = next((relation.tags[key] for key in rules.turns if key in relation.tags), "")
        freed = {word.strip() for word in relation.tags.get("except", "").split(";")}
        if not kind.startswith(_KINDS):
            left_out["street-turns-at-times"] += any(
                f"{key}:conditional" in relation.tags for key in rules.turns
            )
            continue
        if freed & rules.turns_except:
            continue
        members = [(part.role, part.type, part.ref) for part in relation.members]
        comes = [ref for role, type_, ref in members if role == "from" and type_ == "w"]
        goes = [ref for role, type_, ref in members if role == "to" and type_ == "w"]
        via = [(type_, ref) for role, type_, ref in members if role == "via"]
        if not comes or not goes or not via:
            left_out["street-turns-broken"] += 1
        elif len(via) > 1 or via[0][0] != "n":
            left_out["street-turns-over-ways"] += 1
        else:
            only = int(kind.startswith("only_"))
            turns += [(one, via[0][1], other, only) for one, other in product(comes, goes)]
    return np.array(turns, np.int64).reshape(-1, 4), dict(left_out)


def _counted(path: Path, rules: StreetRules) -> dict[str, int]:
    """How many restrictions bind a mode whose restrictions are not applied; nothing where there are none."""
    if not rules.turns_counted:
        return {}
    keys = (*rules.turns_counted, *(f"{key}:conditional" for key in rules.turns_counted))
    relations = osmium.FileProcessor(str(path), osmium.osm.RELATION)
    bound = 0
    for relation in relations.with_filter(osmium.filter.TagFilter(("type", "restriction"))):
        freed = {word.strip() for word in relation.tags.get("except", "").split(";")}
        bound += any(key in relation.tags for key in keys) and not freed & rules.turns_except
    return {"street-turns-not-read": bound} if bound else {}
