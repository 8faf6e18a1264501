"""An office with one of everything, built once in a process and put back for each who asks."""

from __future__ import annotations

from dataclasses import replace

from tests.support.keeping import Source, kept
from tests.support.office import Office, furnish, open_office
from tests.support.payments import Till


def furnished_office(till: Till, source: Source, url: str) -> Office:
    """As `furnish` builds it."""
    office: Office = kept(_furnished, till, source, url)
    return replace(office, world=till.world, ids=dict(office.ids))


def _furnished(till: Till) -> Office:
    return furnish(open_office(till.world, name="Menuiserie Rochat SA"), till)
