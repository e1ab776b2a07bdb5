"""Who may ask: this computer's own page with the token of its link, and nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

from lifecircle.messages import LANGUAGES, text

__all__ = ["MOST_BODY_BYTES", "Gate", "new_token"]

MOST_BODY_BYTES: Final = 256 * 1024
"""A request with more is refused before it is read."""

Message: TypeAlias = MutableMapping[str, Any]
App: TypeAlias = Callable[..., Awaitable[Any]]

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)
_STRICT: Final = "default-src 'none'; base-uri 'none'; form-action 'none'"
"""Policy of every answer but the page, which brings its own: nothing in it runs."""
_NO_TOKEN: Final = 401
_METHODS: Final = ("GET", "POST")


def new_token() -> str:
    """A token that nobody guesses: 32 random bytes."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Gate:
    """Lets a request through to the page's own program, or refuses it.

    Refused are other hosts' names (which defeats DNS rebinding), other origins, requests without the
    token, other methods, bodies that are no JSON, are too large, or come too slowly.

    Attributes
    ----------
    app : what stands behind the gate
    port : of the server
    token : of the link
    framed : whether a page of this computer, such as a notebook, may show the page in a frame
    """

    app: App
    port: int
    token: str
    framed: bool = False

    async def __call__(self, scope: Message, receive: App, send: App) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        guarded = self._guarded(send)
        status = self._refusal(scope, headers)
        if status:
            await _answer(guarded, status, to_reader=scope["method"] == "GET")
            return
        taken = 0

        async def counted() -> Message:
            """The next part of the body, while all of it is small enough."""
            nonlocal taken
            message: Message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, guarded)

    def _refusal(self, scope: Message, headers: dict[str, list[str]]) -> int:
        """Status of a refusal; 0 where the request may pass."""
        hosts = headers.get("host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421
        origins = headers.get("origin", [])
        if any(origin.lower() not in self._origins for origin in origins):
            return 403
        if not self._from_here(headers):
            return 403
        if not self._knows_token(scope, headers):
            return _NO_TOKEN
        if scope["method"] not in _METHODS:
            return 405
        return self._refused_body(scope, headers)

    @staticmethod
    def _refused_body(scope: Message, headers: dict[str, list[str]]) -> int:
        """Status of the refusal of a body, told from its headers alone."""
        lengths = headers.get("content-length", [])
        if lengths and not (lengths[0].isascii() and lengths[0].isdigit()):
            return 400
        if lengths and int(lengths[0][:12]) > MOST_BODY_BYTES:
            return 413
        if scope["method"] == "POST":
            kind = headers.get("content-type", [""])[0].partition(";")[0].strip().lower()
            return 0 if kind == "application/json" else 415
        return 0

    @property
    def _hosts(self) -> tuple[str, ...]:
        """Names under which this computer asks itself."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    @property
    def _origins(self) -> tuple[str, ...]:
        """Origins of the page."""
        return tuple(f"http://{host}" for host in self._hosts)

    def _from_here(self, headers: dict[str, list[str]]) -> bool:
        """Whether the browser says that the page itself asks, or that somebody opened its link."""
        site = headers.get("sec-fetch-site", ["none"])[0]
        if site in {"none", "same-origin"}:
            return True
        opened = headers.get("sec-fetch-mode", [""])[0] == "navigate"
        where = {"document", "iframe"} if self.framed else {"document"}
        return opened and headers.get("sec-fetch-dest", [""])[0] in where

    def _knows_token(self, scope: Message, headers: dict[str, list[str]]) -> bool:
        """Whether the request has the token, in its address or in a header."""
        asked = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20).get("token", [""])[0]
        said = headers.get("authorization", [""])[0].removeprefix("Bearer ")
        return any(
            secrets.compare_digest(one.encode("utf-8", "replace"), self.token.encode())
            for one in (asked, said)
        )

    def _guarded(self, send: App) -> App:
        """Send with the headers that keep a browser within bounds."""
        frame = "'self' http://127.0.0.1:* http://localhost:*" if self.framed else "'none'"

        async def sent(message: Message) -> None:
            """One message of the answer."""
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                policy = next((value for name, value in own if name == b"content-security-policy"), None)
                rest = [pair for pair in own if pair[0] != b"content-security-policy"]
                told = (policy or _STRICT.encode()) + f"; frame-ancestors {frame}".encode()
                message = {
                    **message,
                    "headers": [*rest, *_HEADERS, (b"content-security-policy", told)],
                }
            await send(message)

        return sent


def _headers(scope: Message) -> dict[str, list[str]]:
    """Headers by name."""
    by_name: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        by_name.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return by_name


async def _answer(send: App, status: int, *, to_reader: bool) -> None:
    """A refusal, to whoever opens a wrong or old link in words; the connection ends, whatever was to come."""
    words = [text("live.no-token", lang) for lang in LANGUAGES] if to_reader and status == _NO_TOKEN else []
    body = "\n".join(words).encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
