"""What sources make happen by themselves: they are asked by the clock, and listened for."""

from __future__ import annotations

from datetime import timedelta

from monitoring.feeds.companies_house import CompaniesHouseClient
from monitoring.feeds.creditsafe import CreditsafeClient
from monitoring.sources.freshness import connected
from monitoring.sources.listening import listen
from monitoring.sources.own_books import note_payer_class
from monitoring.sources.polling import look, poll
from receivables.broker import Actor, Work, actor, reaction, scheduled
from receivables.credit.events import PayerClassChanged
from receivables.ids import SupplierId
from receivables.parties.queries import suppliers

#: Of the 600 requests in five minutes that Companies House allows: two for each company, and
#: some are left for people who look by hand.
_COMPANIES_IN_FIVE_MINUTES = 250
_TIME_LIMIT = timedelta(minutes=5)


def _supplier(work: Work) -> SupplierId:
    assert work.claimed.supplier_id is not None, "sources are asked for a supplier"
    return work.claimed.supplier_id


def _for_each_supplier(work: Work, each: Actor) -> None:
    """One job for every supplier; the one before need not be over."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in suppliers(session):
            each.enqueue(
                session,
                now=now,
                supplier_id=supplier.id,
                dedup=f"{each.name}:{supplier.id}:{now:%Y-%m-%dT%H:%M}",
            )


@scheduled("*/15 * * * *", queue_name="monitoring")
def poll_creditsafe(work: Work) -> None:
    """Ask Creditsafe for every supplier, where the installation has an account there."""
    if work.runtime.settings.creditsafe.url is not None:
        _for_each_supplier(work, poll_creditsafe_for)


@actor(queue_name="monitoring", max_retries=2, time_limit=_TIME_LIMIT)
def poll_creditsafe_for(work: Work) -> None:
    """Ask Creditsafe for one supplier; what was understood stays, whatever interrupts us."""
    account = work.runtime.settings.creditsafe
    if account.url is None:
        return
    client = CreditsafeClient(
        account.url,
        username=account.username or "",
        password=account.password or "",
        clock=work.runtime.clock,
    )
    try:
        poll(work.runtime, _supplier(work), client)
    finally:
        client.close()


@scheduled("*/5 * * * *", queue_name="monitoring")
def ask_companies_house(work: Work) -> None:
    """Ask Companies House about British debtors, where the installation has a key."""
    if work.runtime.settings.companies_house.url is not None:
        _for_each_supplier(work, ask_companies_house_for)


@actor(queue_name="monitoring", max_retries=2, time_limit=_TIME_LIMIT)
def ask_companies_house_for(work: Work) -> None:
    """One supplier's debtors, as many as its share of what the register allows."""
    account = work.runtime.settings.companies_house
    if account.url is None:
        return
    with work.reading() as session:
        share = max(1, _COMPANIES_IN_FIVE_MINUTES // max(1, len(suppliers(session))))
    client = CompaniesHouseClient(account.url, key=account.password or "", clock=work.runtime.clock)
    try:
        look(work.runtime, _supplier(work), client, most=share)
    finally:
        client.close()


@scheduled("7 * * * *", queue_name="monitoring")
def listen_to_sources(work: Work) -> None:
    """Every hour: is every source of every supplier alive?"""
    _for_each_supplier(work, listen_for)


@actor(queue_name="monitoring")
def listen_for(work: Work) -> None:
    """Whether the sources of one supplier are alive."""
    with work.finish() as session:
        listen(
            session,
            supplier_id=_supplier(work),
            asked=connected(work.runtime.settings),
            clock=work.runtime.clock,
        )


@reaction(PayerClassChanged, queue_name="monitoring")
def take_payer_class(work: Work, changed: PayerClassChanged) -> None:
    """How a debtor pays us is a reading of our own books."""
    assert changed.debtor_id is not None, "a payer class is a debtor's"
    with work.finish() as session:
        note_payer_class(
            session,
            supplier_id=changed.supplier_id,
            debtor_id=changed.debtor_id,
            before=changed.before,
            after=changed.after,
            clock=work.runtime.clock,
        )
