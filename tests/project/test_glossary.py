"""docs/glossary.md names only what exists, in both languages."""

import re
from importlib import import_module

import pytest
from shared_data import ROOT

from lifecircle import tables

SPECS = {spec.name: spec for spec in vars(tables).values() if isinstance(spec, tables.TableSpec)}


def _rows():
    words = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in words.splitlines()
        if line[:1] == "|"
    ]
    return cells[2:]


def _exists(name):
    """A module, a name in a module, or a column of a table."""
    first, _, rest = name.partition(".")
    if first in SPECS:
        return rest in {**SPECS[first].columns, **SPECS[first].optional}
    try:
        import_module(f"lifecircle.{name}")
    except ModuleNotFoundError:
        module, _, last = name.rpartition(".")
        return hasattr(import_module(f"lifecircle.{module}"), last)
    return True


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0])
def test_every_term_names_something_that_exists(row):
    term, chinese, _, where = row
    assert term
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    names = re.findall(r"`([^`]+)`", where)
    assert names
    assert [name for name in names if not _exists(name)] == []


def test_a_term_that_is_gone_would_be_noticed():
    assert not _exists("tables.NOTHING")
    assert not _exists("findings.nothing")


def test_no_term_stands_twice():
    terms = [row[0] for row in _rows()]
    assert sorted(set(terms)) == sorted(terms)
