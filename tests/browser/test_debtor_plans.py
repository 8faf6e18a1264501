"""A plan from the wish to its end, in French on a phone and in German at a desk; and what somebody
does who has a keyboard alone: pay, and agree a plan.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.keyboard import Keys
from tests.support.stage import GERMAN_DESK, NO_FUNDS, NUMBER, VISA, Person, Stage

WITH_3D_SECURE = "4000002760003184"


def test_a_plan_is_agreed_kept_late_cured_broken_and_paid_off(stage: Stage) -> None:
    debtor = stage.reminded("1000.00 CHF")
    _signs(debtor, stage)
    debtor.pays_by_card(VISA)
    debtor.headed(
        "Merci, votre paiement de 200.00 CHF est arrivé.", "Vielen Dank, CHF 200.00 sind bezahlt."
    )
    stage.work()
    debtor = _at_the_plan(stage)
    debtor.sees("en cours", "läuft")
    debtor.sees("Reste 800.00 CHF", "Verbleibend CHF 800.00")

    # The second is announced and charged; the third is announced, and refused by the bank.
    for day in ("2026-12-01", "2026-12-03"):
        stage.morning(day)
    assert _last(stage, "merci, nous avons reçu 200.00 CHF", "vielen Dank, CHF 200.00 erhalten")
    stage.bank_says(NO_FUNDS)
    for day in ("2027-01-01", "2027-01-03"):
        stage.morning(day)
    assert _last(stage, "200.00 CHF n’a pas pu être prélevé", "konnte nicht eingezogen werden")
    stage.morning("2027-01-11")
    assert _last(
        stage, "Veuillez payer 200.00 CHF d’ici au 19 janvier", "CHF 200.00 bis 19. Januar"
    )

    _cures(stage)

    # The fourth is refused, too, and nobody does anything about it.
    stage.bank_says(NO_FUNDS)
    for day in ("2027-02-01", "2027-02-03", "2027-02-10", "2027-02-19"):
        stage.morning(day)
    debtor = stage.debtor(stage.letters("a pris fin", "beendet")[-1])
    debtor.sees("À payer 400.00 CHF dont échu 400.00 CHF", "Zu bezahlen CHF 400.00")
    debtor.sees("échue depuis 113 jours", "seit 113 Tagen fällig")
    debtor.finds_it_usable()
    debtor.press("Payer 400.00 CHF", "CHF 400.00 bezahlen")
    debtor.press("Continuer vers le paiement", "Weiter zur Zahlung")
    debtor.pays_by_card(VISA)
    debtor.headed(
        "Merci, votre paiement de 400.00 CHF est arrivé.", "Vielen Dank, CHF 400.00 sind bezahlt."
    )
    debtor.sees("Il ne reste rien à payer.", "Es ist nichts mehr offen.")
    stage.work()
    assert stage.outstanding(stage.invoice_id) == "CHF 0.00"
    assert [charge["amount"] for charge in stage.stripe.charged()] == [
        200_00,
        200_00,
        200_00,
        400_00,
    ]


def _signs(debtor: Person, stage: Stage) -> None:
    """From the account to the payment page of the first instalment."""
    debtor.press("Payer en plusieurs fois", "In Raten zahlen")
    debtor.headed("Payer 1 000.00 CHF en plusieurs fois", "CHF 1’000.00 in Raten zahlen")
    debtor.choose("5 versements", "5 Raten")
    debtor.press("Continuer", "Weiter")
    debtor.headed("Est-ce bien vous ?", "Sind Sie es?")
    debtor.press("M’envoyer le code", "Code senden")
    debtor.write("Le code reçu par e-mail", "Der Code aus der E-Mail", stage.code())
    debtor.press("Continuer", "Weiter")
    debtor.headed("Votre plan de paiement", "Ihr Ratenplan")
    debtor.sees("2 3 déc. 2026 200.00 CHF", "2 3. Dez. 2026 CHF 200.00")
    debtor.sees("Total sans frais 1 000.00 CHF", "Gesamt kostenlos CHF 1’000.00")
    debtor.finds_it_usable()
    debtor.choose("J’accepte ce plan", "Ich bin mit diesem Ratenplan einverstanden")
    debtor.press("Signer et payer 200.00 CHF", "Unterschreiben und CHF 200.00 bezahlen")


def _at_the_plan(stage: Stage) -> Person:
    """The debtor follows the newest mail, and goes on to the plan."""
    debtor = stage.debtor()
    debtor.go_on(debtor.page.locator(".list a[href^='/plans/']").first)
    return debtor


def _last(stage: Stage, fr: str, de: str) -> bool:
    """Whether the newest mail is about this."""
    return stage.letters()[-1] in stage.letters(fr, de)


def _cures(stage: Stage) -> None:
    """From the notice to the late instalment, with a card that works."""
    debtor = stage.debtor()
    debtor.sees_not("Rien n’est demandé pour l’instant", "Im Moment wird nichts verlangt")
    debtor.press("Payer le versement en retard", "Überfällige Rate bezahlen")
    debtor.sees(
        "Veuillez payer 200.00 CHF d’ici au 19 janvier 2027 ; le plan se poursuit alors",
        "Bitte bezahlen Sie CHF 200.00 bis 19. Januar 2027; der Ratenplan läuft dann weiter",
    )
    debtor.finds_it_usable()
    debtor.press("Payer le versement 3 : 200.00 CHF", "Rate 3 bezahlen: CHF 200.00")
    debtor.pays_by_card(VISA)
    stage.work()
    debtor = _at_the_plan(stage)
    debtor.sees("en cours", "läuft")
    debtor.sees("Payé − 600.00 CHF", "Bezahlt − CHF 600.00")


def _open_mail(stage: Stage) -> Keys:
    keys = Keys(stage.mailbox(stage.letters()[-1]))
    keys.enter(keys.page.locator("a[href*='/l/']").first)
    return keys


@pytest.mark.parametrize("telling", [GERMAN_DESK], ids=["german-desk"])
def test_an_invoice_is_paid_with_the_keyboard_alone(stage: Stage) -> None:
    stage.world.invoice("300.00 CHF", debtor_id=stage.debtor_id, number="2026-0455")
    stage.reminded("1000.00 CHF")
    keys = _open_mail(stage)
    page = keys.page

    # The other invoice is chosen as well, and left out again; the sum follows, the focus stays.
    other = page.get_by_label("2026-0455", exact=True)
    keys.reach(other)
    for sum_of_both in ("CHF 1’300.00 bezahlen", "CHF 1’000.00 bezahlen"):
        page.keyboard.press("Space")
        expect(keys.person.control(sum_of_both, sum_of_both)).to_be_visible()
        expect(other).to_be_focused()
    keys.press("CHF 1’000.00 bezahlen", back=True)

    # A part is typed, and thought better of: passing the field once more changes nothing.
    whole = page.locator("input[name=choice][value=chosen]")
    keys.reach(page.locator("#amount"))
    page.keyboard.type("250")
    expect(page.locator("#choice-other")).to_be_checked()
    keys.reach(page.locator("#choice-other"), back=True)
    while not whole.is_checked():
        page.keyboard.press("ArrowUp")
    keys.press("Weiter zur Zahlung")

    keys.reach(page.locator(f"input[name=test_card][value='{VISA}']"))
    while not page.locator(f"input[name=test_card][value='{WITH_3D_SECURE}']").is_checked():
        page.keyboard.press("ArrowDown")
    keys.enter(page.locator("form:has(input[name=test_card]) button[type=submit]"))
    keys.enter(page.locator("button[value=authenticate]"))
    keys.person.headed("", "Vielen Dank, CHF 1’000.00 sind bezahlt.")
    keys.press("Zurück zu Ihrem Konto")
    keys.person.sees("", "Zu bezahlen CHF 300.00")
    assert [charge["amount"] for charge in stage.stripe.charged()] == [1000_00]


@pytest.mark.parametrize("telling", [GERMAN_DESK], ids=["german-desk"])
def test_who_waits_for_the_bank_stays_there_when_the_page_looks_again(stage: Stage) -> None:
    debtor = stage.reminded("1000.00 CHF")
    debtor.press("", "CHF 1’000.00 bezahlen")
    debtor.press("", "Weiter zur Zahlung")
    # Stripe lets them go before it knows; the page looks again by itself.
    ((_account, checkout),) = stage.stripe.store.every("checkout.session")
    debtor.page.goto(checkout["success_url"].replace("{CHECKOUT_SESSION_ID}", checkout["id"]))
    debtor.headed("", "Die Antwort der Bank steht noch aus.")
    keys = Keys(debtor)
    keys.reach(debtor.control("", "Noch einmal nachsehen"))

    debtor.headed("", "Ihre Zahlung ist noch nicht abgeschlossen.")
    expect(debtor.page.locator("#payment-state")).to_be_focused()
    debtor.page.keyboard.press("Tab")
    expect(debtor.control("", "Zahlung fortsetzen")).to_be_focused()


@pytest.mark.parametrize("telling", [GERMAN_DESK], ids=["german-desk"])
def test_a_plan_is_agreed_with_the_keyboard_alone(stage: Stage) -> None:
    stage.reminded("1000.00 CHF")
    keys = _open_mail(stage)
    page = keys.page
    keys.press("In Raten zahlen")
    chosen = page.locator("input[name=parts]:checked")
    keys.reach(chosen)
    while chosen.get_attribute("value") != "5":
        page.keyboard.press("ArrowDown")
    keys.press("Weiter")
    keys.press("Code senden")
    keys.reach(page.locator("#code"))
    page.keyboard.type(stage.code())
    with page.expect_navigation():
        page.keyboard.press("Enter")

    keys.reach(page.locator("input[name=agree]"))
    page.keyboard.press("Space")
    keys.press("Unterschreiben und CHF 200.00 bezahlen")
    keys.enter(page.locator("form:has(input[name=test_card]) button[type=submit]"))
    keys.person.headed("", "Vielen Dank, CHF 200.00 sind bezahlt.")
    stage.work()
    keys.press("Zurück zu Ihrem Konto")
    keys.enter(page.locator(".list a[href^='/plans/']").first)
    keys.person.sees("", "Bezahlt − CHF 200.00 Verbleibend CHF 800.00")
    assert NUMBER in page.locator("main").inner_text()
