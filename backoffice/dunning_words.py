"""Dunning in the supplier's words: why something is sent or not, and what people did about it."""

from __future__ import annotations

from typing import Any

from receivables.dunning import events as dunning
from receivables.dunning.reasons import Reason
from receivables.i18n import day
from receivables.i18n import translate as _
from receivables.web.wordings import Wordings, with_amount, wording


def reason_words(reason: str) -> str:
    """A Reason as a sentence; anything else is a mail server's own words."""
    sentences = {**_sent_because(), **_not_sent_because(), **_kept_back_because()}
    return sentences.get(reason, reason)


def _sent_because() -> dict[str, str]:
    return {
        Reason.STEP_DUE: _("Its day has come."),
        Reason.PROMISE_BROKEN: _("A promise was broken, so the next step is taken at once."),
        Reason.CAUGHT_UP: _("An earlier day was missed and is caught up on."),
        Reason.GATHERED: _("Its day comes within two working days, so it goes with the others."),
        Reason.LISTED: _("Overdue, and listed since the debtor is written to anyway."),
        Reason.COMING: _("Not due yet, listed for information."),
        Reason.MANUAL: _("A person takes this step."),
        Reason.ABOVE_AUTO_AMOUNT: _("So much is at stake that a person lets it out."),
        Reason.AFTER_OUTAGE: _("No run was made for days, so a person looks first."),
        Reason.UNUSUAL_BATCH: _("Far more messages than on other days, so a person looks first."),
    }


def _not_sent_because() -> dict[str, str]:
    return {
        Reason.NOT_YET: _("Its next step falls on a later day."),
        Reason.NO_STEP_LEFT: _("Every step has been taken; a person has to decide."),
        Reason.HANDED_OVER: _("It was handed over for collection."),
        Reason.PAYMENT_ON_ITS_WAY: _("A payment is on its way."),
        Reason.DISPUTED: _("The debtor contests it."),
        Reason.ON_PLAN: _("An instalment plan stands for it."),
        Reason.PLAN_PROPOSED: _("An instalment plan is being agreed."),
        Reason.SAID_TO_BE_PAID: _("The debtor says that it is paid."),
        Reason.PROMISED: _("The debtor promised a date."),
        Reason.CHARGED_BACK: _("The payer’s bank took the payment back and has not decided yet."),
        Reason.GRACE: _("A dispute was decided lately; the debtor has a few days."),
        Reason.TOLERANCE: _("Too little is left to write about."),
        Reason.BELOW_MINIMUM: _("It is less than the step is worth."),
        Reason.CREDIT_COVERS: _("The debtor's credit covers it."),
        Reason.NO_CONTACT: _("We have no address to write to."),
        Reason.ADDRESS_DEAD: _("Mail to the address does not arrive."),
        Reason.HANDOVER_WAITS: _(
            "It is to be handed over for collection, and waits for your decision."
        ),
        Reason.SETTLED: _("Paid or credited before it was sent."),
        Reason.OVERTAKEN: _("Its day passed before it could be sent."),
        Reason.SUPERSEDED: _("A later step was taken first."),
        Reason.VETOED: _("A colleague took it out of the preview."),
        Reason.DECLINED: _("A colleague decided against it."),
        Reason.NO_ANSWER: _("The mail server did not say whether it took it."),
        Reason.NOT_SENT: _("A colleague found out that it was not sent."),
    }


def _kept_back_because() -> dict[str, str]:
    return {
        Reason.INSOLVENT: _("Insolvency proceedings are open against the debtor."),
        Reason.STOPPED: _("Demands on this debtor are stopped."),
        Reason.ITEM_STOPPED: _("Demands about this invoice are stopped."),
        Reason.DECEASED: _("The debtor has died."),
        Reason.CEASED: _("The company does not exist any more."),
        Reason.NOT_A_WORKING_DAY: _("Nobody works on that day."),
        Reason.OUTSIDE_WINDOW: _("The debtor's hours are over for that day."),
        Reason.TOO_SOON: _("The last message is less than five days old."),
        Reason.TOO_MANY: _("The debtor has had as many messages lately as anybody gets."),
        Reason.HEARD_LATELY: _("The debtor wrote or spoke to you within three working days."),
        Reason.BANK_DATA_OLD: _("The bank data is more than two working days old."),
        Reason.IMPORT_RUNNING: _("Bank data is being taken in."),
        Reason.IMPORT_FAILED: _("Bank data could not be taken in."),
        Reason.SUPPLIER_ABSENT: _("Nobody is there on that day to answer."),
        Reason.NOT_SHOWN_YET: _("It is shown on an afternoon before it goes out."),
        Reason.FIRST_REMINDER: _(
            "The law wants a free first reminder first, and 14 days to pay after it."
        ),
        Reason.NO_COMPANY_NUMBER: _(
            "The first reminder has to name your company number: write it under “Late interest”."
        ),
        Reason.WAITS_FOR_RELEASE: _("An earlier message to the debtor waits for a person."),
    }


def _until(event: Any) -> str:
    if event.until is None:
        return _("Reminders were stopped with no end.")
    return _("Reminders were stopped until %(day)s.") % {"day": day(event.until)}


def _run_held(event: Any) -> str:
    return _("%(count)s reminders wait for a person: %(why)s") % {
        "count": event.messages,
        "why": reason_words(event.reason),
    }


def _absence(event: Any) -> str:
    return _("No reminders from %(first)s to %(last)s.") % {
        "first": day(event.first_on),
        "last": day(event.last_on),
    }


def _on(words: str, event: Any) -> str:
    return words % {"day": day(event.run_on)}


DUNNING: Wordings = {
    dunning.StepDue: wording(
        "calendar", lambda event: with_amount(_("A step over %(amount)s was decided."), event)
    ),
    dunning.ReminderWaiting: wording(
        "alert",
        lambda event: with_amount(_("A reminder over %(amount)s waits for a person."), event),
        lambda event: reason_words(event.reason),
    ),
    dunning.ReminderLetOut: wording("check", lambda _event: _("A waiting reminder was let out.")),
    dunning.ReminderVetoed: wording(
        "close",
        lambda _event: _("A reminder was left out."),
        lambda event: reason_words(event.reason),
    ),
    dunning.HandoverDeclined: wording(
        "close",
        lambda event: with_amount(_("%(amount)s is not handed over for collection."), event),
        lambda event: f"{', '.join(event.numbers)}: {event.why}",
    ),
    dunning.RunHeld: wording("alert", _run_held),
    dunning.MessagesVetoed: wording(
        "close", lambda event: _on(_("Reminders of %(day)s were taken out."), event)
    ),
    dunning.VetoWithdrawn: wording(
        "again", lambda event: _on(_("Reminders of %(day)s go out after all."), event)
    ),
    dunning.DunningStopped: wording("close", _until, lambda event: event.reason),
    dunning.DunningResumed: wording("again", lambda _event: _("Reminders go out again.")),
    dunning.AbsencePlanned: wording("calendar", _absence),
    dunning.AbsenceCancelled: wording(
        "calendar", lambda _event: _("A planned absence was cancelled.")
    ),
    dunning.ScenariosChanged: wording(
        "file", lambda _event: _("The scenarios of the reminders were changed.")
    ),
    dunning.DunningSettingsChanged: wording(
        "file", lambda _event: _("The hours and limits of the reminders were changed.")
    ),
}
