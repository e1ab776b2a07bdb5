"""A server of one study's page on this computer alone: started, ended, and asked what it shows."""

from __future__ import annotations

import html
import socket
import threading
import time
from pathlib import Path
from typing import Final

import uvicorn

from lifecircle.analysis.measure import build_results
from lifecircle.analysis.session import Session, remember_page
from lifecircle.errors import Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.serve.answers import Answers
from lifecircle.serve.app import page_app
from lifecircle.serve.board import Board
from lifecircle.serve.connections import server_options
from lifecircle.serve.page import live_page
from lifecircle.serve.security import Gate, new_token
from lifecircle.serve.store import ScenarioStore
from lifecircle.sources.scenarios import scenario_of_rows
from lifecircle.stages import Listener, Stages
from lifecircle.tables import Scenario

__all__ = ["LivePage", "serve"]

_LOOPBACK: Final = "127.0.0.1"
_START_S: Final = 30.0
_END_S: Final = 10.0
_BACKLOG: Final = 256


class LivePage:
    """A study's page while it is served.

    Attributes
    ----------
    url : its link, with the token without which nothing answers
    folder : where its scenarios are kept
    """

    def __init__(self, board: Board, server: uvicorn.Server, place: socket.socket, url: str) -> None:
        self._board = board
        self._server = server
        self.url = url
        self.folder: Path = board.store.folder
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [place]}, name="lifecircle-page", daemon=True
        )
        self._thread.start()
        until = time.monotonic() + _START_S
        while not server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)

    def __repr__(self) -> str:
        """Its link, or that it has ended."""
        return f"<{type(self).__name__} {self.url if self.running else 'ended'}>"

    def _repr_html_(self) -> str:
        """The page in a notebook's cell."""
        if not self.running:
            return html.escape(repr(self))
        return (
            f'<iframe src="{html.escape(self.url)}" width="100%" height="760" style="border:1px solid #ccc">'
            "</iframe>"
        )

    @property
    def running(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    @property
    def scenario(self) -> Scenario:
        """The scenario that was changed last on any page; an empty one before the first change."""
        desk = self._board.latest
        return Scenario(name="present") if desk is None else scenario_of_rows(desk.draft.change)

    def wait(self) -> None:
        """Return when the server ends."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def stop(self) -> None:
        """End the server: pages are told, connections closed. Scenarios are kept."""
        if self._board.loop is not None and self.running:
            self._board.loop.call_soon_threadsafe(self._board.hang_up)
        self._server.should_exit = True
        self._thread.join(_END_S)


def serve(
    session: Session,
    *,
    port: int = 0,
    framed: bool = False,
    tell: Listener | None = None,
    jobs: int | None = None,
) -> LivePage:
    """Serve the what-if page of a session on this computer.

    Parameters
    ----------
    session
        As `prepare` makes it.
    port
        To listen on; any free one where 0.
    framed
        Whether another page of this computer, such as a notebook, may show the page in a frame.
    tell
        Called at the start of every stage.
    jobs
        Threads that prepare the page.

    Returns
    -------
    LivePage
        Its ``url`` opens the page; ``stop()`` ends it.

    Raises
    ------
    InputError
        If the extras ``serve`` and ``report`` are missing, or the port cannot be had.
    """
    require_extra("serve")
    require_extra("report")
    place = _listening(port)
    try:
        run = build_results(session.present, (), Stages(tell, session.study.path), jobs=jobs, drawn=False)
        answers = Answers(session, run)
        board = Board(answers, ScenarioStore(session.study.root))
        page, policy = live_page(answers)
    except BaseException:
        place.close()
        raise
    number, token = place.getsockname()[1], new_token()
    gate = Gate(page_app(board, page, policy), number, token, framed=framed)
    server = uvicorn.Server(uvicorn.Config(**server_options(gate)))
    served = LivePage(board, server, place, f"http://{_LOOPBACK}:{number}/?token={token}")
    remember_page(session, served)
    return served


def _listening(port: int) -> socket.socket:
    """A socket that only this computer reaches.

    Raises
    ------
    InputError
        If the port is taken, or is none.
    """
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        place.bind((_LOOPBACK, port))
        place.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        place.close()
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault("serve-port", field="--port", values={"found": port, "why": why})) from None
    return place
