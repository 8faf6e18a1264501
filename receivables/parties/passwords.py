"""Passwords of staff: argon2id, hashed by few threads at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from receivables.errors import ReceivablesError, TemporarilyUnavailable

#: Parameters: OWASP Password Storage Cheat Sheet, argon2id m=19456 KiB, t=2, p=1.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

SHORTEST, LONGEST = 12, 128

#: Hashing is dear on purpose; a flood of sign-ins must not starve the pages.
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE_SECONDS = 3.0

#: Verified when there is no such person, so that both answers take equally long: a hash with the
#: parameters above of what nobody knows, written down because making one takes its time.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "vk4B54wTYH+Op1AP/ET+5A$/WNT7P/DznYHiSOboSUMRcHRixtTMTgoPUrcvP1UMbk"
)


class WeakPassword(ReceivablesError):
    """Too short, too long, or among those everybody tries first."""


_COMMON = (
    "password",
    "passwort",
    "motdepasse",
    "wachtwoord",
    "azerty",
    "qwertz",
    "qwerty",
    "123456",
    "quittance",
    "welcome",
    "willkommen",
    "bienvenue",
    "iloveyou",
    "letmein",
    "changeme",
)


def hash_password(password: str) -> str:
    """An argon2id hash. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"between {SHORTEST} and {LONGEST} characters")
    stem = password.lower()
    for common in _COMMON:
        stem = stem.replace(common, "")
    if len(set(stem)) < 4:
        raise WeakPassword("too easy to guess")
    with _turn():
        return _HASHER.hash(password)


def verify(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long when there is no hash to compare with."""
    with _turn():
        try:
            _HASHER.verify(password_hash or NOBODY, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise TemporarilyUnavailable("too many sign-ins at once")
    try:
        yield
    finally:
        _AT_ONCE.release()
