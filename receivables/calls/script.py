"""What to say: by level, in the debtor's language, with what the call is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from receivables.i18n import day, locale_for, money, reading_as, translate_plural
from receivables.i18n import translate as _
from receivables.money import Money
from receivables.ports import MessageLine

#: How far ahead a promise is asked for.
_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a script needs to know."""

    supplier_name: str
    staff_name: str
    debtor_name: str
    contact_name: str
    language: str
    country: str
    level: int
    lines: tuple[MessageLine, ...]
    today: date
    #: A promise about it that was not kept.
    broken_promise: Money | None = None

    @property
    def total(self) -> Money:
        return Money.total((one.amount for one in self.lines), self.lines[0].amount.currency)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the conversation: what it is for, and what to say."""

    title: str
    sentences: tuple[str, ...]


def script_of(situation: Situation) -> tuple[Part, ...]:
    """The conversation from greeting to goodbye, in the debtor's language.

    Its titles are in that language, too: who reads it aloud thinks in it.
    """
    with reading_as(locale_for(situation.language, situation.country)):
        return (
            Part(_("Greeting"), _greeting(situation)),
            Part(_("Why I call"), _reason(situation)),
            Part(_("Listen"), (_question(situation),)),
            Part(_("If they will pay"), _promise(situation)),
            Part(_("If something is wrong"), _dispute()),
            Part(_("Goodbye"), _goodbye()),
        )


def _greeting(one: Situation) -> tuple[str, ...]:
    hello = _("Good morning, this is %(staff)s of %(supplier)s.") % {
        "staff": one.staff_name,
        "supplier": one.supplier_name,
    }
    if one.contact_name:
        return hello, _("Am I speaking to %(name)s?") % {"name": one.contact_name}
    return hello, _("Whom may I speak to about an invoice?")


def _reason(one: Situation) -> tuple[str, ...]:
    values = {"amount": money(one.total), "day": day(one.lines[0].due_on)}
    if len(one.lines) == 1:
        values["number"] = one.lines[0].number
        about = _("It is about invoice %(number)s over %(amount)s, due on %(day)s.") % values
    else:
        about = translate_plural(
            "It is about %(num)s invoice, %(amount)s in all.",
            "It is about %(num)s invoices, %(amount)s in all.",
            len(one.lines),
        ) % {"num": len(one.lines), **values}
    if one.broken_promise is not None:
        missed = _("You had promised us %(amount)s, and it has not arrived.") % {
            "amount": money(one.broken_promise)
        }
        return about, missed
    return about, _weight(one.level)


def _weight(level: int) -> str:
    if level >= 4:
        return _("This is the last call before we hand the matter on.")
    if level == 3:
        return _("We have written to you several times and had no answer.")
    if level == 2:
        return _("We have reminded you of it in writing.")
    return _("Perhaps it has simply been overlooked.")


def _question(one: Situation) -> str:
    if one.level >= 3:
        return _("What keeps you from paying it? When will you?")
    return _("Is there anything that keeps you from paying it?")


def _promise(one: Situation) -> tuple[str, ...]:
    return (
        _("Can you pay it by %(day)s?") % {"day": day(one.today + _WITHIN)},
        _("I note that, and you get it in writing."),
        _("If it is too much at once, you can pay in instalments: the link in our mail says how."),
    )


def _dispute() -> tuple[str, ...]:
    return (
        _("What is wrong with it, and with how much of it?"),
        _("I pass it on. Until it is decided we do not ask for that part."),
    )


def _goodbye() -> tuple[str, ...]:
    return (
        _("Is this the right number, and are you the right person, for the next time?"),
        _("Thank you, and have a good day."),
    )
