"""A dealer in hops and brewing equipment near Tournai: breweries, cafés and schools buy there."""

from __future__ import annotations

from sandbox.story.register_numbers import belgian_account, iban
from sandbox.story.sketches import HeroInvoice, Manner, Size, Sketch, SupplierSketch, staff
from sandbox.story.values import HeroKind

_PROMPT, _USUAL, _LATE = Manner.PROMPT, Manner.USUAL, Manner.LATE
_WORSENING, _PARTS = Manner.WORSENING, Manner.PARTS
_S, _M, _L = Size.SMALL, Size.MEDIUM, Size.LARGE

_CUSTOMERS = (
    Sketch("Brasserie des Quatre Tilleuls SRL", "fr", "Rue de la Cense 8", "7900", "Leuze",
           "Mathilde Wauquier", "compta", "quatre-tilleuls.example", _USUAL, _M, 74,
           hero=HeroKind.PAYS),
    Sketch("Brauhaus Ardennerhof GmbH", "de", "Malmedyer Strasse 140", "4780", "Sankt Vith",
           "Günther Heinen", "buchhaltung", "ardennerhof.example", _LATE, _M, 62,
           hero=HeroKind.PAYS_IN_GERMAN),
    Sketch("Brouwerij De Zwarte Reiger NV", "nl", "Nijverheidslaan 55", "8540", "Deerlijk",
           "Wouter Vandekerckhove", "facturen", "zwartereiger.example", _WORSENING, _L, 71,
           hero=HeroKind.FALLS),
    Sketch("Brouwersgilde Oud Lindenhof BV", "nl", "Lindendreef 12", "3040", "Huldenberg",
           "Annelies Verstappen-Claes", "boekhouding", "lindenhof.example", _PROMPT, _M, 83, "S"),
    Sketch("Café-Brasserie La Grande Écluse SA", "fr", "Quai du Hainaut 3", "7500", "Tournai",
           "Didier Lemoine", "gerance", "grande-ecluse.example", _LATE, _S, 49, "SAB", 14),
    Sketch("Microbrasserie du Vieux Chaudron SRL", "fr", "Ruelle des Forges 2", "5500", "Dinant",
           "Élodie Marchal", "bonjour", "vieux-chaudron.example", _WORSENING, _S, 41, "DAO", 14),
    Sketch("Stadsbrouwerij 't Koperen Vat BV", "nl", "Koperstraat 71", "9000", "Gent",
           "Pieter De Wispelaere", "admin", "koperenvat.example", _USUAL, _L, 77, "D", 45),
    Sketch("Horeca Groothandel Van den Abeele-Moerman NV", "nl", "Transportlaan 200", "8800",
           "Roeselare", "Katrien Moerman", "leveranciers", "abeele-moerman.example", _PROMPT, _L,
           89, "LSS", 45),
    Sketch("Abbaye de Sainte-Aubeline ASBL", "fr", "Route de l'Abbaye 1", "6890", "Libin",
           "Frère Benoît Collard", "econome", "sainte-aubeline.example", _USUAL, _M, 90, "D",
           has_vat=False),
    Sketch("Institut technique agricole du Pays vert", "fr", "Chemin des Écoles 44", "7800", "Ath",
           "Véronique Dufour", "intendance", "pays-vert.example", _LATE, _M, 86, "LSB", 45,
           has_vat=False),
    Sketch("Brouwerij Het Gouden Roer BV", "nl", "Scheldekaai 19", "2880", "Bornem",
           "Joris Peeters", "info", "goudenroer.example", _PARTS, _M, 57, "SAO"),
    Sketch("Festival des Fûts ASBL", "fr", "Place Verte 6", "4900", "Spa", "Quentin Delhez",
           "tresorier", "festival-futs.example", _LATE, _S, 53, "BO", 14, has_vat=False),
    Sketch("Cidrerie du Haut-Verger SRL", "fr", "Rue du Pressoir 27", "4880", "Aubel",
           "Sophie Radermecker", "compta", "haut-verger.example", _USUAL, _M, 68, "S"),
    Sketch("Getränkevertrieb Königswinter-Langenfeld GmbH & Co. KG", "de", "Eupener Strasse 318",
           "4731", "Raeren", "Sabine Königswinter", "kreditoren",
           "koenigswinter-getraenke.example", _USUAL, _L, 65, "SD", 45),
    Sketch("Brasserie artisanale La Mésange SRL", "fr", "Rue Haute 90", "1380", "Lasne",
           "Thibault Gilson", "contact", "la-mesange.example", _PROMPT, _S, 75, "LS", 14),
    Sketch("Hoprank Thuisbrouwwinkel", "nl", "Steenweg 402", "3500", "Hasselt", "Bram Claesen",
           "winkel", "hoprank-thuis.example", _USUAL, _S, 70, "", 14),
    Sketch("Restaurant Le Coq de Bruyère SA", "fr", "Grand-Place 15", "7000", "Mons",
           "Inès Baudart", "factures", "coq-bruyere.example", _LATE, _S, 46, "SAB"),
    Sketch("Malterie des Trois Vallées SA", "fr", "Zoning industriel 12", "5030", "Gembloux",
           "Renaud Hanquet", "fournisseurs", "trois-vallees.example", _PROMPT, _L, 87, "L"),
    Sketch("Brasserie Frontalière du Val Joli SAS", "fr", "8 route de Lille", "59242", "Templeuve",
           "Caroline Desmet", "compta", "val-joli.example", _USUAL, _M, 63, "LSA", 30, "FR"),
    Sketch("Bierkeller Hinterthur & Partner AG", "de", "Technikumstrasse 88", "8400", "Winterthur",
           "Reto Hinterthur", "finanzen", "bierkeller-hinterthur.example", _USUAL, _M, 79, "LD",
           30, "CH", ("EUR", "CHF")),
    Sketch("Lieve Goossens", "nl", "Kerkstraat 17", "3000", "Leuven", "Lieve Goossens", "lieve",
           "goossens-leuven.example", _USUAL, _S, 70, "D", 14, has_vat=False, kind="consumer"),
)  # fmt: skip

_HEROES = (
    HeroInvoice(HeroKind.PAYS, -3, 312_480, "Houblon aromatique, 120 kg"),
    HeroInvoice(HeroKind.PAYS, 9, 86_000, "Levure sèche, 24 cartons"),
    HeroInvoice(HeroKind.PAYS, 22, 145_275, "Bouchons couronne, 60 000 pièces"),
    HeroInvoice(HeroKind.PAYS_IN_GERMAN, -10, 1_264_900, "Würzekühler 1500 l/h"),
    HeroInvoice(HeroKind.PAYS_IN_GERMAN, 15, 228_400, "Hopfen Mittelfrüh, 90 kg"),
    HeroInvoice(HeroKind.FALLS, 14, 6_845_000, "Gistingstanks 3 × 60 hl, levering"),
    HeroInvoice(HeroKind.FALLS, 25, 1_932_650, "Afvullijn, tweede schijf"),
    HeroInvoice(HeroKind.FALLS, -22, 518_300, "Pompen en slangen"),
)

DELMOTTE = SupplierSketch(
    name="Delmotte Houblons & Cuves SRL",
    country="BE",
    zone="Europe/Brussels",
    language="fr",
    currency="EUR",
    street="Chaussée de Lille 210",
    postcode="7522",
    city="Blandain",
    account=iban("BE", belgian_account("9990418276")),
    contact=("Marc Delmotte", "comptabilite@delmotte-houblons.example", "+32 69 55 01 40"),
    accent="#7a4b12",
    least_payment_minor=4_000,
    staff=(
        staff("Marc Delmotte", "marc@delmotte-houblons.example", "owner", "fr"),
        staff("Lien Callewaert", "lien@delmotte-houblons.example", "collector", "en"),
    ),
    prefix="DH",
    debtor_prefix="BE",
    works=(
        "Houblon en pellets, récolte de l'année",
        "Malt pilsner, 2 palettes",
        "Cuve de garde 20 hl",
        "Détartrage et entretien des échangeurs",
        "Fûts inox 30 l, lot de 40",
        "Levures et nutriments",
        "Raccords, joints et colliers",
        "Location de la ligne d'embouteillage",
        "Bouteilles 33 cl, 8 palettes",
        "Contrôle annuel des soupapes",
    ),
    history=86,
    customers=_CUSTOMERS,
    hero_invoices=_HEROES,
)
