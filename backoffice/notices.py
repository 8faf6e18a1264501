"""What the last POST did, said once after its 303: a signed cookie carries it to the next page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from litestar.datastructures import Cookie

from backoffice.pages import Notice
from receivables.i18n import translate as _
from receivables.web.face import Face

Kind = Literal["done", "note", "failed"]
Values = Mapping[str, str]

#: code -> kind, sentence. The code travels, so that the sentence is the reader's language's.
NOTICES: dict[str, tuple[Kind, Callable[[Values], str]]] = {
    "link_mailed": (
        "done",
        lambda values: _("A new link is on its way to %(address)s.") % values,
    ),
    "link_revoked": (
        "done",
        lambda _values: _("The link is closed. Whoever has it sees nothing any more."),
    ),
    "link_gone": ("note", lambda _values: _("That link was closed already.")),
    "reminder_sent": ("done", lambda _values: _("Noted: the reminder arrived.")),
    "reminder_not_sent": (
        "done",
        lambda _values: _("Noted: it did not arrive. The next run decides anew."),
    ),
    "payment_asked": ("done", lambda _values: _("The payment provider was asked again.")),
    "payment_silent": (
        "failed",
        lambda _values: _("The payment provider still does not say. It is asked again by itself."),
    ),
    "refund_made": ("done", lambda _values: _("The money is on its way back.")),
    "refund_refused": (
        "failed",
        lambda _values: _("Stripe did not make the refund; no money moved. The reason is below."),
    ),
    "refund_unknown": (
        "note",
        lambda _values: _("Stripe has not answered yet. It is asked again by itself."),
    ),
    "refund_impossible": (
        "failed",
        lambda _values: _("Nothing of this payment can be sent back at the moment."),
    ),
    "refund_seen": ("done", lambda _values: _("Noted: the refund is seen to.")),
    "allocated": ("done", lambda _values: _("The credit stands against the invoices now.")),
    "allocation_undone": (
        "done",
        lambda _values: _("Taken off: the invoice is open again, and the money is unapplied."),
    ),
    "written_off": ("done", lambda _values: _("Written off. Nobody is reminded of it.")),
    "write_off_reversed": ("done", lambda _values: _("It is expected again.")),
    "dispute_opened": ("done", lambda _values: _("Noted. The customer gets it in writing.")),
    "nothing_to_dispute": (
        "note",
        lambda _values: _("Nothing is open that could be disputed."),
    ),
    "dispute_taken": ("done", lambda _values: _("It is yours now. The customer has been told.")),
    "dispute_assigned": ("done", lambda _values: _("Somebody else answers for it now.")),
    "dispute_asked": (
        "done",
        lambda _values: _("The customer has been asked. Your clock stands until they answer."),
    ),
    "dispute_written": ("done", lambda _values: _("Your message is on its way.")),
    "dispute_noted": ("done", lambda _values: _("Your note is kept, for colleagues alone.")),
    "dispute_proposed": ("done", lambda _values: _("Your proposal is on its way.")),
    "dispute_decided": ("done", lambda _values: _("It is decided. The customer is told.")),
    "dispute_closed": ("done", lambda _values: _("The dispute is closed.")),
    "dispute_moved_on": (
        "failed",
        lambda _values: _("It has moved on meanwhile: see how it stands now."),
    ),
    "dispute_policy": ("done", lambda _values: _("Saved. It holds for new disputes.")),
    "acknowledged": ("done", lambda _values: _("Your decision is kept with the alert.")),
    "rule_saved": ("done", lambda _values: _("The rule is saved. It holds from now on.")),
    "device_removed": ("done", lambda _values: _("That device is told nothing any more.")),
    "test_sent": ("done", lambda _values: _("A test notification is on its way.")),
    "test_failed": (
        "failed",
        lambda values: _("The test notification was not taken: %(reason)s") % values,
    ),
    "plan_approved": ("done", lambda _values: _("Approved. The debtor is asked to sign.")),
    "plan_refused": ("done", lambda _values: _("Refused. The debtor is told why.")),
    "plan_cancelled": ("done", lambda _values: _("The plan is cancelled. The debtor is told.")),
    "plan_paused": ("done", lambda _values: _("Paused: nothing is charged or reminded of.")),
    "plan_resumed": ("done", lambda _values: _("The plan goes on.")),
    "plan_restructured": (
        "done",
        lambda _values: _("The other version is offered. The debtor is asked to sign it."),
    ),
    "plan_moved_on": (
        "failed",
        lambda _values: _("The plan has moved on meanwhile: see how it stands now."),
    ),
    "plan_policy_saved": ("done", lambda _values: _("Saved. It holds for new plans.")),
    "standing_saved": ("done", lambda _values: _("Saved. It holds from now on.")),
    "interest_saved": ("done", lambda _values: _("Saved. It holds from now on.")),
    "interest_kept": ("done", lambda _values: _("Kept: the late interest stays claimed.")),
    "interest_waived": ("done", lambda _values: _("Waived: the late interest is not claimed.")),
    "rate_added": (
        "done",
        lambda _values: _("The rate is added. It counts for your claims from now on."),
    ),
    "promise_noted": (
        "done",
        lambda _values: _("The promise is noted. What it covers is not asked for until then."),
    ),
    "promise_cancelled": (
        "done",
        lambda _values: _("The promise is taken back. Its invoices are asked for again."),
    ),
    "promise_dealt_with": ("done", lambda _values: _("Noted: somebody has followed it up.")),
    "claim_matched": ("done", lambda _values: _("The money is booked. Thank you for looking.")),
    "claim_not_found": ("done", lambda _values: _("The debtor is asked for a proof by mail.")),
    "claim_approved": (
        "done",
        lambda _values: _("The invoices are left alone for five more working days."),
    ),
    "proposal_approved": ("done", lambda _values: _("The change holds from now on.")),
    "proposal_refused": ("done", lambda _values: _("The change is refused.")),
    "primary_changed": (
        "done",
        lambda _values: _("Reminders go to this contact from now on."),
    ),
    "job_again": ("done", lambda _values: _("It runs again.")),
    "hired": ("done", lambda values: _("%(name)s can sign in now.") % values),
    "disabled": (
        "done",
        lambda values: _("%(name)s cannot sign in any more.") % values,
    ),
    "enabled": ("done", lambda values: _("%(name)s can sign in again.") % values),
    "role_changed": ("done", lambda values: _("The role of %(name)s is changed.") % values),
    "password_changed": ("done", lambda _values: _("The password is changed.")),
}


def notice_cookie(face: Face, code: str, values: Values) -> Cookie:
    assert code in NOTICES, code
    packed = json.dumps([code, dict(values)], separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    return face.cookie("notice", face.cookies.sign(text), strict=True)


def read_notice(face: Face, cookies: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """The code and values that the cookie brings; None without one, or one that is not ours."""
    text = face.cookies.verify(cookies.get(face.cookie_name("notice"), ""))
    if text is None:
        return None
    try:
        unpacked: Any = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        code, values = unpacked
    except (binascii.Error, ValueError, TypeError):
        return None
    return (code, values) if code in NOTICES else None


def notice_of(brought: tuple[str, dict[str, str]] | None) -> Notice | None:
    """The sentence, in the language being read."""
    if brought is None:
        return None
    kind, sentence = NOTICES[brought[0]]
    return Notice(kind=kind, text=sentence(brought[1]))
