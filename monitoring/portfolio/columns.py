"""Which column of a customers file means what: by its header in five languages, else by its values.

A header is known as a whole, or when what remains of it without words such as "customer" or
"client" is known. A column whose header says nothing, or a file without headers, is read by what
its values look like: addresses of mail, numbers with check digits, postcodes, countries, names
with legal forms. What is not understood is left out, and said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from monitoring.portfolio import shapes
from receivables.intake.csv_columns import plain

#: field -> headers that mean it, best first: in English, German, French, Dutch, Italian.
HEADERS: Final[dict[str, str]] = {
    "number": """
        customer number, customer no, customer nr, customer id, customer code, cust number,
        cust no, cust id, account number, account no, account id, debtor number, debtor no,
        debtor id, client number, client id, client code, partner id, business partner,
        unique id, rec id, record id, row id, entity id, id, no, nr, number, key, code, uid,
        reference, kundennummer, kundennr, kunden nr, kunden id, kdnr, debitorennummer,
        debitorennr, debitor nr, debitor, kontonummer, adressnummer, nummer, numero client,
        no client, n° client, code client, id client, identifiant, matricule, compte,
        compte client, compte auxiliaire, numero, klantnummer, klantnr, klant id, klantcode,
        debiteurnummer, debiteurennummer, relatienummer, codice cliente, numero cliente,
        id cliente, cod cliente, codice""",
    "name": """
        name, customer name, company name, company, organisation, organization, business name,
        legal name, registered name, entity name, account name, debtor name, client name,
        trading partner, name 1, firma, firmenname, firmenbezeichnung, firmierung, unternehmen,
        unternehmensname, organisationsname, kundenname, kunde, debitorenname, bezeichnung,
        schuldner, raison sociale, denomination, denomination sociale, denomination unite legale,
        societe, entreprise, nom entreprise, nom societe, nom du client, nom client, nom, client,
        debiteur, intitule, naam, bedrijfsnaam, bedrijf, klantnaam, klant, handelsnaam kvk,
        onderneming, organisatie, ragione sociale, denominazione, azienda, nome azienda,
        nome cliente, cliente, debitore, ditta, nome, customer, debtor""",
    "trade_name": """
        trade name, trading name, trading as, dba, brand, also known as, alias, name 2,
        handelsname, marke, nom commercial, enseigne, nom d'usage, handelsnaam, nome commerciale,
        insegna, other name, name addition, namenszusatz, zusatz""",
    "acronym": "acronym, sigle, short name, kurzname, kurzbezeichnung, afkorting, sigla, matchcode",
    "legal_form": """
        legal form, legal status, entity type, company type, rechtsform, forme juridique, forme
        legale, rechtsvorm, forma giuridica, natura giuridica""",
    "street": """
        street, street 1, address, address 1, address line 1, street address, strasse, straße,
        anschrift, adresse, adresse 1, adresse 2, rue, voie, libelle voie, straat, adres,
        straatnaam, via, indirizzo, str""",
    "street_number": """
        street number, house number, house no, building number, hausnummer, hausnr, haus nr,
        numero voie, numero de rue, no rue, huisnummer, huisnr, numero civico, civico""",
    "address_extra": """
        address 2, address line 2, street 2, address addition, adresszusatz, complement,
        complement adresse, complement d'adresse, adrestoevoeging, toevoeging, building, c/o""",
    "postcode": """
        postcode, post code, zip, zip code, zipcode, postal code, plz, postleitzahl, code postal,
        codepostal, cp, npa, postnummer, cap, codice postale""",
    "city": """
        city, town, locality, place, suburb, municipality, ort, stadt, wohnort, ville, commune,
        localite, stad, plaats, woonplaats, gemeente, vestigingsplaats, citta, comune, localita""",
    "region": """
        state, region, county, province, canton, district, bundesland, kanton, departement,
        provincie, provincia, regione, cantone""",
    "country": """
        country, country code, land, laendercode, landcode, länderkennzeichen, staat, pays,
        code pays, paese, nazione, stato, codice paese, jurisdiction""",
    "vat": """
        vat, vat number, vat no, vat id, vat code, tax id, tax number, ust id, ustid, ust-idnr,
        ustidnr, umsatzsteuer id, umsatzsteuer identifikationsnummer, mwst nr, mwst nummer, mwst,
        uid mwst, steuernummer, tva, numero tva, no tva, n° tva, numero de tva,
        tva intracommunautaire, numero tva intracommunautaire, btw, btw nummer, btw nr, partita
        iva, p iva, piva, numero iva, iva, codice iva""",
    "register_number": """
        register number, registration number, registration no, company number, company no,
        company registration number, company id, register no, business number, organisation
        number, org number, entity number, lei, siren, siret, numero siren, numero siret, rcs,
        numero rcs, numero d'entreprise, numero entreprise, bce, kbo, kbo nummer, kbo number,
        ondernemingsnummer, enterprise number, kvk, kvk nummer, kvk nr, handelsregister,
        handelsregisternummer, hr nummer, hrb, registernummer, handelsregister nr, uid nummer,
        uid nr, ide, numero ide, idi, ch id, ehraid, firmenbuchnummer, fn nummer, rea, numero rea,
        codice fiscale, crn, gt number""",
    "email": """
        email, e mail, mail, email address, mail address, contact email, invoice email, mailadresse,
        email adresse, courriel, adresse email, adresse courriel, adresse mail, mel, emailadres,
        posta elettronica, indirizzo email, pec""",
    "phone": """
        phone, phone number, telephone, telephone number, tel, tel nr, mobile, mobile phone, cell,
        telefon, telefonnummer, mobil, handy, natel, telephone portable, portable, numero de
        telephone, telefoon, telefoonnummer, gsm, mobiel, telefono, cellulare""",
    "website": "website, web, url, homepage, www, site, site web, internet, webseite, domain, sito",
    "iban": "iban, bank account, account iban, bankverbindung, compte bancaire, bankrekening",
    "given_name": """
        given name, first name, forename, firstname, givenname, vorname, prenom, voornaam,
        roepnaam, contact first name""",
    "surname": """
        surname, last name, family name, lastname, familyname, nachname, familienname, zuname,
        nom de famille, achternaam, familienaam, cognome""",
    "date_of_birth": """
        date of birth, birth date, birthdate, birthday, dob, geburtsdatum, geburtstag, geboren,
        date de naissance, naissance, ne le, geboortedatum, data di nascita""",
    "personal_number": """
        soc sec id, social security number, ssn, national id, personal number, person number, ahv,
        ahv nummer, nir, numero securite sociale, bsn, rijksregisternummer, insurance number""",
    "balance": """
        balance, open balance, outstanding, open amount, amount outstanding, amount due, total due,
        receivables, exposure, open items, saldo, offener saldo, offener betrag, offene posten,
        offen, ausstand, ausstehend, forderung, kontosaldo, solde, encours, solde ouvert, montant
        du, montant ouvert, creances, openstaand, openstaand saldo, openstaand bedrag, saldo
        aperto, scoperto, importo aperto, esposizione""",
    "overdue": """
        overdue, overdue amount, past due, amount overdue, ueberfaellig, faellig, davon faellig,
        davon ueberfaellig, rueckstand, echu, en retard, montant echu, solde echu, retard, impaye,
        impayes, achterstallig, vervallen, vervallen bedrag, scaduto, importo scaduto""",
    "limit": """
        limit, credit limit, credit line, limite, kreditlimit, kreditlimite, kreditlinie,
        limite de credit, plafond, plafond de credit, en cours autorise, encours autorise,
        kredietlimiet, limiet, fido, limite di credito, affidamento""",
    "turnover": """
        turnover, turnover 12 months, annual turnover, sales, sales 12 months, revenue, annual
        sales, ltm sales, umsatz, jahresumsatz, umsatz 12 monate, umsatz vorjahr, chiffre
        d'affaires, chiffre d affaires annuel, ca, ca annuel, ca 12 mois, omzet, jaaromzet, omzet
        12 maanden, fatturato, fatturato annuo, ricavi""",
    "cover": """
        cover, insured, insured amount, insured limit, insurance cover, credit insurance, agreed
        cover, versichert, versicherungssumme, deckung, versicherte summe, versicherungslimit,
        deckungssumme, couverture, assure, montant assure, garantie, agrement, dekking, verzekerd,
        verzekerd bedrag, copertura, assicurato, importo assicurato""",
    "terms": """
        terms, payment terms, payment days, terms days, terms of payment, days, net days, payment
        target, zahlungsziel, zahlungsfrist, zahlungsbedingungen, zahlungskondition, ziel tage,
        delai, delai de paiement, conditions de paiement, conditions, betalingstermijn,
        betaaltermijn, betalingsconditie, termini, termini di pagamento, condizioni di pagamento,
        giorni""",
    "currency": """
        currency, currency code, ccy, waehrung, währungscode, devise, monnaie, code devise, valuta,
        munt, divisa""",
    "rating": """
        rating, score, class, credit rating, risk class, bonitaet, bonität, risikoklasse,
        bonitätsklasse, cote, cotation, note, classe, classe de risque, risicoklasse, classe di
        rischio, punteggio""",
}  # fmt: skip

#: Fields that several columns may fill together.
JOINED: Final = ("street", "trade_name")
#: Words of a header that say whose it is, not what.
_WHOSE: Final = frozenset(
    """customer cust kunde kunden kundin client clients klant cliente debtor debitor debitoren
    debiteur debitore buyer account partner business entity company contact of the der des du de la
    le van di del eur chf usd gbp in gesamt total current aktuell actuel huidig attuale
    left right l r a b x y gt lhs rhs source target""".split()
)
_WORDS: Final = re.compile(r"[a-z0-9]+")


def _headers() -> dict[str, tuple[str, int]]:
    known: dict[str, tuple[str, int]] = {}
    for field, names in HEADERS.items():
        for place, name in enumerate([field, *names.split(",")]):
            known.setdefault(plain(name), (field, place))
    return known


_KNOWN: Final = _headers()
#: Headers that name several things in life: the values decide.
_VAGUE: Final = frozenset(
    map(plain, "uid, code, reference, no, nr, number, numero, nummer, ide, tax id, note, days, "
        "state, stato, key, compte, place, domain, company id, id, partner, conditions".split(", "))
)  # fmt: skip


def field_of(header: str) -> tuple[str, int] | None:
    """The field that a header means, and how far it is from its best name; None if unknown."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", header)
    if found := _KNOWN.get(plain(bare)) or _KNOWN.get(plain(header)):
        return found
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", bare)
    words = _WORDS.findall(shapes.letters_only(spaced))
    kept = [word for word in words if word not in _WHOSE and not word.isdigit()]
    if kept and len(kept) < len(words) and (found := _KNOWN.get("".join(kept))):
        return found[0], found[1] + 1000
    return None


def recognise(headers: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str | None]:
    """The field of each column; `columns` are values of each, as a sample.

    A field is given once, to the column whose header says it best (JOINED ones to all), and only
    where the values do not speak against it. `headers` is empty where the file has none.
    """
    found: list[str | None] = [None] * len(columns)
    ranked: list[tuple[int, int, str]] = []
    for place, header in enumerate(headers):
        known = field_of(header)
        if known is not None and place < len(columns):
            field = _by_values(header, known[0], columns[place])
            if field is not None:
                ranked.append((known[1], place, field))
    taken: set[str] = set()
    for _rank, place, field in sorted(ranked):
        if field in taken and field not in JOINED:
            continue
        taken.add(field)
        found[place] = field
    for at, values in enumerate(columns):
        if found[at] is None and not _understood(headers, at):
            guess = shapes.field_of_values(values)
            if guess is not None and guess not in taken:
                taken.add(guess)
                found[at] = guess
    if "name" not in taken and not {"given_name", "surname"} & taken:
        likeliest = _likeliest_name(found, columns)
        if likeliest is not None:
            found[likeliest] = "name"
    return found


def _understood(headers: Sequence[str], place: int) -> bool:
    """Whether the header is one we know: what it says is not overruled by a guess."""
    return place < len(headers) and field_of(headers[place]) is not None


def _by_values(header: str, field: str, values: Sequence[str]) -> str | None:
    """What a vague header means, seen what stands below it; None where it speaks against it."""
    if plain(header) in _VAGUE:
        guess = shapes.field_of_values(values)
        if guess in ("register_number", "vat", "email", "country", "website"):
            return guess
    if field == "number" and shapes.share(values, shapes.is_prose) > 0.5:
        return None
    if field in ("balance", "overdue", "limit", "turnover", "cover"):
        return field if shapes.share(values, shapes.has_digit) >= 0.5 else None
    if field == "country":
        return field if shapes.share(values, shapes.is_country) >= 0.3 else None
    if field == "terms":
        return field if shapes.share(values, shapes.has_digit) >= 0.3 else None
    return field


def _likeliest_name(found: Sequence[str | None], columns: Sequence[Sequence[str]]) -> int | None:
    """The column of texts that differ most, where no header and no legal form told the name."""
    best: tuple[float, int] | None = None
    for place, values in enumerate(columns):
        filled = [value for value in values if value]
        if found[place] is not None or not filled:
            continue
        if shapes.share(filled, shapes.is_wordy) < 0.6:
            continue
        if len(set(filled)) < 0.2 * len(filled) or sum(map(len, filled)) > 60 * len(filled):
            continue  # A choice such as yes or no; prose.
        worth = len(set(filled)) / len(filled) * len(filled) / max(1, len(values))
        if best is None or worth > best[0] + 0.05:
            best = (worth, place)
    return best[1] if best else None
