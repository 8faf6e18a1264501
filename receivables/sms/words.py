"""The words of a text message, by level: the fullest that fits into one message with its link."""

from __future__ import annotations

from collections.abc import Iterator

from receivables.i18n import locale_for, money, reading_as, short_day
from receivables.i18n import translate as _
from receivables.ports import ChannelMessage
from receivables.sms.rules import first_that_fits, short_name

#: How long a name may be where there is room, and where there is little: what a telephone shows of
#: a sender that is a word. Source: 3GPP TS 23.040, section 9.1.2.5 (eleven places).
_LONG_NAME, _SHORT_NAME = 28, 11


def text_of(message: ChannelMessage, *, supplier_name: str, country: str) -> str:
    """One message in the default alphabet, ending with the link. Raises NoRoom."""
    with reading_as(locale_for(message.language, country)):
        return first_that_fits(_candidates(message, supplier_name), message.link)


def _candidates(message: ChannelMessage, supplier_name: str) -> Iterator[str]:
    """From the fullest to the barest, the supplier's own words before ours; the link is in all of
    them, and the amount in all of ours.
    """
    if message.own is not None and message.own.opening:
        yield f"{message.own.opening} {message.link}"
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
    """Every text names who writes, how much, since when, and where to answer."""
    one = len(message.lines) == 1
    if message.most_days_past_due <= 0:
        if one:
            yield _("%(supplier)s: invoice %(number)s, %(amount)s, is due on %(day)s. %(link)s")
        yield _("%(supplier)s: %(amount)s is due on %(day)s. %(link)s")
    elif message.level <= 1:
        if one:
            yield _("%(supplier)s: invoice %(number)s, %(amount)s, is open. Forgotten? %(link)s")
        yield _("%(supplier)s: %(amount)s is open since %(day)s. Forgotten? %(link)s")
        yield _("%(supplier)s: %(amount)s is open. %(link)s")
    elif message.level == 2:
        yield _("%(supplier)s: %(amount)s overdue since %(day)s. Please pay or reply: %(link)s")
        yield _("%(supplier)s: %(amount)s overdue. Please pay: %(link)s")
    else:
        yield _("%(supplier)s: last reminder, %(amount)s, due since %(day)s. Pay now: %(link)s")
        yield _("%(supplier)s: %(amount)s, last reminder. Pay now: %(link)s")
