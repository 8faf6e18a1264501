"""Identifiers have types, so that an invoice is never passed where a debtor is meant."""

from typing import NewType
from uuid import UUID

import uuid_utils.compat

SupplierId = NewType("SupplierId", UUID)
StaffId = NewType("StaffId", UUID)
DebtorId = NewType("DebtorId", UUID)
ContactId = NewType("ContactId", UUID)
ContactProposalId = NewType("ContactProposalId", UUID)
GrantId = NewType("GrantId", UUID)
InvoiceId = NewType("InvoiceId", UUID)
DocumentId = NewType("DocumentId", UUID)
EntryId = NewType("EntryId", UUID)
PaymentId = NewType("PaymentId", UUID)
ReminderId = NewType("ReminderId", UUID)
EventId = NewType("EventId", UUID)
JobId = NewType("JobId", UUID)
ReadingId = NewType("ReadingId", UUID)
AlertId = NewType("AlertId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
SubscriptionId = NewType("SubscriptionId", UUID)
WatchRuleId = NewType("WatchRuleId", UUID)
RefundId = NewType("RefundId", UUID)
ChargebackId = NewType("ChargebackId", UUID)
SavedMethodId = NewType("SavedMethodId", UUID)
PlanId = NewType("PlanId", UUID)
InstalmentId = NewType("InstalmentId", UUID)
PlanConsentId = NewType("PlanConsentId", UUID)
PlanMessageId = NewType("PlanMessageId", UUID)
DisputeId = NewType("DisputeId", UUID)
PromiseId = NewType("PromiseId", UUID)
PaidClaimId = NewType("PaidClaimId", UUID)
UploadId = NewType("UploadId", UUID)
StepUpId = NewType("StepUpId", UUID)
VisitId = NewType("VisitId", UUID)
BankStatementId = NewType("BankStatementId", UUID)
BankEntryId = NewType("BankEntryId", UUID)
BankMatchId = NewType("BankMatchId", UUID)
HandoverId = NewType("HandoverId", UUID)
CollectionFileId = NewType("CollectionFileId", UUID)
OwnTaskId = NewType("OwnTaskId", UUID)
CsvMappingId = NewType("CsvMappingId", UUID)
MessageTextId = NewType("MessageTextId", UUID)
TextMessageId = NewType("TextMessageId", UUID)
BounceId = NewType("BounceId", UUID)
SuppressionId = NewType("SuppressionId", UUID)
LetterId = NewType("LetterId", UUID)
LetterBatchId = NewType("LetterBatchId", UUID)
CallId = NewType("CallId", UUID)
CallAttemptId = NewType("CallAttemptId", UUID)
ExecutionId = NewType("ExecutionId", UUID)


def new_id() -> UUID:
    """A version 7 UUID (RFC 9562): unique, and sorted by the time it was made."""
    return uuid_utils.compat.uuid7()
