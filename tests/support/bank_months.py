"""Months of a supplier's bank statements with the truth beside them, drawn from a seed.

What is drawn follows what treasurers and the statements of real banks show, not what the matcher
can do; the shares below are its whole description.

The supplier: invoices with running numbers over three months, a fifth of them subscriptions of a
few standard amounts, a sixth round sums, the others any. Debtors buy as in life: a few a great
deal, most once or twice. One name in eleven is borne by two debtors; debtors have one to three
accounts, one in twelve changes to a new one on the way.

How they pay: 78 % one invoice, 13 % two to five at once, 3 % a part, 2 % a little less (the
banks' charges), 1.5 % more than is owed, 1 % again what is paid, 1.5 % leave it. One in forty is
paid from somebody else's account under somebody else's name. The oldest invoices are mostly paid
first, not always.

What they write: 70 % of payments carry the right reference. Of the other 30 %: a quarter a
reference with one or two digits wrong, dropped or swapped, so that the check fails; four in ten
words with the invoice's number, of which one in six is mistyped and one in six shortened to its
digits; the rest nothing that helps ("Rechnung", "facture", a customer number, an empty field).
Payments of several carry the reference of one of them, all the numbers, or nothing.

What the bank makes of it: names in capitals, without umlauts, cut at 27 signs, in other order;
4 % without a name, 12 % without an account. An eighth of the lines are transactions of a batch.
One in a hundred comes back some days later (a returned debit), with the same end-to-end id or
with nothing but amount and account. One line in fifty is no debtor's payment: payouts of a card
processor, tax refunds, interest, a private deposit, some of the very amount of an open invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from receivables.bank.books import Claim, Payer
from receivables.bank.clues import Line
from receivables.bank.own_references import reference_of_invoice
from receivables.bank.references import ReferenceKind
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money

FIRST_DAY = date(2026, 1, 1)
_FAMILIES = (
    "Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner"
    " Baumann Frei Zimmermann Moser Widmer Wyss Graf Roth Baumgartner Sutter Bachmann Bühler"
    " Favre Rochat Dubois Blanc Bernasconi Ferrari Rossi Martin Durand Lefèvre Moreau Girard"
    " Peeters Janssens Maes Jacobs De_Smet Van_den_Berg Lambert Dupont Leroy Schäfer Krüger"
    " Böhm Vogel Jäger Köhler Hofmann Lüthi Zürcher Égloff Oberholzer Aebischer Nägeli Kälin"
).split()
_TRADES = (
    "Bau Holzbau Metallbau Elektro Sanitär Transporte Garage Gastro Treuhand Immobilien Druck"
    " Informatik Consulting Logistik Gartenbau Malerei Schreinerei Bäckerei Metzgerei Optik"
    " Menuiserie Peinture Électricité Boulangerie Fleurs Librairie Conseil Architectes Hôtel"
    " Pharmacie Nettoyage Chauffage Location Carrosserie Traiteur Fiduciaire Vins Textiles"
).split()
_TOWNS = (
    "Zürich Basel Bern Biel Genève Lausanne Sion Luzern Chur Aarau Bruxelles Gent Namur Liège"
    " Lyon Annecy Strasbourg Freiburg Konstanz Ulm"
).split()
_FORMS = ("AG", "GmbH", "SA", "Sàrl", "SRL", "& Söhne AG", "& Cie", "SAS", "BV", "")
_NOTHING = (
    "", "Rechnung", "facture", "Invoice", "Zahlung", "paiement", "betaling", "Vergütung", "merci",
    "Besten Dank", "acompte", "Rg. vom 12.03.2026", "solde", "E-BANKING", "SEPA", "Auftrag 4711",
    "Miete", "gemäss Mahnung", "diverse Rechnungen", "Lieferung KW 14",
)  # fmt: skip
_STRANGERS = (
    "STRIPE PAYMENTS EUROPE", "EIDG. STEUERVERWALTUNG", "SUVA", "VISECA PAYMENT SERVICES",
    "BANQUE CANTONALE", "AXA VERSICHERUNGEN", "BERUFSVORSORGE", "HANS MUSTER",
)  # fmt: skip
_NUMBERINGS = ("2026-{:05}", "RE{:06}", "F26/{:05}", "{:07}", "INV-26-{:05}")
_STANDARD = (4900, 9900, 12000, 14900, 29000, 49000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a line is: `parts` is what it was meant for; of one paid `again`, what is not paid yet.
    A return names the line that came back.
    """

    debtor_id: DebtorId | None
    parts: dict[InvoiceId, Money] = field(default_factory=dict)
    again: bool = False
    returned: int | None = None
    #: How it came about, to say where a matcher fails.
    story: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A line of the statement with its truth."""

    number: int
    on: date
    line: Line
    truth: Truth
    is_debit: bool = False
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Months:
    claims: Sequence[Claim]
    payers: Sequence[Payer]
    lines: Sequence[Booked]


@dataclass(slots=True)
class _Debtor:
    id: DebtorId
    number: str
    name: str
    accounts: list[str]
    open: list[Claim] = field(default_factory=list)
    paid: list[Claim] = field(default_factory=list)


def make_months(seed: int, invoices: int = 10_000, *, currency: str = "CHF") -> Months:
    """The same seed gives the same months."""
    return _Maker(Random(seed), currency).make(invoices)


class _Maker:
    def __init__(self, random: Random, currency: str) -> None:
        self.random, self.currency, self.invoices = random, currency, 0
        self.numbering = random.choice(_NUMBERINGS)
        self.kind = random.choice([ReferenceKind.QRR, ReferenceKind.SCOR])
        self.lines: list[Booked] = []

    def make(self, count: int) -> Months:
        self.invoices = count
        debtors = self._debtors(max(10, count // 5))
        weights = [1 / (rank + 3) ** 0.8 for rank in range(len(debtors))]
        owners = self.random.choices(debtors, weights, k=count)
        start = self.random.randrange(100, 4000)
        claims = [self._invoice(place, count, start, owner) for place, owner in enumerate(owners)]
        for day in range(30, 150):
            self._live(FIRST_DAY + timedelta(days=day), debtors)
        lines = sorted(self.lines, key=lambda one: (one.on, one.number))
        payers = [Payer(debtor_id=one.id, name=one.name, number=one.number) for one in debtors]
        return Months(claims, payers, lines)

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _debtors(self, count: int) -> list[_Debtor]:
        debtors: list[_Debtor] = []
        for place in range(count):
            name = self._name()
            if debtors and self.random.random() < 1 / 11:
                name = self.random.choice(debtors).name
            accounts = [self._account() for _ in range(self.random.choice([1, 1, 1, 2, 3]))]
            debtors.append(_Debtor(DebtorId(self._id()), f"{10000 + place}", name, accounts))
        return debtors

    def _name(self) -> str:
        draw = self.random.choice
        family, form = draw(_FAMILIES).replace("_", " "), draw(_FORMS)
        shape = self.random.random()
        if shape < 0.15:
            return f"{draw(('Anna', 'Luca', 'Marie', 'Jan', 'Sophie', 'Peter'))} {family}"
        if shape < 0.55:
            return f"{family} {draw(_TRADES)} {form}".strip()
        if shape < 0.75:
            return f"{draw(_TRADES)} {family} {draw(_TOWNS)} {form}".strip()
        return f"{draw(_TRADES)} {draw(_TOWNS)} {form}".strip()

    def _account(self) -> str:
        return f"CH{self.random.randrange(10, 98)}{self.random.randrange(10**16, 10**17)}"

    def _invoice(self, place: int, count: int, start: int, owner: _Debtor) -> Claim:
        invoice_id = InvoiceId(self._id())
        claim = Claim(
            invoice_id=invoice_id, debtor_id=owner.id,
            number=self.numbering.format(start + place),
            due_on=FIRST_DAY + timedelta(days=20 + place * 90 // count + self.random.randrange(11)),
            outstanding=Money(self._amount(), self.currency),
            references=frozenset({reference_of_invoice(self.kind, invoice_id)}),
        )  # fmt: skip
        owner.open.append(claim)
        return claim

    def _amount(self) -> int:
        shape = self.random.random()
        if shape < 0.2:
            return self.random.choice(_STANDARD)
        exact = int(self.random.lognormvariate(10.6, 1.2)) + 500
        return max(500, round(exact, -3)) if shape < 0.37 else exact

    # A day

    def _live(self, today: date, debtors: Sequence[_Debtor]) -> None:
        for debtor in debtors:
            due = [one for one in debtor.open if one.due_on <= today + timedelta(days=4)]
            while due and self.random.random() < 0.3:
                paid = self._pay(debtor, due, today)
                due = [one for one in due if one not in paid]
            if debtor.paid and self.random.random() < 0.0004:
                self._again(debtor, today)
            if self.random.random() < 0.0008:
                debtor.accounts = [self._account()]
        for _ in range(self.invoices // 10):
            if self.random.random() < 10 / 120 / 50:
                self._stranger(today, debtors)

    def _pay(self, debtor: _Debtor, due: list[Claim], today: date) -> list[Claim]:
        shape = self.random.random()
        if shape < 0.015:
            debtor.open.remove(due[0])
            return due[:1]
        several = shape < 0.15 and len(due) > 1
        if several:
            chosen = due[: self.random.choice([2, 2, 2, 3, 3, 4, 5])]
            if self.random.random() < 0.2:
                chosen = self.random.sample(due, min(len(due), len(chosen)))
        else:
            first = 0 if self.random.random() < 0.8 else self.random.randrange(len(due))
            chosen = [due[first]]
        parts = {one.invoice_id: one.outstanding for one in chosen}
        amount = Money.total(parts.values(), self.currency)
        story = "several" if several else "one"
        if not several:
            amount, parts, story = self._bent(chosen[0], amount)
        for one in chosen:
            debtor.open.remove(one)
            left = one.outstanding - parts[one.invoice_id]
            if story == "part":
                debtor.open.append(
                    replace(one, outstanding=left, due_on=today + timedelta(days=25))
                )
            else:
                debtor.paid.append(one)
        self._write(debtor, chosen, amount, parts, story, today)
        return chosen

    def _bent(self, claim: Claim, amount: Money) -> tuple[Money, dict[InvoiceId, Money], str]:
        """Not quite what is owed."""
        shape, whole = self.random.random(), amount.minor
        if shape < 0.035 and whole > 4000:
            part = Money(
                round(whole * self.random.choice([50, 50, 33, 60]) // 100, -2), self.currency
            )
            return part, {claim.invoice_id: part}, "part"
        if shape < 0.058 and whole > 20000:
            kept = Money(
                whole - self.random.choice([50, 100, 150, 200, 200, 500, 1500]), self.currency
            )
            return kept, {claim.invoice_id: kept}, "short"
        if shape < 0.075:
            more = Money(whole + self.random.choice([1, 30, 100, 900, 1000, 5000]), self.currency)
            return more, {claim.invoice_id: amount}, "over"
        return amount, {claim.invoice_id: amount}, "one"

    def _again(self, debtor: _Debtor, today: date) -> None:
        claim = self.random.choice(debtor.paid)
        parts = {claim.invoice_id: claim.outstanding}
        self._write(debtor, [claim], claim.outstanding, parts, "again", today)

    # What is written

    def _write(
        self, debtor: _Debtor, chosen: Sequence[Claim], amount: Money,
        parts: dict[InvoiceId, Money], story: str, today: date,
    ) -> None:  # fmt: skip
        structured, text, how = self._words(debtor, chosen)
        account, name = self.random.choice(debtor.accounts), debtor.name
        if self.random.random() < 1 / 40:
            account, name = self._account(), self._name()
            how += ", by somebody else"
        end_to_end = self.random.choice(
            ["", "NOTPROVIDED", "NOTPROVIDED", f"{self.random.getrandbits(60):X}"]
        )
        if self.random.random() < 0.04:
            end_to_end = chosen[0].number
        line = Line(
            amount=amount, structured=structured, text=text, end_to_end=end_to_end,
            name="" if self.random.random() < 0.04 else self._as_a_bank_writes(name),
            account="" if self.random.random() < 0.12 else account,
        )  # fmt: skip
        again = story == "again"
        truth = Truth(debtor_id=debtor.id, parts=parts, again=again, story=f"{story}, {how}")
        booked = Booked(
            number=len(self.lines), on=today, line=line, truth=truth,
            batch=today.toordinal() if self.random.random() < 0.125 else 0,
        )  # fmt: skip
        self.lines.append(booked)
        if story == "one" and self.random.random() < 0.01:
            self._returned(debtor, chosen[0], booked)

    def _returned(self, debtor: _Debtor, claim: Claim, paid: Booked) -> None:
        on = paid.on + timedelta(days=self.random.randrange(2, 9))
        debtor.paid.remove(claim)
        debtor.open.append(replace(claim, due_on=on + timedelta(days=10)))
        told = self.random.random() < 0.6
        line = replace(
            paid.line,
            text="Rückgabe mangels Deckung",
            structured=paid.line.structured if told else "",
            end_to_end=paid.line.end_to_end if told else "",
        )
        truth = Truth(debtor_id=debtor.id, returned=paid.number, story="return")
        self.lines.append(
            Booked(number=len(self.lines), on=on, line=line, truth=truth, is_debit=True)
        )

    def _words(self, debtor: _Debtor, chosen: Sequence[Claim]) -> tuple[str, str, str]:
        """Structured reference, words, and what they are."""
        (right,) = self.random.choice(chosen).references
        shape = self.random.random()
        numbers = [one.number for one in chosen]
        if len(chosen) > 1:
            if shape < 0.25:
                return right.value, "", "reference of one"
            if shape < 0.7:
                return (
                    "",
                    self.random.choice(["", "Rg. ", "Factures "]) + ", ".join(numbers),
                    "numbers",
                )
            return "", self.random.choice(_NOTHING), "nothing"
        if shape < 0.7:
            return right.value, self.random.choice(["", "", numbers[0]]), "reference"
        if shape < 0.775:
            return (
                self._mistyped(right.value, slips=self.random.choice([1, 1, 1, 2])),
                "",
                "mistyped",
            )
        if shape < 0.895:
            return self._numbered(numbers[0])
        noise = self.random.choice([*_NOTHING, f"Kd. {debtor.number}", debtor.number])
        return "", noise, "nothing"

    def _numbered(self, number: str) -> tuple[str, str, str]:
        how, shape = "number", self.random.random()
        if shape < 1 / 6:
            number, how = self._mistyped(number), "number mistyped"
        elif shape < 2 / 6:
            number = "".join(sign for sign in number if sign.isdigit()).lstrip("0")
            how = "number's digits"
        elif shape < 3 / 6:
            number = number.replace("-", " ").replace("/", " ").lower()
        words = self.random.choice(
            ["{}", "Rechnung {}", "facture no {}", "Rg.{} vom 3.2.2026", "inv. {}"]
        )
        return "", words.format(number), how

    def _mistyped(self, text: str, slips: int = 1) -> str:
        for _ in range(slips):
            places = [place for place, sign in enumerate(text) if sign.isdigit()]
            place = self.random.choice(places)
            shape = self.random.random()
            if shape < 0.5:
                other = self.random.choice([one for one in "0123456789" if one != text[place]])
                text = text[:place] + other + text[place + 1 :]
            elif shape < 0.75 and place + 1 < len(text):
                text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            elif shape < 0.9:
                text = text[:place] + text[place + 1 :]
            else:
                text = text[:place] + text[place] + text[place:]
        return text

    def _as_a_bank_writes(self, name: str) -> str:
        shape = self.random.random()
        if shape < 0.3:
            return name
        if shape < 0.6:
            for sign, plain in zip("äöüéèàôÉ", "a o u e e a o E".split(), strict=True):
                name = name.replace(sign, plain)
            return name.upper()[:27]
        if shape < 0.75:
            for sign, plain in zip("äöü", ("ae", "oe", "ue"), strict=True):
                name = name.replace(sign, plain)
            return f"{name.upper()}, {self.random.choice(_TOWNS).upper()}"
        if shape < 0.9:
            return " ".join(word for word in name.split() if word not in " ".join(_FORMS))
        return " ".join(reversed(name.split()))

    def _stranger(self, today: date, debtors: Sequence[_Debtor]) -> None:
        minor = self._amount()
        rich = self.random.choice(debtors)
        if rich.open and self.random.random() < 0.25:
            minor = rich.open[0].outstanding.minor
        text = self.random.choice(
            [*_NOTHING, "PAYOUT 8812", "Rückerstattung", "Zins 2026", "RE 88120"]
        )
        line = Line(
            amount=Money(minor, self.currency), text=text,
            name=self.random.choice(_STRANGERS), account=self._account(),
        )  # fmt: skip
        truth = Truth(debtor_id=None, story="stranger")
        self.lines.append(Booked(number=len(self.lines), on=today, line=line, truth=truth))
