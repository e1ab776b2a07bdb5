"""Every key of a study that is a path: below the study's folder, counted from there, however written."""

from __future__ import annotations

import copy
import itertools
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from lifecircle.errors import StudyError
from lifecircle.study.config import Study
from lifecircle.study.reading import study_from_tables

TABLES = {
    "study": {"name": "镇", "plans": ["hainan-2022"]},
    "area": {"communities": "communities.gpkg"},
    "streets": {"source": "streets.gpkg"},
}
WORDS_OR_PATHS = {"plans": "own.toml", "source": "layer.gpkg", "tiles": "tiles/{z}/{x}/{y}.png"}
"""Keys of words that may be paths, and a path that they may be."""
NOT_IN_FILES = {"root", "path", "memory"}


def keys(model, place=()):
    """Every key that can hold a path, by the tables that it stands in; lists of tables by their first."""
    for name, field in model.model_fields.items():
        if model is Study and name in NOT_IN_FILES:
            continue
        here = (*place, name)
        if name in WORDS_OR_PATHS or Path in flat(field.annotation):
            yield here
        for inner in flat(field.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from keys(inner, (*here, 0) if "tuple" in str(field.annotation) else here)


def flat(annotation):
    """An annotation and all annotations in it."""
    inner = [one for part in typing.get_args(annotation) for one in flat(part)]
    return [annotation, *inner]


def with_path(place, value):
    """The tables of a study with a path at a place."""
    tables = copy.deepcopy(TABLES)
    here = tables
    for step, after in itertools.pairwise(place):
        if step == 0:
            continue
        here = here.setdefault(step, [{}] if after == 0 else {})
        here = here[0] if after == 0 else here
    here[place[-1]] = value
    return tables


KEYS = sorted(set(keys(Study)), key=str)


def test_the_keys_are_found():
    assert {
        ("study", "scenario_files"),
        ("study", "plans"),
        ("scenarios", 0, "add"),
        ("area", "boundary"),
    } < set(KEYS)


@pytest.mark.parametrize("place", KEYS, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize("outside", ["../{}", "/{}", "inner/../../{}"])
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in a list"])
def test_a_path_that_leads_outside_is_refused(tmp_path, place, outside, listed):
    path = outside.replace("{}", WORDS_OR_PATHS.get(place[-1], "file.any"), 1)
    with pytest.raises(StudyError) as refused:
        study_from_tables(with_path(place, [path] if listed else path), root=tmp_path)
    told = {fault.key for fault in refused.value.faults}
    assert "outside-path" in told or (listed and told & {"bad-value", "missing-key"})


@pytest.mark.parametrize("key", ["plans", "scenario_files"])
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in a list"])
def test_a_file_that_may_be_one_of_several_is_counted_from_the_study(tmp_path, key, listed):
    tables = with_path(("study", key), ["own.toml"] if listed else "own.toml")
    read = study_from_tables(tables, root=tmp_path)
    assert [Path(one) for one in getattr(read.study, key)] == [tmp_path / "own.toml"]
