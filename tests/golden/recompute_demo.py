"""Every circle, ratio, presence and station rule of the demo city, computed anew from its raw files.

pandas, geopandas and networkx on the files as they lie there (`demo_raw`, `demo_walks`); nothing of the
package is imported. It yields value and status of every unit and of the whole, service by service, and
compares them with the ``deficits.csv`` that a run wrote:

    python tests/golden/recompute_demo.py FOLDER        # FOLDER holds raw/ and results/
"""

# ruff: noqa: T201 - a script that prints what differs
from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "support")]

from demo_areas import Areas  # noqa: E402 - scripts beside this one
from demo_circles import Circles  # noqa: E402
from demo_judge import WHOLE  # noqa: E402
from demo_raw import Raw, rules  # noqa: E402

CLOSE, CLOSE_SHARE = 1e-5, 1e-8
"""Figures are written with six decimals; lengths are millimetres on either side, areas rounded apart."""
KINDS = {
    "at-least-n-per-area": Areas.presence,
    "coverage-share-of-areas": Areas.presence,
    "tiers": Areas.tiers,
    "area-per-100-households": Areas.ratio,
    "area-per-person": Areas.ratio,
    "area-share": Areas.ratio,
    "capacity-per-1000-population": Areas.ratio,
    "staff-per-10000-population": Areas.ratio,
    "travel-time-circle": Circles.circle,
    "travel-distance-circle": Circles.circle,
    "type-circle": Circles.types,
    "report": Circles.reported,
    "population-per-facility": Circles.stations,
}

Finding = tuple[tuple[str, str, str], tuple[float, str]]
"""Rule, code of the unit (or `WHOLE`) and service; value and status, blank where only the value counts."""


def findings(raw: Raw, *, share: float = 1.0) -> Iterator[Finding]:
    """What every rule of the kinds computed here comes to.

    Parameters
    ----------
    raw
        The raw files.
    share
        Share of the communities whose circles are computed; the same ones every time.
    """
    chosen = random.Random(20221129)  # noqa: S311 - a sample, not a secret
    sampled = {code for code in sorted(raw.people.index) if share == 1 or chosen.random() < share}
    areas, circles = Areas(raw), Circles(raw, sampled)
    for rule in rules():
        judge = KINDS.get(rule["kind"])
        if judge is not None:
            owner = areas if judge.__qualname__.startswith("Areas") else circles
            for (code, service), told in judge(owner, rule):
                yield (rule["id"], code, service), told


def written(results: Path) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Value and status of every row that a run wrote, the wider levels under `WHOLE` as well."""
    table = pd.read_csv(results / "deficits.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = {}
    for row in table.itertuples():
        read = (float(row.value) if row.value else math.nan, row.status)
        if row.level in {"province", "city"}:
            rows[row.rule, WHOLE, row.service] = read
        rows[row.rule, row.code, row.service] = read
    return rows


def differing(folder: Path, *, share: float = 1.0) -> tuple[list[str], dict[str, int]]:
    """What a run wrote otherwise than recomputed here; and how many figures were compared, by rule."""
    rows, wrong, compared = written(folder / "results"), [], {}
    for (rule, code, service), (value, status) in findings(Raw(folder / "raw"), share=share):
        compared[rule] = compared.get(rule, 0) + 1
        there = rows.get((rule, code, service))
        if there is None:
            wrong.append(f"{rule} {code} {service}: no row is written for {value} {status}")
            continue
        same = math.isnan(value) or abs(value - there[0]) <= CLOSE + CLOSE_SHARE * abs(value)
        if not same or (status and status != there[1]):
            wrong.append(f"{rule} {code} {service}: {value} {status} is written {there}")
    return wrong, compared


if __name__ == "__main__":
    off, counted = differing(Path(sys.argv[1]))
    print("\n".join(off))
    print(sum(counted.values()), "compared under", len(counted), "rules;", len(off), "differ")
