"""Which rows are verdicts, and what turns between two tables of findings, against one finding at a time."""

import random

import pandas as pd
import pytest

from lifecircle.assessment import VerdictChanges
from lifecircle.tables import verdict_rows

KEY = ["plan", "rule", "level", "code", "service"]


def findings(seed, *, statuses=("met", "short", "no-data")):
    """Rows of every sort: with a verdict over several services, with one service alone, with neither."""
    draw = random.Random(seed)  # noqa: S311
    keys = {
        (draw.choice("pq"), draw.choice("rst"), draw.choice(["community", "city"]), draw.choice("ABCD"),
         draw.choice(["", "", "market", "school"]))
        for _ in range(draw.randint(0, 60))
    }  # fmt: skip
    rows = sorted(keys) if draw.random() < 0.5 else draw.sample(sorted(keys), len(keys))
    table = pd.DataFrame(rows, columns=KEY).astype(draw.choice(["str", "object"]))
    table["status"] = pd.Series([draw.choice(statuses) for _ in rows], dtype="str")
    return table


@pytest.mark.parametrize("seed", range(40))
def test_a_verdict_is_the_row_over_all_services_or_else_every_row(seed):
    table = findings(seed)
    blank = {tuple(row[:4]) for row in table[KEY].itertuples(index=False) if not row[4]}
    wanted = [row for row in table.itertuples(index=False) if not row[4] or tuple(row[:4]) not in blank]
    assert list(verdict_rows(table).itertuples(index=False)) == wanted


@pytest.mark.parametrize("seed", range(20))
def test_what_turns_is_the_same_whatever_order_findings_stand_in(seed):
    before = findings(seed)
    after = before.assign(status=findings(seed + 100).reindex(before.index)["status"].fillna("met"))
    then = dict(zip(before[KEY].itertuples(index=False, name=None), before["status"], strict=True))
    now = dict(zip(after[KEY].itertuples(index=False, name=None), after["status"], strict=True))
    verdicts = list(verdict_rows(before)[KEY].itertuples(index=False, name=None))
    sides = {key: (then[key], now[key]) for key in verdicts}
    for later in (after, after.iloc[::-1].reset_index(drop=True)):
        told = VerdictChanges.between(before, later)
        turned = list(told.turned[KEY].itertuples(index=False, name=None))
        assert turned == [key for key in verdicts if set(sides[key]) == {"met", "short"}]
        assert told.kept == sum(was != "no-data" and now == "no-data" for was, now in sides.values())
        fresh = sorted(now for was, now in sides.values() if was == "no-data" and now != "no-data")
        assert sorted(told.newly_judged) == fresh
