"""A real Firefox, driven by its own remote protocol, Marionette: no driver has to be installed.

Source: Mozilla, firefox-source-docs, "Marionette", protocol version 3: messages are JSON arrays
behind their length, `[0, id, command, parameters]` asks and `[1, id, error, result]` answers.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers import free_port

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE = 60.0
#: What a browser does by itself and a test does not want: talk to its maker.
_QUIET: Mapping[str, Any] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:1/",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One window of a running Firefox."""

    def __init__(self, port: int) -> None:
        self._line = _connect(port)
        self._number = 0
        self._read()
        self.ask("WebDriver:NewSession", {"capabilities": {}})

    def ask(self, command: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Send one command; AssertionError with the browser's own words when it fails."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters or {}]).encode()
        self._line.sendall(f"{len(message)}:".encode() + message)
        _, _, error, result = self._read()
        assert error is None, error
        return result.get("value", result) if isinstance(result, dict) else result

    def open(self, url: str) -> None:
        self.ask("WebDriver:Navigate", {"url": url})

    def click(self, selector: str) -> None:
        """A trusted click, as a person's."""
        found = self.ask("WebDriver:FindElement", {"using": "css selector", "value": selector})
        self.ask("WebDriver:ElementClick", {"id": found[_ELEMENT]})

    def run(self, script: str) -> Any:
        """What an asynchronous function body returns in the page."""
        wrapped = f"const done = arguments[0]; (async () => {{ {script} }})().then(done);"
        return self.ask("WebDriver:ExecuteAsyncScript", {"script": wrapped, "args": []})

    def windows(self) -> list[str]:
        found: list[str] = self.ask("WebDriver:GetWindowHandles")
        return found

    def look_at(self, window: str) -> str:
        """The address of another window, which is looked at from now on."""
        self.ask("WebDriver:SwitchToWindow", {"handle": window})
        return str(self.ask("WebDriver:GetCurrentURL"))

    def close(self) -> None:
        self._line.close()

    def _read(self) -> Any:
        digits = b""
        while not digits.endswith(b":"):
            one = self._line.recv(1)
            assert one, "Firefox has gone"
            digits += one
        left = int(digits[:-1])
        body = b""
        while len(body) < left:
            body += self._line.recv(left - len(body))
        return json.loads(body)


def _connect(port: int) -> socket.socket:
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            line = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        except ConnectionError:
            assert time.monotonic() < give_up, "Firefox did not come up"
            time.sleep(0.1)
        else:
            return line


@contextmanager
def firefox(
    profile: Path, *, preferences: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> Iterator[Firefox]:
    """Start a Firefox of our own, or skip the test where there is none."""
    program = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if program is None:
        pytest.skip("no Firefox is installed")
    port = free_port()
    profile.mkdir()
    wanted = {**_QUIET, **preferences, "marionette.port": port}
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()
    ]
    (profile / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
        env={
            **os.environ, **(environment or {}), "HOME": str(profile),
            # Its sandbox for pages cannot be set up by root.
            "MOZ_DISABLE_CONTENT_SANDBOX": "1",
        },
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        window = Firefox(port)
        yield window
        window.close()
    finally:
        process.terminate()
        process.wait(timeout=30)
