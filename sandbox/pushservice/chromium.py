"""Google's side of web push, so that a real Chromium subscribes and receives offline.

Three doors: *check-in* gives the browser an identity, *register3* gives each subscription a token,
and *MCS* is the connection on which messages reach the browser. A fourth, https under the name of
Google's push service, takes the pushes of senders. The browser finds the first three by the flags
in `FakeGoogle.browser_flags`; a sender finds the fourth by a resolver that maps `PUSH_HOSTS` to
`push_port`, and believes it by the authority in `certificate`.

Source: components/gcm_driver and google_apis/gcm in Chromium's own tree.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sandbox.certificates import Certificate, make_certificate
from sandbox.clock import Now, system_now
from sandbox.pushservice.app import create_app
from sandbox.pushservice.protobuf import Fixed64, decode, encode, varint
from sandbox.pushservice.service import PushService
from sandbox.pushservice.store import Subscription
from sandbox.serving import serve

#: Where Chromium's builds send senders to; Debian's uses the second.
PUSH_HOSTS = ("fcm.googleapis.com", "jmt17.google.com")

_MCS_VERSION = 41
_HEARTBEAT_PING, _HEARTBEAT_ACK, _LOGIN, _LOGIN_RESPONSE, _CLOSE, _DATA = 0, 1, 2, 3, 4, 8

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class MessageConnection:
    """MCS: browsers log in over TLS and wait; what is for one that is away waits for it."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._browsers: dict[str, asyncio.StreamWriter] = {}
        self._waiting: dict[str, list[bytes]] = defaultdict(list)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mcs", daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def deliver(self, subscription: Subscription, body: bytes) -> None:
        """Hand an encrypted message to the browser of a subscription, from any thread."""
        stanza = encode(
            [
                (2, secrets.token_hex(8)),
                (3, subscription.vapid_key),
                (5, subscription.product),
                (7, encode([(1, "subtype"), (2, subscription.app)])),
                (7, encode([(1, "content-encoding"), (2, "aes128gcm")])),
                (9, secrets.token_hex(8)),
                (17, 3600),
                (21, body),
            ]
        )
        self._loop.call_soon_threadsafe(self._hand_over, subscription.device, stanza)

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _hand_over(self, device: str, stanza: bytes) -> None:
        browser = self._browsers.get(device)
        if browser is None:
            self._waiting[device].append(stanza)
        else:
            browser.write(_packet(_DATA, stanza))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device = ""
        try:
            await reader.readexactly(1)
            writer.write(bytes([_MCS_VERSION]))
            while True:
                tag, message = await _read_packet(reader)
                if tag == _LOGIN:
                    user = decode(message)[3][0]
                    device = user.decode() if isinstance(user, bytes) else str(user)
                    writer.write(_packet(_LOGIN_RESPONSE, encode([(1, "sandbox")])))
                    self._browsers[device] = writer
                    for stanza in self._waiting.pop(device, []):
                        writer.write(_packet(_DATA, stanza))
                elif tag == _HEARTBEAT_PING:
                    writer.write(_packet(_HEARTBEAT_ACK, b""))
                elif tag == _CLOSE:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # The browser went away, which is how every such connection ends.
        finally:
            if self._browsers.get(device) is writer:
                del self._browsers[device]
            writer.close()


class FakeGoogle:
    """All four doors. `service` holds subscriptions and what was pushed; a context manager."""

    def __init__(self, folder: Path, *, now: Now = system_now) -> None:
        self.certificate: Certificate = make_certificate(folder, [*PUSH_HOSTS, "127.0.0.1"])
        self._messages = MessageConnection(self.certificate.server_context())
        self.service = PushService(
            f"https://{PUSH_HOSTS[0]}",
            aliases=[f"https://{host}" for host in PUSH_HOSTS],
            now=now,
            forward=self._messages.deliver,
        )
        self._front = serve(self._identify, lifespan="off")
        self._push = serve(create_app(self.service), certificate=self.certificate.files)
        self.push_port = self._push.port

    @property
    def browser_flags(self) -> list[str]:
        """What a Chromium must be started with to find us instead of Google."""
        return [
            f"--gcm-checkin-url={self._front.url}/checkin",
            f"--gcm-registration-url={self._front.url}/c2dm/register3",
            f"--gcm-mcs-endpoint=https://127.0.0.1:{self._messages.port}",
            "--ignore-certificate-errors",
        ]

    def close(self) -> None:
        self._push.close()
        self._front.close()
        self._messages.close()
        self.service.store.close()

    def __enter__(self) -> FakeGoogle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _identify(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer, kind = (
            (_checked_in(), b"application/x-protobuf")
            if scope["path"] == "/checkin"
            else (self._registered(body), b"text/plain")
        )
        headers = [(b"content-type", kind), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _registered(self, body: bytes) -> bytes:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        product, device = form.get("app", ""), form.get("device", "")
        app = form.get("X-subtype") or product
        if form.get("delete"):
            self.service.store.end(app=app)
            return f"token={app}".encode()
        token = self.service.register(
            form.get("sender", ""), app=app, device=device, product=product
        )
        return f"token={token}".encode()


def _checked_in() -> bytes:
    """AndroidCheckinResponse: all is well, an identity, a secret that goes with it."""
    identity, secret = Fixed64(secrets.randbits(62) | 1), Fixed64(secrets.randbits(62) | 1)
    return encode([(1, 1), (3, 1_700_000_000_000), (7, identity), (8, secret), (11, "sandbox")])


def _packet(tag: int, message: bytes) -> bytes:
    return bytes([tag]) + varint(len(message)) + message


async def _read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    tag = (await reader.readexactly(1))[0]
    size = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return tag, await reader.readexactly(size)
