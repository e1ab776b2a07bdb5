"""Strangers at the page's door: refused or kept within bounds, and the server goes on."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest
from served import IN_REACH

from lifecircle.serve.connections import MOST_CONNECTIONS
from lifecircle.serve.security import MOST_BODY_BYTES


def alive(visitor):
    return visitor.post("state")[0] == 200


def test_the_page_is_shown_to_who_has_its_link_and_lets_nothing_else_run(visitor):
    answer = visitor.raw(
        f"GET /?token={visitor.token} HTTP/1.1", f"Host: 127.0.0.1:{visitor.port}", "Connection: close"
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    told = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
    }
    assert b" 200 " in head.split(b"\r\n")[0]
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert told["cache-control"] == "no-store"
    assert "server" not in told
    assert visitor.token.encode() not in body, "the page holds no token: its address does"


@pytest.mark.parametrize("token", ["", "wrong", "%00", "ü", "a" * 5000])
def test_no_request_is_answered_without_the_token(visitor, token):
    host = f"Host: 127.0.0.1:{visitor.port}"
    for path in ("/", "/events", "/scenario.toml", "/deficits.csv"):
        asked = f"GET {path}?token={token} HTTP/1.1".encode("latin-1", "replace").decode("latin-1")
        assert visitor.status(asked, host, "Connection: close") in {400, 401}
    refused = visitor.raw("GET / HTTP/1.1", host, "Connection: close").decode()
    assert "the whole link that lifecircle serve printed" in refused
    assert "完整链接" in refused
    body = b'{"desk": "0123456789abcdef"}'
    lines = ["POST /undo HTTP/1.1", host, "Content-Type: application/json", "Authorization: Bearer x"]
    assert visitor.status(*lines, f"Content-Length: {len(body)}", "Connection: close", body=body) == 401
    assert alive(visitor)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", "[::1]:{port}", ""]
)
def test_another_name_of_this_computer_is_refused(visitor, host):
    asked = f"GET /?token={visitor.token} HTTP/1.1"
    name = host.format(port=visitor.port)
    assert visitor.status(asked, f"Host: {name}", "Connection: close") in {400, 421}
    assert visitor.status(asked, f"Host: localhost:{visitor.port}", "Connection: close") == 200


@pytest.mark.parametrize(
    "lines",
    [
        ["Origin: http://evil.example"],
        ["Origin: null"],
        ["Origin: https://127.0.0.1:{port}"],
        ["Origin: http://127.0.0.1:1"],
        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"],
        ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"],
    ],
)
def test_another_origin_is_refused_even_with_the_token(visitor, lines):
    told = [line.format(port=visitor.port) for line in lines]
    host = f"Host: 127.0.0.1:{visitor.port}"
    asked = f"GET /?token={visitor.token} HTTP/1.1"
    assert visitor.status(asked, host, *told, "Connection: close") == 403
    own = f"Origin: http://127.0.0.1:{visitor.port}"
    assert visitor.status(asked, host, own, "Sec-Fetch-Site: same-origin", "Connection: close") == 200


def test_forms_of_other_pages_and_other_methods_are_refused(visitor):
    host, key = f"Host: 127.0.0.1:{visitor.port}", f"Authorization: Bearer {visitor.token}"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        lines = ["POST /undo HTTP/1.1", host, key, f"Content-Type: {kind}", "Content-Length: 2"]
        assert visitor.status(*lines, "Connection: close", body=b"{}") == 415
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        lines = [f"{method} / HTTP/1.1", host, key, "Content-Length: 0", "Connection: close"]
        assert visitor.status(*lines) == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../study.toml",
        "/%2e%2e/study.toml",
        "/..%2fstudy.toml",
        "/scenario.toml/../../study.toml",
        "//etc/passwd",
        "/assets/live_talk.js",
        "/what-if/",
        "/\\..\\study.toml",
    ],
)
def test_no_file_is_served_by_its_path(visitor, path):
    lines = [f"GET {path}?token={visitor.token} HTTP/1.1", f"Host: 127.0.0.1:{visitor.port}"]
    answer = visitor.raw(*lines, "Connection: close")
    assert answer.split()[1] in {b"404", b"400", b"405"}
    assert b"mofcom-circle-2021" not in answer


@pytest.mark.parametrize(
    "name", ["../study", "..", "a/b", "a\\b", "CON", "x" * 61, ".hidden", " lead", "trail ", "a\x00b", ""]
)
def test_scenarios_are_named_so_that_they_stay_in_their_folder(visitor, study_file, name):
    before = {file.name for file in study_file.parent.iterdir()}
    for path in ("open", "name"):
        status, told = visitor.post(path, name=name)
        assert status == 422
        assert "cannot have this name" in told["faults"][0]["en"]
        assert told["faults"][0]["zh"]
    assert {file.name for file in study_file.parent.iterdir()} - before <= {"what-if"}


def test_large_bodies_are_refused_before_they_are_read(visitor):
    host, key = f"Host: 127.0.0.1:{visitor.port}", f"Authorization: Bearer {visitor.token}"
    lines = ["POST /edit HTTP/1.1", host, key, "Content-Type: application/json"]
    ten_mb = 10_000_000
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=20) as place:
        place.sendall("\r\n".join([*lines, f"Content-Length: {ten_mb}", "", ""]).encode())
        assert b" 413 " in place.recv(200), "told from its head alone"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=20) as place:
        place.sendall("\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode())
        answer = b""
        try:
            for _ in range(ten_mb // len(chunk)):
                place.sendall(chunk)
            answer = place.recv(200)
        except OSError:
            pass  # the server hung up
        assert not answer or b" 413 " in answer
    assert visitor.status(*lines, "Content-Length: nine", "Connection: close") == 400
    assert alive(visitor)


def test_bodies_that_are_no_request_are_refused(visitor):
    host, key = f"Host: 127.0.0.1:{visitor.port}", f"Authorization: Bearer {visitor.token}"
    for body in (b"", b"[]", b"{", b"[" * 100_000, b"\xff\xfe", b'{"desk": 1}', b'{"desk": "../../x"}'):
        assert len(body) < MOST_BODY_BYTES
        lines = ["POST /edit HTTP/1.1", host, key, "Content-Type: application/json"]
        status = visitor.status(*lines, f"Content-Length: {len(body)}", "Connection: close", body=body)
        assert status in {400, 422}
    for edit in (
        None,
        {},
        {"kind": "run"},
        {**IN_REACH, "lon": "NaN"},
        {**IN_REACH, "lat": 91},
        {**IN_REACH, "x": 1},
    ):
        assert visitor.post("edit", edit=edit)[0] == 422
    assert alive(visitor)


def test_slow_and_idle_clients_hold_nobody_up(visitor, monkeypatch):
    monkeypatch.setattr("lifecircle.serve.connections.REQUEST_S", 1.0)
    places = []
    for sent in (b"", b"GET / HT", b"POST /edit HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
        place = socket.create_connection(("127.0.0.1", visitor.port), timeout=30)
        place.sendall(sent)
        places.append(place)
    drip = socket.create_connection(("127.0.0.1", visitor.port), timeout=30)
    began = time.monotonic()
    assert alive(visitor)
    ended = False
    while not ended and time.monotonic() - began < 20:
        try:
            drip.sendall(b"x")
            drip.settimeout(0.2)
            ended = drip.recv(100) == b""
        except TimeoutError:
            continue
        except OSError:
            ended = True
    assert ended, "a byte now and then does not buy time"
    for place in places:
        try:
            while place.recv(1000):
                pass
        except ConnectionError:
            pass
        place.close()
    drip.close()
    assert alive(visitor)


def test_a_thousand_connections_are_bounded_and_the_page_still_answers(visitor):
    with ExitStack() as kept:
        for _ in range(1000):
            kept.enter_context(socket.create_connection(("127.0.0.1", visitor.port), timeout=30))
        time.sleep(0.5)
        assert alive(visitor), "who waits without asking makes room"
        assert len(visitor.page._server.server_state.connections) <= MOST_CONNECTIONS
    assert alive(visitor)
