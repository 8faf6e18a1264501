"""A call to make, a letter in a batch and an address that does not work, for an office's pages."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from uuid import UUID

from pypdf import PdfWriter

from receivables.bounces.actions import suppress
from receivables.bounces.tables import Because
from receivables.calls import actions as calls
from receivables.database import Scope
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.letters.piles import Pile
from receivables.parties import queries as parties
from receivables.ports import Channel
from receivables.post import actions as letters
from receivables.post.batches import keep_pages, make_batch
from tests.support.channels import MOBILE, message_to
from tests.support.world import World


@cache
def _blank_page() -> bytes:
    """A page nobody had to set: that takes longer than everything else here."""
    writer, written = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(written)
    return written.getvalue()


def reach(
    world: World, supplier_id: SupplierId, debtor_id: DebtorId, invoice_id: InvoiceId
) -> dict[str, UUID]:
    """What the pages of channels are about; the ids by what their addresses call them."""
    call = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.CALL)
    letter = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.LETTER)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        call_id = calls.hand_over(session, call, clock=world.clock)
        letter_id = letters.hand_over(session, letter, clock=world.clock)
        batch_id = make_batch(
            session,
            supplier_id,
            registered=False,
            holds=holds_of(session, supplier_id),
            claim_of=lambda one, on: claim_of(session, supplier_id, one, on),
            clock=world.clock,
        )
        assert call_id and letter_id and batch_id, "there is one of each"
        pile = Pile(_blank_page(), ((1, 1),))
        keep_pages(session, supplier_id, batch_id, pile, ["Rue 1"], clock=world.clock)
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        contact.phone = MOBILE
        session.flush()
        suppress(
            session, supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact.id,
            channel=Channel.SMS, address=MOBILE, because=Because.DEAD_NUMBER, clock=world.clock,
        )  # fmt: skip
    return {"call": call_id, "letter": letter_id, "batch": batch_id, "contact": contact.id}
