"""Stripe's events, taken apart: the snapshot, and the thin one that only names an object."""

from __future__ import annotations

from typing import Any

import msgspec

from receivables.ports import BadSignature, SignedEvent


class _Named(msgspec.Struct):
    id: str


class _Data(msgspec.Struct):
    object: _Named


class _Snapshot(msgspec.Struct):
    """Source: docs.stripe.com/api/events/object."""

    id: str
    type: str
    livemode: bool
    data: _Data
    api_version: str | None = None
    account: str | None = None


class _Thin(msgspec.Struct):
    """Source: docs.stripe.com/api/v2/core/events/object."""

    id: str
    type: str
    livemode: bool
    related_object: _Named | None = None
    context: str | None = None


def decode_event(raw: bytes) -> SignedEvent:
    """The event in a message whose signature held. Raises BadSignature when it is none."""
    try:
        body = msgspec.json.decode(raw, type=dict[str, Any])
        if body.get("object") != "v2.core.event":
            return _signed(msgspec.convert(body, _Snapshot), body, "")
        thin = msgspec.convert(body, _Thin)
    except msgspec.MsgspecError as error:
        raise BadSignature(f"signed, but no event: {error}") from error
    return SignedEvent(
        account=thin.context or "",
        id=thin.id,
        kind=thin.type.removeprefix("v1."),
        object_id=thin.related_object.id if thin.related_object else "",
        api_version="",
        livemode=thin.livemode,
        body=body,
    )


def _signed(event: _Snapshot, body: dict[str, Any], account: str) -> SignedEvent:
    return SignedEvent(
        account=event.account or account,
        id=event.id,
        kind=event.type,
        object_id=event.data.object.id,
        api_version=event.api_version or "",
        livemode=event.livemode,
        body=body,
    )


def listed_event(body: dict[str, Any], account: str) -> SignedEvent:
    """An event of `account` as the list of events gives it."""
    return _signed(msgspec.convert(body, _Snapshot, strict=False), body, account)
