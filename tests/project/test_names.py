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
    "rooms": "capacitated",
    "walks": "od",
    "journeys_again": "resnap_destinations",
    "travel_again": "update_travel_times",
    "Legs": "AccessCosts",
    "Situation": "StudyState",
    "present": "baseline_state",
    "changed": "route_scenario",
    "Prepared": "PreparedStudy",
    "prepared": "prepare_inputs",
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

WRITTEN = {
    ("outputs/report/data_quality.py", "found"),
    ("analysis/session.py", "present"),
    ("analysis/results.py", "prepared"),
    ("analysis/protocols.py", "prepared"),
    ("serve/board.py", "changed"),
    ("serve/store.py", "changed"),
}
"""A fault's own field; public names of a session and a run; a draft, or a file, edited since."""

FORMER_MODULES = (
    "asking",
    "cells",
    "edges",
    "filling",
    "journeys",
    "legs",
    "offer",
    "rooms",
    "sharing",
    "walking",
)

ENGINE = ("assessment", "household_grids", "measures", "network", "siting")

ONE_MEANING = {
    "unit": r"Unit",
    "grid": r"GridSpec( \| tuple\[GridSpec, Snaps\])?",
    "reach": r"never",
    "cutoff": r"Cutoff|(ArrayLike|float)( \| None)?",
    "edge": r"NDArray\[np\.int(32|64)\]|int|str",
    "edges": r"NDArray\[np\.(int32|integer)\]( \| None)?",
    "cell": r"NDArray\[np\.int64\]|float",
}
"""What a parameter or field of that name may be: one meaning each, as docs/glossary.md says."""

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
            if what == "made" and name in FORMER and (place, name) not in WRITTEN:
                left.append(f"{place}: {name}, say {FORMER[name]}")
            if name.strip("_") in NO_NAME and (place, name) not in WRITTEN:
                left.append(f"{place}: {name} says nothing of the thing")
    assert not left, "\n".join(left)


def test_no_former_module_is_left():
    assert not [file for file in FILES if file.stem in FORMER_MODULES]


def _annotated(tree):
    """Parameters and fields with what they are declared to be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, ast.unparse(node.annotation)


@pytest.mark.parametrize("room", ENGINE)
def test_a_word_has_one_meaning_in_the_engine(room):
    wrong = [
        f"{file.name}: {name} is declared {kind}"
        for file in (ROOT / "coverage/lifecircle" / room).rglob("*.py")
        for name, kind in _annotated(ast.parse(file.read_text(encoding="utf-8")))
        if name in ONE_MEANING and not re.fullmatch(ONE_MEANING[name], kind)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_names_that_took_their_place_exist():
    made = {name for file in FILES for what, name in _defined(file) if what == "made"}
    modules = {file.stem for file in FILES}
    gone = {name for name in FORMER.values() if name not in made | modules | {"od"}}
    assert not gone


def test_documents_and_messages_use_no_former_name():
    texts = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.rst"), ROOT / "CONTRIBUTING.md"]
    code = [word for file in texts for word in re.findall(r"`([\w.]+)", file.read_text(encoding="utf-8"))]
    assert not {word for word in code if word.rpartition(".")[2] in FORMER}
