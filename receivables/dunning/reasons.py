"""Why something is sent, or is not: the one vocabulary of the run, the preview and the record."""

from __future__ import annotations

from enum import StrEnum

from receivables.ledger.holds import HoldReason


class Reason(StrEnum):
    """Why an invoice is in a message, or is left alone; why a message was not sent."""

    STEP_DUE = "step_due"
    """Its next step falls on this day."""
    CAUGHT_UP = "caught_up"
    """Its step should have been taken earlier; the highest that was missed is taken now."""
    GATHERED = "gathered"
    """Its step falls within two working days, and the debtor is written to today."""
    LISTED = "listed"
    """Overdue, and listed because the debtor is written to anyway."""
    PROMISE_BROKEN = "promise_broken"
    """What was promised did not come: its next step is taken at once."""
    COMING = "coming"
    """Not due yet, and shown for information."""

    NOT_YET = "not_yet"
    """Its next step is a later day's."""
    NO_STEP_LEFT = "no_step_left"
    HANDED_OVER = HoldReason.HANDED_OVER.value
    """A person goes on with it: it has left the scenario."""
    HANDOVER_WAITS = "handover_waits"
    """It is to be handed over for collection, and a person has not decided yet."""
    PAYMENT_ON_ITS_WAY = "payment_on_its_way"
    DISPUTED = HoldReason.DISPUTED.value
    ON_PLAN = HoldReason.ON_PLAN.value
    PLAN_PROPOSED = HoldReason.PLAN_PROPOSED.value
    SAID_TO_BE_PAID = HoldReason.SAID_TO_BE_PAID.value
    PROMISED = HoldReason.PROMISED.value
    CHARGED_BACK = HoldReason.CHARGED_BACK.value
    GRACE = HoldReason.GRACE.value
    TOLERANCE = "tolerance"
    """Too little is left to write about."""
    BELOW_MINIMUM = "below_minimum"
    """Less is asked for than the step is worth by its own rule."""

    INSOLVENT = "insolvent"
    """Insolvency proceedings are open: nothing is demanded, a claim is filed."""
    STOPPED = "stopped"
    """The supplier stopped every demand on this debtor."""
    ITEM_STOPPED = "item_stopped"
    """The supplier stopped every demand about this invoice."""
    DECEASED = "deceased"
    CEASED = "ceased"
    """The company does not exist any more."""
    CREDIT_COVERS = "credit_covers"
    """The debtor's credits and unapplied cash cover what is open."""
    NO_CONTACT = "no_contact"
    ADDRESS_DEAD = "address_dead"

    NOT_A_WORKING_DAY = "not_a_working_day"
    OUTSIDE_WINDOW = "outside_window"
    """The hours in which the debtor is written to are over for this day."""
    TOO_SOON = "too_soon"
    """The last message is less than five days old."""
    TOO_MANY = "too_many"
    """The debtor has had as many messages this week, or this month, as anybody gets."""
    HEARD_LATELY = "heard_lately"
    """The debtor wrote or spoke to us within the last three working days."""
    BANK_DATA_OLD = "bank_data_old"
    """Nobody knows what was paid in the last two working days."""
    IMPORT_RUNNING = "import_running"
    IMPORT_FAILED = "import_failed"
    SUPPLIER_ABSENT = "supplier_absent"
    """Nobody is there to answer."""
    NOT_SHOWN_YET = "not_shown_yet"
    """The step waits for an afternoon on which it can be objected to."""
    FIRST_REMINDER = "first_reminder"
    """The law wants a free first reminder before more is asked for, and its days to be over."""
    NO_COMPANY_NUMBER = "no_company_number"
    """The first reminder has to name the supplier's company number, and nobody has said it."""
    WAITS_FOR_RELEASE = "waits_for_release"
    """An earlier message to the debtor still waits for a person."""

    MANUAL = "manual"
    """A person releases this step."""
    ABOVE_AUTO_AMOUNT = "above_auto_amount"
    """So much is at stake that a person releases it."""
    AFTER_OUTAGE = "after_outage"
    """No run was made for days: a person releases what has come together."""
    UNUSUAL_BATCH = "unusual_batch"
    """More than twice as many messages as on other days: a person releases them."""

    SETTLED = "settled"
    """Paid or credited between planning and sending."""
    OVERTAKEN = "overtaken"
    """Its day passed before it could be sent; a later run decides anew."""
    SUPERSEDED = "superseded"
    """A later step was taken before a person released this one."""
    VETOED = "vetoed"
    """A person took it out of the preview."""
    DECLINED = "declined"
    """A person decided against a step that waited for them."""
    NO_ANSWER = "no_answer"
    """The mail server had it in hand and did not say whether it took it."""
    NOT_SENT = "not_sent"
    """A person says that it was not sent."""
