"""The demo's story: three suppliers, their customers, a year of invoices, payments and scores.

`tell(today)` gives it as plain values, the same for the same day and seed; every date is relative
to `today`. Everybody in it is invented. To live it, in this order for each supplier: import
`invoices_csv`, book `transfers`, import `credits_csv`, write down `reminders` (what was sent until
and on `today`), record the debtors' `readings`, and give the bureau its companies.
"""

from sandbox.story.samples import SampleFile
from sandbox.story.telling import tell
from sandbox.story.values import (
    HeroKind,
    Story,
    StoryDebtor,
    StoryInvoice,
    StoryReading,
    StoryReminder,
    StoryStaff,
    StoryStep,
    StorySupplier,
    StoryTransfer,
)

__all__ = [
    "HeroKind",
    "SampleFile",
    "Story",
    "StoryDebtor",
    "StoryInvoice",
    "StoryReading",
    "StoryReminder",
    "StoryStaff",
    "StoryStep",
    "StorySupplier",
    "StoryTransfer",
    "tell",
]
