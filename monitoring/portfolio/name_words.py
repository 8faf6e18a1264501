"""The words of company names that say little: legal forms, generic words, numbers, places.

Legal forms are those of GLEIF's list of entity legal forms (ISO 20275) that are common in the
countries we serve and among their customers, as people abbreviate them.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from rapidfuzz.distance import OSA

from receivables.intake.csv_columns import plain

#: Canonical form -> how it is written, after accents, points and capitals are gone.
_FORMS: Final[dict[str, str]] = {
    "gmbh": """gmbh, mbh, gesmbh, ges m b h, gesellschaft mit beschrankter haftung, ggmbh,
        gmbh and co kg, gmbh co kg, gmbh and co, gesellschaft m b h""",
    "ag": """ag, akg, aktiengesellschaft, aktiengeselschaft, aktien gesellschaft, and co ag""",
    "kg": "kg, kommanditgesellschaft, and co kg, co kg, kgaa, and cie",
    "ohg": "ohg, offene handelsgesellschaft, kollektivgesellschaft, klg, og",
    "ug": "ug, ug haftungsbeschrankt, unternehmergesellschaft",
    "ek": "ek, e k, ekfm, einzelunternehmen, einzelfirma, inh",
    "ev": "ev, e v, eingetragener verein, eg, egen",
    "sarl": """sarl, s a r l, sa rl, s a rl, sarlu, eurl, societe a responsabilite limitee, ste a
        responsabilite limitee, gmbh srl, societe a responsabilite limitee unipersonnelle""",
    "sas": "sas, sasu, societe par actions simplifiee, s a s, selas",
    "sa": """sa, s a, societe anonyme, sociedad anonima, sa de cv, s a de c v, s a b de c v, sab de
        cv, societa anonima, sociedade anonima, sad""",
    "sci": "sci, societe civile immobiliere, scm, scp, societe civile",
    "snc": "snc, societe en nom collectif, societa in nome collettivo, sas di, sapa",
    "scop": "scop, scic, gie, gaec, earl, scea, association loi 1901",
    "bv": "bv, b v, besloten vennootschap, bvba, srl bv, sprl",
    "nv": "nv, n v, naamloze vennootschap, nv sa, sa nv",
    "vof": "vof, v o f, vennootschap onder firma, maatschap, cv, commv, comm v",
    "stichting": "stichting, stg, vereniging, vzw, asbl",
    "srl": """srl, s r l, srls, societa a responsabilita limitata, sociedad limitada, sl, s l, slu,
        societatea cu raspundere limitata, sagl""",
    "spa": "spa, s p a, societa per azioni",
    "ltd": """ltd, limited, private limited, pvt ltd, pte ltd, pty ltd, proprietary limited, co ltd,
        company limited, co limited, ltd co, ltda, limitada, lda""",
    "plc": "plc, p l c, public limited company",
    "llc": "llc, l l c, limited liability company, ooo, tov, ооо, тоо, общество с ограниченнои "
        "ответственностью, общество с ограниченной ответственностью",
    "llp": "llp, lp, l p, l l p, limited liability partnership, limited partnership",
    "inc": """inc, incorporated, corp, corporation, company, co, cie, compagnie, na, n a, national
        association, and co, and company, and cie""",
    "jsc": """jsc, oao, zao, pao, ojsc, cjsc, pjsc, ao, joint stock company, open joint stock
        company, closed joint stock company, public joint stock company, joint stock compan,
        joynt stock company, оао, зао, пао, ао, открытое акционерное общество, публичное акционерное
        общество, закрытое акционерное общество, акционерное общество""",
    "ab": "ab, aktiebolag, publ",
    "as": "as, a s, aktieselskab, aps, asa, ans, ivs",
    "oy": "oy, oyj, osakeyhtio",
    "zoo": "sp z o o, spzoo, sp zoo, spolka z o o, spolka akcyjna, sro, s r o, kft, zrt, doo, dd",
    "se": "se, societas europaea, sce",
}  # fmt: skip
#: Forms that also stand in front of a name.
_LEADING: Final = frozenset("sarl sas sci snc sa scop stichting llc jsc vof eurl ek ev srl".split())
#: Forms whose letters are words or initials in other places: only at the end of a name.
_ONLY_LAST: Final = frozenset(
    "sa se as ab co ao na dd ev ek cie sl spa inc ans lp oy og company compagnie corporation "
    "limited".split()
)

#: Articles and conjunctions: they come and go.
STOP_WORDS: Final = frozenset(
    """the a an and und et en e y i der die das dem den des la le les los las el il lo gli de du
    del della delle dei di da do dos van von vom zu zur zum of for fur pour per par a au aux het
    een the in im am op sur""".split()
)

#: What says that a company belongs to others of its name.
GROUP_WORDS: Final = frozenset(
    """holding holdings group groupe gruppe gruppo groep international europe europa worldwide
    beteiligungen beteiligungs participations participation invest investment investments
    management finance immobilien immobilier immobiliere immo vastgoed real estate services
    service beheer branch filiale succursale niederlassung filiaal""".split()
)

#: Words that many companies share: of their trade, not of their name. Ordered by nothing.
GENERIC_WORDS: Final = frozenset(
    """advies advisory agence agency agentur allgemeine alpha antiques architectes architekten
    architectes assurance assurances atelier auto autohaus automation automobile automobiles
    automotive bank banque bau bauunternehmung bedrijf bedrijven beratung bioscience boulangerie
    boucherie bouw bureau business cabinet cafe capital carrosserie center central centre centro
    chemie coiffure commerce commercial communication computer concept conseil conseils
    construction constructions construct consult consultancy consulting co corporate costruzioni
    credit data design developpement development diensten digital distribution dienstleistungen
    druck druckerei edilizia electric electrical electricite electro elektro elektrotechnik
    electronic electronics elektronik energie energy engineering enterprise enterprises
    entreprise equipment equipement export express fabrik fashion fiduciaire financial finanz fils
    food foods frères freres fund garage garten gastro gebaudetechnik general generale gestion
    global gmbh haustechnik handel handels handelsgesellschaft hotel ict immobiliere import
    impex industrial industrie industries industriel informatica informatik informatique
    installation installations installatie insurance it kapital kaufhaus kunststoff labor lab
    laboratoire laboratories land leasing libre logistic logistics logistik logistique
    machine machines maison maler malerei market marketing maschinen maschinenbau media medical
    medien medizin menuiserie metal metall metallbau mode montage motor motors music nederland
    new nieuwe nord nouvelle office online partner partners partnership patisserie peinture
    personal pharma pharmacie plan plomberie plus praxis precision print pro production produits
    produktion products produkte project projects properties property recherche reinigung reisen
    research resources restaurant revision royal sanitar schreinerei security securite
    shop sicherheit social societe software solution solutions sohne sons son spedition
    sport sports stahl steel store studio sud suisse supply system systeme systemes systems
    team tech technic technics technik technique techniques technologies technology tele
    textile tools tour tourisme trade trading trans transport transporte transports travaux travel
    treuhand trust union uhren vastgoed vente ventures verlag versicherung vertrieb verwaltungs
    werbung werk werke west wine wines works world zimmerei zentrum zorg""".split()
)

_UNITS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "erste": 1,
    "zweite": 2, "dritte": 3, "premier": 1, "premiere": 1, "deuxieme": 2, "troisieme": 3,
    "eerste": 1, "tweede": 2, "derde": 3, "primo": 1, "prima": 1, "secondo": 2, "terzo": 3,
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "deux": 2, "trois": 3, "quatre": 4,
    "cinq": 5, "een": 1, "twee": 2, "drie": 3, "vijf": 5, "eleven": 11, "twelve": 12,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
NUMERALS: Final = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12,
}  # fmt: skip
_ORDINAL: Final = re.compile(r"(\d+)(?:st|nd|rd|th|er|ere|eme|e|te|ste|de)\Z")

#: Short ways to write a word.
SHORTENED: Final = {
    "intl": "international", "int": "international", "internat": "international",
    "mgmt": "management", "mgt": "management", "svc": "services", "svcs": "services",
    "serv": "services", "service": "services", "tech": "technology", "technologies": "technology",
    "technologie": "technology", "mfg": "manufacturing", "bros": "brothers", "gebr": "gebruder",
    "gebroeders": "gebruder", "ets": "etablissements", "ste": "societe", "assoc": "associates",
    "dept": "department", "ind": "industries", "industrie": "industries",
    "industrial": "industries", "industry": "industries", "dev": "development",
    "univ": "university",
    "organisation": "organization",
    "centre": "center", "st": "saint", "sankt": "saint", "sainte": "saint", "dr": "doctor",
    "group": "group", "groupe": "group", "gruppe": "group", "gruppo": "group", "groep": "group",
    "holdings": "holding", "holdco": "holding", "solution": "solutions", "system": "systems",
    "systeme": "systems", "systemes": "systems", "logistik": "logistics", "logistique": "logistics",
    "logistic": "logistics", "consult": "consulting", "transporte": "transport",
    "transports": "transport", "immo": "immobilien", "immobilier": "immobilien",
    "partner": "partners", "product": "products", "deutsche": "deutschland",
}  # fmt: skip


@cache
def forms() -> dict[tuple[str, ...], str]:
    """The words of each way to write a legal form, and the form."""
    return {
        tuple(written.split()): form
        for form, ways in _FORMS.items()
        for written in (" ".join(way.split()) for way in ways.split(","))
        if written
    }


@cache
def longest_form() -> int:
    return max(map(len, forms()))


def may_lead(form: str) -> bool:
    """Whether a legal form may stand before the name."""
    return form in _LEADING


def only_last(words: tuple[str, ...]) -> bool:
    """Whether the words are a legal form at the end of a name alone."""
    return len(words) == 1 and words[0] in _ONLY_LAST


_CITIES: Final = frozenset(
    """aarau amsterdam antwerp antwerpen anvers atlanta augsburg barcelona barcelone basel bale
    beijing berlin bern berne bologna bordeaux boston bremen bristol brussel brussels bruxelles
    budapest chicago cleveland cologne dallas detroit dortmund dresden dubai dublin duisburg
    dusseldorf edinburgh eindhoven essen firenze frankfurt geneva geneve genf genova gent ghent
    glasgow gothenburg grenoble groningen haarlem hamburg hannover helsinki hongkong houston
    istanbul kiel koln krakow lausanne leeds leipzig liege lille lisboa lisbon liverpool london
    londres lugano luzern lucerne lyon madrid mainz manchester mannheim marseille miami milan
    milano mons montpellier montreal moscow mumbai munchen munich munster nancy nantes napoli
    newyork nice nurnberg oslo paris phoenix porto prague rennes rotterdam rouen salzburg shanghai
    singapore stockholm strasbourg stuttgart sydney tokyo torino toronto toulouse tilburg utrecht
    valencia vienna vienne warsaw wien winterthur zug zurich""".split()
)
_PARTS: Final = {
    "suisse": "ch", "schweiz": "ch", "swiss": "ch", "svizzera": "ch", "nederland": "nl",
    "holland": "nl", "dutch": "nl", "deutschland": "de", "german": "de", "germany": "de",
    "france": "fr", "french": "fr", "belgie": "be", "belgium": "be", "belgique": "be",
    "osterreich": "at", "austria": "at", "italia": "it", "italy": "it", "luxembourg": "lu",
    "uk": "gb", "britain": "gb", "england": "gb", "usa": "us", "us": "us", "america": "us",
    "benelux": "benelux", "europe": "eu", "europa": "eu", "romandie": "ch", "asia": "asia",
    "africa": "africa", "afrique": "africa", "nordic": "nordic", "iberia": "iberia", "dach": "dach",
}  # fmt: skip


@cache
def places() -> dict[str, str]:
    """Words that name a country or a large town, and what they name."""
    known = {city: city for city in _CITIES}
    for language in ("en", "de", "fr", "nl", "it", "es"):
        for code, name in Locale(language).territories.items():
            word = plain(str(name))
            if re.fullmatch("[A-Z]{2}", str(code)) and len(word) > 3:
                known[word] = str(code).lower()
    return known | _PARTS


@lru_cache(maxsize=1 << 14)
def tells_apart(word: str) -> bool:
    """Whether a word is what one company of a group has and its sister has not, typing errors
    allowed: a number, a place, "Holding".
    """
    if any(map(str.isdigit, word)) or word in GROUP_WORDS or word in places():
        return True
    return len(word) > 4 and any(
        OSA.distance(word, known, score_cutoff=1) <= 1
        for known in (*GROUP_WORDS, *_PARTS)
        if len(known) > 4
    )


@lru_cache(maxsize=1 << 14)
def is_nearly_a_form(word: str) -> bool:
    """Whether a short word is a mistyped legal form, more likely than not."""
    return 2 <= len(word) <= 5 and any(
        len(known) == 1 and len(known[0]) > 2 and OSA.distance(word, known[0], score_cutoff=1) <= 1
        for known in forms()
    )


def number_of(word: str) -> int | None:
    """The number that a word is, in digits or letters."""
    if word.isdigit():
        return int(word[:15])
    if match := _ORDINAL.match(word):
        return int(match[1][:15])
    return _UNITS.get(word)


def tens_of(word: str) -> int | None:
    """Twenty to ninety, which a unit may follow."""
    return _TENS.get(word)
