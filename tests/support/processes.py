"""The product as real processes: `quittance serve` and `quittance worker`, killed by their ids."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.settings import LINK_SECRET, READINGS_SECRET, SESSION_SECRET, WEBHOOK_SECRET

_ROOT = Path(__file__).parent.parent.parent
_READY_WITHIN_SECONDS = 60.0


def environment(
    database_url: str,
    *,
    broker_url: str | None = None,
    portal_port: int = 8000,
    backoffice_port: int = 8001,
    smtp_port: int = 1025,
    stripe_api: str | None = None,
    **more: str,
) -> dict[str, str]:
    """Settings as an operator writes them; `more` are further ones by name."""
    secret = {"SESSION_SECRETS": SESSION_SECRET, "LINK_SECRETS": LINK_SECRET,
              "READINGS_PUSH_SECRETS": READINGS_SECRET}  # fmt: skip
    settings = {
        "DATABASE_URL": database_url,
        "PORTAL_URL": f"http://localhost:{portal_port}",
        "BACKOFFICE_URL": f"http://localhost:{backoffice_port}",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "MAIL_FROM": "reminders@quittance.example",
        # One word each: several secrets are separated by spaces.
        **{name: value.replace(" ", "-") for name, value in secret.items()},
    }
    if broker_url:
        settings["BROKER_URL"] = broker_url
    if stripe_api:
        settings |= {
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
            "STRIPE_API_BASE": stripe_api,
        }
    return {**settings, **more}


class Running:
    """A process of ours that has said it is ready; `ready` is that line."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        log: Path,
        *,
        module: str = "starting",
    ) -> None:
        self._log = log
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
                     if name in os.environ}  # fmt: skip
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=_ROOT, env={**inherited, **env}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
            )  # fmt: skip
        self.ready = self._first_line()

    def _first_line(self) -> str:
        assert self._process.stdout is not None
        late = threading.Timer(_READY_WITHIN_SECONDS, self.kill)
        late.start()
        line = self._process.stdout.readline().strip()
        late.cancel()
        assert line.startswith("ready"), f"{line!r}; its log ends: {self.log_text()[-3000:]}"
        return line

    @property
    def pid(self) -> int:
        return self._process.pid

    def log_text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """`kill -9` of the process and of all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._close()

    def stop(self) -> int:
        """Ask it to stop, as a deployment does; its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()
        return self._process.returncode

    def _close(self) -> None:
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def running(
    arguments: Sequence[str], env: Mapping[str, str], log: Path, *, module: str = "starting"
) -> Iterator[Running]:
    """`quittance` with these arguments while the block lasts; stopped, or killed already."""
    process = Running(arguments, env, log, module=module)
    try:
        yield process
    finally:
        process.stop()
