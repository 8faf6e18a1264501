"""Every subject's tables, so that Alembic and the tests see the whole schema."""

from receivables import history, jobs, schedules
from receivables.bank import matching_tables as bank_matching
from receivables.bank import tables as bank
from receivables.bounces import tables as bounces
from receivables.calls import tables as calls
from receivables.collection import tables as collection
from receivables.credit import tables as credit
from receivables.database import Base
from receivables.disputes import tables as disputes
from receivables.dunning import control_tables as dunning_control
from receivables.dunning import scenario_tables as dunning_scenarios
from receivables.dunning import tables as dunning
from receivables.handover import tables as handover
from receivables.intake import tables as intake
from receivables.interest import tables as interest
from receivables.invoices import tables as invoices
from receivables.ledger import tables as ledger
from receivables.lifecycle import tables as lifecycle
from receivables.links import tables as links
from receivables.parties import tables as parties
from receivables.payers import tables as payers
from receivables.payments import return_tables as payment_returns
from receivables.payments import tables as payments
from receivables.plans import tables as plans
from receivables.post import tables as post
from receivables.promises import tables as promises
from receivables.replies import tables as replies
from receivables.sms import tables as sms
from receivables.uploads import tables as uploads
from receivables.wording import tables as wording
from receivables.worklist import tables as worklist

metadata = Base.metadata

__all__ = [
    "bank",
    "bank_matching",
    "bounces",
    "calls",
    "collection",
    "credit",
    "disputes",
    "dunning",
    "dunning_control",
    "dunning_scenarios",
    "handover",
    "history",
    "intake",
    "interest",
    "invoices",
    "jobs",
    "ledger",
    "lifecycle",
    "links",
    "metadata",
    "parties",
    "payers",
    "payment_returns",
    "payments",
    "plans",
    "post",
    "promises",
    "replies",
    "schedules",
    "sms",
    "uploads",
    "wording",
    "worklist",
]
