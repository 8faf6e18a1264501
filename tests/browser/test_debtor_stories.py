"""What a debtor lives through with a debt, in a real browser: a dispute, a debit that comes back,
promises, a transfer that crosses a payment. Each is told in French on a phone or in German at a
desk, in the long runs in both (but for the rarest, which is told in French); the mails are
followed, the payment pages are the sandbox's, the days go by.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import FilePayload, expect

from tests.support.stage import (
    CUSTOMER,
    FRENCH_PHONE,
    GERMAN_DESK,
    NUMBER,
    REMINDED_ON,
    VISA,
    Person,
    Stage,
)


def test_three_hundred_of_a_thousand_are_disputed_with_a_file_and_half_of_it_is_upheld(
    stage: Stage,
) -> None:
    debtor = stage.reminded("1000.00 CHF")
    debtor.press("Contester une facture", "Rechnung beanstanden")
    debtor.choose(NUMBER, NUMBER)  # The only one was ticked.
    debtor.press("Continuer", "Weiter")
    expect(debtor.page.get_by_role("alert")).to_contain_text(
        stage.telling.of("Choisissez au moins une facture", "wählen Sie mindestens eine Rechnung")
    )
    debtor.press("Continuer", "Weiter")
    debtor.headed(
        "Qu’est-ce qui ne va pas dans la facture 2026-0412 ?",
        "Was stimmt an der Rechnung 2026-0412 nicht?",
    )
    debtor.choose("La qualité ou la prestation", "Qualität")
    debtor.choose("Une partie", "Ein Teil")
    debtor.write("Montant contesté en CHF", "Beanstandeter Betrag in CHF", "300")
    debtor.write("Votre message", "Ihre Nachricht", "Drei Platten sind zerkratzt / rayées.")
    note = FilePayload(name="Bon 17.txt", mimeType="text/plain", buffer=b"3 plaques, 3 Platten")
    debtor.page.locator("input[type=file]").set_input_files(note)
    debtor.press("Envoyer la contestation", "Beanstandung senden")

    debtor.headed("Contestation D-0001", "Beanstandung D-0001")
    debtor.sees("300.00 CHF", "CHF 300.00", within=".figure")
    debtor.sees("Le reste n’est pas contesté : Payer 700.00 CHF", "CHF 700.00 bezahlen")
    debtor.sees("nous ne vous réclamons pas le montant contesté", "verlangen wir den")
    debtor.sees("Bon 17.txt, 1 ko", "Bon 17.txt, 1 kB")
    debtor.finds_it_usable()

    stage.work()
    clerk = stage.clerk()
    _upholds_half(clerk)
    stage.work()

    mail = stage.letters("acceptée en partie : 150.00 CHF", "CHF 150.00")[-1]
    debtor = stage.debtor(mail)
    debtor.sees("À payer 850.00 CHF", "Zu bezahlen CHF 850.00")
    debtor.press("2026-0412 D-0001", "2026-0412 D-0001")
    debtor.sees("Accordé − 150.00 CHF", "Anerkannt − CHF 150.00")
    debtor.sees("Nous renonçons à 150.00 CHF.", "CHF 150.00 werden Ihnen gutgeschrieben.")
    debtor.sees("Jusqu’au 10 novembre 2026 compris", "vor Ablauf des 10. November 2026")
    debtor.sees("Zur Hälfte / pour moitié.", "Zur Hälfte / pour moitié.")
    debtor.sees("À payer : Payer 850.00 CHF", "Zu bezahlen: CHF 850.00 bezahlen")
    debtor.finds_it_usable()


def _upholds_half(clerk: Person) -> None:
    """The clerk reads the dispute, takes it, and sees what deciding it so would do."""
    bar = clerk.page.locator(".topbar, nav")
    words = clerk.telling.of("Contestations", "Beanstandungen")
    clerk.go_on(bar.get_by_role("link", name=words).first)
    clerk.headed("Contestations", "Beanstandungen")
    clerk.press(f"D-0001 · {CUSTOMER}", f"D-0001 · {CUSTOMER}")
    clerk.sees("Bon 17.txt", "Bon 17.txt")
    clerk.press("Prendre en charge", "Übernehmen")
    clerk.write(
        "Admis sur 2026-0412 (de 300.00 CHF)", "Anerkannt von 2026-0412 (von CHF 300.00)", "150"
    )
    clerk.press("Cette partie", "Diesen Teil")
    clerk.sees("150.00 CHF ne sont pas réclamés", "CHF 150.00")
    clerk.write("Le motif, pour le client", "Begründung", "Zur Hälfte / pour moitié.")
    clerk.press("Décider ainsi", "So entscheiden")
    clerk.sees("C’est décidé. Le client en est informé.", "Es ist entschieden. Der Kunde")
    clerk.finds_it_usable()


def test_a_promise_is_kept_and_the_next_one_is_not(stage: Stage) -> None:
    debtor = stage.reminded("1500.00 CHF")
    debtor.press("Promettre une date", "Zahlungstermin zusagen")
    debtor.headed("Quand paierez-vous ?", "Wann werden Sie bezahlen?")
    debtor.write("D’ici à quel jour ?", "Bis zu welchem Tag?", "2026-11-06")
    debtor.press("Promettre", "Zusagen")
    debtor.headed(
        "Vous avez promis 1 500.00 CHF d’ici au 6 novembre 2026.",
        "Sie haben CHF 1’500.00 bis 6. November 2026 zugesagt.",
    )
    debtor.sees("D’ici là, vous ne recevez pas de rappel", "Bis dahin erinnern wir Sie nicht")
    debtor.finds_it_usable()
    stage.work()
    said = stage.letters(
        "Rochat SA : vous avez promis 1 500.00 CHF d’ici au 6 novembre 2026",
        "Rochat SA: Sie haben CHF 1’500.00 bis 6. November 2026 zugesagt",
    )
    assert [said[-1]] == list(stage.letters()[1:])

    # The first reminder would be followed by a second on the ninth; the money comes in time.
    stage.transfer(stage.invoice_id, "1500.00 CHF", on="2026-11-05")
    stage.morning("2026-11-11")
    assert len(stage.letters()) == 3
    debtor = stage.debtor(stage.letters("nous avons reçu", "eingegangen, vielen Dank")[-1])
    debtor.sees("Toutes vos factures sont payées. Merci !", "Alle Ihre Rechnungen sind bezahlt.")

    _breaks_a_promise(stage)


def _breaks_a_promise(stage: Stage) -> None:
    stage.world.invoice(
        "480.00 CHF", debtor_id=stage.debtor_id, number="2026-0455", due_on=date(2026, 11, 8)
    )
    debtor = stage.debtor()
    debtor.press("Promettre une date", "Zahlungstermin zusagen")
    debtor.write("D’ici à quel jour ?", "Bis zu welchem Tag?", "2026-11-13")
    debtor.press("Promettre", "Zusagen")
    debtor.press("Retour à votre compte", "Zurück zu Ihrem Konto")
    debtor.sees("rappels suspendus", "Erinnerungen ruhen")

    # Until Tuesday the money may be late; on Wednesday the reminders go on where they were.
    stage.morning("2026-11-17")
    before = len(stage.letters())
    stage.morning("2026-11-18")
    demand = stage.letters(
        "facture 2026-0455, 480.00 CHF, échue le 8 nov. 2026",
        "Rechnung 2026-0455, CHF 480.00, fällig seit 8. Nov. 2026",
    )
    assert list(stage.letters()[before:]) == [demand[-1]]
    debtor = stage.debtor()
    debtor.sees("À payer 480.00 CHF", "Zu bezahlen CHF 480.00")
    debtor.sees("non tenue", "nicht eingehalten")
    debtor.press("d’ici au 13 nov. 2026", "bis 13. Nov. 2026")
    debtor.headed(
        "Le paiement n’est pas arrivé à temps.", "Das Geld ist nicht rechtzeitig eingegangen."
    )
    debtor.sees("0.00 CHF sont arrivés", "eingegangen sind CHF 0.00")
    debtor.finds_it_usable()


@pytest.mark.parametrize(
    ("telling", "country"),
    [
        pytest.param(FRENCH_PHONE, "FR", id="french-phone-in-france"),
        pytest.param(GERMAN_DESK, "AT", id="german-desk-in-austria", marks=pytest.mark.proof),
    ],
)
def test_a_debit_is_returned_three_weeks_after_it_came(stage: Stage) -> None:
    debtor = stage.reminded("1250.00 EUR")
    debtor.press("Payer 1 250,00 EUR", "EUR 1.250,00 bezahlen")
    debtor.sees("prend quelques jours ouvrables", "dauert einige Arbeitstage")
    debtor.press("Continuer vers le paiement", "Weiter zur Zahlung")
    debtor.go_on(debtor.page.locator("button[value=sepa_debit]"))
    debtor.headed("Votre paiement est en route.", "Ihre Zahlung ist unterwegs.")
    debtor.sees("1 250,00 EUR arrivera d’ici quelques jours", "EUR 1.250,00 treffen in einigen")
    debtor.finds_it_usable()
    stage.work()

    # At the bank: nothing is asked for, nobody is reminded.
    stage.morning("2026-11-10")
    assert len(stage.letters()) == 1
    debtor = stage.debtor()
    debtor.sees("Tout est déjà en route. Vous n’avez rien à faire.", "Alles ist bereits unterwegs.")
    stage.stripe.settle_debit(stage.found_at_stripe("payment_intent"))
    stage.work()
    debtor = stage.debtor(stage.letters("merci, nous avons reçu", "vielen Dank")[-1])
    debtor.sees("Rien à payer", "Nichts zu bezahlen")

    stage.morning("2026-12-01")
    stage.stripe.open_dispute(stage.found_at_stripe("charge"), reason="debit_not_authorized")
    stage.work()
    debtor = stage.debtor()
    debtor.sees("À payer 1 250,00 EUR", "Zu bezahlen EUR 1.250,00")
    debtor.press("Détails 2026-0412", "Details 2026-0412")
    debtor.sees(
        "1 250,00 EUR ont été repris par la banque et sont de nouveau dus.",
        "EUR 1.250,00 wurden von der Bank zurückgebucht und sind wieder offen.",
    )
    debtor.finds_it_usable()


def test_a_transfer_closes_the_payment_page_that_was_left_open(stage: Stage) -> None:
    debtor = stage.reminded("1000.00 CHF")
    _goes_to_pay(debtor)
    left_open = debtor.page

    # They pay at their bank instead, say so, and the clerk finds the money.
    debtor = stage.debtor()
    debtor.sees("commencé", "begonnen")
    debtor.press("J’ai déjà payé", "Ich habe bereits bezahlt")
    debtor.write("Montant en CHF", "Betrag in CHF", "1000")
    debtor.write("Quand avez-vous payé ?", "Wann haben Sie bezahlt?", "2026-11-02")
    debtor.press("Envoyer", "Senden")
    stage.work()
    clerk = stage.clerk()
    clerk.page.goto(f"{stage.urls['backoffice']}/said-to-be-paid")
    clerk.press(CUSTOMER, CUSTOMER)
    clerk.write("Référence sur le relevé bancaire", "Referenz im Kontoauszug", "E-BANKING 4711")
    clerk.press("Comptabiliser l’encaissement", "Geld verbuchen")
    stage.work()
    assert stage.outstanding(stage.invoice_id) == "CHF 0.00"

    late = Person(left_open, stage.telling, stage.telling.has_touch)
    late.page.reload()
    late.headed("Cette page a expiré", "Diese Seite ist abgelaufen")
    late.press("Revenir", "Zurück")
    late.headed("Rien n’a été payé.", "Es wurde nichts bezahlt.")
    late.page.goto(stage.urls["portal"])
    late.sees("Rien à payer", "Nichts zu bezahlen")
    assert stage.stripe.charged() == []


def _goes_to_pay(debtor: Person) -> None:
    debtor.press("Payer 1 000.00 CHF", "CHF 1’000.00 bezahlen")
    debtor.headed("Combien souhaitez-vous payer ?", "Wie viel möchten Sie bezahlen?")
    debtor.press("Continuer vers le paiement", "Weiter zur Zahlung")


@pytest.mark.parametrize("telling", [FRENCH_PHONE], ids=["french-phone"])
def test_what_is_paid_by_card_in_the_moment_of_a_transfer_is_sent_back(stage: Stage) -> None:
    debtor = stage.reminded("1000.00 CHF")
    _goes_to_pay(debtor)
    stage.transfer(stage.invoice_id, "1000.00 CHF", on=REMINDED_ON)
    debtor.pays_by_card(VISA)

    debtor.headed(
        "Merci, votre paiement de 1 000.00 CHF est arrivé.",
        "Vielen Dank, CHF 1’000.00 sind bezahlt.",
    )
    debtor.sees(
        "2026-0412 0.00 CHF Versé d’avance 1 000.00 CHF", "2026-0412 CHF 0.00 Vorauszahlung"
    )
    debtor.finds_it_usable()
    paid = debtor.page.url
    stage.work()

    clerk = stage.clerk()
    clerk.page.goto(f"{stage.urls['backoffice']}/payments")
    clerk.press(CUSTOMER, CUSTOMER)
    clerk.press("Rembourser", "Rückerstatten")
    clerk.sees("Sur le trop-perçu 1 000.00 CHF", "Aus dem zu viel Bezahlten CHF 1’000.00")
    clerk.write("Motif", "Grund", "Doppelt bezahlt")
    clerk.press("Rembourser 1 000.00 CHF", "CHF 1’000.00 zurücksenden")
    stage.work()

    debtor.page.goto(paid)
    debtor.sees("Remboursé", "An Sie zurückgesendet")
    debtor.page.goto(stage.urls["portal"])
    debtor.sees("Rien à payer", "Nichts zu bezahlen")
    debtor.sees_not("En votre faveur", "Ihr Guthaben")
    assert stage.outstanding(stage.invoice_id) == "CHF 0.00"
