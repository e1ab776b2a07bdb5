"""Sites that a location model proposes for a scenario, in the part of the map that is seen."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Final, Literal

import geopandas as gpd
import shapely
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lifecircle.analysis.session import Session
from lifecircle.errors import Fault, InputError
from lifecircle.messages import LANGUAGES
from lifecircle.serve.board import Board, Desk
from lifecircle.serve.edits import parse_sent
from lifecircle.serve.told_faults import failure_told
from lifecircle.siting import Proposals, propose_sites
from lifecircle.siting.candidates import street_candidates
from lifecircle.study.scenarios import Lat, Lon
from lifecircle.tables import WGS84, Scenario

__all__ = ["SitesAsked", "parsed_request", "suggest"]

_SPACING_M: Final = 250.0
_TICK_S: Final = 0.5


class SitesAsked(BaseModel):
    """How many sites of which service, in which part of the city.

    Attributes
    ----------
    bounds : west, south, east, north; everywhere where None
    seconds : time for search and proof
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: Annotated[str, Field(min_length=1, max_length=80)]
    new: Annotated[int, Field(ge=1, le=50)]
    objective: Literal["population", "distance", "worst", "capacity"] = "population"
    bounds: tuple[Lon, Lat, Lon, Lat] | None = None
    seconds: Annotated[float, Field(ge=1, le=120)] = 10.0


def parsed_request(told: object) -> SitesAsked:
    """A request as the page sends it.

    Raises
    ------
    InputError
        If it is none.
    """
    return parse_sent(TypeAdapter(SitesAsked), told)


async def suggest(board: Board, desk: Desk, asked: SitesAsked, *, job: str) -> None:
    """Propose sites and push them to the page; every half second say how long it has taken.

    A job whose number is no longer the desk's was cancelled: what comes of it is not told.
    """
    began = time.monotonic()
    scenario = board.scenario(desk.draft.change)
    work = asyncio.get_running_loop().run_in_executor(
        board.slow, lambda: _proposed(board.session, scenario, asked, board.answers.limit_min(asked.service))
    )
    while not work.done() and desk.job == job:
        told = {"job": job, "seconds": round(time.monotonic() - began, 1), "limit": asked.seconds}
        board.tell(desk, "job", told)
        await asyncio.wait([work], timeout=_TICK_S)
    if desk.job != job:
        work.cancel()
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        return
    desk.job = ""
    try:
        proposals = await work
    except Exception as error:  # noqa: BLE001  # whatever it is, the page must not wait for ever
        board.tell(desk, "sites", {"job": job, "faults": failure_told(error)})
        return
    places = proposals.sites.sort_values("rank").to_crs(WGS84).geometry
    told_sites = {
        "job": job,
        "service": asked.service,
        "places": [[round(point.x, 7), round(point.y, 7)] for point in places],
        "words": {lang: proposals.render(lang) for lang in LANGUAGES},
    }
    board.tell(desk, "sites", told_sites)


def _proposed(session: Session, scenario: Scenario, asked: SitesAsked, limit_min: float) -> Proposals:
    """Sites for the study under a scenario, within the minutes that count for the service."""
    assessed = session.assess(scenario, jobs=1)
    network, inputs = assessed.network, assessed.inputs
    candidates: gpd.GeoSeries = street_candidates(network, inputs, spacing_m=_SPACING_M)
    if asked.bounds is not None:
        seen = gpd.GeoSeries([shapely.box(*asked.bounds)], crs=WGS84).to_crs(inputs.crs).iloc[0]
        candidates = candidates[candidates.within(seen)]
    if len(candidates) < asked.new:
        values = {"found": asked.new, "places": len(candidates)}
        raise InputError(Fault("propose-too-many", field="new", values=values))
    return propose_sites(
        assessed,
        asked.service,
        new=asked.new,
        objective=asked.objective,
        cutoff_min=limit_min,
        candidates=candidates,
        network=network,
        time_limit_s=asked.seconds,
    )
