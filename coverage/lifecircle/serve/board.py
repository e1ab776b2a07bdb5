"""Scenarios that pages work on, each computed for its latest state only, its answers pushed as events."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from lifecircle.analysis.session import Session
from lifecircle.errors import Fault, InputError
from lifecircle.messages import text
from lifecircle.serve.answers import Answers
from lifecircle.serve.drafts import Draft
from lifecircle.serve.edits import AddFacility, AddSites, Edit, MoveFacility, SetCapacity
from lifecircle.serve.store import FileStamps, ScenarioStore
from lifecircle.serve.told_faults import failure_told, faults_told
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.tables import Scenario

__all__ = ["Board", "Desk"]

_MOST_DESKS: Final = 200
_MOST_LISTENERS: Final = 100
_MOST_WAITING: Final = 64
"""Events that wait for a slow page; one that takes none of them is let go, and asks anew when it returns."""
_HEARTBEAT_S: Final = 15.0
_POLL_S: Final = 2.0
_KEPT_BYTES: Final = 64_000_000
_DESK_ID: Final = re.compile(r"^[0-9a-f]{16,64}$")
T = TypeVar("T")


class Desk:
    """One page's work: its draft, its subscribers, and the last answers.

    Attributes
    ----------
    draft : the scenario
    answers : the latest event of each kind, for pages that come back
    lock : held by whoever changes the draft
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.answers: dict[str, bytes] = {}
        self.listeners: set[asyncio.Queue[bytes]] = set()
        self.lock = asyncio.Lock()
        self.computing = False
        self.told = asyncio.Event()
        self.job = ""
        self.last_valid: ScenarioChange = draft.change


class Board:
    """All desks of a server, and the threads that compute for them.

    Parameters
    ----------
    answers
        The study.
    store
        Where scenarios are kept.
    """

    def __init__(self, answers: Answers, store: ScenarioStore) -> None:
        self.answers = answers
        self.store = store
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._quick = ThreadPoolExecutor(2, "lifecircle-verdicts")
        self._circles_pool = ThreadPoolExecutor(1, "lifecircle-circles")
        self.slow = ThreadPoolExecutor(1, "lifecircle-sites")
        self._tasks: set[asyncio.Task[None]] = set()
        self._kept: OrderedDict[ScenarioChange, dict[str, bytes]] = OrderedDict()
        self._files = FileStamps.of(answers.session.study)
        self.stale: list[str] = []
        self.latest: Desk | None = None
        self.ended = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def session(self) -> Session:
        """The study's session."""
        return self.answers.session

    def desk(self, name: str) -> Desk:
        """The desk of a page, made when it first comes; the one idle longest makes room for it.

        Raises
        ------
        InputError
            If the page's id is none, or every desk is in use.
        """
        if not _DESK_ID.match(name):
            raise InputError(Fault("edit-unusable", field="desk", values={"why": "id"}))
        if name not in self._desks:
            if len(self._desks) >= _MOST_DESKS:
                idle = next((key for key, one in self._desks.items() if not one.listeners), None)
                if idle is None:
                    raise InputError(Fault("serve-full", values={"most": _MOST_DESKS}))
                del self._desks[idle]
            fresh = ScenarioChange(name=self.free_name())
            self._desks[name] = Desk(Draft(fresh, taken=self.answers.facilities))
        self._desks.move_to_end(name)
        return self._desks[name]

    def free_name(self) -> str:
        """A name for a new scenario, in the study's language."""
        base = text("live.new-name", self.session.study.study.language)
        return self.store.free_name(base, frozenset(desk.draft.name for desk in self._desks.values()))

    def require_free(self, name: str, desk: Desk) -> None:
        """Refuse a scenario on which another page is at work.

        Raises
        ------
        InputError
            Names it.
        """
        others = (one for one in self._desks.values() if one is not desk and one.listeners)
        if any(one.draft.name == name for one in others):
            raise InputError(Fault("what-if-in-use", values={"found": name}))

    async def edit(self, desk: Desk, edit: Edit) -> None:
        """Make an edit, keep the scenario, and have it computed.

        Raises
        ------
        InputError
            If the edit cannot be made; the scenario stays as it is.
        """
        async with desk.lock:
            desk.draft.apply(edit)
            await self.changed(desk)

    async def changed(self, desk: Desk) -> None:
        """Keep a scenario that was changed, tell its pages, and have it computed."""
        self.latest = desk
        change = desk.draft.change
        # it is computed while it is saved; no answer is told before the state that it answers
        desk.told.clear()
        self._compute(desk)
        try:
            await asyncio.to_thread(self.store.save, change)
        finally:
            self.tell(desk, "state", self.state(desk))
            desk.told.set()

    def open(self, desk: Desk, change: ScenarioChange) -> None:
        """Put another scenario on a desk."""
        version = desk.draft.version
        desk.draft = Draft(change, taken=self.answers.facilities)
        desk.draft.version = version + 1
        desk.last_valid = ScenarioChange(name=change.name)
        desk.answers.clear()
        self.latest = desk
        self.tell(desk, "state", self.state(desk))
        desk.told.set()
        self._compute(desk)

    def state(self, desk: Desk) -> dict[str, object]:
        """What a page shows of its draft before anything is computed."""
        draft = desk.draft
        return {
            "version": draft.version,
            "name": draft.name,
            "change": draft.change.model_dump(mode="json"),
            "undo": draft.can_undo,
            "redo": draft.can_redo,
            "saved": self.store.names(),
            "stale": self.stale,
        }

    def scenario(self, change: ScenarioChange) -> Scenario:
        """A scenario as a session takes it."""
        return scenario_of_rows(change)

    async def in_thread(self, work: Callable[[], T], *, small: bool = False) -> T:
        """Do something in a thread; small things do not wait for verdicts."""
        pool = self._circles_pool if small else self._quick
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def tell(self, desk: Desk, kind: str, values: object) -> None:
        """Push an event to the pages of a desk."""
        self._push(desk, kind, _event(kind, values))

    def _push(self, desk: Desk, kind: str, event: bytes) -> None:
        """Queue an event; pages that took none of many are let go."""
        if kind in {"state", "first", "verdicts"}:
            desk.answers[kind] = event
        for queue in list(desk.listeners):
            if queue.full():
                desk.listeners.discard(queue)
                continue
            queue.put_nowait(event)

    async def events(self, desk: Desk) -> AsyncIterator[bytes]:
        """Events of a desk as a stream, the latest of each kind first.

        Raises
        ------
        InputError
            If too many pages listen.
        """
        queue: asyncio.Queue[bytes] = asyncio.Queue(_MOST_WAITING)
        desk.listeners.add(queue)
        try:
            yield _event("state", self.state(desk))
            for kind in ("first", "verdicts"):
                if kind in desk.answers:
                    yield desk.answers[kind]
            while queue in desk.listeners and not self.ended.is_set():
                try:
                    yield await asyncio.wait_for(queue.get(), _HEARTBEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            desk.listeners.discard(queue)

    def require_room(self) -> None:
        """Refuse one page too many.

        Raises
        ------
        InputError
            If too many pages listen.
        """
        if sum(len(desk.listeners) for desk in self._desks.values()) >= _MOST_LISTENERS:
            raise InputError(Fault("serve-full", values={"most": _MOST_LISTENERS}))

    def _compute(self, desk: Desk) -> None:
        """Compute the latest state of a desk, unless that is under way."""
        if desk.computing:
            return
        desk.computing = True
        self.start(self._computed(desk))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a coroutine run, and keep hold of it until it ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _computed(self, desk: Desk) -> None:
        """Answer for a draft until the answer is about its latest state."""
        try:
            done = -1
            while done != desk.draft.version:
                done = desk.draft.version
                await self._answered(desk, done)
        except Exception as error:  # noqa: BLE001  # whatever it is, the page must not wait for ever
            faults = failure_told(error, page=Fault("serve-failed"))
            self.tell(desk, "fault", {"faults": faults, "version": done})
        finally:
            desk.computing = False

    async def _answered(self, desk: Desk, version: int) -> None:
        """First who comes into reach, then the verdicts; nothing of what a newer edit has overtaken."""
        change, edit = desk.draft.change, desk.draft.last_edit
        began = time.perf_counter()
        if change in self._kept:
            self._kept.move_to_end(change)
            await desk.told.wait()
            if version != desk.draft.version:
                return
            for kind, event in self._kept[change].items():
                self._push(desk, kind, _stamped(event, version))
            desk.last_valid = change
            return
        places = _places(change, edit)
        try:
            scenario = self.scenario(change)
            # circles of what was touched need no walks: both are found at the same time
            routed, circles = await asyncio.gather(
                self.in_thread(lambda: self.session.route(scenario, jobs=1)),
                self.in_thread(lambda: self.answers.circles_ahead(change, places), small=True),
            )
            if version != desk.draft.version:
                return
            first = await self.in_thread(lambda: self.answers.first(routed, change, places, circles))
        except InputError as error:
            await self._refused(desk, version, error)
            return
        desk.last_valid = change
        await desk.told.wait()
        if version != desk.draft.version:
            return
        timing = round(1000 * (time.perf_counter() - began), 1)
        kept = {"first": _event("first", {**first, "version": version, "ms": timing})}
        self._push(desk, "first", kept["first"])

        def judged() -> dict[str, object]:
            """Every verdict."""
            return self.answers.full(routed.assess())

        full = await self.in_thread(judged)
        timing = round(1000 * (time.perf_counter() - began), 1)
        kept["verdicts"] = _event("verdicts", {**full, "version": version, "ms": timing})
        self._keep(change, kept)
        if version == desk.draft.version:
            self._push(desk, "verdicts", kept["verdicts"])

    async def _refused(self, desk: Desk, version: int, error: InputError) -> None:
        """Take back the step that cannot be, keep the others, and say why."""
        async with desk.lock:
            culprit = await self.in_thread(lambda: self._first_refused(desk.draft.trail(), desk.last_valid))
            if culprit is not None:
                at, error = culprit
                desk.draft.drop(at)
            elif version == desk.draft.version and not desk.draft.undo():
                desk.draft = Draft(ScenarioChange(name=desk.draft.name), taken=self.answers.facilities)
                desk.draft.version = version + 1
            self.tell(desk, "fault", {"faults": faults_told(error), "version": version})
            await asyncio.to_thread(self.store.save, desk.draft.change)
            self.tell(desk, "state", self.state(desk))

    def _first_refused(
        self, trail: list[tuple[int, ScenarioChange]], good: ScenarioChange
    ) -> tuple[int, InputError] | None:
        """The first step after the last good one that the study refuses."""
        known = next((place for place, (_, change) in enumerate(trail) if change == good), -1)
        for at, change in trail[known + 1 :]:
            try:
                self.session.route(self.scenario(change), jobs=1)
            except InputError as error:
                return at, error
        return None

    def _keep(self, change: ScenarioChange, events: dict[str, bytes]) -> None:
        """Remember an answer, so that undo and redo are at once; the oldest are forgotten."""
        self._kept[change] = events
        size = sum(len(event) for kept in self._kept.values() for event in kept.values())
        while size > _KEPT_BYTES and self._kept:
            _, old = self._kept.popitem(last=False)
            size -= sum(len(event) for event in old.values())

    async def watch(self) -> None:
        """Look whether the study's files change, and tell every page when they do."""
        self.loop = asyncio.get_running_loop()
        while not self.ended.is_set():
            changed = await asyncio.to_thread(self._files.changed)
            if changed != self.stale:
                self.stale = changed
                for desk in self._desks.values():
                    self.tell(desk, "state", self.state(desk))
            await asyncio.sleep(_POLL_S)

    def hang_up(self) -> None:
        """Tell every page that this is the end."""
        self.ended.set()
        for desk in self._desks.values():
            for queue in desk.listeners:
                if not queue.full():
                    queue.put_nowait(_event("ended", {}))

    async def end(self) -> None:
        """Let every page and thread go."""
        self.hang_up()
        for task in list(self._tasks):
            task.cancel()
        for pool in (self._quick, self._circles_pool, self.slow):
            pool.shutdown(wait=False, cancel_futures=True)


def _event(kind: str, values: object) -> bytes:
    """An event of a stream; its data is one line."""
    told = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {told}\n\n".encode("utf-8", "replace")


def _stamped(event: bytes, version: int) -> bytes:
    """A remembered event as the answer for another version."""
    head, _, data = event.partition(b"\ndata: ")
    return _event(head.removeprefix(b"event: ").decode(), {**json.loads(data), "version": version, "ms": 0})


def _places(change: ScenarioChange, edit: Edit | None) -> list[str]:
    """Ids of the facilities that an edit touched."""
    added = [one.facility for one in change.add] if isinstance(change.add, tuple) else []
    if isinstance(edit, AddFacility):
        return added[-1:]
    if isinstance(edit, AddSites):
        return added[-min(len(edit.places), 10) :]
    return [edit.facility] if isinstance(edit, MoveFacility | SetCapacity) else []
