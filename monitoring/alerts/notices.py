"""What staff are told of alerts: mails with everything in them, pushes with next to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast
from urllib.parse import urlsplit

from monitoring.alerts.messages import AlertEntry, AlertMail, DigestMail
from monitoring.alerts.queries import AlertLine
from monitoring.alerts.rules import Severity
from monitoring.alerts.wording import explained, headline
from receivables.i18n import locale_for, reading_as, translate
from receivables.ids import AlertId, DeliveryId, DigestId
from receivables.ledger.queries import OpenItem
from receivables.money import Money
from receivables.parties.mailing import language_tag, mail_from_us
from receivables.parties.tables import Staff, Supplier
from receivables.ports import MailMessage, PushPayload, Urgency
from receivables.rendering import RenderedMail, render_mail

#: After a day the mail has long been read.
PUSH_LIFETIME = timedelta(hours=24)
#: A mail lists so many alerts; whoever needs more of them is better off with the page.
MOST_LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert and the colleague who is to hear of it; `purpose` is that of the delivery."""

    line: AlertLine
    staff: Staff
    supplier: Supplier
    purpose: str = "first"
    names_on_push: bool = False

    @property
    def locale(self) -> str:
        return locale_for(self.staff.language, self.supplier.country)


def alert_url(backoffice_url: str, alert_id: AlertId) -> str:
    """The alert's page in the backoffice."""
    return f"{backoffice_url}/monitoring/alerts/{alert_id}"


def overdue_of(items: list[OpenItem], today: date) -> tuple[Money, ...]:
    """What is past due, per currency."""
    sums: dict[str, Money] = {}
    for item in items:
        if item.due_on < today:
            currency = item.outstanding.currency
            sums[currency] = sums.get(currency, Money.zero(currency)) + item.outstanding
    return tuple(sums[currency] for currency in sorted(sums))


def gravest_first(lines: Sequence[AlertLine]) -> list[AlertLine]:
    """By severity, then by what is at stake, then the oldest first."""
    return sorted(
        lines, key=lambda one: (-one.severity.rank, -(one.share or 0), one.raised_at, one.alert_id)
    )


def _entries(lines: Sequence[AlertLine], backoffice_url: str) -> tuple[AlertEntry, ...]:
    return tuple(
        AlertEntry(
            debtor_name=line.debtor_name or "",
            headline=headline(line),
            severity=line.severity.value,
            exposure=line.exposure,
            link=alert_url(backoffice_url, line.alert_id),
        )
        for line in gravest_first(lines)[:MOST_LISTED]
    )


def alert_mail(
    told: Told,
    delivery_id: DeliveryId,
    *,
    overdue: tuple[Money, ...],
    members: Sequence[AlertLine] = (),
    backoffice_url: str,
) -> MailMessage:
    """The mail about an alert; every attempt at one delivery bears the same Message-ID.

    `members` are the alerts that the notice of a mass change tells of.
    """
    line = told.line
    with reading_as(told.locale, told.supplier.zone):
        mail = AlertMail(
            staff_name=told.staff.name,
            supplier_name=told.supplier.name,
            debtor_name=line.debtor_name,
            headline=headline(line),
            explained=explained(line),
            severity=line.severity.value,
            band_before=line.band_before and line.band_before.value,
            band_after=line.band_after and line.band_after.value,
            exposure=line.exposure,
            overdue=overdue,
            link=alert_url(backoffice_url, line.alert_id),
            why=cast('Literal["first", "unopened", "deputy", "admin", "again"]', told.purpose),
            members=_entries(members, backoffice_url),
            more=max(0, len(members) - MOST_LISTED),
        )
    rendered = render_mail("alert", locale=told.locale, zone=told.supplier.zone, mail=mail)
    return _to_staff(f"alert-{delivery_id}", told.staff, told.locale, rendered, backoffice_url)


def digest_mail(
    digest_id: DigestId,
    kind: Literal["daily", "weekly", "flood"],
    lines: Sequence[AlertLine],
    *,
    staff: Staff,
    supplier: Supplier,
    unsubscribe_url: str,
    backoffice_url: str,
) -> MailMessage:
    """Several alerts in one mail, which the reader's mail program can end with one click."""
    locale = locale_for(staff.language, supplier.country)
    with reading_as(locale, supplier.zone):
        mail = DigestMail(
            staff_name=staff.name,
            supplier_name=supplier.name,
            kind=kind,
            entries=_entries(lines, backoffice_url),
            more=max(0, len(lines) - MOST_LISTED),
            link=f"{backoffice_url}/monitoring",
            unsubscribe_link=unsubscribe_url,
        )
    rendered = render_mail("digest", locale=locale, zone=supplier.zone, mail=mail)
    # Source: RFC 8058, section 3.1: both headers, and the second says exactly this.
    headers = (
        ("List-Unsubscribe", f"<{unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )
    return _to_staff(f"digest-{digest_id}", staff, locale, rendered, backoffice_url, headers)


def _to_staff(
    name: str,
    staff: Staff,
    locale: str,
    rendered: RenderedMail,
    backoffice_url: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> MailMessage:
    return mail_from_us(
        rendered,
        to=(staff.email, staff.name),
        message_id=f"{name}@{urlsplit(backoffice_url).hostname}",
        locale=locale,
        headers=headers,
    )


def alert_push(told: Told, *, backoffice_url: str) -> PushPayload:
    """The push about an alert: no names and no amounts unless the person wants the name; a locked
    screen is read by anybody.

    A newer alert about the same debtor takes the place of one that is not delivered or not
    dismissed yet.
    """
    line = told.line
    about = f"debtor-{line.debtor_id}" if line.debtor_id else f"alert-{line.alert_id}"
    is_urgent = line.severity.rank >= Severity.HIGH.rank
    with reading_as(told.locale, told.supplier.zone):
        body = translate("The solvency of one of your debtors changed.")
        if line.debtor_id is None:
            body = translate("It is about the monitoring itself.")
        elif told.names_on_push:
            body = translate("%(debtor)s: %(what)s") % {
                "debtor": line.debtor_name,
                "what": headline(line),
            }
        return PushPayload(
            title=_title(line.severity),
            body=body,
            navigate=alert_url(backoffice_url, line.alert_id),
            tag=about,
            topic=about,
            urgency=Urgency.HIGH if is_urgent else Urgency.NORMAL,
            ttl=PUSH_LIFETIME,
            language=language_tag(told.locale),
        )


def _title(severity: Severity) -> str:
    match severity:
        case Severity.CRITICAL:
            return translate("1 critical alert")
        case Severity.HIGH:
            return translate("1 high alert")
        case Severity.MEDIUM:
            return translate("1 medium alert")
        case Severity.LOW:
            return translate("1 low alert")
        case Severity.INFO:
            return translate("1 notice")
