"""Names are the field's terms: words that hid one of them are gone, and stay gone."""

import ast
import re
from functools import cache

import pytest
from shared_data import ROOT

FORMER = {
    "Offer": "Destinations",
    "offer_of": "snap_destinations",
    "Journeys": "ODPoints",
    "journeys": "od",
    "journeys_again": "resnap_destinations",
    "travel_again": "update_travel_times",
    "Legs": "AccessCosts",
    "Situation": "StudyState",
    "Prepared": "PreparedStudy",
    "finished": "build_results",
    "Ask": "SitingRequest",
    "Judged": "AssessedStudy",
    "by_room": "capacitated",
    "Rooms": "CapacitatedProblem",
    "Flow": "Allocation",
    "Shares": "AllocationState",
    "cover_everybody": "solve_lscp",
    "cover_most": "solve_mclp",
    "least_cost": "solve_p_median",
    "least_worst": "solve_p_center",
    "improved": "vertex_interchange",
    "wandered": "iterated_local_search",
    "opened_greedily": "greedy_open",
    "_Plan": "SearchPass",
    "_joined": "concat_nonempty",
    "told_first": "prepend_to",
    "network_of": "build_network",
    "circle_of": "time_circle",
}
"""Former names of classes and functions, and what the literature or the tool next door calls them."""

NO_NAME = ("again", "found", "some", "together")
"""Words that say nothing of the thing they stand for."""

WRITTEN = {("outputs/report/data_quality.py", "found")}
"""A fault's own field: what was found in the file."""

FOLDERS = ("coverage/lifecircle", "tests", "benchmarks", "scripts", "docs")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))


@cache
def _defined(file):
    """Names of classes and functions, and of what is assigned or passed in."""
    return list(_names(ast.parse(file.read_text(encoding="utf-8"))))


def _names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield "made", node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield "held", node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield "held", node.attr
        elif isinstance(node, ast.arg):
            yield "held", node.arg


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_former_name_is_left(folder):
    left = []
    for file in (one for one in FILES if one.is_relative_to(ROOT / folder)):
        place = file.relative_to(ROOT / folder).as_posix()
        for what, name in _defined(file):
            if what == "made" and name in FORMER:
                left.append(f"{place}: {name}, say {FORMER[name]}")
            if name.strip("_") in NO_NAME and (place, name) not in WRITTEN:
                left.append(f"{place}: {name} says nothing of the thing")
    assert not left, "\n".join(left)


def test_the_names_that_took_their_place_exist():
    made = {name for file in FILES for what, name in _defined(file) if what == "made"}
    modules = {file.stem for file in FILES}
    gone = {name for name in FORMER.values() if name not in made | modules | {"od"}}
    assert not gone


def test_documents_and_messages_use_no_former_name():
    texts = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.rst"), ROOT / "CONTRIBUTING.md"]
    code = [word for file in texts for word in re.findall(r"`([\w.]+)", file.read_text(encoding="utf-8"))]
    assert not {word for word in code if word.rpartition(".")[2] in FORMER}
