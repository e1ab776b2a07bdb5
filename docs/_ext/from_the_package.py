"""Directives that read the package itself, so that the pages cannot drift from it.

They write reStructuredText, so they stand on pages that are, or in an ``eval-rst`` block.

``data-dictionary`` writes every table that crosses rooms, column by column; ``public-interface`` every
name of ``lifecircle.__all__`` with its docstring; ``plan-rules`` every rule of a plan: its clause, how it is
read and why, at which level it binds and what its verdicts stand on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

import lifecircle
from lifecircle import plans, tables

__all__ = ["dictionary_lines", "interface_lines", "rule_lines", "setup", "summary_of"]

_ABOUT = {
    "findings": "Verdicts as ``result.findings`` holds them, one row per rule, unit and service.",
    "findings_in_words": "``deficits.csv``: the same, with what is said of each rule. Status and certainty "
    "are explained under conventions; `note` is written out in the reader's language. A rule over several "
    "services has a row per service and one with a blank ``service``, its verdict; a rule over one service "
    "has only that row. Summaries count verdicts, which ``result.verdicts`` holds: with ``blank = "
    "table['service'].isna()`` these are ``table[blank | ~blank.groupby([table['plan'], table['rule'], "
    "table['level'], table['code']]).transform('any')]``. ``certainty`` is that of a verdict: read it only "
    "where ``status`` is met or short.",
    "communities": "What is judged. Figures of ledgers follow, then minutes and shares of every service.",
    "community_verdicts": "Beside the figures in the layer ``communities`` of ``study.gpkg``.",
    "units": "Areas above the communities, and further layers that rules need.",
    "demand": "Where people are.",
    "facilities": "One row per facility and service that it offers.",
    "entries": "Where one gets into a facility.",
    "data_quality": "What was repaired, moved, left out or is doubtful in the data.",
    "data_quality_in_words": "The same as people read it: layer and sheet of remarks.",
    "facility_areas": "Facilities that the source has an outline of.",
    "scenario_sites": "What scenarios change on the ground: the layer ``scenarios``.",
    "scenario_streets": "Streets that scenarios open or close.",
    "edges": "The network, as ``lifecircle streets`` and `edges_frame` give it.",
    "point_isochrones": "Service areas of points, as ``lifecircle isochrones`` and `isochrones` give them.",
    "explained_route": "The way that ``lifecircle explain`` found.",
    "household_grids": "Layer ``grids`` of ``lifecircle grids``.",
    "household_grid_points": "Layer ``points`` of ``lifecircle grids``.",
    "household_grid_communities": "Table ``communities`` of ``lifecircle grids``.",
    "changes": "What changed between two runs, as ``lifecircle compare`` writes it.",
}


class _Written(SphinxDirective):
    """Text made by a function, parsed where the directive stands."""

    has_content = False
    lines: ClassVar[Any]

    def run(self) -> list[nodes.Node]:
        """Parse the lines as reStructuredText with headings."""
        holder = nodes.section()
        holder.document = self.state.document
        nested_parse_with_titles(self.state, StringList(list(type(self).lines()), "the package"), holder)
        return list(holder.children)


class _PlanRules(SphinxDirective):
    """The rules of the plan that the directive names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the table as reStructuredText."""
        holder = nodes.container()
        self.state.nested_parse(StringList(list(rule_lines(self.arguments[0])), "the package"), 0, holder)
        return list(holder.children)


def rule_lines(plan: str) -> Iterator[str]:
    """The rules of a plan as a list table."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 24 26 30 8 12", "")
    yield from _row("clause", "our reading", "why", "level", "certainty")
    for rule in plans.plan(plan).rules:
        responsible = f" ({'、'.join(rule.responsible)})" if rule.responsible else ""
        yield from _row(
            _plain(f"{rule.clause} {rule.quote}{responsible}"),
            f"``{rule.id}``: " + _plain(f"{rule.title.zh} · {rule.title.en}: {_test_of(rule)}"),
            _plain(f"{rule.note.zh} {rule.note.en}") if rule.note is not None else "",
            "reported" if rule.is_report_only else rule.judged_as,
            _certainty_of(rule),
        )
    yield ""


def _test_of(rule: Any) -> str:
    """What a rule asks, in its own units."""
    asked = "no test" if rule.comparator == "none" else f"{rule.comparator} {_number(rule.target)}"
    if rule.target_max is not None:
        asked = f"{_number(rule.target)} to {_number(rule.target_max)}"
    share = "" if rule.share_target_pct is None else f" in {rule.share_target_pct:g} % of them"
    return f"{asked} {rule.unit}, {' + '.join(rule.units)} ({rule.scope}){share}"


def _certainty_of(rule: Any) -> str:
    """What the rule's verdicts stand on where the data are complete."""
    if rule.is_report_only:
        return ""
    if rule.certainty == "unconfirmed":
        return f"provisional ({rule.mark})" if rule.mark else "provisional"
    return f"assumed: {', '.join(rule.our_thresholds)}" if rule.our_thresholds else "firm"


def _number(value: object) -> str:
    """A number of a clause, or the assumption in its place."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(words: str) -> str:
    """Words of a plan without what reStructuredText would take for markup."""
    return (
        words.replace("\\", "").replace("*", r"\*").replace("|", r"\|").replace("`", "'").replace("_", r"\_")
    )


def dictionary_lines() -> Iterator[str]:
    """Every table contract as a heading and a list table."""
    specs = [getattr(tables, name) for name in tables.__all__]
    listed = [spec for spec in specs if isinstance(spec, tables.TableSpec)]
    for spec in sorted(listed, key=lambda spec: (spec.name != "findings", spec.name)):
        yield from (spec.name, "-" * len(spec.name), "", _ABOUT.get(spec.name, ""), "")
        if spec.key:
            yield from ("Key: " + ", ".join(f"``{name}``" for name in spec.key), "")
        yield from _column_rows(spec.columns)
        if spec.optional:
            yield from ("Further columns, where they are known:", "")
            yield from _column_rows(spec.optional)
        if spec.patterns:
            yield from ("One column for each service or rule that it is known of:", "")
            yield from _column_rows(spec.patterns)
    yield from _figure_tables()
    yield from _places()


def interface_lines() -> Iterator[str]:
    """Every public name, classes with their public methods."""
    for name in lifecircle.__all__:
        if name.startswith("_"):
            continue
        kind = "autoclass" if isinstance(getattr(lifecircle, name), type) else "autofunction"
        yield from (name, "-" * len(name), "", f".. {kind}:: lifecircle.{name}")
        if kind == "autoclass":
            yield "   :members:"
        yield ""


def summary_of(name: str) -> list[str]:
    """A public name as docs/api.rst lists it: how it is called, and the first sentence of its docstring."""
    public = getattr(lifecircle, name)
    called = name
    if not isinstance(public, type):
        given = inspect.signature(public).parameters.values()
        plain = inspect.Signature([one.replace(annotation=inspect.Parameter.empty) for one in given])
        called += str(plain)
    words = (inspect.getdoc(public) or "").partition("\n\n")[0]
    first = re.split(r"(?<=\.)\s", " ".join(words.split()))[0]
    return [f"``{called}``", f"    {first}"]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known."""
    for name, lines in (("data-dictionary", dictionary_lines), ("public-interface", interface_lines)):
        app.add_directive(name, type(name, (_Written,), {"lines": staticmethod(lines)}))
    app.add_directive("plan-rules", _PlanRules)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _places() -> Iterator[str]:
    """Where each table is found: layers, CSV files, sheets."""
    title = "where tables are written"
    yield from (title, "-" * len(title), "")
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 40 60", "")
    yield from _row("layer, file or sheet", "columns of")
    for where, places in (
        ("layer ``{}`` of ``study.gpkg``", tables.LAYERS),
        ("``{}``", {name: (spec,) for name, spec in tables.CSV_FILES.items()}),
        ("``lifecircle {} --output``", tables.COMMAND_FILES),
        ("sheet ``{}``", tables.SHEETS),
    ):
        for name, specs in places.items():
            yield from _row(where.format(name), ", ".join(spec.name for spec in specs))
    yield ""


def _figure_tables() -> Iterator[str]:
    """Columns that ledgers may bring: figures of areas, of facilities."""
    for title, columns in (
        ("figures of areas", tables.UNIT_FIGURES),
        ("figures of facilities", {**tables.FACILITY_FIGURES, **tables.FACILITY_DETAILS}),
    ):
        yield from (title, "-" * len(title), "")
        yield from _column_rows(columns)


def _column_rows(columns: Mapping[str, Any]) -> Iterator[str]:
    """A list table of columns."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 26 10 12 8 44", "")
    yield from _row("column", "kind", "unit", "may be unknown", "what it says")
    for name, column in columns.items():
        says = column.says.replace("*", r"\*").replace("|", r"\|").replace("`", "``")
        yield from _row(f"``{name}``", column.kind, column.unit, "yes" if column.nullable else "", says)
    yield ""


def _row(*cells: str) -> Iterator[str]:
    """One row of a list table."""
    for place, cell in enumerate(cells):
        yield f"   {'* -' if place == 0 else '  -'} {cell}".rstrip()
