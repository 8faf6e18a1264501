"""The page in German, as the Swiss write it."""

WORDS = {
    "title": "Quittance: was anklicken",
    "language": "Sprache",
    "band": "Demo. Alles läuft auf diesem Computer; keine Mail und kein Geld verlässt ihn.",
    "heading": "Eine Rechnung wird bezahlt, ein Risiko rechtzeitig bemerkt",
    "lead": "Drei erfundene Lieferanten, {debtors} Kunden, ein Jahr Rechnungen. Post, Karten,"
    " Push und Auskunftei sind hier gespielt; das Produkt ist das echte.",
    "minutes": "Etwa zehn Minuten, acht Schritte.",
    "clock": "Die Uhr der Demo",
    "clock_at": "{time} in {city}",
    "clock_start": "Hier beginnt die Geschichte.",
    "clock_one": "Ein Tag seit Beginn.",
    "clock_many": "{days} Tage seit Beginn.",
    "pass_day": "Einen Tag vergehen lassen",
    "pass_week": "Eine Woche vergehen lassen",
    "passed_1": "Ein Tag ist vergangen. Was am Morgen fällig wird, geht gerade hinaus.",
    "passed_7": "Eine Woche ist vergangen, Tag für Tag. Was fällig wurde, geht gerade hinaus.",
    "passed_stale": "Diese Seite ging der Uhr nach, darum blieb sie stehen. Jetzt stimmt sie.",
    "steps": "Die Geschichte",
    "new_tab": "öffnet in einem neuen Tab",
    "quiet_title": "Noch ist nichts geschehen",
    "quiet_text": "Öffnen Sie den Briefkasten. Was das Produkt versendet, an wen auch immer, kommt"
    " dort an, und er ist leer.",
    "mailbox": "Briefkasten öffnen",
    "day_title": "Lassen Sie einen Tag vergehen",
    "day_text": "Um neun Uhr gehen die Erinnerungen des Tages hinaus, jede in der Sprache dessen,"
    " der sie liest. {pays} ist drei Tage im Verzug: eine freundliche erste Erinnerung auf"
    " Französisch. {german} bekommt eine zweite, bestimmtere, auf Deutsch. Am Wochenende wird"
    " niemandem geschrieben: Lassen Sie noch einen Tag vergehen.",
    "mail_title": "Öffnen Sie die Erinnerung und folgen Sie dem Link",
    "mail_text": "Die Mail an {pays_email} sagt, was offen ist und warum geschrieben wird. Ihr"
    " Knopf öffnet das ganze Konto des Kunden: kein Passwort, kein Formular.",
    "mail_link": "Post an {pays}",
    "mail_link_german": "Post an {german}",
    "pay_title": "Bezahlen Sie mit Karte, auf dem schweren Weg",
    "pay_text": "Bezahlen Sie auf der Seite des Kunden. Die Kartenseite steht für jene von Stripe:"
    " Wählen Sie die Karten in dieser Reihenfolge und lesen Sie, was der Kunde jeweils erfährt.",
    "card_declined": "wird abgelehnt",
    "card_secure": "lässt die Bank bestätigen (3-D Secure)",
    "card_pays": "bezahlt sofort, wenn es schnell gehen soll",
    "stripe": "Was Stripe weiss",
    "office_title": "Sehen Sie es vom Pult des Lieferanten",
    "office_text": "Melden Sie sich als {owner} von {supplier} an. Die Zahlung ist da, die Rechnung"
    " erledigt, die Erinnerung steht in ihrer Geschichte, und der Kunde hat Dank erhalten.",
    "office": "Backoffice öffnen",
    "payments": "Zahlungen",
    "score_title": "Senken Sie einen Score bei der Auskunftei",
    "score_text": "{falls} schuldet {supplier} mehr als alle anderen und steht bei {score}. Lassen"
    " Sie das Backoffice zuerst diesen Browser benachrichtigen; senken Sie dann den Score bei der"
    " Auskunftei um 40 Punkte.",
    "notifications": "Benachrichtigungen einschalten",
    "bureau": "{falls} bei der Auskunftei",
    "alert_title": "Die Warnung findet Sie",
    "alert_text": "Nach Sekunden steht die Warnung auf der Seite, ohne Neuladen, in der Post von"
    " {owner_email} und auf dem Bildschirm: Die Benachrichtigung öffnet die richtige Seite.",
    "alerts": "Warnungen im Backoffice",
    "owner_mail": "Post an {owner}",
    "push": "Was der Push-Dienst bekam",
    "import_title": "Bringen Sie Rechnungen hinein",
    "import_text": "Laden Sie diese drei herunter und dort wieder hoch. Zwei sind E-Rechnungen und"
    " werden angenommen. Die Liste enthält einen Fehler: Sie wird ganz abgelehnt, mit Zeile, Grund"
    " und Abhilfe.",
    "imports": "Seite zum Hochladen",
    "file_ubl": "UBL-Rechnung, für einen bekannten Kunden",
    "file_cii": "CII-Rechnung (das XML in Factur-X), für einen neuen Kunden",
    "file_csv": "Liste mit einem Datum, das kein Kalender kennt",
    "file_customers": "Kundenliste für den Portfolio-Check (Überwachung)",
    "people": "Wer sich anmelden kann",
    "people_text": "Jeder Lieferant sieht seine eigenen Kunden und sonst niemanden.",
    "email": "E-Mail",
    "password": "Passwort",
    "owner": "Inhaberin oder Inhaber",
    "collector": "Inkasso",
    "reader": "darf nur lesen",
    "more": "Alles, was läuft",
    "more_text": "Beenden Sie die Demo mit Ctrl+C, starten Sie sie wieder: Nichts geht verloren.",
    "portal": "Kundenportal",
    "mailbox_all": "Briefkasten",
    "bureau_all": "Auskunftei",
    "gazettes_all": "Amtsblätter: einen Konkurs veröffentlichen",
    "creditsafe_all": "Creditsafe: eine Bewertung ändern",
}
