"""Static files: addressed by content, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "static"


@cache
def static_url(name: str) -> str:
    """The address of a file under `static/`; it changes when the file does."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
