"""Tells the story: customers, a year of bills, payments, credits, messages and scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sandbox.story.billing import Bill, Billing
from sandbox.story.brewing import DELMOTTE
from sandbox.story.calendar import on_or_before
from sandbox.story.csv_files import invoice_list
from sandbox.story.dunned import messages
from sandbox.story.joinery import ROCHAT
from sandbox.story.packaging import CARTONNERIE
from sandbox.story.register_numbers import (
    belgian_kbo,
    french_siren,
    payment_reference,
    swiss_uid,
    vat_number,
)
from sandbox.story.scores import readings
from sandbox.story.sketches import SupplierSketch
from sandbox.story.values import (
    Story,
    StoryDebtor,
    StoryInvoice,
    StorySupplier,
    StoryTransfer,
)

_REGISTERS = {"CH": ("UID", swiss_uid), "BE": ("KBO", belgian_kbo), "FR": ("SIREN", french_siren)}

#: Where the serials of company numbers begin: beyond what any of the registers has given out.
_FIRST_SERIAL = {"CH": 92_300_117, "BE": 9_236_041, "FR": 99_210_356}
_SERIAL_STRIDE = 731

#: What the year's first invoice is numbered, the one before the story having had customers too.
_FIRST_NUMBER = 121

_CREDITS = 3


def tell(today: date, seed: int = 7) -> Story:
    """The story as it stands at the end of the morning of `today`; the same for the same seed."""
    suppliers = tuple(
        _supplier(sketch, place, today, Random(f"{seed}/{sketch.name}"))  # noqa: S311  (a story, no secret)
        for place, sketch in enumerate((ROCHAT, DELMOTTE, CARTONNERIE))
    )
    return Story(today=today, suppliers=suppliers)


def _company_number(country: str, place: int) -> tuple[str, str]:
    """Scheme and number of the `place`th company of a country."""
    scheme, make = _REGISTERS[country]
    return scheme, make(_FIRST_SERIAL[country] + place * _SERIAL_STRIDE)


@dataclass(frozen=True, slots=True)
class _Books:
    """Bills with their numbers, and what was put against each."""

    invoices: tuple[StoryInvoice, ...]
    transfers: tuple[StoryTransfer, ...]
    credits: tuple[StoryInvoice, ...]
    payments: dict[str, list[tuple[date, int]]]

    @property
    def outstanding(self) -> dict[str, int]:
        left = {
            invoice.number: invoice.amount_minor
            - sum(amount for _, amount in self.payments[invoice.number])
            for invoice in self.invoices
        }
        return {number: amount for number, amount in left.items() if amount}


def _supplier(sketch: SupplierSketch, place: int, today: date, random: Random) -> StorySupplier:
    debtors = _debtors(sketch, place, today, random)
    books = _books(sketch, place, debtors, today, random)
    _, registration_number = _company_number(sketch.country, 900 + place)
    by_number = {debtor.number: debtor for debtor in debtors}
    reminders = messages(
        books.invoices,
        books.payments,
        first=today - timedelta(days=400),
        last=today,
        open_numbers=books.outstanding.keys(),
    )
    contact_name, contact_email, contact_phone = sketch.contact
    return StorySupplier(
        name=sketch.name,
        country=sketch.country,
        zone=sketch.zone,
        language=sketch.language,
        currency=sketch.currency,
        street=sketch.street,
        postcode=sketch.postcode,
        city=sketch.city,
        iban=sketch.account,
        registration_number=registration_number,
        vat_number=vat_number(sketch.country, registration_number),
        contact_name=contact_name,
        contact_email=contact_email,
        contact_phone=contact_phone,
        accent=sketch.accent,
        least_payment_minor=sketch.least_payment_minor,
        staff=sketch.staff,
        debtors=tuple(debtors),
        heroes={
            customer.hero: debtor.number
            for customer, debtor in zip(sketch.customers, debtors, strict=True)
            if customer.hero is not None
        },
        invoices=books.invoices,
        credits=books.credits,
        transfers=books.transfers,
        reminders=tuple(reminders),
        invoices_csv=invoice_list(books.invoices, by_number, sketch.country),
        credits_csv=invoice_list(books.credits, by_number, sketch.country),
        outstanding=books.outstanding,
    )


def _debtors(
    sketch: SupplierSketch, supplier_place: int, today: date, random: Random
) -> list[StoryDebtor]:
    debtors = []
    for place, customer in enumerate(sketch.customers):
        country = customer.country or sketch.country
        scheme, number = _company_number(country, 100 * supplier_place + place)
        currency = (customer.currencies or (sketch.currency,))[0]
        debtors.append(
            StoryDebtor(
                number=f"{sketch.debtor_prefix}{10_014 + 37 * place}",
                name=customer.name,
                country=country,
                language=customer.language,
                street=customer.street,
                postcode=customer.postcode,
                city=customer.city,
                email=f"{customer.mailbox}@{customer.domain}",
                contact_name=customer.contact,
                registration_scheme=scheme,
                registration_number=number,
                vat_number=vat_number(country, number) if customer.has_vat else None,
                bureau_id=f"HS-{supplier_place + 1}{4_207 + 113 * place:05d}",
                readings=readings(customer, currency, today, random),
                kind=customer.kind,
            )
        )
    return debtors


def _books(
    sketch: SupplierSketch,
    supplier_place: int,
    debtors: Sequence[StoryDebtor],
    today: date,
    random: Random,
) -> _Books:
    bills = Billing(sketch, today, random).bills()
    serials: Counter[int] = Counter({bills[0].issued_on.year: _FIRST_NUMBER})
    invoices, transfers, payments = [], [], {}
    for place, bill in enumerate(bills):
        serials[bill.issued_on.year] += 1
        number = f"{bill.issued_on.year}-{serials[bill.issued_on.year]:04d}"
        invoice = StoryInvoice(
            number=f"{sketch.prefix}-{number}" if sketch.prefix else number,
            debtor_number=debtors[bill.place].number,
            issued_on=bill.issued_on,
            due_on=bill.due_on,
            currency=bill.currency,
            amount_minor=bill.amount_minor,
            payment_reference=payment_reference(
                sketch.country, 4_100_000 + 100_000 * supplier_place + place
            ),
            note=bill.note,
        )
        invoices.append(invoice)
        transfers += _transfers(invoice, bill)
        payments[invoice.number] = list(bill.payments)
    credits = _credits(sketch, debtors, invoices, payments, today, random)
    transfers.sort(key=lambda transfer: (transfer.booked_on, transfer.invoice_number))
    return _Books(tuple(invoices), tuple(transfers), tuple(credits), payments)


def _transfers(invoice: StoryInvoice, bill: Bill) -> list[StoryTransfer]:
    return [
        StoryTransfer(
            reference=f"BK{booked_on:%y%m%d}-{invoice.number}-{part}",
            debtor_number=invoice.debtor_number,
            invoice_number=invoice.number,
            booked_on=booked_on,
            currency=invoice.currency,
            amount_minor=amount,
        )
        for part, (booked_on, amount) in enumerate(bill.payments, 1)
    ]


def _credits(
    sketch: SupplierSketch,
    debtors: Sequence[StoryDebtor],
    invoices: Sequence[StoryInvoice],
    payments: dict[str, list[tuple[date, int]]],
    today: date,
    random: Random,
) -> list[StoryInvoice]:
    """Credit notes of the last fortnight: some lower an open invoice, one waits for the next.

    Like the product, each is put against the debtor's oldest open invoice, and written down so
    in `payments`.
    """
    ordinary = [
        debtor
        for debtor, customer in zip(debtors, sketch.customers, strict=True)
        if customer.hero is None and len(customer.currencies) < 2
    ]
    oldest = {
        invoice.debtor_number: invoice
        for invoice in sorted(invoices, key=lambda one: (one.due_on, one.number), reverse=True)
        if invoice.amount_minor > sum(amount for _, amount in payments[invoice.number])
    }
    owing = [debtor.number for debtor in ordinary if debtor.number in oldest]
    clear = [debtor.number for debtor in ordinary if debtor.number not in oldest]
    issued_on = on_or_before(today - timedelta(days=8))
    credits = []
    for place, number in enumerate([*random.sample(owing, _CREDITS), *clear[:1]], 1):
        corrected = oldest.get(number)
        amount = corrected.amount_minor * random.randint(6, 18) // 500 * 5 if corrected else 18_000
        if corrected is not None:
            payments[corrected.number].append((issued_on, amount))
        credits.append(
            StoryInvoice(
                number=f"{sketch.prefix or 'R'}-NC-{issued_on.year}-{40 + place:04d}",
                debtor_number=number,
                issued_on=issued_on,
                due_on=issued_on,
                currency=corrected.currency if corrected else sketch.currency,
                amount_minor=amount,
                payment_reference="",
                note="Retour de marchandise" if corrected else "Remise de fin d'année",
                is_credit=True,
            )
        )
    return credits
