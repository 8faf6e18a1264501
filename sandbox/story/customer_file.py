"""A list of customers as an ERP writes it, to have its health checked: of every kind something.

Some are the supplier's own debtors, most are companies nobody else knows; there are entries twice
in different spellings, companies of one group, a number with a digit wrong, and gaps.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from sandbox.story.register_numbers import belgian_kbo, french_siren, swiss_uid
from sandbox.story.samples import SampleFile
from sandbox.story.values import StoryDebtor, StorySupplier

#: What the file is called.
CUSTOMERS = "clients.csv"

_HEAD = (
    "N° client", "Nom", "Rue", "NPA", "Localité", "Pays", "N° d'entreprise", "E-mail", "Solde",
    "Échu", "Limite de crédit", "Délai", "Chiffre d'affaires", "Assuré", "Classe",
)  # fmt: skip

_TRADES = (
    "Ferblanterie", "Menuiserie", "Garage", "Boulangerie", "Imprimerie", "Laiterie", "Scierie",
    "Serrurerie", "Peinture", "Jardins", "Transports", "Électricité", "Chauffage", "Carrelage",
)  # fmt: skip
#: Two halves make a name that no other customer has.
_FIRST = ("Bel", "Bois", "Champ", "Clair", "Fond", "Grand", "Haut", "Mont", "Pré", "Roche", "Val",
          "Vers")  # fmt: skip
_SECOND = ("bourg", "chène", "fort", "nant", "pierre", "rive", "tavel")
_PLACES = {
    "CH": (("1003", "Lausanne"), ("1110", "Morges"), ("1700", "Fribourg"), ("2000", "Neuchâtel"),
           ("1950", "Sion"), ("3011", "Bern")),
    "FR": (("74100", "Annemasse"), ("69002", "Lyon"), ("25000", "Besançon")),
    "BE": (("1000", "Bruxelles"), ("4000", "Liège")),
}  # fmt: skip
_FORMS = {"CH": ("SA", "Sàrl", "AG"), "FR": ("SAS", "SARL"), "BE": ("SRL", "SA")}
_CLASSES = ("A", "A", "A", "B", "B", "B", "B", "C", "C", "C", "D", "D", "E", "")
_COUNT = 84


@dataclass(frozen=True)
class _Line:
    number: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    register_number: str
    email: str
    balance: int
    overdue: int
    limit: int | None
    terms: int | None
    turnover: int
    insured: int
    rating: str

    def cells(self) -> tuple[object, ...]:
        return (
            self.number, self.name, self.street, self.postcode, self.city, self.country,
            self.register_number, self.email, f"{self.balance}.00", f"{self.overdue}.00",
            "" if self.limit is None else self.limit, "" if self.terms is None else self.terms,
            self.turnover, self.insured or "", self.rating,
        )  # fmt: skip


def customers_file(supplier: StorySupplier) -> SampleFile:
    """The same every time."""
    random = Random(20261122)  # noqa: S311  no secret
    lines = [*_own(supplier, random), *_others(random)]
    lines += _troubles(lines, random)
    lines += [_unsure(supplier.debtors[12]), _unsure(supplier.debtors[17])]
    random.shuffle(lines)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_HEAD)
    writer.writerows(line.cells() for line in lines)
    return SampleFile(CUSTOMERS, out.getvalue().encode("utf-8-sig"))


def _own(supplier: StorySupplier, random: Random) -> Iterator[_Line]:
    """Debtors we know: their class is the one that is watched, whatever the list says."""
    for debtor in supplier.debtors[:10]:
        yield _with_money(_known(debtor), "", random)


def _known(debtor: StoryDebtor) -> _Line:
    return _Line(
        debtor.number, debtor.name, debtor.street, debtor.postcode, debtor.city, debtor.country,
        debtor.registration_number, debtor.email, 0, 0, None, 30, 0, 0, "",
    )  # fmt: skip


def _others(random: Random) -> Iterator[_Line]:
    for place in range(_COUNT):
        country = random.choices(("CH", "FR", "BE"), (8, 3, 1))[0]
        trade = random.choice(_TRADES)
        name = _FIRST[place % len(_FIRST)] + _SECOND[place // len(_FIRST)]
        postcode, city = random.choice(_PLACES[country])
        serial = 7_001 * place
        number = {
            "CH": lambda serial: swiss_uid(93_000_000 + serial),
            "FR": lambda serial: french_siren(93_000_000 + serial),
            "BE": lambda serial: belgian_kbo(9_300_000 + serial),
        }[country](serial)
        line = _Line(
            f"K{4100 + place}", f"{trade} {name} {random.choice(_FORMS[country])}",
            f"Rue du {random.choice(('Lac', 'Moulin', 'Stand', 'Pont'))} {random.randint(1, 90)}",
            postcode, city, country, number if place % 11 else "",
            f"compta@client-{place}.example" if place % 7 else "", 0, 0, None, 30, 0, 0, "",
        )  # fmt: skip
        yield _with_money(line, random.choice(_CLASSES), random)


def _with_money(line: _Line, rating: str, random: Random) -> _Line:
    """Amounts as they are: many small, few large; the weak pay later and are given longer."""
    turnover = round(random.lognormvariate(10.4, 1.1), -2)
    is_weak = rating in ("D", "E")
    balance = int(turnover * random.uniform(0.08, 0.3 if is_weak else 0.18))
    overdue = int(balance * random.uniform(0.3, 0.9)) if is_weak or random.random() < 0.2 else 0
    limit = int(round(turnover * random.choice((0.12, 0.2, 0.3)), -3))
    is_insured = random.random() < 0.25 and not is_weak
    return replace(
        line,
        balance=balance,
        overdue=overdue,
        limit=limit or None,
        terms=random.choice((30, 45, 60)) if is_weak else random.choice((10, 30, 30, 45)),
        turnover=int(turnover),
        insured=int(balance * 0.9) if is_insured else 0,
        rating=rating,
    )


def _unsure(debtor: StoryDebtor) -> _Line:
    """One we know by its name alone, which may be another's."""
    line = replace(
        _known(debtor), number=f"{debtor.number}-2", street="", postcode="", city="", email="",
        register_number="",
    )  # fmt: skip
    return replace(line, balance=1_450, turnover=8_000, limit=3_000)


def _troubles(lines: list[_Line], random: Random) -> Iterator[_Line]:
    """Entries twice, a group, and a number that is none."""
    companies = [one for one in lines if one.register_number and one.number.startswith("K")]
    for place, one in enumerate(random.sample(companies, 6)):
        spelt = one.name.upper() if place % 2 else one.name.replace("é", "e").replace("É", "E")
        yield replace(
            one, number=f"K{4900 + place}", name=spelt.replace(" Sàrl", " sarl"), balance=380,
            overdue=0, limit=None, turnover=1_900, insured=0,
            register_number=one.register_number if place < 3 else "",
        )  # fmt: skip
    parent = random.choice(companies)
    trade = parent.name.rpartition(" ")[0]
    yield replace(
        parent, number="K4920", name=f"{trade} Holding SA", register_number=swiss_uid(93_900_017),
        balance=5_200, overdue=0, rating="B",
    )  # fmt: skip
    wrong = random.choice(companies)
    digit = str((int(wrong.register_number[-1]) + 1) % 10)
    yield replace(
        wrong, number="K4930", name="Atelier Mécanique de la Broye SA", balance=2_640,
        register_number=wrong.register_number[:-1] + digit, city="Payerne", postcode="1530",
        country="CH", street="Rue à Thomas 12", email="compta@broye-mecanique.example",
    )  # fmt: skip
