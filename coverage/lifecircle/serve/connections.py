"""Connections within bounds: so many at once, and none that keeps its place without asking anything."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["MOST_CONNECTIONS", "REQUEST_S", "BoundedConnection", "server_options"]

MOST_CONNECTIONS: Final = 256
REQUEST_S: Final = 10.0
"""Seconds within which a request must have come whole, its body too."""
_LEAST_IDLE_S: Final = 0.2


class BoundedConnection(H11Protocol):
    """A connection that is closed where its request does not come in time.

    Where all places are taken the connection that has waited longest without a request makes room; where
    every one is being answered, the new one is closed.
    """

    _deadline: asyncio.TimerHandle | None = None
    _since: float = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or make one free."""
        self._since = self.loop.time()
        if len(self.connections) >= MOST_CONNECTIONS:
            waiting = [one for one in self.connections if isinstance(one, BoundedConnection) and one.idle]
            oldest = min(waiting, key=lambda one: one._since, default=None)  # noqa: SLF001
            if oldest is None or self._since - oldest._since < _LEAST_IDLE_S:  # noqa: SLF001
                transport.abort()
                return
            oldest.transport.abort()
            self.connections.discard(oldest)
        super().connection_made(transport)
        self._deadline = self.loop.call_later(REQUEST_S, self._late)

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Take what came; the time runs until the request is whole."""
        if self.transport is None or self.transport.is_closing():
            return
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self._late)
        super().data_received(data)
        if self.conn.their_state in {h11.DONE, h11.MUST_CLOSE, h11.CLOSED}:
            self._stop_clock()

    def on_response_complete(self) -> None:
        """The next request has its own time."""
        super().on_response_complete()
        self._since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._stop_clock()
        if self.transport is not None:
            super().connection_lost(exc)

    def _stop_clock(self) -> None:
        """The request has come."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        """Close a connection whose request did not come."""
        self._deadline = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()


def server_options(app: Any) -> dict[str, Any]:
    """Options of uvicorn: one quiet process, no websockets, short waits."""
    return {
        "app": app,
        "http": BoundedConnection,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "log_level": "error",
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 2,
        "h11_max_incomplete_event_size": 32 * 1024,
    }
