"""What happened to a plan, as sentences."""

from __future__ import annotations

from typing import Any

from receivables.i18n import day, money
from receivables.i18n import translate as _
from receivables.plans import events as plans
from receivables.web.wordings import Wordings, with_amount, wording


def _proposed(event: Any) -> str:
    values = {"amount": money(event.amount), "parts": event.parts}
    if event.by_policy:
        return _("A plan over %(amount)s in %(parts)s instalments was chosen.") % values
    return _("A plan over %(amount)s in %(parts)s instalments was asked for.") % values


def _not_charged(event: Any) -> str:
    values = {"amount": money(event.amount), "place": event.place}
    return _("Instalment %(place)s of %(amount)s could not be charged.") % values


def _what_next(event: Any) -> str:
    if event.again_on is not None:
        return _("Tried again on %(day)s.") % {"day": day(event.again_on)}
    return {
        "card": _("Another card is needed."),
        "confirmation": _("The bank wants a confirmation."),
    }.get(event.needs, _("A person has to look."))


def _in_default(event: Any) -> str:
    values = {"amount": money(event.amount), "until": day(event.cure_until)}
    return _("Notice was given: %(amount)s is to be paid by %(until)s.") % values


def _off_plan(event: Any) -> str:
    return _("The plan is over; the original due date, %(day)s, counts again.") % {
        "day": day(event.due_on)
    }


def _expired(event: Any) -> str:
    match event.waited_for:
        case "proposed":
            return with_amount(_("A plan over %(amount)s ran out without an answer."), event)
        case "approved":
            return with_amount(_("A plan over %(amount)s ran out without a signature."), event)
        case _:
            return with_amount(_("A plan over %(amount)s ran out without a payment."), event)


def _paused(event: Any) -> str:
    return {
        "chargeback": _("The plan is paused: a payment was taken back by the bank."),
        "refund": _("The plan is paused: a payment was sent back."),
        "disconnected": _("The plan is paused: the account takes no card payments."),
        "insolvency": _("The plan is paused: the debtor is insolvent."),
    }.get(event.why, _("The plan is paused."))


def _cover(event: Any) -> str:
    values = {"amount": money(event.amount), "day": day(event.ends_on)}
    return {
        "ended": _("The insurer’s period for %(amount)s ended on %(day)s: stop deliveries."),
        "collect": _("The insurer’s period for %(amount)s ended on %(day)s: time for collection."),
    }.get(event.alert, _("The insurer’s period for %(amount)s ends on %(day)s.")) % values


def _said(event: Any) -> str:
    return {
        "announce_charge": _("A charge was announced."),
        "remind_coming": _("An instalment was announced."),
        "remind_late": _("A reminder of an instalment was sent."),
        "give_notice": _("Notice of a late instalment was sent."),
        "agreement": _("The agreement was sent."),
    }.get(event.about, _("A message about the plan was sent."))


PLANS: Wordings = {
    plans.PlanProposed: wording("calendar", _proposed),
    plans.PlanApproved: wording(
        "check", lambda one: with_amount(_("A plan over %(amount)s was approved."), one)
    ),
    plans.PlanRefused: wording(
        "close",
        lambda one: with_amount(_("A plan over %(amount)s was refused."), one),
        lambda one: one.note,
    ),
    plans.PlanAccepted: wording(
        "check", lambda one: with_amount(_("The plan over %(amount)s was signed."), one)
    ),
    plans.PlanActivated: wording(
        "calendar",
        lambda one: with_amount(
            _("The first instalment arrived: the plan over %(amount)s stands."), one
        ),
    ),
    plans.InvoicePutOnPlan: wording(
        "calendar", lambda one: with_amount(_("%(amount)s is paid in instalments."), one)
    ),
    plans.InvoiceTakenOffPlan: wording("back", _off_plan),
    plans.InstalmentNotCharged: wording("close", _not_charged, _what_next),
    plans.PlanCardNeeded: wording("card", lambda _one: _("A card is needed for the instalments.")),
    plans.PlanCardChanged: wording(
        "card",
        lambda one: _("Instalments are charged to %(card)s from now on.") % {"card": one.label},
    ),
    plans.PlanInDefault: wording("alert", _in_default),
    plans.PlanCured: wording("check", lambda _one: _("What was late is paid: the plan goes on.")),
    plans.PlanAccelerated: wording(
        "alert",
        lambda one: with_amount(_("The plan is broken: %(amount)s is due at once."), one),
    ),
    plans.PlanCompleted: wording(
        "paid", lambda one: with_amount(_("The plan over %(amount)s is paid off."), one)
    ),
    plans.PlanCancelled: wording(
        "close",
        lambda one: with_amount(_("The plan over %(amount)s was cancelled."), one),
        lambda one: one.note,
    ),
    plans.PlanExpired: wording("clock", _expired),
    plans.PlanRestructured: wording(
        "calendar", lambda _one: _("Another version took the place of the plan.")
    ),
    plans.PlanPaused: wording("clock", _paused),
    plans.PlanResumed: wording("check", lambda _one: _("The plan goes on.")),
    plans.PlanCoverAlert: wording("shield", _cover),
    plans.PlanMessageSent: wording("mail", _said),
    plans.PlanMessageNotSent: wording(
        "alert",
        lambda _one: _("A message about the plan did not arrive, or may not have."),
        lambda one: one.reason,
    ),
    plans.PlanPolicyChanged: wording(
        "settings", lambda _one: _("The terms for instalment plans were changed.")
    ),
}
