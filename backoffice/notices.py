"""What the last POST did, said once after its 303: a signed cookie carries it to the next page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Literal

from litestar.datastructures import Cookie

from backoffice.pages import Notice
from receivables.i18n import later, translate
from receivables.web.face import Face

Kind = Literal["done", "note", "failed"]
Values = Mapping[str, str]

#: What is said, by code. The code travels, so that the sentence is the reader's language's.
_DONE = {
    "link_mailed": later("A new link is on its way to %(address)s."),
    "link_revoked": later("The link is closed. Whoever has it sees nothing any more."),
    "statuses_told": later("From now on your platform is told what is cashed."),
    "statuses_not_told": later("From now on your platform is told nothing."),
    "reminder_sent": later("Noted: the reminder arrived."),
    "reminder_not_sent": later("Noted: it did not arrive. The next run decides anew."),
    "vetoed": later("Taken out. It does not go, and its step is over."),
    "veto_withdrawn": later("It goes out after all."),
    "veto_too_late": later("It is too late for that day: its messages are on their way."),
    "let_out": later("Let out. It goes as soon as it was looked at once more."),
    "declined": later("Left out. The next step comes on its day."),
    "scenario_saved": later("Reminders follow the changed scenario from the next run on."),
    "dunning_stopped": later("Stopped. Nothing is asked for until then."),
    "dunning_resumed": later("The stop is lifted."),
    "hours_saved": later("The hours and limits hold from now on."),
    "absence_planned": later("Nothing goes out on these days."),
    "absence_cancelled": later("The absence is cancelled."),
    "payment_asked": later("The payment provider was asked again."),
    "refund_made": later("The money is on its way back."),
    "refund_seen": later("Noted: the refund is seen to."),
    "text_kept": later("Kept as a draft. Messages are worded as before."),
    "text_used": later("Your words are used from the next message on."),
    "text_dropped": later("Messages are worded in our words again."),
    "bank_matched": later("The money is put against the invoices. The payer is known from now on."),
    "bank_set_aside": later("Set aside: it is no debtor’s payment."),
    "bank_returned": later("Noted: it came back, and what it paid is open again."),
    "bank_undone": later("Undone. The line waits for a decision again."),
    "allocated": later("The credit stands against the invoices now."),
    "allocation_undone": later("Taken off: the invoice is open again, and the money is unapplied."),
    "written_off": later("Written off. Nobody is reminded of it."),
    "write_off_reversed": later("It is expected again."),
    "dispute_opened": later("Noted. The customer gets it in writing."),
    "dispute_taken": later("It is yours now. The customer has been told."),
    "dispute_assigned": later("Somebody else answers for it now."),
    "dispute_asked": later("The customer has been asked. Your clock stands until they answer."),
    "dispute_written": later("Your message is on its way."),
    "dispute_noted": later("Your note is kept, for colleagues alone."),
    "dispute_proposed": later("Your proposal is on its way."),
    "dispute_decided": later("It is decided. The customer is told."),
    "dispute_closed": later("The dispute is closed."),
    "dispute_policy": later("Saved. It holds for new disputes."),
    "acknowledged": later("Your decision is kept with the alert."),
    "check_asked": later("The health check is being made."),
    "check_deleted": later("The health check is deleted, with everything about it."),
    "check_answered": later("Noted. The report is reckoned anew."),
    "check_merged": later("They count as one in this report."),
    "check_apart": later("Noted: they are not the same."),
    "check_undone": later("Undone. It is as it was before."),
    "check_limits_cut": later("The limits hold from now on."),
    "check_watched": later("They are written down, and watched from now on."),
    "check_believed": later("Saved. The report is reckoned with your numbers."),
    "alert_put_off": later("Put off. It comes back on its day."),
    "telling_saved": later("You are told so from now on."),
    "webhook_added": later("It is told from now on. Give its secret to your system."),
    "webhook_saved": later("Saved. It holds from now on."),
    "webhook_secret": later("A new secret signs from now on; the one before for one more day."),
    "webhook_paused": later("Paused. What happens meanwhile waits."),
    "webhook_resumed": later("It is told again, first what waited."),
    "webhook_removed": later("Removed. Nothing is sent there any more."),
    "webhook_test": later("A test message is on its way."),
    "webhook_resent": later("It is sent once more, under the same number."),
    "rule_saved": later("The rule is saved. It holds from now on."),
    "device_removed": later("That device is told nothing any more."),
    "test_sent": later("A test notification is on its way."),
    "plan_approved": later("Approved. The debtor is asked to sign."),
    "plan_refused": later("Refused. The debtor is told why."),
    "plan_cancelled": later("The plan is cancelled. The debtor is told."),
    "plan_paused": later("Paused: nothing is charged or reminded of."),
    "plan_resumed": later("The plan goes on."),
    "plan_restructured": later("The other version is offered. The debtor is asked to sign it."),
    "plan_policy_saved": later("Saved. It holds for new plans."),
    "forecast_asked": later("It is being worked out. Look again in a minute."),
    "payer_worked_out": later("Worked out from what is known now."),
    "payer_calculated": later("The calculated class counts again."),
    "standing_saved": later("Saved. It holds from now on."),
    "interest_saved": later("Saved. It holds from now on."),
    "interest_kept": later("Kept: the late interest stays claimed."),
    "interest_claimed": later("Claimed. The debit note is on the customer’s account."),
    "interest_note_waived": later("Waived: a credit note takes back what was open of it."),
    "interest_given_back": later("A credit note gives back what was claimed too much."),
    "interest_notice_noted": later("Noted. Late interest is reckoned from it."),
    "interest_waived": later("Waived: the late interest is not claimed."),
    "rate_added": later("The rate is added. It counts for your claims from now on."),
    "promise_noted": later("The promise is noted. What it covers is not asked for until then."),
    "promise_cancelled": later("The promise is taken back. Its invoices are asked for again."),
    "promise_dealt_with": later("Noted: somebody has followed it up."),
    "claim_matched": later("The money is booked. Thank you for looking."),
    "claim_not_found": later("The debtor is asked for a proof by mail."),
    "claim_approved": later("The invoices are left alone for five more working days."),
    "proposal_approved": later("The change holds from now on."),
    "proposal_refused": later("The change is refused."),
    "address_used_again": later("It is used again from now on."),
    "phone_saved": later("The number is saved."),
    "batch_made": later("The letters are being set. They can be printed in a moment."),
    "batch_printed": later("Noted: the letters are printed."),
    "batch_handed_over": later("Noted: the post has the letters."),
    "letter_taken_out": later("The letter is not printed."),
    "letter_returned": later("Noted. No letter goes to that address until it is mended."),
    "call_logged": later("Noted. Thank you for calling."),
    "call_dropped": later("Noted: the call is not needed."),
    "primary_changed": later("Reminders go to this contact from now on."),
    "bank_columns_told": later("Remembered. Import the file again: it can be read now."),
    "list_taken": later("%(name)s is taken in. New invoices: %(count)s."),
    "list_known": later("Every invoice of %(name)s was on record already."),
    "list_discarded": later("Thrown away. Nothing of it was taken in."),
    "list_columns_saved": later("Saved. The next list with these headings is read that way."),
    "list_columns_forgotten": later("Forgotten. You are asked again for such a list."),
    "job_again": later("It runs again."),
    "collection_made": later("The collection file is made."),
    "collection_asked": later("The collection file is being made. It will be here in a while."),
    "handed_over": later("Handed over. They have left automation."),
    "not_handed_over": later("Noted. They are not handed over, and you go on yourself."),
    "taken_back": later("Taken back. You collect them yourself again."),
    "task_done": later("Done. It has left the list."),
    "task_reopened": later("It waits again."),
    "task_taken": later("It is yours now."),
    "task_left": later("It is nobody’s again: everybody sees it."),
    "task_put_off": later("Put off. It comes back on its day."),
    "task_set": later("You will see it among your tasks on that day."),
    "owner_saved": later("Saved. Their tasks go to this person from now on."),
    "publication_confirmed": later("Noted: it is about this customer, and counts from now on."),
    "publication_dismissed": later("Noted: it is about somebody else."),
    "insolvency_claim_saved": later("Saved. The statement is up to date."),
    "tolerance_saved": later("Saved. It holds for transfers that come from now on."),
    "effects_saved": later("Saved. It holds from now on."),
    "effect_done": later("Done. You can undo it below."),
    "effect_left": later("Left as it is."),
    "effect_undone": later("Undone: it is as it was before."),
    "hired": later("%(name)s can sign in now."),
    "disabled": later("%(name)s cannot sign in any more."),
    "enabled": later("%(name)s can sign in again."),
    "role_changed": later("The role of %(name)s is changed."),
    "password_changed": later("The password is changed."),
}
_NOTED = {
    "no_letters": later("No letter is left: nothing is asked for any more, or no address works."),
    "link_gone": later("That link was closed already."),
    "check_not_said": later("Please say yes or no."),
    "check_partly_undone": later(
        "Undone, but not for %(names)s: something has changed there since."
    ),
    "refund_unknown": later("Stripe has not answered yet. It is asked again by itself."),
    "interest_notice_day": later(
        "Notice is given after the due date, and not on a day to come. Please choose another."
    ),
    "interest_day": later("Interest can be claimed for days up to today. Please choose another."),
    "interest_nothing_to_claim": later("Until that day there is nothing left to claim."),
    "interest_nothing_to_credit": later("Nothing is left of it to take back."),
    "effect_changed_since": later("It was changed by hand meanwhile: nothing was put back."),
    "task_gone": later("That task does not wait any more."),
    "nothing_to_dispute": later("Nothing is open that could be disputed."),
}
_FAILED = {
    "payment_silent": later(
        "The payment provider still does not say. It is asked again by itself."
    ),
    "refund_refused": later("Stripe did not make the refund; no money moved. The reason is below."),
    "refund_impossible": later("Nothing of this payment can be sent back at the moment."),
    "dispute_moved_on": later("It has moved on meanwhile: see how it stands now."),
    "test_failed": later("The test notification was not taken: %(reason)s"),
    "plan_moved_on": later("The plan has moved on meanwhile: see how it stands now."),
}
NOTICES: dict[str, tuple[Kind, str]] = {
    **{code: ("done", text) for code, text in _DONE.items()},
    **{code: ("note", text) for code, text in _NOTED.items()},
    **{code: ("failed", text) for code, text in _FAILED.items()},
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
    return Notice(kind=kind, text=translate(sentence) % brought[1])
