"""What the page shows: the steps of the story with their links, as finished values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlencode

from babel.dates import format_date

from sandbox.guide.words import LOCALES, WORDS, Words
from sandbox.story import HeroKind, SampleFile, Story, StorySupplier
from sandbox.story.customer_file import CUSTOMERS

#: Stripe's test cards: declined, 3-D Secure every time, paid.
#: Source: https://docs.stripe.com/testing
CARDS = (
    ("4000 0000 0000 0002", "card_declined"),
    ("4000 0027 6000 3184", "card_secure"),
    ("4242 4242 4242 4242", "card_pays"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideLinks:
    """Where everything runs (addresses without a slash at the end), and whose story it is.

    The paths are those of the backoffice's pages.
    """

    story: Story
    backoffice: str
    portal: str
    mailbox: str
    bureau: str
    stripe: str
    pushservice: str
    gazettes: str
    creditsafe: str
    payments_path: str = "/payments"
    alerts_path: str = "/monitoring"
    notifications_path: str = "/settings/notifications"
    imports_path: str = "/invoices/import"

    @property
    def lead(self) -> StorySupplier:
        """The supplier whose story the steps tell."""
        return self.story.suppliers[0]

    def mail_to(self, address: str) -> str:
        return f"{self.mailbox}/?{urlencode({'to': address})}"


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `inside` names the part of the template it holds beside text and links."""

    name: str
    title: str
    text: str
    links: tuple[Link, ...] = ()
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    url: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the template needs, in the reader's language."""

    language: str
    words: Words
    lead: str
    today: date
    day_text: str
    time_text: str
    age_text: str
    news: str
    news_at: str
    steps: tuple[Step, ...]
    cards: tuple[tuple[str, str], ...]
    downloads: tuple[Download, ...]
    suppliers: tuple[StorySupplier, ...]
    elsewhere: tuple[Link, ...]


def page_of(
    links: GuideLinks,
    samples: Sequence[SampleFile],
    language: str,
    now: datetime,
    *,
    passed: str = "",
    pressed_at: str = "clock",
) -> Page:
    """The page as it is at `now`, the time where the story's first supplier is.

    `passed` and `pressed_at` are what the button that led here did, and where it is.
    """
    words, story = WORDS[language], links.story
    debtors = sum(len(supplier.debtors) for supplier in story.suppliers)
    return Page(
        language=language,
        words=words,
        lead=words["lead"].format(debtors=debtors),
        today=now.date(),
        day_text=format_date(now.date(), "full", locale=LOCALES[language]),
        time_text=words["clock_at"].format(time=f"{now:%H:%M}", city=links.lead.city),
        age_text=_age((now.date() - story.today).days, words),
        news=words.get(f"passed_{passed}", ""),
        news_at=pressed_at,
        steps=_steps(links, words),
        cards=tuple((number, words[what]) for number, what in CARDS),
        downloads=tuple(_download(sample, words) for sample in samples),
        suppliers=story.suppliers,
        elsewhere=(
            Link("Backoffice", links.backoffice),
            Link(words["portal"], links.portal),
            Link(words["mailbox_all"], links.mailbox),
            Link(words["bureau_all"], links.bureau),
            Link(words["gazettes_all"], links.gazettes),
            Link(words["creditsafe_all"], links.creditsafe),
            Link("Stripe", links.stripe),
            Link("Push", links.pushservice),
        ),
    )


def _age(days: int, words: Words) -> str:
    if days <= 0:
        return words["clock_start"]
    return words["clock_one"] if days == 1 else words["clock_many"].format(days=days)


def _steps(links: GuideLinks, words: Words) -> tuple[Step, ...]:
    lead = links.lead
    pays, falls = lead.hero(HeroKind.PAYS), lead.hero(HeroKind.FALLS)
    german = lead.hero(HeroKind.PAYS_IN_GERMAN)
    owner = lead.staff[0]
    cast = {
        "supplier": lead.name,
        "owner": owner.name,
        "owner_email": owner.email,
        "pays": pays.name,
        "pays_email": pays.email,
        "german": german.name,
        "falls": falls.name,
        "score": falls.readings[-1].score,
    }
    urls = {
        "mailbox": links.mailbox,
        "mail_link": links.mail_to(pays.email),
        "mail_link_german": links.mail_to(german.email),
        "stripe": links.stripe,
        "office": links.backoffice,
        "payments": links.backoffice + links.payments_path,
        "notifications": links.backoffice + links.notifications_path,
        "bureau": f"{links.bureau}/bureau/{quote(falls.bureau_id)}",
        "alerts": links.backoffice + links.alerts_path,
        "owner_mail": links.mail_to(owner.email),
        "push": links.pushservice,
        "imports": links.backoffice + links.imports_path,
    }

    def step(name: str, *shown: str, inside: str = "") -> Step:
        return Step(
            name=name,
            title=words[f"{name}_title"],
            text=words[f"{name}_text"].format(**cast),
            links=tuple(Link(words[key].format(**cast), urls[key]) for key in shown),
            inside=inside,
        )

    return (
        step("quiet", "mailbox"),
        step("day", inside="pass"),
        step("mail", "mail_link", "mail_link_german"),
        step("pay", "stripe", inside="cards"),
        step("office", "office", "payments", inside="sign_in"),
        step("score", "notifications", "bureau"),
        step("alert", "alerts", "owner_mail", "push"),
        step("import", "imports", inside="files"),
    )


def _download(sample: SampleFile, words: Words) -> Download:
    kind = "csv" if sample.name.endswith(".csv") else sample.name.split(".")[-2]
    kind = "customers" if sample.name == CUSTOMERS else kind
    return Download(sample.name, f"/files/{quote(sample.name)}", words[f"file_{kind}"])
