"""From a study and a place to the route, in words and as a line."""

from __future__ import annotations

from pathlib import Path

from lifecircle.analysis.explanation import RouteExplanation
from lifecircle.analysis.run import prepare
from lifecircle.cli.files import LAYER_FORMATS, require_format, write_layer
from lifecircle.errors import Fault, InputError
from lifecircle.stages import Listener
from lifecircle.study import Study

__all__ = ["explained", "place_asked", "require_line", "write_route"]


def place_asked(said: str) -> str | tuple[float, float]:
    """``113.5,22.2`` as longitude and latitude; anything else is the code of a community.

    Raises
    ------
    InputError
        Two numbers that are no longitude and latitude.
    """
    parts = said.split(",")
    if len(parts) != 2:
        return said.strip()
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        return said.strip()
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(Fault("explain-not-degrees", field="--from", values={"found": said}))
    return lon, lat


def require_line(output: Path) -> None:
    """Refuse a file that could not be written before anything is computed."""
    require_format(output, LAYER_FORMATS)


def explained(
    study: Study,
    place: str | tuple[float, float],
    service: str,
    *,
    profile: str,
    jobs: int | None,
    tell: Listener | None,
) -> RouteExplanation:
    """The route and the reasons."""
    return prepare(study, jobs=jobs, tell=tell).explain(place, service, profile=profile)


def write_route(explanation: RouteExplanation, output: Path, *, lang: str) -> None:
    """Write the way as a line layer.

    Raises
    ------
    InputError
        If there is no way to write.
    """
    table = explanation.frame(lang)
    if not len(table):
        raise InputError(Fault("explain-no-line", file=str(output)))
    write_layer(table, output, name="route")
