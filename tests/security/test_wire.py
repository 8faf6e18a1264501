"""What goes over the wire, below the framework: raw requests to a face served as in production."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backoffice.app import create_app as create_office
from portal.app import create_app as create_portal
from receivables.web.armour import Armour
from receivables.web.serving import MOST_AT_ONCE, FaceServer
from tests.security.town import Town

HOST = b"localhost:8000"
CHUNKED = (
    b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost:8000\r\nTransfer-Encoding: chunked\r\n"
)
CLOSING = b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n"


@contextmanager
def served(app: object, *trusted: str) -> Iterator[int]:
    """The port of a face that is up."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = FaceServer(app, host="127.0.0.1", port=port, trusted_proxies=trusted)  # type: ignore[arg-type]
    server.start()
    while not server.is_up:
        pass
    yield port
    server.stop()


@pytest.fixture(scope="module")
def port(town: Town) -> Iterator[int]:
    with served(create_portal(town.runtime)) as found:
        yield found


def send(port: int, raw: bytes, *, wait: float = 5) -> tuple[int, dict[str, str], bytes]:
    """What is answered to these very bytes; status 0 when the line is just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
        line.settimeout(wait)
        answer = b""
        with contextlib.suppress(OSError):  # refused before the end
            line.sendall(raw)
        with contextlib.suppress(OSError):
            while chunk := line.recv(65536):
                answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
    headers = {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
    }
    return status, headers, body


def ask(
    port: int, first: bytes, *headers: bytes, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    return send(
        port, b"\r\n".join([first, b"Host: " + HOST, b"Connection: close", *headers, b"", body])
    )


def test_no_answer_names_the_server(port: int) -> None:
    for path in (b"/", b"/static/app.css", b"/no-such", b"/health"):
        status, headers, _ = ask(port, b"GET " + path + b" HTTP/1.1")
        assert status
        assert "server" not in headers


@pytest.mark.parametrize("method", [b"TRACE", b"TRACK", b"CONNECT", b"DEBUG", b"PROPFIND", b"get"])
def test_odd_methods_are_refused_and_echo_nothing(port: int, method: bytes) -> None:
    status, _, body = ask(port, method + b" / HTTP/1.1", b"X-Canary: c4n4ry")
    assert status in (400, 404, 405)
    assert b"c4n4ry" not in body


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost:8000\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: localhost:8000\r\n\r\n",
        CLOSING + b"X: " + b"a" * 40_000 + b"\r\n\r\n",
        CLOSING.replace(b"/ ", b"/" + b"a" * 70_000 + b" ") + b"\r\n",
        CLOSING + b"X: y\r\n" * 12_000 + b"\r\n",
        b"POST /language HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: 5\r\n"
        b"Content-Length: 6\r\n\r\nabcdef",
        b"POST /language HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: -1\r\n\r\n",
        b"POST /language HTTP/1.1\r\nHost: localhost:8000\r\nTransfer-Encoding: x, chunked\r\n\r\n",
        CHUNKED + b"\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: localhost:8000\r\nX: a\x00b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=[
        "two hosts", "no host", "blank before colon", "control in path", "long header",
        "long address", "many headers", "two lengths", "negative length", "unknown encoding",
        "bad chunk", "TLS hello", "NUL in header", "HTTP/2 preface",
    ],
)  # fmt: skip
def test_garbage_is_refused(port: int, raw: bytes) -> None:
    status, headers, body = send(port, raw, wait=3)
    assert status in (0, 400, 404, 413, 414, 421, 431, 501, 505), status
    assert b"Traceback" not in body
    assert "server" not in headers
    if status:
        assert headers["content-security-policy"].startswith("default-src 'none'"), status
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store, max-age=0"
    assert ask(port, b"GET /health HTTP/1.1")[0] == 200, "it keeps answering"


def test_what_is_no_http_is_refused_in_the_faces_armour(port: int) -> None:
    status, headers, body = send(port, b"\x16\x03\x01 no request\r\n\r\n")
    assert (status, body) == (400, b"This is no request that could be read.\n")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-length"] == str(len(body))


def test_a_crowd_is_refused_in_the_faces_armour(town: Town) -> None:
    app = create_portal(town.runtime)
    with served(app) as port:
        assert isinstance(app, Armour)
        by_the_server = app.is_crowded
        assert not by_the_server(), "one asks"
        app.is_crowded = lambda: True
        status, headers, _ = ask(port, b"GET / HTTP/1.1")
        assert (status, headers["retry-after"]) == (503, "5")
        assert headers["content-security-policy"].startswith("default-src 'none'")
        app.is_crowded = by_the_server
        with contextlib.ExitStack() as lines:
            for _ in range(MOST_AT_ONCE):
                lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            assert ask(port, b"GET /static/app.css HTTP/1.1")[0] == 503
        # Those who left make room.
        answers = (ask(port, b"GET /static/app.css HTTP/1.1")[0] for _ in range(1000))
        assert any(status == 200 for status in answers)


@pytest.mark.parametrize(
    ("first", "host", "status"),
    [
        (b"GET /health HTTP/1.1", HOST, 200),
        (b"GET /health HTTP/1.1", b"10.0.0.5:8000", 200),
        (b"GET /health HTTP/1.1", b"10.0.0.5", 200),
        (b"GET /health HTTP/1.1", b"[fd00::5]:8000", 200),
        (b"GET /health HTTP/1.1", b"localhost", 200),
        (b"GET /health HTTP/1.0", None, 200),
        (b"GET /health HTTP/1.1", b"evil.example", 421),
        (b"GET /health HTTP/1.1", b"localhost.evil.example", 421),
        (b"GET /health HTTP/1.1", b"10.0.0.5.evil.example:8000", 421),
        (b"GET /health HTTP/1.1", b"10.0.0.5:8000:1", 421),
        (b"GET / HTTP/1.1", b"10.0.0.5:8000", 421),
        (b"GET /health/ HTTP/1.1", b"evil.example", 421),
    ],
)
def test_a_probe_asks_by_address_whether_we_are_fit_and_learns_no_more(
    port: int, first: bytes, host: bytes | None, status: int
) -> None:
    named = b"" if host is None else b"Host: " + host + b"\r\n"
    found, headers, body = send(port, first + b"\r\n" + named + b"Connection: close\r\n\r\n")
    assert found == status, body
    assert headers["content-security-policy"].startswith("default-src 'none'")
    if status == 200:
        assert json.loads(body) == {"fit": True}


def test_a_length_that_is_too_long_is_refused_before_it_is_sent(port: int) -> None:
    form = b"Content-Type: application/x-www-form-urlencoded"
    for address, length in ((b"/language", 1 << 40), (b"/webhooks/stripe", 300_000)):
        status, _, _ = ask(
            port, b"POST " + address + b" HTTP/1.1", form, b"Content-Length: %d" % length
        )
        # Of somebody without a visit nothing is read at all: no form of ours was open.
        assert status in (403, 413), address


def test_an_event_in_pieces_is_cut_off_at_the_limit(port: int) -> None:
    piece = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    status, _, _ = ask(
        port, b"POST /webhooks/stripe HTTP/1.1", b"Transfer-Encoding: chunked",
        body=piece * 12 + b"0\r\n\r\n",
    )  # fmt: skip
    assert status == 413


@pytest.mark.parametrize(
    "path",
    [
        b"//", b"//evil.example", b"/..", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd",
        b"/static/../../pyproject.toml", b"/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        b"/static/..%5c..%5cpyproject.toml", b"/static//etc/passwd", b"/static/%2fetc%2fpasswd",
        b"/static/%00", b"/static/app.css%00.html", b"/%00", b"/l/%00", b"/l/" + b"A" * 3000,
        b"/invoices/..%2f..%2fetc%2fpasswd", b"/brand/..%2f..%2fapp.css", b"/brand/%2e%2e.css",
        b"/documents/..", b"/;/", b"/.git/config", b"/.env", b"/static/", b"/static/.",
        b"/%ff%fe", b"/%c0%ae%c0%ae/", b"/?%00", b"/?a=%ED%A0%80", b"/l/%0d%0aSet-Cookie:x=y",
    ],
)  # fmt: skip
def test_tricks_with_paths_lead_nowhere(port: int, path: bytes) -> None:
    status, headers, body = ask(port, b"GET " + path + b" HTTP/1.1")
    assert status in (400, 401, 404), status
    assert b"[build-system]" not in body
    assert b"root:" not in body
    assert "x=y" not in str(headers)


def _unknown_links(port: int, times: int, *headers: bytes) -> list[int]:
    return [
        ask(port, b"GET /l/unknown%d HTTP/1.1" % number, *headers)[0] for number in range(times)
    ]


def test_a_made_up_forwarding_address_does_not_start_the_count_anew(town: Town) -> None:
    with served(create_portal(town.runtime)) as port:
        answers = [
            ask(
                port, b"GET /l/unknown%d HTTP/1.1" % number,
                b"X-Forwarded-For: 10.0.0.%d" % number, b"Forwarded: for=10.0.1.%d" % number,
                b"X-Real-IP: 10.0.2.%d" % number, b"True-Client-IP: 10.0.3.%d" % number,
            )[0]
            for number in range(21)
        ]  # fmt: skip
    assert answers == [404] * 20 + [429]


def test_behind_a_proxy_that_is_trusted_its_word_counts(town: Town) -> None:
    with served(create_portal(town.runtime), "127.0.0.1") as port:
        spread = [
            ask(port, b"GET /l/x%d HTTP/1.1" % number, b"X-Forwarded-For: 203.0.113.%d" % number)[0]
            for number in range(21)
        ]
        # What a client wrote itself stands further left; the proxy's own word is the last.
        forged = [
            ask(
                port, b"GET /l/y%d HTTP/1.1" % number,
                b"X-Forwarded-For: 198.51.100.%d, 192.0.2.7" % number,
            )[0]
            for number in range(21)
        ]  # fmt: skip
    assert spread == [404] * 21
    assert forged == [404] * 20 + [429]


def test_the_backoffice_is_as_quiet(town: Town) -> None:
    with served(create_office(town.runtime)) as port:
        raw = b"TRACE / HTTP/1.1\r\nHost: localhost:8001\r\nConnection: close\r\n\r\n"
        status, headers, _ = send(port, raw)
        assert (status, "server" in headers) in ((404, False), (405, False))
        assert re.match(r"default-src 'none'", headers["content-security-policy"])


def test_the_parts_are_told_by_the_backoffice_to_who_knows_its_name(town: Town) -> None:
    with served(create_office(town.runtime)) as port:
        bodies = [
            json.loads(send(port, b"GET /health HTTP/1.0\r\nHost: " + host + b"\r\n\r\n")[2])
            for host in (b"localhost:8001", b"127.0.0.1:8001")
        ]
    assert bodies[0]["database"] == "up"
    assert bodies[1] == {"fit": True}
