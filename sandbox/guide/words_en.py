"""The page in English."""

WORDS = {
    "title": "Quittance: what to click",
    "language": "Language",
    "band": "Demo. Everything below runs on this computer; no mail and no money leaves it.",
    "heading": "See an invoice get paid, and a risk noticed in time",
    "lead": "Three invented suppliers, {debtors} customers, a year of invoices. Mail, cards,"
    " push and the credit bureau are played here; the product is the real one.",
    "minutes": "About ten minutes, eight steps.",
    "clock": "The demo's clock",
    "clock_at": "{time} in {city}",
    "clock_start": "The story begins here.",
    "clock_one": "One day into the story.",
    "clock_many": "{days} days into the story.",
    "pass_day": "Let a day pass",
    "pass_week": "Let a week pass",
    "passed_1": "A day has passed. What falls due in the morning is being sent.",
    "passed_7": "A week has passed, day by day. What fell due is being sent.",
    "passed_stale": "This page was older than the clock, so nothing was moved. Now it is current.",
    "steps": "The story",
    "new_tab": "opens in a new tab",
    "quiet_title": "Nothing has happened yet",
    "quiet_text": "Open the mailbox. Whatever the product sends to anybody arrives there, and it"
    " is empty.",
    "mailbox": "Open the mailbox",
    "day_title": "Let a day pass",
    "day_text": "At nine in the morning the reminders of the day go out, each in its reader's"
    " language. {pays} is three days late: a friendly first reminder, in French."
    " {german} gets a second, firmer one, in German. On a weekend nobody is written to: let"
    " another day pass.",
    "mail_title": "Open the reminder and follow its link",
    "mail_text": "The mail to {pays_email} says what is owed and why it was sent. Its button opens"
    " the customer's whole account: no password, no form.",
    "mail_link": "Mail to {pays}",
    "mail_link_german": "Mail to {german}",
    "pay_title": "Pay by card, the hard way",
    "pay_text": "On the customer's page, pay. The card page is a stand-in for Stripe's: choose a"
    " card, in this order, and look at what the customer is told each time.",
    "card_declined": "is declined",
    "card_secure": "asks the bank to confirm (3-D Secure)",
    "card_pays": "pays at once, if you like it short",
    "stripe": "What Stripe knows",
    "office_title": "See it from the supplier's desk",
    "office_text": "Sign in as {owner} of {supplier}. The payment is there, the invoice is closed,"
    " the reminder stands in its history, and thanks went to the customer.",
    "office": "Open the backoffice",
    "payments": "Payments",
    "score_title": "Lower a score at the credit bureau",
    "score_text": "{falls} owes {supplier} more than anybody else and stands at {score}. First"
    " let the backoffice notify this browser; then lower the score at the bureau by 40 points.",
    "notifications": "Switch notifications on",
    "bureau": "{falls} at the bureau",
    "alert_title": "The alert finds you",
    "alert_text": "Within seconds the alert is on the page, without a reload, in {owner_email}'s"
    " mail, and on the screen as a notification that opens the right page.",
    "alerts": "Alerts in the backoffice",
    "owner_mail": "{owner}'s mail",
    "push": "What the push service got",
    "import_title": "Bring in invoices of your own",
    "import_text": "Download these three and upload them. Two are e-invoices and are taken. The"
    " list has a mistake in it: it is refused as a whole, with the line, the reason and the cure.",
    "imports": "Upload page",
    "file_ubl": "UBL invoice, for a customer you have",
    "file_cii": "CII invoice (the XML inside Factur-X), for a new customer",
    "file_csv": "List with a date that no calendar has",
    "people": "Who can sign in",
    "people_text": "Each supplier sees its own customers and nobody else's.",
    "email": "E-mail",
    "password": "Password",
    "owner": "owner",
    "collector": "collector",
    "reader": "may only read",
    "more": "Everything that runs",
    "more_text": "Stop the demo with Ctrl+C and start it again: nothing is lost.",
    "portal": "Customers' portal",
    "mailbox_all": "Mailbox",
    "bureau_all": "Credit bureau",
}
