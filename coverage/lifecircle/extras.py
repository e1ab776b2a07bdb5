"""Optional parts of the installation: the modules each extra brings, and the fault where one is missing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from lifecircle.errors import Fault, InputError

__all__ = ["EXTRAS", "Extra", "require_extra"]

Extra: TypeAlias = Literal["report", "siting", "osm", "serve"]

EXTRAS: Final[Mapping[Extra, tuple[str, ...]]] = {
    "report": ("branca", "docx", "folium", "jinja2", "js_lib_leaflet", "mapclassify", "matplotlib", "zhplot"),
    "siting": ("ortools",),
    "osm": ("osmnx", "requests"),
    "serve": ("starlette", "uvicorn"),
}
"""Modules of each extra of pyproject.toml."""


def require_extra(extra: Extra) -> None:
    """Refuse a job whose optional packages are not installed, before anything is computed.

    Parameters
    ----------
    extra
        ``report`` (maps, reports), ``siting`` (flows with capacity), ``osm`` (download),
        ``serve`` (the what-if page).

    Raises
    ------
    InputError
        Names the packages that are missing and the command that installs them.
    """
    if missing := [name for name in EXTRAS[extra] if find_spec(name) is None]:
        raise InputError(Fault("missing-extra", values={"extra": extra, "missing": ", ".join(missing)}))
