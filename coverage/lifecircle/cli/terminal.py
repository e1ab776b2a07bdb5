"""What the terminal shows: progress, summaries, lists of plans."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from lifecircle.analysis.progress import progress_bar, progress_bars
from lifecircle.cli.plain import plain_cell, tell, tell_json
from lifecircle.messages import has, text
from lifecircle.stages import Listener

if TYPE_CHECKING:
    from lifecircle.analysis.explanation import RouteExplanation
    from lifecircle.errors import InputError
    from lifecircle.siting import Proposals
    from lifecircle.tables import Checked

__all__ = [
    "StudyLine",
    "checked_plan",
    "explanation",
    "faults",
    "figures",
    "listener",
    "plans",
    "proposals",
    "quality",
    "rules",
    "studies",
    "studies_listener",
    "study_begins",
    "study_progress",
]

_REMARKS_SHOWN = 10


@contextmanager
def listener(*, as_json: bool, lang: str) -> Iterator[Listener]:
    """Something to tell of stages: a bar on a terminal, plain lines elsewhere, JSON when asked."""
    if as_json:
        yield lambda stage, number, count: tell_json(
            {"event": "stage", "stage": stage, "number": number, "of": count}
        )
    elif sys.stderr.isatty():
        with progress_bar(lang=lang) as bar:
            yield bar
    else:
        yield lambda stage, number, count: tell(
            f"[{number}/{count}] {text(f'cli.stage.{stage}', lang)}", aside=True
        )


@contextmanager
def studies_listener(*, as_json: bool, lang: str) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """The same for studies that run at the same time: on a terminal a bar for each, and lines above."""

    def line(event: str, values: Mapping[str, Any]) -> None:
        known = dict(values)
        if event == "study-stage" and not as_json:
            known["stage"] = text(f"cli.stage.{values['stage']}", lang)
        study_progress(event, known, as_json=as_json, lang=lang)

    if as_json or not sys.stderr.isatty():
        yield line
        return
    with progress_bars(lang=lang) as bars:

        def drawn(event: str, values: Mapping[str, Any]) -> None:
            bars(event, values)
            if event not in ("study-begun", "study-stage"):
                line(event, values)

        yield drawn


def faults(error: InputError, *, as_json: bool, lang: str) -> None:
    """Every fault of an error: as text on stderr, or as a JSON object of its own."""
    if not as_json:
        tell(error.render(lang), aside=True)
        return
    for fault in error.faults:
        place = {"file": fault.file, "layer": fault.layer, "row": fault.row, "field": fault.field}
        parts = {
            "found": fault.value("found", lang),
            "expected": fault.expected(lang),
            "fix": fault.remedy(lang),
        }
        tell_json({"event": "fault", "key": fault.key, **place, **parts, "message": fault.render(lang)})


@dataclass(frozen=True)
class StudyLine:
    """How one of several studies ended.

    Attributes
    ----------
    file : its study file
    figures : how it came out, and the folder of its results; None where there are none
    faults : how many
    kept : whether the results are those of a former run
    """

    file: str
    figures: Mapping[str, Any] | None = None
    faults: int = 0
    kept: bool = False


def study_begins(file: Path, number: int, count: int, *, as_json: bool, lang: str) -> None:
    """Which of several studies the lines that follow are about, on standard error."""
    if not as_json:
        tell(text("cli.study-of", lang, number=number, count=count, file=file), aside=True)


def study_progress(event: str, values: Mapping[str, object], *, as_json: bool, lang: str) -> None:
    """How far studies are that run at the same time: ``cli.<event>``, on standard error."""
    if as_json:
        tell_json({"event": event, **values})
    else:
        tell(text(f"cli.{event}", lang, **values), aside=True)


def studies(lines: Sequence[StudyLine], *, as_json: bool, lang: str) -> None:
    """One table of several studies: how the verdicts of each came out, or how many faults it has."""
    rows = [{"study": line.file, **(line.figures or {}), "faults": line.faults} for line in lines]
    if as_json:
        told = [{**row, "kept": line.kept} for row, line in zip(rows, lines, strict=True)]
        tell_json({"event": "studies", "studies": told})
        return
    table = Table()
    columns = (
        "study",
        "communities",
        "residents",
        "met",
        "firm",
        "assumed",
        "provisional",
        "nodata",
        "faults",
    )
    for name in columns:
        table.add_column(text(f"cli.column.{name}", lang), overflow="fold")
    for row in rows:
        table.add_row(*(plain_cell(_cell(row.get(name))) for name in columns))
    _screen().print(table)


def _cell(value: object) -> str:
    """A figure with its thousands, a name as it is, nothing where it is unknown."""
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def figures(event: str, values: Mapping[str, object], *, as_json: bool, lang: str) -> None:
    """One line of figures under ``cli.<event>-done``."""
    if as_json:
        tell_json({"event": event, **values})
    else:
        tell(text(f"cli.{event}-done", lang, **values))


def compared(counts: Mapping[str, int], folders: Sequence[Path], *, as_json: bool, lang: str) -> None:
    """How many verdicts differ between two runs; what of scenarios or missing data one must know for that."""
    figures("compare", counts, as_json=as_json, lang=lang)
    if as_json:
        return
    if counts["newly_short"]:
        tell(text("cli.compare-newly-judged", lang, newly_short=counts["newly_short"]))
    effects = [folder / "effects.csv" for folder in folders]
    for file in effects if counts["unchanged"] == counts["compared"] else ():
        if file.is_file():
            tell(text("cli.compare-scenarios", lang, folder=file.parent, file=file))


def explanation(explained: RouteExplanation, *, as_json: bool, lang: str) -> None:
    """The route and the reasons: a line for each thought, or one JSON object."""
    if not as_json:
        tell("\n".join(explained.lines(lang)))
        return
    table = explained.frame(lang).drop(columns="geometry")
    route = json.loads(table.to_json(orient="records", force_ascii=False))
    tell_json({"event": "explained", "route": route[0] if route else None, "words": explained.lines(lang)})


def quality(checked: Checked, *, as_json: bool, lang: str) -> None:
    """The data-quality table of a study: of each kind of remark the first ten, and how many more."""
    inputs = checked.inputs
    figures = (
        None
        if inputs is None
        else {
            "name": inputs.name,
            "communities": int(inputs.communities["inside"].sum()),
            "demand": len(inputs.demand),
            "facilities": int(inputs.facilities["facility"].nunique()),
            "segments": len(inputs.streets),
        }
    )
    if as_json:
        remarks = json.loads(checked.quality.to_json(orient="records", force_ascii=False))
        if figures is None:
            tell_json({"event": "remarks", "name": checked.name, "remarks": remarks})
        else:
            tell_json({"event": "checked", **figures, "remarks": remarks})
        return
    table = Table()
    for name in ("subject", "item", "severity", "remark"):
        table.add_column(text(f"workbook.column.{name}", lang))
    from lifecircle.outputs.remarks import item_words, remark_words  # slow to import

    table_of = checked.quality.rename(columns={"count": "number"})
    for _, rows in table_of.groupby(["remark", "severity"], sort=False):
        for row in rows.head(_REMARKS_SHOWN).itertuples():
            words = remark_words(
                row.remark,
                lang,
                count=row.number,
                value=row.value,
                item=row.item,
                services=checked.services,
            )
            subject = f"workbook.subject.{row.subject}"
            said = (
                text(subject, lang) if has(subject) else row.subject,
                str(item_words(row.item, lang)),
                text(f"workbook.severity.{row.severity}", lang),
                words,
            )
            table.add_row(*map(plain_cell, said))
        if (further := len(rows) - _REMARKS_SHOWN) > 0:
            table.add_row("", "", "", plain_cell(text("check.further", lang, count=further)))
    _screen().print(table)
    if figures is not None:
        tell(text("cli.checked", lang, **figures))


def plans(*, lang: str) -> None:
    """The packaged plans, one a line."""
    from lifecircle.plans import packaged_plans, plan

    table = Table(show_header=False, box=None)
    table.add_column(no_wrap=True)
    for name in packaged_plans():
        listed = plan(name)
        table.add_row(
            name, text("cli.rules-counted", lang, count=len(listed.rules)), plain_cell(listed.title[lang])
        )
    _screen().print(table)


def checked_plan(path: Path, *, lang: str) -> None:
    """That a plan file is sound.

    Raises
    ------
    InputError
        With everything wrong with it, each fault with its line.
    """
    from lifecircle.errors import InputError
    from lifecircle.plans import check_plan, load_plan

    if faults := check_plan(path):
        raise InputError(list(faults))
    read = load_plan(path)
    tell(text("cli.plan-sound", lang, title=read.title[lang], count=len(read.rules)))


def rules(name: str, *, needs: bool, lang: str) -> None:
    """Every rule of one plan, packaged or a file, with its clause, and what it needs."""
    from lifecircle.plans import find_plans
    from lifecircle.plans import needs as needed

    (listed,) = find_plans([name])
    wanted = needed(listed) if needs else {}
    table = Table()
    for heading in ("rule", "title", "clause", "kind"):
        table.add_column(text(f"workbook.column.{heading}", lang), overflow="fold", no_wrap=heading == "rule")
    marked = any(rule.mark is not None for rule in listed.rules)
    if marked:
        table.add_column(text("cli.column.mark", lang), overflow="fold")
    for rule in listed.rules:
        known = (
            (text(f"cli.mark-{rule.mark}", lang, cited=rule.cited) if rule.mark else "",) if marked else ()
        )
        table.add_row(*map(plain_cell, (rule.id, rule.title[lang], rule.clause, rule.kind, *known)))
        if needs:
            table.add_row("", plain_cell(wanted[rule.id].render(lang)))
    _screen().print(table)


def proposals(proposed: Proposals, *, as_json: bool, lang: str) -> None:
    """Proposed sites, one a line, and what proves them."""
    degrees = proposed.sites.geometry.to_crs(4326)
    counted = proposed.basis == "residents"
    sites = proposed.sites.assign(lon=degrees.x, lat=degrees.y)
    if as_json:
        known = sites if counted else sites.assign(gain=None)
        columns = ["rank", "proposal", "gain", "gain_share", "lon", "lat"]
        rows = known[columns].to_dict("records")
        words = {"basis": proposed.basis, "words": proposed.render(lang)}
        tell_json({"event": "proposals", "sites": rows, "bound": proposed.bound, **words})
        return
    table = Table()
    gain = "gain" if counted else "gain-share"
    for name in ("rank", "proposal", gain, "lon", "lat"):
        basis = {} if counted else {"basis": text(f"status.basis.{proposed.basis}", lang)}
        table.add_column(text(f"siting.column.{name}", lang, **basis))
    for row in sites.to_dict("records"):
        place = f"{row['lon']:.6f}", f"{row['lat']:.6f}"
        gained = f"{row['gain']:,.0f}" if counted else f"{row['gain_share']:.1%}"
        table.add_row(str(row["rank"]), plain_cell(row["proposal"]), gained, *place)
    _screen().print(table)
    tell(proposed.render(lang))


def _screen() -> Console:
    """The terminal; wide where output goes to a file, so that no id is cut off."""
    return Console() if sys.stdout.isatty() else Console(width=200)
