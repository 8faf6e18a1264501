"""Mozilla's side of web push, so that a real Firefox subscribes and receives offline.

A browser holds a websocket to its push service: *hello* gives it an identity, *register* an
endpoint for each subscription, and *notification* brings it what was pushed there, still
encrypted; *ack* says what became of it. Firefox finds it by the preferences in
`FakeMozilla.preferences`; senders push to the endpoints over plain http on loopback.

Source: Mozilla, autopush-rs, "Push Service HTTP and WebSocket interface"; RFC 6455.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
import struct
import threading
from typing import Any

from sandbox.pushservice.app import create_app
from sandbox.pushservice.service import PushService
from sandbox.pushservice.store import Subscription
from sandbox.serving import serve

#: Every server adds this to the key of the handshake. Source: RFC 6455, section 1.3.
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class FakeMozilla:
    """The websocket and the door for senders. `acknowledged` are the codes of what arrived: 100
    is decrypted and handed to the page's worker. A context manager.
    """

    def __init__(self) -> None:
        self.service = PushService("", forward=self._deliver)
        self.acknowledged: list[int] = []
        self._browsers: dict[str, asyncio.StreamWriter] = {}
        self._push = serve(create_app(self.service))
        self.service.base_url = self._push.url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mozilla", daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """Where senders push to."""
        return self._push.url

    @property
    def preferences(self) -> dict[str, Any]:
        """What a Firefox must be started with to find us instead of Mozilla."""
        return {
            "dom.push.enabled": True,
            "dom.push.connection.enabled": True,
            "dom.push.serverURL": f"ws://127.0.0.1:{self.port}/",
            "dom.push.testing.allowInsecureServerURL": True,
        }

    def close(self) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
        self._push.close()
        self.service.store.close()

    def __enter__(self) -> FakeMozilla:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _deliver(self, subscription: Subscription, body: bytes) -> None:
        told = {
            "messageType": "notification",
            "channelID": subscription.app,
            "version": secrets.token_hex(8),
            "data": base64.urlsafe_b64encode(body).rstrip(b"=").decode(),
            "headers": {"encoding": "aes128gcm"},
        }
        self._loop.call_soon_threadsafe(self._say, subscription.device, told)

    def _say(self, device: str, told: dict[str, Any]) -> None:
        browser = self._browsers.get(device)
        if browser is not None:
            browser.write(_frame(_TEXT, json.dumps(told).encode()))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device = ""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(_handshake(head))
            while True:
                kind, body = await _read_frame(reader)
                if kind == _CLOSE:
                    break
                if kind == _PING:
                    writer.write(_frame(_PONG, body))
                if kind == _TEXT:
                    device = self._answer(json.loads(body), device, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The browser went away, which is how every such connection ends.
        finally:
            if self._browsers.get(device) is writer:
                del self._browsers[device]
            writer.close()

    def _answer(self, said: dict[str, Any], device: str, writer: asyncio.StreamWriter) -> str:
        """Answer one message; returns who is speaking."""
        answer: dict[str, Any] | None = {}
        match said.get("messageType"):
            case "hello":
                device = said.get("uaid") or secrets.token_hex(16)
                self._browsers[device] = writer
                answer = {"uaid": device, "status": 200, "use_webpush": True, "broadcasts": {}}
            case "register":
                token = self.service.register(
                    said.get("key", ""), app=said["channelID"], device=device, product="firefox"
                )
                endpoint = f"{self._push.url}/push/{token}"
                channel = said["channelID"]
                answer = {"channelID": channel, "status": 200, "pushEndpoint": endpoint}
            case "unregister":
                self.service.store.end(app=said["channelID"])
                answer = {"channelID": said["channelID"], "status": 200}
            case "ack":
                self.acknowledged += [one["code"] for one in said["updates"]]
                answer = None
            case "nack" | "broadcast_subscribe":
                answer = None
        if answer is not None:
            kind = {"messageType": said["messageType"]} if "messageType" in said else {}
            writer.write(_frame(_TEXT, json.dumps({**kind, **answer}).encode()))
        return device


def _handshake(head: str) -> bytes:
    found = re.search(r"(?im)^sec-websocket-key:\s*(\S+)", head)
    key = (found[1] if found else "") + _MAGIC
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324  (RFC 6455)
    offered = re.search(r"(?im)^sec-websocket-protocol:\s*([^\s,]+)", head)
    protocol = f"Sec-WebSocket-Protocol: {offered[1]}\r\n" if offered else ""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
    ).encode()


def _frame(kind: int, body: bytes) -> bytes:
    """One whole message of a server: it masks nothing."""
    size = len(body)
    if size < 126:
        return bytes([0x80 | kind, size]) + body
    return bytes([0x80 | kind, 126]) + struct.pack(">H", size) + body


async def _read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One message of a client, which comes masked and, being short, in one piece."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = struct.unpack(">H", await reader.readexactly(2))[0]
    elif size == 127:
        size = struct.unpack(">Q", await reader.readexactly(8))[0]
    mask = await reader.readexactly(4) if second & 0x80 else bytes(4)
    body = await reader.readexactly(size)
    return first & 0x0F, bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
