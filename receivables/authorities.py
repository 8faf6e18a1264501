"""Whom we believe that a server is who it says, unless somebody names others."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def public_authorities() -> ssl.SSLContext:
    """The public authorities, whatever the environment says: read once for all clients of the
    process, since that takes longer than a request.
    """
    return httpx.create_ssl_context(trust_env=False)
