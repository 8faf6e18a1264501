"""The work of letters: setting the pages of a batch."""

from __future__ import annotations

from datetime import timedelta

from receivables.broker import Work, actor
from receivables.ids import LetterBatchId
from receivables.letters.piles import set_pile
from receivables.post.batches import keep_pages, read_batch

#: A thousand letters take a quarter of a minute of one processor.
_SETTING_TIME = timedelta(minutes=5)


@actor(max_retries=3, time_limit=_SETTING_TIME)
def set_batch(work: Work, batch_id: LetterBatchId) -> None:
    """Read, set (with no transaction open), keep. A second time changes nothing."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "a batch is one supplier's"
    now = clock.now()
    with work.reading() as session:
        found = read_batch(session, supplier_id, batch_id, written_at=now)
    if found is None:
        return
    pile = set_pile(found.sheets, title=found.title, written_at=now)
    with work.finish() as session:
        keep_pages(session, supplier_id, batch_id, pile, found.addresses, clock=clock)
