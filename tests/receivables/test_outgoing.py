from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from receivables.outgoing import (
    Address,
    ForbiddenUrl,
    LoopbackOrigin,
    NoAnswer,
    OutgoingClient,
    PublicResolver,
    check_url,
    is_public,
)
from sandbox.certificates import Certificate, make_certificate
from sandbox.serving import Served, serve

EVIL_URLS = [
    "http://push.example.com/x",
    "HTTPS://push.example.com/x",
    "https://push.example.com",
    "https://PUSH.example.com/x",
    "https://push.example.com:8443/x",
    "https://push.example.com:0443/x",
    "https://push.example.com:/x",
    "https://user@push.example.com/x",
    "https://user:pw@push.example.com/x",
    "https://push.example.com/x#fragment",
    "https://push.example.com/a b",
    "https://push.example.com/a\r\nX-Evil: 1",
    "https://push.example.com/\u00e9",
    "https://push\u3002example\u3002com/x",
    "https://\u24d4xample.com/x",
    "https://push.example.com./x",
    "https://push..example.com/x",
    "https://-push.example.com/x",
    "https://localhost/x",
    "https://metadata/x",
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0x7f.0.0.1/x",
    "https://0177.0.0.1/x",
    "https://10.0.0.5/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fe80::1%25eth0]/x",
    "https://push.example.com\\@127.0.0.1/x",
    "https://push.example.com\\.evil.test/x",
    "https:///push.example.com/x",
    "https:/push.example.com/x",
    "https:push.example.com/x",
    "//push.example.com/x",
    " https://push.example.com/x",
    "https://push.example.com/x\n",
    "https://push.example.com\t/x",
    "https://push.example.com?x",
    "https://push.example.com%2f@evil.test/x",
    "https://%6c%6f%63%61%6c/x",
    "ftp://push.example.com/x",
    "file:///etc/passwd",
    "gopher://push.example.com/x",
    "javascript:alert(1)//push.example.com/x",
    "",
    "https://",
    "https://" + "a" * 64 + ".example.com/x",
    "https://" + "a." * 130 + "example.com/x",
    "https://push.example.com/" + "x" * 1024,
]

INNER_ADDRESSES = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.5",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "not-an-address",
    "1.2.3",
    "0x7f.1",
    "01.02.03.04",
]


@pytest.mark.parametrize("url", EVIL_URLS)
def test_a_url_that_is_not_plain_https_to_a_named_host_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenUrl):
        check_url(url)


def test_a_plain_url_is_taken_apart_once() -> None:
    target = check_url("https://push.example.com:443/a/b?c=d%20e")

    assert (target.host, target.port, target.path) == ("push.example.com", 443, "/a/b?c=d%20e")
    assert target.origin == "https://push.example.com"


@pytest.mark.parametrize("ip", INNER_ADDRESSES)
def test_an_address_that_may_lead_home_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "1.1.1.1", "142.250.1.1", "2606:4700::1111"])
def test_an_address_of_the_open_internet_is_public(ip: str) -> None:
    assert is_public(ip)


def test_one_inner_address_among_public_ones_refuses_the_name() -> None:
    resolve = PublicResolver(lambda _host, _port: ["8.8.8.8", "10.0.0.5"])

    with pytest.raises(ForbiddenUrl, match=r"10\.0\.0\.5"):
        resolve("push.example.com", 443)


def test_a_resolver_that_hangs_is_given_up() -> None:
    released = threading.Event()

    def hang(_host: str, _port: int) -> Sequence[str]:
        released.wait(5)
        return ["8.8.8.8"]

    with pytest.raises(NoAnswer):
        PublicResolver(hang, timeout=0.05)("push.example.com", 443)
    released.set()


def test_only_a_port_on_this_machine_can_be_a_loopback_origin() -> None:
    for origin in [
        "http://10.0.0.5:80",
        "http://127.0.0.1",
        "http://127.0.0.1:80/x",
        "http://localhost.evil.test:80",
        "ftp://127.0.0.1:21",
    ]:
        with pytest.raises(ValueError, match="loopback"):
            LoopbackOrigin(origin)


def test_a_loopback_origin_opens_one_port_and_no_more() -> None:
    origin = LoopbackOrigin("http://127.0.0.1:8113")

    assert check_url("http://127.0.0.1:8113/push/x", [origin]).port == 8113
    for url in [
        "http://127.0.0.1:81130/push/x",
        "http://127.0.0.1:8114/push/x",
        "http://127.0.0.1:8113@evil.test/x",
        "http://127.0.0.1:8113",
        "https://127.0.0.1:8113/push/x",
        "http://localhost:8113/push/x",
    ]:
        with pytest.raises(ForbiddenUrl):
            check_url(url, [origin])


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class FarEnd:
    """A server that keeps what it was asked and answers as the path says."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.seen.append((scope["method"], scope["path"], headers))
        while (await receive()).get("more_body"):
            pass
        status, extra, body = 201, [], b"taken"
        if scope["path"] == "/moved":
            status, extra = 307, [(b"location", b"http://127.0.0.1:1/inner")]
        if scope["path"] == "/long":
            body = b"x" * 300_000
        await send({"type": "http.response.start", "status": status, "headers": extra})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), ["push.example.com"])


@pytest.fixture(scope="module")
def far_end() -> FarEnd:
    return FarEnd()


@pytest.fixture(scope="module")
def served(far_end: FarEnd, certificate: Certificate) -> Iterator[Served]:
    with serve(far_end, certificate=certificate.files, lifespan="off") as running:
        yield running


def client_for(served: Served, tls: ssl.SSLContext) -> OutgoingClient:
    def to_the_sandbox(_host: str, _port: int) -> Sequence[Address]:
        return [Address("127.0.0.1", served.port)]

    return OutgoingClient(resolve=to_the_sandbox, tls=tls)


def test_the_pinned_address_is_asked_under_the_name_in_the_url(
    served: Served, far_end: FarEnd, certificate: Certificate
) -> None:
    client = client_for(served, certificate.client_context())

    answer = client.post("https://push.example.com/x?y", content=b"hello", headers={"TTL": "60"})

    assert (answer.status, answer.body) == (201, b"taken")
    method, path, headers = far_end.seen[-1]
    assert (method, path, headers["host"], headers["ttl"]) == (
        "POST",
        "/x",
        "push.example.com",
        "60",
    )
    client.close()


def test_a_certificate_for_another_name_or_from_nobody_is_not_believed(
    served: Served, certificate: Certificate
) -> None:
    wrong_name = client_for(served, certificate.client_context())
    with pytest.raises(NoAnswer, match=r"(?i)certificate"):
        wrong_name.post("https://other.example.com/x", content=b"", headers={})

    unknown_authority = client_for(served, ssl.create_default_context())
    with pytest.raises(NoAnswer, match=r"(?i)certificate"):
        unknown_authority.post("https://push.example.com/x", content=b"", headers={})


def test_a_redirect_is_an_answer_and_not_followed(
    served: Served, far_end: FarEnd, certificate: Certificate
) -> None:
    client = client_for(served, certificate.client_context())
    before = len(far_end.seen)

    assert client.post("https://push.example.com/moved", content=b"", headers={}).status == 307
    assert len(far_end.seen) == before + 1
    client.close()


def test_a_long_answer_is_cut(served: Served, certificate: Certificate) -> None:
    client = client_for(served, certificate.client_context())

    assert len(client.get("https://push.example.com/long").body) == 64 * 1024
    client.close()


def test_a_name_that_leads_home_is_never_connected_to(served: Served, far_end: FarEnd) -> None:
    client = OutgoingClient(resolve=PublicResolver(lambda _host, _port: ["127.0.0.1"]))
    before = len(far_end.seen)

    with pytest.raises(ForbiddenUrl):
        client.post("https://push.example.com/x", content=b"", headers={})
    assert len(far_end.seen) == before


def test_an_answer_that_trickles_is_given_up_at_the_deadline() -> None:
    over = threading.Event()

    async def trickle(scope: Any, receive: Any, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        with contextlib.suppress(asyncio.CancelledError):
            while not over.is_set():
                await send({"type": "http.response.body", "body": b".", "more_body": True})
                await asyncio.sleep(0.02)

    with serve(trickle, lifespan="off") as slow:
        origin = LoopbackOrigin(slow.url)
        client = OutgoingClient(loopback=[origin], total_seconds=0.2)
        with pytest.raises(NoAnswer, match="Timeout"):
            client.post(f"{slow.url}/x", content=b"", headers={})
        over.set()
        client.close()


def test_a_loopback_origin_may_have_its_own_authority(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, ["127.0.0.1"])
    with serve(FarEnd(), certificate=certificate.files, lifespan="off") as running:
        client = OutgoingClient(loopback=[LoopbackOrigin(running.url, certificate.authority)])

        assert client.get(f"{running.url}/x").status == 201
        client.close()


def test_a_port_where_nobody_listens_is_no_answer() -> None:
    with serve(FarEnd(), lifespan="off") as gone:
        url = gone.url
    client = OutgoingClient(loopback=[LoopbackOrigin(url)])

    with pytest.raises(NoAnswer):
        client.get(f"{url}/x")
