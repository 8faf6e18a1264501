"""What each kind of task is called, why it waits, and where its one action is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.dunning_words import reason_words
from backoffice.watch_timeline import decision_words
from receivables.disputes.rules import Term
from receivables.dunning.facts import FILE
from receivables.i18n import day, later, money, translate_plural
from receivables.i18n import translate as _
from receivables.money import Money
from receivables.web.wordings import Wordings, wording
from receivables.worklist import events
from receivables.worklist.rules import Kind, Task

#: The kind of a task that monitoring gives rise to; only this face may know of it.
ALERT = "alert"
#: What somebody decided about an alert and is to be done by a day.
DECIDED = "decided"
#: Likewise: a claim to lodge with a liquidator, an insurer to be told, a proposal of solvency's.
LODGE, INSURER, EFFECT = "lodge", "insurer", "effect"
#: A publication of which a person has to say whether it is about a customer.
PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class TaskWords:
    """How tasks of one kind are told: `verb` is what one does at `url`."""

    name: str
    verb: str
    url: Callable[[Task], str]
    reason: Callable[[Task], str]


def _moneys(amounts: tuple[Money, ...]) -> str:
    return ", ".join(money(one) for one in amounts)


def _filled(text: str, task: Task, **more: object) -> str:
    """A sentence with the task's facts in it, written as its reader writes them."""
    values: dict[str, Any] = {**task.facts, **more}
    return text % {name: _written(value) for name, value in values.items()}


def _written(value: object) -> object:
    if isinstance(value, Money):
        return money(value)
    return day(value) if isinstance(value, date) else value


def _call(task: Task) -> str:
    if task.facts["tries"]:
        return translate_plural(
            "A call about %(amount)s: %(num)s try so far.",
            "A call about %(amount)s: %(num)s tries so far.",
            task.facts["tries"],
        ) % {"num": task.facts["tries"], "amount": money(task.facts["amount"])}
    return _filled(_("The scenario asks for a call about %(amount)s."), task)


def _step(task: Task) -> str:
    if task.facts["channel"] == FILE:
        return _filled(_("The scenario asks to hand %(amount)s over for collection."), task)
    words = _filled(_("A message over %(amount)s waits for your yes."), task)
    return f"{words} {reason_words(task.facts['reason'])}"


def _step_url(task: Task) -> str:
    """A file is handed over where it is made."""
    if task.facts["channel"] == FILE:
        return f"/debtors/{task.debtor_id}/collection"
    return "/reminders"


def _decided(task: Task) -> str:
    words = decision_words(task.facts["decision"])
    return f"{words} {task.facts['note']}".strip()


def _claim(task: Task) -> str:
    if task.facts["is_second"]:
        return _filled(
            _("Said to be paid a second time: %(amount)s on %(paid_on)s. It needs your yes."), task
        )
    if task.facts["reference"]:
        return _filled(
            _("Said to be paid: %(amount)s on %(paid_on)s, reference %(reference)s."), task
        )
    return _filled(_("Said to be paid: %(amount)s on %(paid_on)s."), task)


def _dispute(task: Task) -> str:
    late, term = task.facts["is_late"], task.facts["term"]
    if term is Term.ACKNOWLEDGE:
        text = (
            _("Dispute %(number)s should have been acknowledged by now.")
            if late
            else _("Dispute %(number)s is to be acknowledged.")
        )
    elif term is Term.ANSWER:
        text = (
            _("Dispute %(number)s should have had a first answer by now.")
            if late
            else _("Dispute %(number)s needs a first answer.")
        )
    else:
        text = (
            _("Dispute %(number)s should have been decided by now.")
            if late
            else _("Dispute %(number)s is to be decided.")
        )
    words = _filled(text, task)
    return f"{words} {_('It is urgent.')}" if task.facts["is_urgent"] else words


def _proposal(task: Task) -> str:
    return {
        "person": _("Another person is to be written to."),
        "email": _("Another address is to be written to."),
    }.get(task.facts["kind"], _("The postal address is to be another."))


def _payment(task: Task) -> str:
    if task.facts["problem"]:
        return _filled(_("Something is wrong with a payment of %(amount)s: %(problem)s"), task)
    return _filled(_("Nobody can say whether %(amount)s was paid."), task)


def _bank_lines(task: Task) -> str:
    count = task.facts["count"]
    return translate_plural(
        "%(num)s line of account %(account)s found no invoice: %(amounts)s.",
        "%(num)s lines of account %(account)s found no invoice: %(amounts)s.",
        count,
    ) % {"num": count, "account": task.facts["account"], "amounts": _moneys(task.matter)}


def _address(task: Task) -> str:
    if task.facts["address"]:
        return _filled(_("Mail to %(address)s does not arrive."), task)
    return _("We have no address to write to.")


def _failed(task: Task) -> str:
    if task.facts["reason"]:
        return _filled(_("A message to %(address)s was turned down: %(reason)s"), task)
    return _filled(_("A message to %(address)s was turned down."), task)


def _said(text: str) -> Callable[[Task], str]:
    return lambda task: _filled(_(text), task)


def _at(pattern: str) -> Callable[[Task], str]:
    return lambda task: (
        pattern
        % {
            **task.facts,
            "id": task.subject_id,
            "debtor": task.debtor_id,
        }
    )


WORDS: Mapping[str, TaskWords] = {
    Kind.CALL: TaskWords(later("Calls"), later("Call them"), _at("/calls/%(id)s"), _call),
    Kind.STEP: TaskWords(later("Steps of the scenario"), later("Decide"), _step_url, _step),
    Kind.BROKEN_PROMISE: TaskWords(
        later("Broken promises"),
        later("Follow up"),
        _at("/promises?show=to_call"),
        _said(later("%(amount)s was promised by %(promised_on)s and did not come.")),
    ),
    Kind.CLAIM: TaskWords(
        later("Said to be paid"), later("Look for it"), _at("/said-to-be-paid/%(id)s"), _claim
    ),
    Kind.DISPUTE: TaskWords(later("Disputes"), later("Answer"), _at("/disputes/%(id)s"), _dispute),
    Kind.PLAN: TaskWords(
        later("Plans"),
        later("Decide"),
        _at("/plans/%(id)s"),
        _said(later("%(amount)s is to be paid in instalments, if you agree.")),
    ),
    Kind.CHARGE: TaskWords(
        later("Instalments"),
        later("See why"),
        _at("/plans/%(plan_id)s"),
        _said(later("The instalment of %(amount)s due on %(due_on)s could not be charged.")),
    ),
    Kind.PROPOSAL: TaskWords(
        later("Changes of contacts"), later("Decide"), _at("/proposals"), _proposal
    ),
    Kind.PAYMENT: TaskWords(
        later("Payments"), later("Find out"), _at("/payments/%(id)s"), _payment
    ),
    Kind.REFUND: TaskWords(
        later("Refunds"),
        later("See to it"),
        _at("/payments/%(payment_id)s"),
        _said(later("A refund of %(amount)s did not arrive.")),
    ),
    Kind.CHARGEBACK: TaskWords(
        later("Chargebacks"),
        later("Answer the bank"),
        _at("/payments/%(payment_id)s"),
        _said(later("The payer’s bank contests a payment of %(amount)s.")),
    ),
    Kind.UNAPPLIED: TaskWords(
        later("Unapplied cash"),
        later("Apply it"),
        _at("/debtors/%(debtor)s/unapplied"),
        lambda task: (
            _("%(amounts)s is put against nothing, while invoices are open.")
            % {"amounts": _moneys(task.facts["amounts"])}
        ),
    ),
    Kind.BANK_LINES: TaskWords(
        later("Bank lines"), later("Match"), _at("/bank/matching"), _bank_lines
    ),
    Kind.ADDRESS: TaskWords(
        later("Addresses"), later("Find an address"), _at("/debtors/%(debtor)s"), _address
    ),
    Kind.UNKNOWN_MESSAGE: TaskWords(
        later("Messages that may have arrived"),
        later("Find out"),
        _at("/reminders"),
        _said(later("Nobody knows whether the message to %(address)s arrived.")),
    ),
    Kind.FAILED_MESSAGE: TaskWords(
        later("Messages that failed"), later("See why"), _at("/debtors/%(debtor)s"), _failed
    ),
    Kind.REPLY: TaskWords(
        later("Answers by mail"),
        later("Read it"),
        _at("/replies/%(id)s"),
        lambda task: (
            _("%(name)s answered by mail: “%(text)s”") % task.facts
            if task.facts["text"]
            else _("%(name)s answered by mail, without words.") % task.facts
        ),
    ),
    Kind.LIMITATION: TaskWords(
        later("Claims that run out"),
        later("Look at it"),
        _at("/invoices/%(id)s"),
        _said(
            later(
                "Invoice %(number)s can be enforced until %(last_day)s, as a rule. An"
                " acknowledgement or a step in court in time keeps it."
            )
        ),
    ),
    Kind.OWN: TaskWords(
        later("Your own"),
        later("See the debtor"),
        _at("/debtors/%(debtor)s"),
        lambda task: str(task.facts["text"]),
    ),
    LODGE: TaskWords(
        later("Claims to lodge"),
        later("Lodge it"),
        _at("/debtors/%(debtor)s/claim"),
        lambda task: (
            _filled(_("Insolvent: our claim is to be lodged by %(lodge_until)s."), task)
            if task.facts["lodge_until"]
            else _("Insolvent: our claim is to be lodged. Until when is not known yet.")
        ),
    ),
    INSURER: TaskWords(
        later("Insurers to be told"),
        later("Tell them"),
        _at("/debtors/%(debtor)s/claim"),
        _said(later("The debtor is insolvent and insured: the insurer wants to know at once.")),
    ),
    EFFECT: TaskWords(
        later("What follows from solvency"),
        later("Decide"),
        _at("/debtors/%(debtor)s/solvency"),
        _said(later("%(why)s. Proposed: %(what)s.")),
    ),
    PUBLICATION: TaskWords(
        later("Publications"),
        later("Look at it"),
        _at("/monitoring/publications?show=waiting"),
        _said(later("%(source)s, %(published_on)s: %(label)s. Is it this customer?")),
    ),
    DECIDED: TaskWords(
        later("Decided about alerts"),
        later("Look at it"),
        _at("/monitoring/alerts/%(id)s"),
        _decided,
    ),
    ALERT: TaskWords(
        later("Alerts"),
        later("Look at it"),
        _at("/monitoring/alerts/%(id)s"),
        _said(later("%(source)s: %(what)s.")),
    ),
}


def kind_words(kind: str) -> str:
    """What a kind is called."""
    return _(WORDS[kind].name) if kind in WORDS else kind


def _about(event: Any) -> str:
    return kind_words(event.task)


def _owner(event: Any) -> str:
    if event.staff_id is None:
        return _("Nobody in particular looks after this debtor any more.")
    return _("%(name)s looks after this debtor.") % {"name": event.name}


#: Staff alone read what staff did.
WORKLIST: Wordings = {
    events.TaskTaken: wording("person", lambda _event: _("A task was taken."), _about),
    events.TaskLeft: wording("back", lambda _event: _("A task is nobody’s again."), _about),
    events.TaskPutOff: wording(
        "clock",
        lambda event: _("A task was put off until %(day)s.") % {"day": day(event.until)},
        lambda event: event.why,
    ),
    events.TaskDone: wording(
        "check", lambda _event: _("A task was done."), lambda event: event.note or _about(event)
    ),
    events.TaskReopened: wording("again", lambda _event: _("A task waits again."), _about),
    events.OwnTaskSet: wording(
        "calendar",
        lambda event: _("Somebody wants to be reminded on %(day)s.") % {"day": day(event.due_on)},
        lambda event: event.text,
    ),
    events.DebtorOwnerChanged: wording("person", _owner),
}
