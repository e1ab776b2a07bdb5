"""The page's own small program: what each address answers."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lifecircle import outputs
from lifecircle.errors import Fault, InputError
from lifecircle.serve.board import Board, Desk
from lifecircle.serve.drafts import Draft
from lifecircle.serve.edits import parsed_edit
from lifecircle.serve.sites import parsed_request, suggest
from lifecircle.serve.store import change_toml
from lifecircle.serve.told_faults import failure_told
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.tables import Results

__all__ = ["page_app"]

Told: TypeAlias = Mapping[str, Any]
Action: TypeAlias = Callable[[Board, Desk, Told], Awaitable[object]]

_REFUSED, _FAILED = 422, 500


def page_app(board: Board, page: str, policy: str) -> Starlette:
    """The program behind the gate.

    Parameters
    ----------
    board
        The scenarios at work.
    page
        The page as text.
    policy
        Its Content-Security-Policy.
    """
    markup = page.encode("utf-8")

    async def shown(request: Request) -> Response:
        """The page itself."""
        del request
        headers = {"content-security-policy": policy}
        return Response(markup, media_type="text/html", headers=headers)

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        """Watch the study's files as long as the server runs."""
        del app
        board.start(board.watch())
        yield
        await board.end()

    routes = [
        Route("/", shown),
        Route("/events", _reading(board, _events)),
        Route("/scenario.toml", _reading(board, _toml)),
        Route("/deficits.csv", _reading(board, _csv)),
        *(Route(f"/{name}", _acting(board, act), methods=["POST"]) for name, act in _ACTIONS.items()),
    ]
    return Starlette(routes=routes, lifespan=running)


def _reading(board: Board, read: Callable[[Board, Desk], Awaitable[Response]]) -> Any:
    """An address that is read for one desk."""

    async def answer(request: Request) -> Response:
        """Answer one request."""
        try:
            return await read(board, board.desk(request.query_params.get("desk", "")))
        except Exception as error:  # noqa: BLE001  # the page is told, not the terminal alone
            return _failed(error)

    return answer


def _failed(error: Exception) -> Response:
    """What a page is told that asked for what cannot be done, or for what the program fails at."""
    status = _REFUSED if isinstance(error, InputError) else _FAILED
    return JSONResponse({"faults": failure_told(error)}, status)


def _acting(board: Board, act: Action) -> Any:
    """An address that does something for one desk; what cannot be done is told as faults."""

    async def answer(request: Request) -> Response:
        """Answer one request."""
        try:
            told = json.loads(await request.body())
        except (ValueError, RecursionError):
            return JSONResponse({"faults": []}, 400)
        except ClientDisconnect:
            return Response(status_code=400)
        if not isinstance(told, dict):
            return JSONResponse({"faults": []}, 400)
        try:
            desk = board.desk(str(told.get("desk", "")))
            done = await act(board, desk, told)
        except OSError as error:
            fault = Fault("what-if-unsaved", file=str(board.store.folder), values={"why": error.strerror})
            return _failed(InputError(fault))
        except Exception as error:  # noqa: BLE001  # the page is told, not the terminal alone
            return _failed(error)
        return JSONResponse(done)

    return answer


async def _events(board: Board, desk: Desk) -> Response:
    """What happens to a desk, as it happens."""
    board.require_room()
    return StreamingResponse(board.events(desk), media_type="text/event-stream")


async def _toml(board: Board, desk: Desk) -> Response:
    """The scenario as a file that the study reads back."""
    del board
    change = desk.draft.change
    return _download(change_toml(change).encode("utf-8"), f"{change.name}.toml", "application/toml")


async def _csv(board: Board, desk: Desk) -> Response:
    """Every finding under the scenario, as ``deficits.csv`` of a run of it."""
    change = desk.draft.change

    def written() -> bytes:
        """Assess and write, beside the scenarios."""
        assessed = board.session.assess(board.scenario(change), jobs=1)
        results = dataclasses.replace(
            board.answers.results, findings=assessed.findings, inputs=assessed.inputs
        )
        return _as_csv(results, board.store.folder, board.session.study.study.language)

    return _download(await board.in_thread(written), f"{change.name}.csv", "text/csv")


def _as_csv(results: Results, folder: Path, lang: str) -> bytes:
    """The table of findings as bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{secrets.token_hex(8)}.part"
    try:
        outputs.write_deficits_csv(results, path, lang=lang)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


def _download(content: bytes, name: str, kind: str) -> Response:
    """Bytes that the browser keeps as a file."""
    return Response(
        content,
        media_type=kind,
        headers={"content-disposition": f"attachment;filename*=UTF-8''{quote(name, safe='')}"},
    )


async def _state(board: Board, desk: Desk, told: Told) -> object:
    """The draft as it stands."""
    del told
    return board.state(desk)


async def _edit(board: Board, desk: Desk, told: Told) -> object:
    """One edit. A facility may be named by where the page draws it: its service and row."""
    edit = told.get("edit")
    if isinstance(edit, dict) and isinstance(edit.get("drawn"), dict):
        drawn = edit["drawn"]
        row = drawn.get("row")
        named = board.answers.facility_at(str(drawn.get("service")), row) if isinstance(row, int) else None
        if named is None:
            raise InputError(Fault("edit-no-facility", values={"found": str(drawn)[:80]}))
        edit = {**{key: value for key, value in edit.items() if key != "drawn"}, "facility": named}
    await board.edit(desk, parsed_edit(edit))
    return {"version": desk.draft.version}


async def _undo(board: Board, desk: Desk, told: Told) -> object:
    """A step back."""
    del told
    return await _stepped(board, desk, Draft.undo)


async def _redo(board: Board, desk: Desk, told: Told) -> object:
    """A step forward again."""
    del told
    return await _stepped(board, desk, Draft.redo)


async def _stepped(board: Board, desk: Desk, step: Callable[[Draft], bool]) -> object:
    """The scenario after a step through its history; the page is told where there was one."""
    async with desk.lock:
        if step(desk.draft):
            await board.changed(desk)
    return {"version": desk.draft.version}


async def _new(board: Board, desk: Desk, told: Told) -> object:
    """An empty scenario of a free name; the one before stays as it was saved."""
    del told
    async with desk.lock:
        board.open(desk, ScenarioChange(name=board.free_name()))
    return board.state(desk)


async def _open(board: Board, desk: Desk, told: Told) -> object:
    """A scenario that was saved before."""
    name = str(told.get("name", ""))
    board.require_free(name, desk)
    async with desk.lock:
        change = await asyncio.to_thread(board.store.load, name)
        board.open(desk, change)
    return board.state(desk)


async def _name(board: Board, desk: Desk, told: Told) -> object:
    """Another name, as a copy or instead of the old one."""
    name, copy = str(told.get("name", "")), bool(told.get("copy"))
    board.store.path(name)
    async with desk.lock:
        old = desk.draft.name
        if name != old:
            if name in board.store.names():
                raise InputError(Fault("what-if-taken", values={"found": name}))
            board.require_free(name, desk)
            desk.draft.rename(name)
            await board.changed(desk)
            if not copy:
                await asyncio.to_thread(board.store.remove, old)
            board.tell(desk, "state", board.state(desk))
    return board.state(desk)


async def _circle(board: Board, desk: Desk, told: Told) -> object:
    """The circle of a facility that is being placed or dragged."""
    del desk
    edit = parsed_edit({"kind": "add", **{key: told.get(key) for key in ("service", "lon", "lat")}})
    return await board.in_thread(
        lambda: board.answers.circle_around(edit.lon, edit.lat, edit.service),  # type: ignore[union-attr]
        small=True,
    )


async def _suggest(board: Board, desk: Desk, told: Told) -> object:
    """Have sites proposed; they come as an event."""
    asked = parsed_request(told.get("sites"))
    desk.job = secrets.token_hex(8)
    board.start(suggest(board, desk, asked, job=desk.job))
    return {"job": desk.job}


async def _cancel(board: Board, desk: Desk, told: Told) -> object:
    """Want no sites any more."""
    del told
    desk.job = ""
    board.tell(desk, "job", {"job": "", "cancelled": True})
    return {}


async def _results(board: Board, desk: Desk, told: Told) -> object:
    """Write the folder of results of the study under the scenario; its end comes as an event."""
    del told
    change = desk.draft.change
    board.store.path(change.name)
    folder = board.store.folder / f"{change.name} results"

    def written() -> str:
        """Everything a run writes."""
        board.session.assess(board.scenario(change), jobs=1).run(jobs=1).write(folder)
        return folder.name

    async def told_of() -> None:
        """Say when it is done, or why it could not be."""
        loop = asyncio.get_running_loop()
        try:
            name = await loop.run_in_executor(board.slow, written)
            board.tell(desk, "results", {"folder": f"{board.store.folder.name}/{name}"})
        except Exception as error:  # noqa: BLE001  # whatever it is, the page must not wait for ever
            board.tell(desk, "results", {"faults": failure_told(error)})

    board.start(told_of())
    return {"folder": folder.name}


_ACTIONS: Mapping[str, Action] = {
    "state": _state,
    "edit": _edit,
    "undo": _undo,
    "redo": _redo,
    "new": _new,
    "open": _open,
    "name": _name,
    "circle": _circle,
    "suggest": _suggest,
    "cancel": _cancel,
    "results": _results,
}
