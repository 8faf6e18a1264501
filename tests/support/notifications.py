"""The desktop that shows notifications: a private D-Bus and a daemon that remembers.

A click that the desktop reports is a trusted one: it is the only kind on which a browser lets a
service worker open a window.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

Texts = Annotated[list[str], DBusSignature("as")]
Hints = Annotated[dict[str, Variant], DBusSignature("a{sv}")]
ServerInformation = Annotated[tuple[str, str, str, str], DBusSignature("ssss")]
IdAndAction = Annotated[tuple[int, str], DBusSignature("us")]
Nothing = Annotated[None, DBusSignature("")]
IdAndReason = Annotated[tuple[int, int], DBusSignature("uu")]


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification on the screen; `actions` are its keys and labels in turn."""

    id: int
    title: str
    body: str
    actions: tuple[str, ...]


class _Daemon(ServiceInterface):
    """org.freedesktop.Notifications, version 1.2 of its specification."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: list[Shown] = []

    @dbus_method()
    def GetCapabilities(self) -> Texts:  # noqa: N802 - the names of the specification
        return ["actions", "body"]

    @dbus_method()
    def GetServerInformation(self) -> ServerInformation:  # noqa: N802
        return ("test", "test", "1", "1.2")

    @dbus_method()
    def Notify(  # noqa: N802
        self,
        app_name: DBusStr,
        replaces_id: DBusUInt32,
        app_icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Texts,
        hints: Hints,
        expire_timeout: DBusInt32,
    ) -> DBusUInt32:
        number = replaces_id or len(self.shown) + 1
        self.shown.append(Shown(number, summary, body, tuple(actions)))
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> Nothing:  # noqa: N802
        self.NotificationClosed(number, 3)

    @dbus_signal()
    def ActionInvoked(self, number: int, action: str) -> IdAndAction:  # noqa: N802
        return (number, action)

    @dbus_signal()
    def NotificationClosed(self, number: int, reason: int) -> IdAndReason:  # noqa: N802
        return (number, reason)


class Desktop:
    """What is on the screen, and a hand that clicks."""

    def __init__(self, address: str) -> None:
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": address}
        self._daemon = _Daemon()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="desktop", daemon=True)
        self._thread.start()
        self._bus: MessageBus = self._run(self._connect(address))

    @property
    def shown(self) -> list[Shown]:
        """All notifications so far, oldest first."""
        return list(self._daemon.shown)

    def wait_for(self, count: int = 1, *, seconds: float = 60) -> Shown:
        """The newest notification, once there are `count`. AssertionError after `seconds`."""
        give_up = time.monotonic() + seconds
        while len(self._daemon.shown) < count:
            assert time.monotonic() < give_up, f"only {len(self.shown)} of {count} were shown"
            time.sleep(0.02)
        return self._daemon.shown[-1]

    def click(self, shown: Shown) -> None:
        """As a person clicks: the default action, then the notification goes."""
        self._loop.call_soon_threadsafe(self._click, shown)

    def close(self) -> None:
        self._run(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _click(self, shown: Shown) -> None:
        self._daemon.ActionInvoked(shown.id, "default")
        self._daemon.NotificationClosed(shown.id, 2)

    async def _connect(self, address: str) -> MessageBus:
        bus = await MessageBus(bus_address=address).connect()
        bus.export("/org/freedesktop/Notifications", self._daemon)
        await bus.request_name("org.freedesktop.Notifications")
        return bus

    async def _disconnect(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def desktop(folder: Path) -> Iterator[Desktop | None]:
    """A desktop whose socket is in `folder`; None on a machine without dbus-daemon.

    Give `environment` to the browser.
    """
    program = shutil.which("dbus-daemon")
    if program is None:
        yield None
        return
    config = folder / "bus.conf"
    config.write_text(
        "<busconfig><type>session</type>"
        f"<listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>'
    )
    with subprocess.Popen(
        [program, f"--config-file={config}", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert re.match(r"unix:", address), f"dbus-daemon said {address!r}"
            made = Desktop(address)
            try:
                yield made
            finally:
                made.close()
        finally:
            process.terminate()
            process.wait(timeout=10)
