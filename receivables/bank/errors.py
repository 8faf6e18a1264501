"""Broken rules of bank statements."""

from __future__ import annotations

from receivables.errors import NoSuch


class NoSuchStatement(NoSuch):
    """No statement of that id is on record for the one who asks."""
