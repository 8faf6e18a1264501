"""Why a message about an invoice goes, or does not go, on any day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from backoffice.dunning_pages import WhyPage
from backoffice.dunning_words import reason_words
from backoffice.preview import next_day, read_day
from backoffice.scenario_words import preset_words, step_words
from receivables.dunning.explaining import Why, why
from receivables.dunning.tables import ReminderState
from receivables.i18n import money
from receivables.i18n import translate as _
from receivables.ids import InvoiceId
from receivables.invoices.queries import of_supplier


@get("/invoices/{invoice_id:uuid}/why", sync_to_thread=True)
def show_why(
    request: Request[Any, Any, Any], invoice_id: FromPath[UUID], asker: NamedDependency[Asker]
) -> Response[str]:
    on = read_day(str(request.query_params.get("on", ""))) or next_day(asker)
    with asker.reading() as session:
        invoice = of_supplier(session, asker.supplier_id, InvoiceId(invoice_id))
        told = why(session, asker.supplier_id, invoice.id, on)
        page = WhyPage(
            head=asker.head(session, "invoices"),
            notice=asker.notice(),
            invoice_id=invoice_id,
            number=invoice.number,
            on=on,
            what=_what(told),
            why=reason_words(told.reason),
            because=reason_words(told.because) if told.because else "",
            scenario=preset_words(told.scenario),
            next_on=told.next_on,
        )
    return asker.page("why.html", page)


def _what(told: Why) -> str:
    """What happened that day, or is to happen, as far as anybody knows today."""
    if not told.step:
        return _("No message is about it on this day.")
    values = {"step": step_words(told.step), "amount": money(told.amount) if told.amount else "–"}
    if told.state == ReminderState.SENT:
        return _("%(step)s over %(amount)s was sent.") % values
    if told.state == "to_call":
        return _("%(step)s over %(amount)s is a call, and waits until somebody makes it.") % values
    if told.state == "to_post":
        return _("%(step)s over %(amount)s is a letter, and waits to be posted.") % values
    if told.state:
        return _("%(step)s was planned, and was not sent so far.") % values
    if told.because:
        return _("%(step)s over %(amount)s would go, and is kept back.") % values
    return _("%(step)s over %(amount)s goes on this day, if nothing changes until then.") % values
