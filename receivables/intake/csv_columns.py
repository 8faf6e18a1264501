"""The columns of an invoice list, and what they are called in five languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning` is for people; `also_called` are other headers that mean the same."""

    name: str
    meaning: str
    also_called: str
    required: bool = False

    @property
    def also(self) -> tuple[str, ...]:
        return tuple(self.also_called.split(", "))


COLUMNS: Final = (
    Column(
        "number",
        "The invoice's number, once in the file",
        "invoice number, invoice no, invoice, invoice id, document number, rechnungsnummer, "
        "rechnungsnr, rechnung nr, rechnung, belegnummer, belegnr, nummer, numéro, numéro "
        "de facture, n° facture, no facture, facture, factuurnummer, "
        "numero fattura, n. fattura, n° fattura, fattura, numero documento",
        required=True,
    ),
    Column(
        "issued_on",
        "The day of issue: 2026-01-31, 31.01.2026 or 31/01/2026 (day first)",
        "invoice date, issue date, date, date of issue, document date, rechnungsdatum, "
        "belegdatum, ausstellungsdatum, datum, date de facture, date facture, date "
        "d'émission, date émission, factuurdatum, "
        "data fattura, data emissione, data di emissione, data documento",
        required=True,
    ),
    Column(
        "due_on",
        "The day to pay by; empty means by the text in note, else by the supplier's usual terms",
        "due date, due, payment due, fälligkeit, fälligkeitsdatum, fällig am, fällig, "
        "zahlbar bis, échéance, date d'échéance, date échéance, vervaldatum, vervaldag, "
        "scadenza, data scadenza, data di scadenza, pagabile entro",
    ),
    Column(
        "currency",
        "ISO 4217, such as EUR",
        "currency code, währung, devise, monnaie, valuta, munt, "
        "divisa, codice valuta, code devise, währungscode",
        required=True,
    ),
    Column(
        "amount",
        "What is to be paid, with VAT: 1234.50, 1'234.50, 1 234,50 or 1.234,50",
        "amount due, total, gross, gross amount, total amount, betrag, bruttobetrag, "
        "brutto, rechnungsbetrag, gesamtbetrag, offener betrag, montant, montant ttc, total "
        "ttc, montant dû, bedrag, totaal, "
        "importo, importo totale, totale fattura, importo lordo, importo dovuto",
        required=True,
    ),
    Column(
        "debtor_name",
        "Who owes it",
        "debtor, customer, customer name, client name, buyer, buyer name, company, company "
        "name, name, kunde, kundenname, debitor, schuldner, firma, käufer, client, nom du "
        "client, nom client, nom, raison sociale, débiteur, société, klant, klantnaam, naam, "
        "cliente, nome cliente, ragione sociale, debitore, azienda",
        required=True,
    ),
    Column(
        "debtor_number",
        "The supplier's own number of the debtor",
        "customer number, customer no, customer id, client number, account number, "
        "kundennummer, kundennr, kunden nr, debitorennummer, debitor nr, numéro client, n° "
        "client, code client, klantnummer, "
        "codice cliente, numero cliente, n. cliente",
    ),
    Column(
        "email",
        "Where reminders go",
        "e-mail, mail, email address, e-mail-adresse, mailadresse, courriel, adresse e-mail, "
        "indirizzo e-mail, posta elettronica",
    ),
    Column(
        "language",
        "The debtor's language: de, fr, en ...",
        "lang, sprache, langue, taal, lingua",
    ),
    Column(
        "country",
        "ISO 3166, such as FR",
        "country code, land, ländercode, pays, code pays, paese, codice paese",
    ),
    Column(
        "street",
        "Street and house number",
        "address, strasse, straße, adresse, rue, straat, adres, via, indirizzo",
    ),
    Column(
        "postcode",
        "Postal code",
        "zip, zip code, postal code, plz, postleitzahl, code postal, cp, npa, cap, codice postale",
    ),
    Column(
        "city",
        "Town",
        "town, ort, stadt, ville, localité, stad, plaats, città, località, comune",
    ),
    Column(
        "vat_number",
        "VAT number with its country's letters",
        "vat, vat id, vat no, ust-idnr, ust-id, ustid, umsatzsteuer-id, mwst-nummer, mwst- "
        "nr, numéro de tva, n° tva, tva, tva intracommunautaire, btw-nummer, "
        "partita iva, p. iva, numero iva",
    ),
    Column(
        "registration_number",
        "Number in the company register: SIREN, SIRET, KBO/BCE or UID",
        "company number, registration no, siren, siret, uid, kbo, bce, handelsregister, "
        "registernummer, handelsregisternummer, numéro d'entreprise, ondernemingsnummer, "
        "numero d'impresa, codice fiscale, idi",
    ),
    Column(
        "type",
        "invoice or credit; empty means invoice. A credit's amount is what is credited",
        "document type, typ, art, belegart, type de document, soort, "
        "tipo, tipo documento, tipo di documento",
    ),
    Column(
        "payment_reference",
        "What the debtor is to state when paying",
        "reference, referenz, zahlungsreferenz, referenznummer, qr-referenz, "
        "verwendungszweck, référence, référence de paiement, communication, communication "
        "structurée, betalingskenmerk, mededeling, "
        "riferimento, riferimento di pagamento, causale",
    ),
    Column(
        "note",
        "Terms of payment in words",
        "terms, payment terms, bemerkung, zahlungsbedingungen, remarque, conditions, opmerking, "
        "osservazioni, condizioni di pagamento",
    ),
)

#: What the type column may say, as `plain` makes it.
CREDIT_WORDS: Final = frozenset(
    {
        "credit", "creditnote", "381", "gutschrift", "storno", "stornorechnung",
        "rechnungskorrektur", "avoir", "notedecredit", "creditnota", "kreditnota", "notadicredito",
    }
)  # fmt: skip
INVOICE_WORDS: Final = frozenset(
    {"", "invoice", "380", "rechnung", "facture", "factuur", "fattura", "debit"}
)

_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """The text in small letters without accents, blanks and punctuation, to compare by."""
    text = text.strip().casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    decomposed = unicodedata.normalize("NFKD", text)
    return _NO_LETTER.sub("", decomposed.replace("°", "o"))


_BY_HEADER: Final = {
    plain(header): column.name for column in COLUMNS for header in (column.name, *column.also)
}


def column_of(header: str) -> str | None:
    """The column that a header means, in whatever language; None for one we do not know."""
    return _BY_HEADER.get(plain(header))
