"""A page's visitor without a browser: requests, events, and sockets of one's own."""

from __future__ import annotations

import json
import queue
import socket
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

DESK = "0123456789abcdef"
IN_REACH = {"kind": "add", "service": "pharmacy", "lon": 110.0151, "lat": 0.0041}


class Visitor:
    """A page without a browser: requests with the token, and the events that come."""

    def __init__(self, page, desk=DESK):
        self.page, self.desk = page, desk
        self.base, _, self.token = page.url.partition("?token=")
        self.port = urlsplit(page.url).port
        self.events = queue.Queue()
        self._stream = None

    def address(self, path):
        return f"{self.base}{path}?desk={self.desk}&token={self.token}"

    def post(self, path, **values):
        """Status and what was told."""
        request = urllib.request.Request(  # noqa: S310
            self.base + path,
            data=json.dumps({"desk": self.desk, **values}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def get(self, path):
        with urllib.request.urlopen(self.address(path), timeout=60) as answer:  # noqa: S310
            return answer.read()

    def listen(self):
        """Take events from now on."""
        self._stream = urllib.request.urlopen(self.address("events"), timeout=120)  # noqa: S310

        def read():
            kind = ""
            try:
                for line in self._stream:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if name == "event":
                        kind = value
                    if name == "data":
                        self.events.put((kind, json.loads(value)))
            except (OSError, ValueError, AttributeError):
                pass
            self.events.put(("closed", {}))

        threading.Thread(target=read, daemon=True).start()
        return self

    def next(self, kind, *, version=None):
        """The next event of a kind, of a version where one is asked for."""
        while True:
            seen, told = self.events.get(timeout=90)
            if seen == kind and (version is None or told["version"] == version):
                return told

    def raw(self, *lines, body=b"", port=None):
        """Send bytes over a socket of one's own; what comes back."""
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=30) as place:
            place.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            place.shutdown(socket.SHUT_WR)
            return _all_of(place)

    def status(self, *lines, body=b""):
        head = self.raw(*lines, body=body).split(b"\r\n", 1)[0].split()
        return int(head[1]) if len(head) > 1 else 0


def _all_of(place):
    received = b""
    while part := place.recv(65536):
        received += part
    return received
