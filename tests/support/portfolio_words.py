"""What the companies of drawn customer files are called, and where they live."""

from __future__ import annotations

from typing import Final

CITIES: Final = {
    "CH": "8001 Zürich,3011 Bern,4051 Basel,1003 Lausanne,1201 Genève,6003 Luzern,9000 St. Gallen,"
    "8400 Winterthur,2502 Biel,1700 Fribourg,7000 Chur,5000 Aarau,6300 Zug,2000 Neuchâtel,"
    "1950 Sion,8200 Schaffhausen,6900 Lugano,3600 Thun",
    "FR": "75008 Paris,69002 Lyon,13001 Marseille,33000 Bordeaux,31000 Toulouse,44000 Nantes,"
    "67000 Strasbourg,59800 Lille,06000 Nice,35000 Rennes,34000 Montpellier,38000 Grenoble,"
    "21000 Dijon,37000 Tours,51100 Reims,76000 Rouen,63000 Clermont-Ferrand,92110 Clichy",
    "DE": "10115 Berlin,20095 Hamburg,80331 München,50667 Köln,60311 Frankfurt am Main,"
    "70173 Stuttgart,40213 Düsseldorf,04109 Leipzig,01067 Dresden,30159 Hannover,90402 Nürnberg,"
    "28195 Bremen,45127 Essen,68159 Mannheim,79098 Freiburg,48143 Münster",
    "BE": "1000 Bruxelles,2000 Antwerpen,9000 Gent,4000 Liège,8000 Brugge,3000 Leuven,5000 Namur,"
    "7000 Mons,6000 Charleroi,2800 Mechelen,8500 Kortrijk,3500 Hasselt",
}  # fmt: skip
STREETS: Final = {
    "CH": "Bahnhofstrasse,Hauptstrasse,Dorfstrasse,Industriestrasse,Seestrasse,Kirchgasse,"
    "Zürcherstrasse,Rosenweg,Gartenstrasse,Rue du Lac,Avenue de la Gare,Bergstrasse,Mühleweg",
    "FR": "rue de la République,avenue Jean Jaurès,boulevard Gambetta,rue Victor Hugo,"
    "place de la Mairie,rue Pasteur,chemin des Vignes,allée des Tilleuls,rue du Moulin,"
    "avenue Foch,rue des Écoles,route de Paris,impasse des Lilas",
    "DE": "Hauptstraße,Bahnhofstraße,Schulstraße,Gartenstraße,Dorfstraße,Bergstraße,Lindenweg,"
    "Industriestraße,Goethestraße,Schillerplatz,Am Markt,Ringstraße,Birkenweg",
    "BE": "Rue Neuve,Avenue Louise,Kerkstraat,Stationsstraat,Grote Markt,Molenstraat,"
    "Chaussée de Wavre,Nieuwstraat,Dorpsstraat,Rue de la Station,Veldstraat,Industrielaan",
}  # fmt: skip
SURNAMES: Final = (
    "Müller,Meier,Schmid,Keller,Weber,Huber,Schneider,Meyer,Steiner,Fischer,Gerber,Brunner,"
    "Baumann,Frei,Zimmermann,Moser,Widmer,Wyss,Graf,Roth,Dubois,Martin,Bernard,Lefèvre,Moreau,"
    "Girard,Bonnet,Fontaine,Rousseau,Chevalier,Garnier,Faure,Mercier,Lambert,Peeters,Janssens,"
    "Maes,Jacobs,Willems,Claes,Goossens,Wouters,Schäfer,Köhler,Krüger,Hofmann,Lehmann,Böhm,"
    "Vogt,Sommer,Brandt,Lorenz,Haas,Engel,Voigt,Arnold,Pfeiffer,Günther,Jäger,Bühler,Zürcher"
).split(",")
TRADES: Final = {
    "CH": "Bau,Treuhand,Elektro,Transporte,Schreinerei,Metallbau,Gastro,Immobilien,Consulting,"
    "Informatik,Garage,Malerei,Haustechnik,Logistik,Handel,Druck,Medizintechnik,Uhren",
    "FR": "Transports,Menuiserie,Bâtiment,Conseil,Plomberie,Boulangerie,Immobilier,Électricité,"
    "Restauration,Distribution,Peinture,Informatique,Énergie,Textile,Maçonnerie,Santé",
    "DE": "Bau,Logistik,Elektrotechnik,Maschinenbau,Handel,Beratung,Werkzeuge,Spedition,Möbel,"
    "Energie,Software,Gebäudetechnik,Verpackungen,Medien,Immobilien,Autohaus",
    "BE": "Transport,Bouw,Construct,Consulting,Elektro,Logistics,Immo,Trading,Interieur,"
    "Schrijnwerkerij,Garage,Services,Foods,Solutions,Textiles,Energie",
}  # fmt: skip
FORMS: Final = {
    "CH": (("AG", "Aktiengesellschaft"), ("GmbH", "Gesellschaft mit beschränkter Haftung"),
           ("Sàrl", "S.à r.l."), ("SA", "S.A.")),
    "FR": (("SARL", "S.A.R.L."), ("SAS", "Société par actions simplifiée"), ("SA", "S.A."),
           ("EURL", "E.U.R.L."), ("SCI", "Société civile immobilière")),
    "DE": (("GmbH", "Gesellschaft mit beschränkter Haftung"), ("AG", "Aktiengesellschaft"),
           ("GmbH & Co. KG", "GmbH & Co KG"), ("KG", "Kommanditgesellschaft"), ("e.K.", "eK")),
    "BE": (("SRL", "S.R.L."), ("BV", "B.V."), ("NV", "N.V."), ("SA", "S.A."), ("BVBA", "B.V.B.A.")),
}  # fmt: skip
SYLLABLES: Final = (
    "al,an,ar,bel,bo,ca,cor,da,del,do,el,en,er,fi,flo,ga,gri,ha,in,is,ja,ka,kor,la,len,lo,lux,ma,"
    "men,mi,mon,na,nel,no,ny,o,or,pa,per,pi,pro,qua,ra,ren,ri,ro,sa,sen,si,so,ta,tec,ti,to,tri,"
    "u,va,vel,vi,vo,xa,xi,ya,za,zen,zo"
).split(",")
GROUP: Final = ("Holding", "Suisse", "Deutschland", "France", "Luxembourg", "Services", "Group")
SHORT_STREETS: Final = (
    ("strasse", "str."), ("straße", "str."), ("avenue", "av."), ("boulevard", "bd"),
    ("Avenue", "Av."),
)  # fmt: skip
FREEMAIL: Final = ("gmail.com", "bluewin.ch", "gmx.de", "orange.fr", "hotmail.com", "skynet.be")
