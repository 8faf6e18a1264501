"""A packaging maker near Lyon: cartons, trays and labels for food and industry."""

from __future__ import annotations

from sandbox.story.register_numbers import french_account, iban
from sandbox.story.sketches import HeroInvoice, Manner, Size, Sketch, SupplierSketch, staff
from sandbox.story.values import HeroKind

_PROMPT, _USUAL, _LATE = Manner.PROMPT, Manner.USUAL, Manner.LATE
_WORSENING, _PARTS = Manner.WORSENING, Manner.PARTS
_S, _M, _L = Size.SMALL, Size.MEDIUM, Size.LARGE

_CUSTOMERS = (
    Sketch("Conserverie de la Brévenne SAS", "fr", "45 chemin des Vergers", "69210", "L'Arbresle",
           "Hélène Garampon", "compta", "conserverie-brevenne.example", _USUAL, _M, 77,
           hero=HeroKind.PAYS),
    Sketch("Feinkosthandel Pfannenstiel & Töchter GmbH", "de", "Gewerbestrasse 27", "4123",
           "Allschwil", "Daniela Pfannenstiel", "buchhaltung", "feinkost-pfannenstiel.example",
           _LATE, _M, 66, "", 30, "CH", hero=HeroKind.PAYS_IN_GERMAN),
    Sketch("Transports Gaillardet et Fils SAS", "fr", "3 rue du Triage", "69200", "Vénissieux",
           "Sylvain Gaillardet", "fournisseurs", "gaillardet-transports.example", _WORSENING, _L,
           71, hero=HeroKind.FALLS),
    Sketch("Fromagerie des Hauts Plateaux SCA", "fr", "Zone artisanale du Mézenc", "43150",
           "Le Monastier", "Jean-Luc Ribeyre", "administration", "hauts-plateaux.example", _PROMPT,
           _L, 82, "S", 45),
    Sketch("Chocolaterie Bellecombe SARL", "fr", "18 rue de la Charité", "69002", "Lyon",
           "Aurélie Vachon", "factures", "chocolaterie-bellecombe.example", _USUAL, _M, 79, "SD"),
    Sketch("Laboratoires Cosmétiques Aubépine SA", "fr", "260 avenue de la Recherche", "38070",
           "Saint-Quentin", "Nadia Benhaddou", "comptafournisseurs",
           "aubepine-cosmetiques.example", _USUAL, _L, 85, "D", 60),
    Sketch("Vignerons réunis du Pilat", "fr", "1 place du Pressoir", "42410", "Pélussin",
           "Michel Chavassieux", "cave", "vignerons-pilat.example", _LATE, _M, 60, "LAB", 45),
    Sketch("Épicerie Fine Maison Quenouille", "fr", "7 rue Mercière", "69002", "Lyon",
           "Paul Quenouille", "bonjour", "maison-quenouille.example", _USUAL, _S, 68, "SD"),
    Sketch("Pépinières Jaillardon Frères EARL", "fr", "Route de Vourles", "69530", "Brignais",
           "Étienne Jaillardon", "gestion", "pepinieres-jaillardon.example", _PARTS, _M, 51,
           "SAO"),
    Sketch("Électronique Isère Composants SAS", "fr", "14 rue des Semiconducteurs", "38240",
           "Meylan", "Farid Ouali", "ap", "isere-composants.example", _PROMPT, _L, 88, "LSS", 60),
    Sketch("Biscuiterie du Pont Vieux SARL", "fr", "22 quai des Meuniers", "01000", "Bourg",
           "Lucie Perret", "compta", "pont-vieux.example", _WORSENING, _M, 43, "DABO"),
    Sketch("Verpackungslogistik Schwarzenegg-Hinterland AG", "de", "Bahnhofplatz 6", "3616",
           "Schwarzenegg", "Christoph Aeschlimann", "kreditoren", "schwarzenegg-logistik.example",
           _USUAL, _M, 73, "SA", 30, "CH", ("EUR", "CHF")),
    Sketch("Slagerij Van Hoorenbeeck-Dewulf BV", "nl", "Marktplein 8", "8900", "Ieper",
           "Stijn Dewulf", "boekhouding", "hoorenbeeck-dewulf.example", _LATE, _S, 56, "SB", 30,
           "BE"),
    Sketch("Brûlerie du Vieux Port SAS", "fr", "31 quai de la Fosse", "13002", "Marseille",
           "Karim Belkacem", "achats", "brulerie-vieuxport.example", _USUAL, _M, 64, "D"),
    Sketch("Maraîchers du Val d'Azergues SICA", "fr", "Les Grandes Terres", "69480", "Anse",
           "Béatrice Jomard", "sica", "maraichers-azergues.example", _LATE, _M, 59, "LAO", 45),
    Sketch("Papeterie Scolaire Montrevel SARL", "fr", "9 rue de l'Étang", "01340", "Montrevel",
           "Sébastien Pochon", "contact", "papeterie-montrevel.example", _PROMPT, _S, 74, "LS"),
    Sketch("Hôpital intercommunal du Forez Sud", "fr", "Avenue des Monts", "42600", "Montbrison",
           "Françoise Chazelle", "mandatement", "hopital-forez.example", _LATE, _M, 94, "LSB", 60,
           has_vat=False),
    Sketch("Charcuterie Auvergnate Roussillat SA", "fr", "Rue des Salaisons", "63600", "Ambert",
           "Gérard Roussillat", "compta", "roussillat.example", _USUAL, _M, 67, "LSA"),
    Sketch("Traiteur Saveurs du Confluent", "fr", "5 cours Suchet", "69002", "Lyon",
           "Yasmine Haddad", "yasmine", "saveurs-confluent.example", _LATE, _S, 48, "ABO"),
    Sketch("Miellerie des Dombes", "fr", "Chemin de l'Étang Neuf", "01330", "Villars",
           "Camille Bouvard", "rucher", "miellerie-dombes.example", _PROMPT, _S, 71, "",
           has_vat=False),
    Sketch("Tissages Lyonnais Contemporains SAS", "fr", "88 montée de la Grande-Côte", "69001",
           "Lyon", "Antoine Mazuyer", "finance", "tissages-contemporains.example", _USUAL, _M, 70,
           "LD", 45),
)  # fmt: skip

_HEROES = (
    HeroInvoice(HeroKind.PAYS, -3, 276_840, "Caisses américaines 400 × 300, 6 palettes"),
    HeroInvoice(HeroKind.PAYS, 8, 118_020, "Étiquettes adhésives, 40 000"),
    HeroInvoice(HeroKind.PAYS, 20, 391_200, "Barquettes micro-cannelées, série spéciale"),
    HeroInvoice(HeroKind.PAYS_IN_GERMAN, -10, 548_760, "Faltschachteln bedruckt, 25 000 Stück"),
    HeroInvoice(HeroKind.PAYS_IN_GERMAN, 17, 97_350, "Seidenpapier und Füllmaterial"),
    HeroInvoice(HeroKind.FALLS, 12, 5_872_400, "Conteneurs carton triple cannelure, marché annuel"),
    HeroInvoice(HeroKind.FALLS, 26, 2_240_000, "Calage et intercalaires, deuxième tranche"),
    HeroInvoice(HeroKind.FALLS, -17, 742_560, "Palettes et cornières"),
)

CARTONNERIE = SupplierSketch(
    name="Cartonnages Vernaison SAS",
    country="FR",
    zone="Europe/Paris",
    language="fr",
    currency="EUR",
    street="140 chemin de la Cartonnerie",
    postcode="69390",
    city="Vernaison",
    account=iban("FR", french_account("99999", "00001", "00004417203")),
    contact=("Julien Mazoyer", "clients@cartonnages-vernaison.example", "+33 4 65 71 01 40"),
    accent="#3b4d8f",
    least_payment_minor=3_000,
    staff=(
        staff("Julien Mazoyer", "julien@cartonnages-vernaison.example", "owner", "fr"),
        staff("Anja Reinhardt", "anja@cartonnages-vernaison.example", "collector", "de"),
    ),
    prefix="FA",
    debtor_prefix="CL",
    works=(
        "Caisses carton double cannelure",
        "Étuis imprimés quadrichromie",
        "Outil de découpe, participation",
        "Palettes perdues 80 × 120",
        "Film étirable recyclé",
        "Barquettes alimentaires, lot mensuel",
        "Étiquettes logistiques",
        "Conseil en éco-conception",
        "Présentoirs de comptoir",
        "Réassort hebdomadaire",
    ),
    history=86,
    customers=_CUSTOMERS,
    hero_invoices=_HEROES,
)
