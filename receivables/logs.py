"""Structured logs: one JSON object a line, in UTC, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

#: What opens or pays something, wherever it turns up: link tokens, keys, IBANs.
_SECRETS = re.compile(
    r"/l/[A-Za-z0-9_-]{20,}|\b(?:sk|rk|whsec)_[A-Za-z0-9_]{6,}|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b"
)


def configure(*, level: int = logging.INFO, file: Path | None = None) -> None:
    """Once per process; to standard error, or into `file`."""
    target = sys.stderr if file is None else file.open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=target, format="%(name)s: %(message)s")


def _without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRETS.sub("[hidden]", value)
    return event
