"""An office to walk through, and a till for its debtors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from receivables.push import VapidKey
from receivables.runtime import Runtime
from tests.support.furnished import furnished_office
from tests.support.keeping import Source
from tests.support.office import Office, SubscribablePusher, open_office
from tests.support.payments import Till, open_till
from tests.support.world import World

KEY = VapidKey(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def bare(runtime: Runtime) -> Office:
    """An office in which nothing has happened yet."""
    return open_office(World(replace(runtime, pusher=SubscribablePusher(KEY))))


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(replace(runtime, pusher=SubscribablePusher(KEY)))


@pytest.fixture
def office(till: Till, database_source: Source, database_url: str) -> Office:
    """An office with one of everything."""
    return furnished_office(till, database_source, database_url)
