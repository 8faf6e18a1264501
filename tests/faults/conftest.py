"""What the tests of faults share: real brokers, one of each kind a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from receivables import history
from receivables.broker import ACTORS
from tests.support.brokers import Broker, started


@pytest.fixture
def trial() -> Iterator[None]:
    """Only the actors of this test; the product's are put back afterwards."""
    actors = dict(ACTORS)
    reactions = {kind: list(names) for kind, names in history.REACTIONS.items()}
    ACTORS.clear()
    history.REACTIONS.clear()
    yield
    ACTORS.clear()
    ACTORS.update(actors)
    history.REACTIONS.clear()
    history.REACTIONS.update(reactions)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Broker]:
    with started("redis") as broker:
        yield broker


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[Broker]:
    with started("rabbitmq") as broker:
        yield broker


#: Brokers that several processes share; they need a database that can be shared, too.
SHARED_BROKERS = [
    pytest.param("redis", marks=pytest.mark.postgresql),
    pytest.param("rabbitmq", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=SHARED_BROKERS)
def shared_broker(request: pytest.FixtureRequest) -> Broker:
    """A running broker with nothing in its queues."""
    found: Broker = request.getfixturevalue(f"{request.param}_server")
    found.lose_everything()
    return found


@pytest.fixture(params=["embedded", *SHARED_BROKERS])
def broker_url(request: pytest.FixtureRequest) -> str | None:
    """Every way of waking a worker; None keeps the work inside the process."""
    if request.param == "embedded":
        return None
    found: Broker = request.getfixturevalue(f"{request.param}_server")
    found.lose_everything()
    return found.url
