"""What is pushed: believed when it is signed now, taken for every supplier it concerns, once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitoring.feeds.bureau import NotABureauEvent
from monitoring.feeds.push import BadSignature, sign_standard, verify_standard
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.sources import pushed
from receivables.database import SYSTEM, Scope

#: The specification's own example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

GOOD = {
    "reference": "m-1", "kind": "liquidation", "country": "FR", "published_on": "2026-11-01",
    "numbers": {"SIREN": "732 829 320"}, "label": "Liquidation judiciaire",
}  # fmt: skip


def believed(*, age: int = 0, **given: object) -> bool:
    asked = {
        "message_id": MESSAGE, "timestamp": str(AT), "signatures": SIGNATURE, "body": BODY, **given,
    }  # fmt: skip
    try:
        verify_standard(
            [SECRET], **asked, now=datetime.fromtimestamp(AT + age, tz=UTC)
        )  # fmt: skip
    except BadSignature:
        return False
    return True


def test_a_standard_webhook_is_believed_while_it_is_young_and_whole():
    assert sign_standard(SECRET, MESSAGE, BODY, AT) == SIGNATURE
    assert believed()
    assert believed(age=300)
    assert believed(signatures=f"v1a,x v1,{'A' * 43}= {SIGNATURE}")
    for wrong in (
        {"age": 301}, {"age": -301}, {"body": BODY + b" "}, {"message_id": "msg_other"},
        {"timestamp": str(AT + 1)}, {"timestamp": "now"}, {"signatures": ""},
        {"signatures": SIGNATURE.replace("v1,", "v2,")}, {"signatures": "v1," + "A" * 43 + "="},
        {"message_id": ""},
    ):  # fmt: skip
        assert not believed(**wrong), wrong


def body(**changed: object) -> bytes:
    return json.dumps({"published": [{**GOOD, **changed}]}).encode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "ruin"}, {"country": "France"}, {"published_on": "soon"}, {"numbers": {}},
        {"numbers": {"SIREN": "12"}}, {"reference": ""}, {"reference": "x" * 121},
        {"link": "javascript:alert(1)"}, {"colour": "red"}, {"label": None},
    ],
)  # fmt: skip
def test_a_publication_that_nobody_would_send_is_refused(wrong):
    assert len(pushed.understand(body()).published) == 1

    with pytest.raises(NotABureauEvent):
        pushed.understand(body(**wrong))


def test_a_publication_reaches_every_supplier_it_concerns_and_counts_once(world):
    first, second, third = (world.supplier(name=name) for name in ("A AG", "B AG", "C AG"))
    world.debtor(supplier_id=first, identifiers=(("SIREN", "732829320"),))
    world.debtor(supplier_id=second, identifiers=(("SIRET", "73282932000074"),))
    world.debtor(supplier_id=third, identifiers=(("SIREN", "552100554"),))

    def take() -> int:
        with world.runtime.transaction(SYSTEM) as session:
            return pushed.take(session, pushed.understand(body()), clock=world.clock)

    assert (take(), take()) == (2, 0)
    for supplier_id, events in ((first, 1), (second, 1), (third, 0)):
        with world.runtime.reading(Scope(supplier_id)) as session:
            found = session.query(SolvencyEvent).filter_by(supplier_id=supplier_id).all()
            assert [one.source for one in found] == ["pushed"] * events
