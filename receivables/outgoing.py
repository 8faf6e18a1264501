"""The one client for HTTP to addresses that somebody else chose.

A browser's push endpoint and a supplier's web hook are URLs from outside: whoever can write one
could otherwise make this machine knock on the doors of its own network. So: https on port 443
alone, a host name and never an address, resolved once, every answer of the resolver judged, the
connection made to the very address that was judged, no redirects, no proxies from the
environment, and little time and room for the answer.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookupTimeout
from dataclasses import dataclass
from pathlib import Path

import httpcore

from receivables.authorities import public_authorities
from receivables.errors import ReceivablesError, TemporarilyUnavailable

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
BODY_LIMIT = 64 * 1024
URL_LIMIT = 1024
#: Open at once; further requests wait for one.
CONNECTIONS = 20

_HOST = (
    r"(?=[a-z0-9.-]{1,253}[:/])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
)
_PUBLIC_URL = re.compile(rf"https://(?P<host>{_HOST})(?::443)?(?P<target>/[!-~]*)")
_LOOPBACK_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>127\.0\.0\.1|localhost):(?P<port>\d{1,5})"
)

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
#: Ranges `ipaddress` calls global on some Pythons although a packet sent there may end at home:
#: tunnels that carry an IPv4 address inside (6to4, Teredo and its neighbours) and IETF's own.
#: Source: IANA special-purpose address registries.
_NOT_FOR_US = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)


class ForbiddenUrl(ReceivablesError):
    """The URL, or the address behind its name, is not one we talk to."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"{url[:200]!r} is not contacted: {reason}")


class NoAnswer(TemporarilyUnavailable):
    """The far end could not be reached, or did not answer properly and in time."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"no answer from {url[:200]!r}: {reason}")


class NotReached(NoAnswer):
    """No connection was made, so certainly nothing was sent."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection goes: an IP address and a port."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case, the body is cut at the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart once, so that nobody reads it differently later."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the scheme's own, port: VAPID's `aud`."""
        usual = {"https": 443, "http": 80}[self.scheme]
        port = "" if self.port == usual else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


@dataclass(frozen=True, slots=True)
class LoopbackOrigin:
    """A service on this very machine that the operator named, such as the demo's push service.

    `origin` is `http(s)://127.0.0.1:port` or `http(s)://localhost:port`, nothing else, and is
    connected to on 127.0.0.1. `ca_file` is who vouches for its certificate.
    """

    origin: str
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if not _LOOPBACK_ORIGIN.fullmatch(self.origin):
            raise ValueError(f"not an origin on loopback with a port: {self.origin!r}")

    def target(self, url: str) -> Target | None:
        """The URL taken apart when it belongs to this origin."""
        match = _LOOPBACK_ORIGIN.match(url)
        path = url[len(self.origin) :]
        if not match or match.group() != self.origin or not re.fullmatch(r"/[!-~]*", path):
            return None
        return Target(match["scheme"], match["host"], int(match["port"]), path)


def is_public(ip: str) -> bool:
    """Whether an IP address is a host on the open internet, and nothing that leads back to us."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if any(address in network for network in _NOT_FOR_US if network.version == address.version):
        return False
    return address.version == 4 or address in _GLOBAL_UNICAST


def check_url(url: str, loopback: Iterable[LoopbackOrigin] = ()) -> Target:
    """Take a URL apart, or raise ForbiddenUrl: https, a lower-case host name, port 443, and
    neither user nor fragment; or one of the `loopback` origins.
    """
    if len(url) > URL_LIMIT:
        raise ForbiddenUrl(url, f"longer than {URL_LIMIT} characters")
    for origin in loopback:
        if target := origin.target(url):
            return target
    match = _PUBLIC_URL.fullmatch(url)
    if not match or "#" in match["target"]:
        raise ForbiddenUrl(url, "not a plain https URL of a named host on port 443")
    return Target("https", match["host"], 443, match["target"])


def system_lookup(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


class PublicResolver:
    """Says where a name may be connected to: all of its addresses, if all of them are public.

    One bad address refuses the name: a name that answers with both is not to be trusted.
    """

    def __init__(
        self,
        lookup: Callable[[str, int], Sequence[str]] = system_lookup,
        *,
        timeout: float = CONNECT_SECONDS,
    ) -> None:
        self._lookup = lookup
        self._timeout = timeout
        # The system's resolver takes no time-out of its own.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        """Raises ForbiddenUrl for an address of ours, NotReached when the name has none."""
        try:
            ips = self._threads.submit(self._lookup, host, port).result(self._timeout)
        except (OSError, LookupTimeout) as error:
            raise NotReached(host, f"the name did not resolve: {error}") from error
        for ip in ips:
            if not is_public(ip):
                raise ForbiddenUrl(host, f"it resolves to {ip}")
        return [Address(ip, port) for ip in ips]


Resolver = Callable[[str, int], Sequence[Address]]


class _Deadline(threading.local):
    """When the current thread's request has to be over."""

    at: float = 0.0

    def cap(self, timeout: float | None) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for this request is used up")
        return left if timeout is None else min(timeout, left)


class _DeadlineStream(httpcore.NetworkStream):
    """A connection on which a slow trickle cannot outlast the request's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cap(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._deadline.cap(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the addresses the resolver allowed, and to nothing else.

    Host header, SNI and certificate check are the pool's and keep the name.
    """

    def __init__(self, resolve: Resolver, deadline: _Deadline) -> None:
        self._resolve, self._deadline = resolve, deadline
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._resolve(host, port):
            try:
                stream = self._tcp.connect_tcp(
                    address.ip,
                    address.port,
                    self._deadline.cap(timeout),
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise trouble


class OutgoingClient:
    """Posts to, and gets from, URLs that were chosen elsewhere.

    `resolve` turns a checked name into addresses that may be connected to. `tls` is who is
    believed; by default the public authorities. Safe to share between threads.
    """

    def __init__(
        self,
        *,
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        loopback: Sequence[LoopbackOrigin] = (),
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        body_limit: int = BODY_LIMIT,
        connections: int = CONNECTIONS,
    ) -> None:
        self.loopback = tuple(loopback)
        self._connect_seconds, self._total_seconds = connect_seconds, total_seconds
        self._body_limit = body_limit
        self._connections = connections
        self._deadline = _Deadline()
        self._resolve = resolve or PublicResolver()
        self._public = self._pool(self._resolve, tls or public_authorities())
        self._at_home = {
            origin.origin: self._pool(_at_home, _trusting(origin)) for origin in self.loopback
        }

    def look_up(self, url: str) -> None:
        """Raise ForbiddenUrl or NotReached for what could not be talked to now."""
        target = check_url(url, self.loopback)
        if target.origin not in self._at_home:
            self._resolve(target.host, target.port)

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises ForbiddenUrl and NotReached before, and NoAnswer after, anything was sent. A
        redirect is an answer like any other: nobody follows it.
        """
        return self._send("POST", url, content, headers)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """As `post`."""
        return self._send("GET", url, b"", headers or {})

    def close(self) -> None:
        """Give up all kept connections."""
        for pool in (self._public, *self._at_home.values()):
            pool.close()

    def _pool(self, resolve: Resolver, tls: ssl.SSLContext | None) -> httpcore.ConnectionPool:
        return httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=self._connections,
            keepalive_expiry=30,
            network_backend=_PinnedBackend(resolve, self._deadline),
        )

    def _send(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        target = check_url(url, self.loopback)
        pool = self._at_home.get(target.origin, self._public)
        seconds = self._total_seconds
        host = target.origin.partition("://")[2]
        fields = {"host": host, "content-length": str(len(content)), **headers}
        request = httpcore.Request(
            method,
            httpcore.URL(
                scheme=target.scheme, host=target.host, port=target.port, target=target.path
            ),
            headers=[
                (name.encode("ascii"), value.encode("ascii")) for name, value in fields.items()
            ],
            content=content,
            extensions={
                "timeout": {
                    "connect": self._connect_seconds,
                    "read": seconds,
                    "write": seconds,
                    "pool": seconds,
                }
            },
        )
        self._deadline.at = time.monotonic() + self._total_seconds
        try:
            return self._receive(pool.handle_request(request))
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise NotReached(url, f"{type(error).__name__}: {error}") from error
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            ssl.SSLError,
        ) as error:
            raise NoAnswer(url, f"{type(error).__name__}: {error}") from error

    def _receive(self, response: httpcore.Response) -> Answer:
        body = bytearray()
        try:
            for chunk in response.iter_stream():
                body += chunk
                if len(body) >= self._body_limit:
                    break
        finally:
            response.close()
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        return Answer(response.status, headers, bytes(body[: self._body_limit]))


def _at_home(host: str, port: int) -> Sequence[Address]:  # noqa: ARG001 - a Resolver's signature
    return [Address("127.0.0.1", port)]


def _trusting(home: LoopbackOrigin) -> ssl.SSLContext | None:
    encrypted = home.origin.startswith("https:")
    return ssl.create_default_context(cafile=home.ca_file) if encrypted else None
