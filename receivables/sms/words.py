"""The words of a text message, by level: the fullest that fits into one message with its link."""

from __future__ import annotations

from collections.abc import Iterator

from receivables.i18n import locale_for, money, reading_as, short_day
from receivables.i18n import translate as _
from receivables.ports import Channel, ChannelMessage
from receivables.segments import in_gsm7, short_name
from receivables.sms.rules import first_that_fits
from receivables.wording.rules import filled_for

#: How long a name may be where there is room, and where there is little: what a telephone shows of
#: a sender that is a word. Source: 3GPP TS 23.040, section 9.1.2.5 (eleven places).
_LONG_NAME, _SHORT_NAME = 28, 11


def text_of(
    message: ChannelMessage,
    *,
    supplier_name: str,
    country: str,
    debtor_name: str = "",
    contact_name: str = "",
) -> str:
    """One message in the default alphabet, ending with the link. Raises NoRoom."""
    with reading_as(locale_for(message.language, country)):
        own = message.own
        if own is not None and own.opening:
            said = filled_for(
                own, message.lines, Channel.SMS,
                supplier=supplier_name, debtor=debtor_name, contact=contact_name,
            ).opening  # fmt: skip
            before_ours = (f"{said} {message.link}", *_candidates(message, supplier_name))
            return first_that_fits(before_ours, message.link)
        return first_that_fits(_candidates(message, supplier_name), message.link)


def our_text(level: int, *, is_due: bool) -> str:
    """What our text message of a level says at its shortest, with variables where the figures
    stand and without the link at its end, in the current reader's words. `is_due`: past the due
    date.
    """
    *_longer, pattern = _patterns_for(level, is_due=is_due, is_one=False)
    said = pattern % {
        "supplier": "{supplier}", "amount": "{total}", "day": "{oldest_due}",
        "number": "{numbers}", "link": "",
    }  # fmt: skip
    return " ".join(in_gsm7(said).split())


def _candidates(message: ChannelMessage, supplier_name: str) -> Iterator[str]:
    """Our words from the fullest to the barest; the amount and the link are in all of them."""
    longest = _LONG_NAME
    oldest = min(message.lines, key=lambda line: line.due_on)
    values = {
        "amount": money(message.total),
        "day": short_day(oldest.due_on),
        "number": oldest.number,
        "link": message.link,
    }
    for pattern in _patterns(message):
        for most in (longest, _SHORT_NAME):
            yield pattern % {**values, "supplier": short_name(supplier_name, most)}
    yield f"{short_name(supplier_name, _SHORT_NAME)}: {values['amount']} {message.link}"
    yield f"{values['amount']} {message.link}"


def _patterns(message: ChannelMessage) -> Iterator[str]:
    is_due = message.most_days_past_due > 0
    return _patterns_for(message.level, is_due=is_due, is_one=len(message.lines) == 1)


def _patterns_for(level: int, *, is_due: bool, is_one: bool) -> Iterator[str]:
    """Every text names who writes, how much, since when, and where to answer."""
    if not is_due:
        if is_one:
            yield _("%(supplier)s: invoice %(number)s, %(amount)s, is due on %(day)s. %(link)s")
        yield _("%(supplier)s: %(amount)s is due on %(day)s. %(link)s")
    elif level <= 1:
        if is_one:
            yield _("%(supplier)s: invoice %(number)s, %(amount)s, is open. Forgotten? %(link)s")
        yield _("%(supplier)s: %(amount)s is open since %(day)s. Forgotten? %(link)s")
        yield _("%(supplier)s: %(amount)s is open. %(link)s")
    elif level == 2:
        yield _("%(supplier)s: %(amount)s overdue since %(day)s. Please pay or reply: %(link)s")
        yield _("%(supplier)s: %(amount)s overdue. Please pay: %(link)s")
    else:
        yield _("%(supplier)s: last reminder, %(amount)s, due since %(day)s. Pay now: %(link)s")
        yield _("%(supplier)s: %(amount)s, last reminder. Pay now: %(link)s")
