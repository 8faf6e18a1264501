"""Structured logs: one JSON object a line, in UTC, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

#: What opens or pays something, wherever it turns up: links, secrets of sessions and links (43
#: characters of base64url), keys, passwords in addresses, IBANs, numbers of cards.
_SECRETS = re.compile(
    r"/l/[A-Za-z0-9_-]{20,}"
    r"|(?:(?<![A-Za-z0-9_-])|(?<=%2[Ff]))[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"
    r"|\b(?:sk|rk|whsec)_[A-Za-z0-9_]{6,}"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"
    r"|\b[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?)\b"
    r"|(?<![\w-])(?:\d{4}[ -]?){3}\d{1,7}(?![\w-])"
)
#: Controls beyond those JSON escapes: some terminals obey them, some readers break lines there.
_CONTROLS = re.compile(r"[\x7f-\x9f\u2028\u2029]")


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
    handler = logging.StreamHandler(target)
    handler.setFormatter(_Plain("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Plain(logging.Formatter):
    """What libraries log, held to the same: one line each, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        told = hidden(super().format(record))
        return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in told)


def hidden(text: str) -> str:
    """The text without what opens or pays something."""
    return _SECRETS.sub("[hidden]", text)


def _without_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {key: _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    """A value as it may be logged, whatever it is made of."""
    if type(value) is str:
        return _cleaned_text(value)  # most are
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _cleaned(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned(inner) for inner in value]
        case _:
            return _cleaned_text(str(value))


def _cleaned_text(text: str) -> str:
    shown = hidden(text)
    return shown if shown.isprintable() else _CONTROLS.sub("\ufffd", shown)
