"""What staff are told of an alert: a mail with everything in it, a push with next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from monitoring.feeds.scales import name_of
from monitoring.messages import AlertMail
from monitoring.queries import exposure_of_row
from monitoring.rules import Severity
from monitoring.tables import Alert
from receivables.i18n import locale_for, reading_as, translate
from receivables.ids import AlertId, DeliveryId
from receivables.ledger.queries import OpenItem
from receivables.money import Money
from receivables.parties.tables import Staff, Supplier
from receivables.ports import MailMessage, PushPayload, Urgency
from receivables.rendering import render_mail

#: After a day the mail has long been read.
PUSH_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert and the colleague who is to hear of it."""

    alert: Alert
    debtor_name: str
    staff: Staff
    supplier: Supplier

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


def alert_mail(
    told: Told, delivery_id: DeliveryId, *, overdue: tuple[Money, ...], backoffice_url: str
) -> MailMessage:
    """The mail about an alert; every attempt at one delivery bears the same Message-ID.

    It has no List-Unsubscribe yet: what a colleague wants to hear of is the supplier's to say.
    """
    alert = told.alert
    with reading_as(told.locale, told.supplier.zone):
        source = name_of(alert.source)
    rendered = render_mail(
        "alert",
        locale=told.locale,
        zone=told.supplier.zone,
        mail=AlertMail(
            staff_name=told.staff.name,
            supplier_name=told.supplier.name,
            debtor_name=told.debtor_name,
            rule=alert.kind,  # type: ignore[arg-type]  # the column's CHECK lists the same
            severity=alert.severity,  # type: ignore[arg-type]  # likewise
            source=source,
            as_of_on=alert.as_of_on,
            score_before=alert.score_before,
            score_after=alert.score_after,
            band_before=alert.band_before,
            band_after=alert.band_after,
            threshold=alert.threshold,
            exposure=exposure_of_row(alert.exposure),
            overdue=overdue,
            link=alert_url(backoffice_url, alert.id),
        ),
    )
    return MailMessage(
        message_id=f"alert-{delivery_id}@{urlsplit(backoffice_url).hostname}",
        to_address=told.staff.email,
        to_name=told.staff.name,
        from_name="Quittance",
        reply_to=None,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=told.locale.replace("_", "-"),
    )


def alert_push(told: Told, *, backoffice_url: str) -> PushPayload:
    """The push about an alert: no names and no amounts, a locked screen is read by anybody.

    A newer alert about the same debtor takes the place of one that is not delivered or not
    dismissed yet.
    """
    alert = told.alert
    about = f"debtor-{alert.debtor_id}"
    is_urgent = Severity(alert.severity).rank >= Severity.HIGH.rank
    with reading_as(told.locale, told.supplier.zone):
        return PushPayload(
            title=_title(Severity(alert.severity)),
            body=translate("The solvency of one of your debtors changed."),
            navigate=alert_url(backoffice_url, alert.id),
            tag=about,
            topic=about,
            urgency=Urgency.HIGH if is_urgent else Urgency.NORMAL,
            ttl=PUSH_LIFETIME,
            language=told.locale.replace("_", "-"),
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
