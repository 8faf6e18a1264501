"""What happened to text messages, letters, calls and addresses, as sentences."""

from __future__ import annotations

from typing import Any

from receivables.bounces import events as bounces
from receivables.calls import events as calls
from receivables.i18n import short_day
from receivables.i18n import translate as _
from receivables.post import events as post
from receivables.sms import events as sms
from receivables.web.wordings import Wordings, with_amount, wording


def _text_failed(event: Any) -> str:
    if event.number_is_dead:
        return _("A text message could not be sent: its number takes none.")
    return _("A text message could not be sent.")


def _bounced(event: Any) -> str:
    match event.bounced:
        case "hard":
            return _("A mail came back: its address does not exist.")
        case "complaint":
            return _("A mail was reported as spam by whoever got it.")
        case _:
            return _("A mail could not be delivered.")


def _suppressed(event: Any) -> str:
    match event.channel:
        case "email":
            return _("A mail address is left alone until it is mended.")
        case "letter":
            return _("No letters go to the postal address until it is mended.")
        case _:
            return _("A telephone number is left alone until it is mended.")


def _handed_over(event: Any) -> str:
    if event.formal_notice:
        return with_amount(_("A formal notice over %(amount)s was sent by post."), event)
    return with_amount(_("A letter over %(amount)s was sent by post."), event)


def _called(event: Any) -> str:
    match event.outcome:
        case "promise":
            return _("On the telephone a payment was promised.")
        case "dispute":
            return _("On the telephone an invoice was contested.")
        case "reached":
            return _("We spoke on the telephone.")
        case "wrong_number":
            return _("A call reached somebody else.")
        case _:
            return _("A call reached nobody.")


def _called_note(event: Any) -> str:
    if event.again_on is None:
        return str(event.note)
    again = _("Again on %(day)s") % {"day": short_day(event.again_on)}
    return f"{again} · {event.note}" if event.note else again


def _closed(event: Any) -> str:
    match event.how:
        case "given_up":
            return _("Nobody could be reached by telephone.")
        case "needless":
            return _("A call is not needed any more.")
        case _:
            return _("A call is done.")


def _skipped(event: Any) -> str:
    match event.reason:
        case "settled":
            return _("A letter was not printed: nothing is asked for any more.")
        case "insolvent":
            return _("A letter was not printed: the debtor is insolvent.")
        case "no_address":
            return _("A letter was not printed: there is no address that works.")
        case _:
            return _("A letter was taken out before it was printed.")


#: Every event of the channels beside mail.
CHANNELS: Wordings = {
    sms.TextSent: wording(
        "phone", lambda event: with_amount(_("A text message over %(amount)s was sent."), event)
    ),
    sms.TextFailed: wording("alert", _text_failed, lambda event: event.reason),
    sms.TextUnknown: wording(
        "alert", lambda _event: _("Nobody knows whether a text message was sent.")
    ),
    sms.TextDelivered: wording("phone", lambda _event: _("A text message reached its telephone.")),
    sms.TextUndelivered: wording(
        "alert",
        lambda _event: _("A text message did not reach its telephone."),
        lambda event: event.reason,
    ),
    bounces.MessageBounced: wording("back", _bounced, lambda event: event.status),
    bounces.AddressSuppressed: wording("alert", _suppressed),
    bounces.SuppressionLifted: wording(
        "check", lambda _event: _("An address that was left alone is used again.")
    ),
    post.LetterDecided: wording(
        "file", lambda event: with_amount(_("A letter over %(amount)s waits to be printed."), event)
    ),
    post.LetterSkipped: wording("close", _skipped),
    post.LetterPrinted: wording(
        "file", lambda event: with_amount(_("A letter over %(amount)s was printed."), event)
    ),
    post.LetterHandedOver: wording("mail", _handed_over, lambda event: event.tracking),
    post.LetterReturned: wording(
        "back", lambda _event: _("A letter came back."), lambda event: event.reason
    ),
    calls.CallPlanned: wording(
        "phone", lambda event: with_amount(_("A call about %(amount)s is to be made."), event)
    ),
    calls.CallMade: wording("phone", _called, _called_note),
    calls.CallClosed: wording("check", _closed),
}
