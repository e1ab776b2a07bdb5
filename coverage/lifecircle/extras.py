"""Optional parts of the installation: what each extra brings, and the fault where it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final, Literal, TypeAlias

from lifecircle.errors import Fault, InputError

__all__ = ["EXTRAS", "PARTS", "Extra", "load_part", "require_extra"]

Extra: TypeAlias = Literal["report", "siting", "osm", "serve", "cluster"]

EXTRAS: Final[Mapping[Extra, tuple[str, ...]]] = {
    "report": ("branca", "docx", "folium", "jinja2", "js_lib_leaflet", "mapclassify", "matplotlib", "zhplot"),
    "siting": ("ortools",),
    "osm": ("osmnx", "requests"),
    "serve": ("h11", "starlette", "uvicorn"),
    "cluster": ("dask", "distributed"),
}
"""Modules of each extra of pyproject.toml."""

PARTS: Final[Mapping[Extra, str]] = {"serve": "lifecircle.serve.server"}
"""The module of lifecircle that an extra opens, where a room below that module calls it."""


def require_extra(extra: Extra) -> None:
    """Refuse a job whose optional packages are not installed, before anything is computed.

    Parameters
    ----------
    extra
        ``report`` (maps, reports), ``siting`` (flows with capacity), ``osm`` (download),
        ``serve`` (the what-if page), ``cluster`` (studies on other machines).

    Raises
    ------
    InputError
        Names the packages that are missing and the command that installs them.
    """
    if missing := [name for name in EXTRAS[extra] if find_spec(name) is None]:
        raise InputError(Fault("missing-extra", values={"extra": extra, "missing": ", ".join(missing)}))


def load_part(extra: Extra) -> ModuleType:
    """Import the module that an extra opens (`PARTS`).

    A room knows nothing of those above it. Where it offers one of them all the same, as a session offers its
    page, it asks for that part by the name of its extra, as a program asks for a plug-in.

    Raises
    ------
    InputError
        If the extra is not installed.
    """
    require_extra(extra)
    return import_module(PARTS[extra])
