"""Reads a plan file, and says everything that is wrong with it, line by line."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lifecircle import services
from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, InputError, MissingInputError, PlanError
from lifecircle.plans.lines import LineFinder
from lifecircle.plans.model import Plan
from lifecircle.plans.near_names import nearest_plans
from lifecircle.plans.refusals import RULE_BY_KIND, in_words
from lifecircle.study.plan_names import is_plan_file, packaged_plan_ids
from lifecircle.study.reading import why_refused
from lifecircle.study.sections import ServiceOfOnesOwn
from lifecircle.study.toml import read_bounded, tables_of

__all__ = [
    "check_plan",
    "find_plans",
    "load_plan",
    "packaged_plans",
    "plan",
    "require_packaged",
    "services_defined",
]

_AT_LINE: Final = re.compile(r"line (\d+)")


def load_plan(path: str | Path) -> Plan:
    """Read one plan.

    Parameters
    ----------
    path
        A ``.toml`` file: one ``[plan]`` table and a ``[[rule]]`` table per provision.

    Returns
    -------
    Plan
        Its title page and its rules.

    Raises
    ------
    MissingInputError
        If there is no such file.
    PlanError
        If it is not a plan; every fault is named with its line.

    Examples
    --------
    >>> from importlib.resources import files
    >>> import lifecircle as lc
    >>> lc.load_plan(files("lifecircle.plans") / "hainan-2022.toml").id
    'hainan-2022'
    """
    require("path", path=path)
    path = Path(path)
    if path.suffix.lower() != ".toml" and is_plan_file(path.name):
        raise PlanError(Fault("plan-other-format", file=str(path)))
    try:
        content = read_bounded(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", "") or str(error)
        raise MissingInputError(Fault("plan-unreadable", file=str(path), values={"why": why})) from error
    try:
        return _parse(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PlanError(Fault("plan-not-utf8", file=f"{path}:{line}")) from error


def check_plan(path: str | Path) -> tuple[Fault, ...]:
    """Everything wrong with a plan file, each fault with its line; nothing where it is sound.

    An id that a packaged plan has is a fault here: a study could not tell the two apart.
    """
    try:
        read = load_plan(path)
    except InputError as error:
        return error.faults
    if read.id not in packaged_plans():
        return ()
    line = LineFinder(Path(path).read_text(encoding="utf-8-sig")).of_plan("id")
    return (Fault("plan-id-taken", file=f"{path}:{line}", field="id", values={"found": read.id}),)


def packaged_plans() -> tuple[str, ...]:
    """Ids of the plans that come with the package, sorted.

    Examples
    --------
    >>> import lifecircle as lc
    >>> "hainan-2022" in lc.packaged_plans()
    True
    """
    return packaged_plan_ids()


def plan(name: str) -> Plan:
    """One packaged plan by id.

    Parameters
    ----------
    name
        Id, as `packaged_plans` lists it.

    Returns
    -------
    Plan
        Its title page and its rules.

    Raises
    ------
    InputError
        If no packaged plan has that id; the nearest ids are named.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.plan("hainan-2022").period
    (2022, 2025)
    """
    require("text", name=name)
    if name not in packaged_plans():
        near = ", ".join(nearest_plans(name, map(_packaged, packaged_plans())))
        raise InputError(Fault("unknown-plan", values={"found": name, "nearest": near}))
    return _packaged(name)


def require_packaged(names: Iterable[str]) -> None:
    """Refuse ids that no packaged plan has.

    Raises
    ------
    InputError
        Names all of them, and the nearest ids.
    """
    faults = Faults()
    for name in names:
        try:
            plan(name)
        except InputError as error:
            faults.extend(error.faults)
    faults.raise_if_any()


@cache
def _packaged(name: str) -> Plan:
    """A packaged plan, read once."""
    file = f"{name}.toml"
    return _parse((files(__package__) / file).read_text(encoding="utf-8"), file)


def find_plans(names: Iterable[str | Plan]) -> tuple[Plan, ...]:
    """Plans by the names a study gives them, in that order.

    Parameters
    ----------
    names
        Ids of packaged plans, paths of ``.toml`` files, or plans as they were read.

    Raises
    ------
    InputError
        If a plan is not there, is not sound, or two have one id: the faults of all of them.
    """
    plans: list[Plan] = []
    faults = Faults()
    for name in names:
        try:
            read = name if isinstance(name, Plan) else load_plan(name) if is_plan_file(name) else plan(name)
        except InputError as error:
            faults.extend(error.faults)
            continue
        if any(read.id == other.id for other in plans):
            faults.add(Fault("plan-twice", file=str(getattr(name, "id", name)), values={"plan": read.id}))
        plans.append(read)
    faults.raise_if_any()
    return tuple(plans)


def _parse(text: str, file: str) -> Plan:
    """The text of a plan file as a plan, or everything wrong with it."""
    try:
        tree = tables_of(text)
    except ValueError as error:
        at = _AT_LINE.search(str(error))
        place = f"{file}:{at.group(1)}" if at else file
        raise PlanError(Fault("plan-not-toml", file=place, values={"why": str(error)})) from error
    lines = LineFinder(text)
    faults = Faults()
    faults.extend(_tables_at_fault(tree, file, lines))
    faults.raise_if_any(PlanError)
    faults.extend(_doubles(tree["rule"], file, lines))
    faults.extend(_unknown_departments(tree, file, lines))
    try:
        with services.own_services(_own(tree.get("services", ()))):
            own = {"services": tree["services"]} if "services" in tree else {}
            read = Plan.model_validate({**tree["plan"], **own, "rules": tree["rule"]})
    except InputError as error:
        there = f"{file}:{lines.of_table('services')}"
        faults.extend(dataclasses.replace(fault, file=there) for fault in error.faults)
    except ValidationError as error:
        problems = [details for details in error.errors(include_url=False) if not _is_echo(details)]
        if any(details["loc"][:1] == ("services",) for details in problems):
            # a service that is not sound is no service that nobody defines
            named = {str(one.get("id")) for one in tree["services"] if isinstance(one, dict)}
            problems = [one for one in problems if one.get("ctx", {}).get("found") not in named]
        placed = [_fault(details, tree, file, lines) for details in problems]
        faults.extend(fault for _, fault in sorted(placed, key=lambda pair: pair[0]))
    faults.raise_if_any(PlanError)
    return read


def services_defined(names: Iterable[str | Plan]) -> tuple[services.OwnService, ...]:
    """Services that plans define for themselves, by the names a study gives these plans.

    Plans that cannot be read define none here: `find_plans` says what is wrong with them.
    """
    defined: list[services.OwnService] = []
    for name in names:
        if isinstance(name, Plan):
            defined += (services.OwnService(**one.model_dump()) for one in name.services)
        elif name.endswith(".toml"):
            try:
                tree = tables_of(read_bounded(Path(name)).decode("utf-8-sig"))
            except (OSError, ValueError):
                continue
            defined += _own(tree.get("services", ()))
    return tuple(defined)


def _own(listed: object) -> Iterator[services.OwnService]:
    """The sound ones among ``[[services]]``: the model says what is wrong with the others."""
    for one in listed if isinstance(listed, list) else ():
        try:
            yield services.OwnService(**ServiceOfOnesOwn.model_validate(one).model_dump())
        except ValidationError:
            continue


def _tables_at_fault(tree: Mapping[str, Any], file: str, lines: LineFinder) -> Iterator[Fault]:
    """A plan file holds ``[plan]``, ``[[services]]``, ``[[rule]]`` and nothing else."""
    if not isinstance(tree.get("plan"), dict):
        yield Fault("plan-no-header", file=file)
    for name in {"rules", "services"} & set(tree.get("plan") or ()):
        yield Fault("plan-unknown-table", file=f"{file}:{lines.of_plan(name)}", values={"found": name})
    rules = tree.get("rule")
    if not (isinstance(rules, list) and rules and all(isinstance(rule, dict) for rule in rules)):
        yield Fault("plan-no-rules", file=file)
    for name in tree:
        if name not in {"plan", "rule", "services"}:
            yield Fault("plan-unknown-table", file=f"{file}:{lines.of_table(name)}", values={"found": name})


def _doubles(rules: list[dict[str, Any]], file: str, lines: LineFinder) -> Iterator[Fault]:
    """Rules that share an id."""
    first: dict[str, int] = {}
    for number, rule in enumerate(rules):
        name = rule.get("id")
        if not isinstance(name, str):
            continue
        if name in first:
            values = {"rule": name, "first": lines.of_rule(first[name], "id")}
            yield Fault("plan-duplicate-rule", file=f"{file}:{lines.of_rule(number, 'id')}", values=values)
        first.setdefault(name, number)


def _unknown_departments(tree: Mapping[str, Any], file: str, lines: LineFinder) -> Iterator[Fault]:
    """Departments that a rule holds responsible and the plan does not list."""
    entries = tree["plan"].get("departments", [])
    if not isinstance(entries, list):
        return  # what is no list is a fault of its own
    listed = [one.get("zh") if isinstance(one, dict) else one for one in entries]
    for number, rule in enumerate(tree["rule"]):
        named = rule.get("responsible", ())
        for department in named if isinstance(named, list) else ():
            if isinstance(department, str) and department not in listed:
                values = {
                    "rule": rule.get("id", ""),
                    "found": department,
                    "nearest": services.nearest(department, [str(name) for name in listed]),
                }
                line = lines.of_rule(number, "responsible")
                key = "plan-unknown-department" if listed else "plan-no-departments"
                yield Fault(key, file=f"{file}:{line}", field="responsible", values=values)


def _is_echo(details: ErrorDetails) -> bool:
    """Whether an error only repeats another: the branch not meant, or a list emptied of its wrong items."""
    branch = any(isinstance(step, str) and step.startswith("literal[") for step in details["loc"])
    return branch or (details["type"] == "too_short" and bool(details["input"]))


def _fault(details: ErrorDetails, tree: Mapping[str, Any], file: str, lines: LineFinder) -> tuple[int, Fault]:
    """One validation error in the user's words, and its line."""
    place = details["loc"]
    in_rule = len(place) > 1 and place[0] == "rules"
    rule = tree["rule"][place[1]] if in_rule else tree["plan"]
    field = _field(details, in_rule=in_rule)
    if place[:1] == ("services",):
        line = lines.of_table("services")
        return line, _service_fault(details, tree["services"], f"{file}:{line}", field.split(".")[-1])
    line = lines.of_rule(int(place[1]), field) if in_rule else lines.of_plan(field)
    values: dict[str, object] = {
        "rule": rule.get("id", f"[[rule]] {int(place[1]) + 1}") if in_rule else "[plan]",
        "found": _plain(details["input"]),
        "why": why_refused(details),
        **details.get("ctx", {}),
    }
    key, more = in_words(details, rule, field)
    return line, Fault(key, file=f"{file}:{line}", field=field, values={**values, **more})


def _service_fault(details: ErrorDetails, listed: object, file: str, key: str) -> Fault:
    """What is wrong with one key of ``[[services]]``."""
    number = next((step for step in details["loc"] if isinstance(step, int)), 0)
    table = listed[number] if isinstance(listed, list) else {}
    name = str(table.get("id", "[[services]]")) if isinstance(table, dict) else "[[services]]"
    if details["type"] == "missing":
        return Fault("plan-missing-key", file=file, field=key, values={"rule": name})
    if details["type"] == "extra_forbidden":
        values = {"rule": name, "nearest": services.nearest(key, ServiceOfOnesOwn.model_fields)}
        return Fault("plan-unknown-service-key", file=file, field=key, values=values)
    return Fault(
        "bad-value",
        file=file,
        field=f"services.{key}",
        values={"found": _plain(details["input"]), "why": why_refused(details)},
    )


def _field(details: ErrorDetails, *, in_rule: bool) -> str:
    """The dotted key an error is about: its place without list positions and without branches of unions."""
    if details["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return "kind"
    steps = [step for step in details["loc"][2 if in_rule else 0 :] if isinstance(step, str)]
    return ".".join(step for step in steps if step not in RULE_BY_KIND and step.isidentifier())


def _plain(value: object) -> str:
    """A value short enough to quote."""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
