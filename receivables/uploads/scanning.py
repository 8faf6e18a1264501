"""The virus scanner, where there is one: clamd, over its socket.

Source: clamd(8), INSTREAM: each piece after its length in four bytes, a length of nought ends.
"""

from __future__ import annotations

import socket
import struct
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

_PATIENCE_S: Final = 15.0
_PIECE: Final = 64 * 1024
_LONGEST_ANSWER: Final = 1000


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNKNOWN = "unknown"
    """It did not answer, or not in words we know."""


def scan(content: bytes, clamd_url: str | None) -> Verdict:
    """What clamd at tcp://host:port or unix:/path says; without one everything is clean.

    Never called inside a transaction.
    """
    if clamd_url is None:
        return Verdict.CLEAN
    try:
        with _connected(clamd_url) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
            return _said(line)
    except OSError:
        return Verdict.UNKNOWN


def _connected(clamd_url: str) -> socket.socket:
    parts = urlsplit(clamd_url)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_PATIENCE_S)
        try:
            line.connect(parts.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((parts.hostname or "", parts.port or 3310), _PATIENCE_S)


def _said(line: socket.socket) -> Verdict:
    answer = b""
    while len(answer) < _LONGEST_ANSWER and not answer.endswith(b"\0"):
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    words = answer.rstrip(b"\0").strip()
    if words == b"stream: OK":
        return Verdict.CLEAN
    return Verdict.INFECTED if words.endswith(b" FOUND") else Verdict.UNKNOWN
