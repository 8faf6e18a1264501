"""The page in French."""

WORDS = {
    "title": "Quittance : par où commencer",
    "language": "Langue",
    "band": "Démo. Tout tourne sur cet ordinateur ; aucun courriel et aucun franc n’en sort.",
    "heading": "Une facture qu’on paie, un risque qu’on voit venir",
    "lead": "Trois fournisseurs inventés, {debtors} clients, une année de factures. Courrier,"
    " cartes, notifications et agence de crédit sont joués ici ; le produit, lui, est le vrai.",
    "minutes": "Dix minutes environ, huit étapes.",
    "clock": "L’horloge de la démo",
    "clock_at": "{time} à {city}",
    "clock_start": "L’histoire commence ici.",
    "clock_one": "Un jour depuis le début.",
    "clock_many": "{days} jours depuis le début.",
    "pass_day": "Laisser passer un jour",
    "pass_week": "Laisser passer une semaine",
    "passed_1": "Un jour a passé. Ce qui est dû ce matin est en train de partir.",
    "passed_7": "Une semaine a passé, jour après jour. Ce qui était dû est en train de partir.",
    "passed_stale": "Cette page retardait sur l’horloge : rien n’a bougé. Elle est à jour.",
    "steps": "L’histoire",
    "new_tab": "s’ouvre dans un nouvel onglet",
    "quiet_title": "Il ne s’est encore rien passé",
    "quiet_text": "Ouvrez la boîte aux lettres. Tout ce que le produit envoie, à qui que ce soit, y"
    " arrive, et elle est vide.",
    "mailbox": "Ouvrir la boîte aux lettres",
    "day_title": "Laissez passer un jour",
    "day_text": "À neuf heures partent les rappels du jour, chacun dans la langue de qui le lit."
    " {pays} a trois jours de retard : un premier rappel amical, en français. {german} en reçoit"
    " un second, plus ferme, en allemand. Le week-end, on n’écrit à personne : laissez passer un"
    " jour de plus.",
    "mail_title": "Ouvrez le rappel et suivez son lien",
    "mail_text": "Le courriel à {pays_email} dit ce qui est dû et pourquoi on écrit. Son bouton"
    " ouvre tout le compte du client : ni mot de passe, ni formulaire.",
    "mail_link": "Courrier pour {pays}",
    "mail_link_german": "Courrier pour {german}",
    "pay_title": "Payez par carte, par le chemin difficile",
    "pay_text": "Sur la page du client, payez. La page de carte remplace celle de Stripe :"
    " choisissez une carte, dans cet ordre, et lisez ce qu’on dit au client à chaque fois.",
    "card_declined": "est refusée",
    "card_secure": "fait confirmer par la banque (3-D Secure)",
    "card_pays": "paie tout de suite, pour aller vite",
    "stripe": "Ce que Stripe sait",
    "office_title": "Voyez-le côté fournisseur",
    "office_text": "Connectez-vous comme {owner}, de {supplier}. Le paiement est là, la facture est"
    " close, le rappel figure dans son histoire, et le client a été remercié.",
    "office": "Ouvrir le back-office",
    "payments": "Paiements",
    "score_title": "Baissez un score à l’agence de crédit",
    "score_text": "{falls} doit à {supplier} plus que tout autre, avec un score de {score}. Laissez"
    " d’abord le back-office notifier ce navigateur, puis baissez le score de 40 points à"
    " l’agence.",
    "notifications": "Activer les notifications",
    "bureau": "{falls} à l’agence",
    "alert_title": "L’alerte vous trouve",
    "alert_text": "En quelques secondes l’alerte est sur la page, sans la recharger, dans le"
    " courrier de {owner_email}, et à l’écran : la notification ouvre la bonne page.",
    "alerts": "Alertes dans le back-office",
    "owner_mail": "Courrier pour {owner}",
    "push": "Ce que le service push a reçu",
    "import_title": "Faites entrer des factures",
    "import_text": "Téléchargez ces trois fichiers et déposez-les. Deux factures électroniques sont"
    " acceptées. La liste contient une erreur : elle est refusée en entier, avec la ligne, la"
    " raison et le remède.",
    "imports": "Page de dépôt",
    "file_ubl": "Facture UBL, pour un client connu",
    "file_cii": "Facture CII (le XML de Factur-X), pour un nouveau client",
    "file_csv": "Liste avec une date qu’aucun calendrier ne connaît",
    "file_customers": "Liste de clients pour le bilan de santé (Surveillance)",
    "people": "Qui peut se connecter",
    "people_text": "Chaque fournisseur voit ses clients, et personne d’autre.",
    "email": "E-mail",
    "password": "Mot de passe",
    "owner": "propriétaire",
    "collector": "recouvrement",
    "reader": "lecture seule",
    "more": "Tout ce qui tourne",
    "more_text": "Arrêtez la démo avec Ctrl+C et relancez-la : rien n’est perdu.",
    "portal": "Portail des clients",
    "mailbox_all": "Boîte aux lettres",
    "bureau_all": "Agence de crédit",
    "gazettes_all": "Journaux officiels : publier une faillite",
    "creditsafe_all": "Creditsafe : changer une notation",
}
