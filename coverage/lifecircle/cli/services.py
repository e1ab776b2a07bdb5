"""``lifecircle services``: the catalogue, with the tags and codes by which maps mark each service."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lifecircle.cli.plain import plain_cell, tell_json
from lifecircle.messages import text
from lifecircle.plans import services_of
from lifecircle.services import Service, catalogue, own_services, service
from lifecircle.study import Study

__all__ = ["tell_services"]


def tell_services(name: str | None, *, study: Path | None, as_json: bool, lang: str) -> None:
    """Print every service, one a line, or all that the catalogue says of one.

    Parameters
    ----------
    name
        Id of a service; None lists all.
    study
        A study file whose own services are listed too.
    as_json
        One JSON object a line in place of a table.
    lang
        Language of headings, ``zh`` or ``en``.

    Raises
    ------
    InputError
        If there is no service of that id, with those that mean or look most like it.
    """
    with services_of(Study.from_file(study)) if study is not None else own_services(()):
        chosen = catalogue().values() if name is None else [service(name)]
        if as_json:
            for one in chosen:
                tell_json(_record(one))
        elif name is None:
            _list(chosen, lang)
        else:
            _say_all(service(name), lang)


def _list(chosen: Iterable[Service], lang: str) -> None:
    """A table of id, name, group and tags."""
    table = Table()
    for heading in ("id", "name", "group", "osm", "amap"):
        table.add_column(text(f"services.{heading}", lang), overflow="fold", no_wrap=heading == "id")
    for one in chosen:
        record = _record(one)
        row = (one.id, one[lang], one.group, "; ".join(record["osm"]), " ".join(record["amap"]))
        table.add_row(*map(plain_cell, row))
    _screen().print(table)


def _say_all(one: Service, lang: str) -> None:
    """Everything of one service, a line each."""
    table = Table(show_header=False, box=None)
    for key, value in _record(one).items():
        if value not in ("", [], False):
            said = "; ".join(value) if isinstance(value, list) else str(value)
            table.add_row(plain_cell(text(f"services.{key}", lang)), plain_cell(said))
    _screen().print(table)


def _screen() -> Console:
    """The terminal; wide where output goes to a file or another program, so that no name is cut."""
    return Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 200)


def _record(one: Service) -> dict[str, Any]:
    """A service as plain values; tag tests as the catalogue writes them."""
    tests = [
        " & ".join(f"{key}={'|'.join(sorted(values))}" for key, values in test.items()) for test in one.osm
    ]
    return {
        "id": one.id,
        "zh": one.zh,
        "en": one.en,
        "group": one.group,
        "osm": tests,
        "amap": list(one.amap),
        "amap_except": list(one.amap_except),
        "also": list(one.also),
        "on_request": one.on_request,
        "of": list(one.of),
        **{f"min_{column}": least for column, least in one.least.items()},
    }
