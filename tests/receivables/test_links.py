from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from receivables import history
from receivables.database import SYSTEM, Scope
from receivables.ids import ContactId, DebtorId, GrantId, SupplierId
from receivables.links.actions import (
    BETWEEN_LINKS,
    NoSuchContact,
    NoSuchGrant,
    grant_for,
    mail_link,
    mark_seen,
    revoke,
    send_new_link,
)
from receivables.links.events import NewLinkRequested
from receivables.links.queries import ExpiredLink, LiveLink, access_of, follow, grants_of
from receivables.links.tasks import send_link
from receivables.links.tokens import link_to, make_token, masked, read_token
from receivables.parties import queries as parties
from receivables.ports import MailDeferred, MailRefused, MailUnknown
from receivables.settings import LinkSettings
from tests.support.outbox import RecordingMailer
from tests.support.settings import LINK_SECRET
from tests.support.world import World

OLD, NEW, FOREIGN = (name * 16 for name in ("old", "new", "foe"))
LIFETIME = timedelta(days=45)

assert send_link  # imported so that it reacts


@given(raw=st.uuids())
def test_a_token_is_the_same_each_time_and_says_whose_it_is(raw: UUID) -> None:
    grant_id = GrantId(raw)
    token = make_token(grant_id, [NEW, OLD])

    assert token == make_token(grant_id, [NEW])
    assert read_token(token, [NEW, OLD]) == grant_id
    assert re.fullmatch(r"[\w-]{43}", token, re.ASCII)


def test_a_secret_is_rotated_by_putting_the_new_one_first() -> None:
    grant_id = GrantId(uuid4())
    before = make_token(grant_id, [OLD])

    assert read_token(before, [NEW, OLD]) == grant_id
    assert make_token(grant_id, [NEW, OLD]) == make_token(grant_id, [NEW])
    assert read_token(before, [NEW]) is None


def test_no_token_with_one_bit_off_is_read() -> None:
    token = make_token(GrantId(uuid4()), [NEW])

    for place in range(len(token)):
        for other in "AB_-z09":
            if other != token[place]:
                assert read_token(token[:place] + other + token[place + 1 :], [NEW]) is None


@given(garbage=st.text(max_size=60))
def test_garbage_is_no_token(garbage: str) -> None:
    assert read_token(garbage, [NEW, OLD]) is None


def test_another_secret_opens_nothing() -> None:
    assert read_token(make_token(GrantId(uuid4()), [FOREIGN]), [NEW, OLD]) is None


def test_a_link_is_an_address_of_the_portal() -> None:
    assert link_to("abc", "https://pay.example.com") == "https://pay.example.com/l/abc"


@pytest.mark.parametrize(
    ("address", "shown"),
    [("compta@dubois.example", "c…@d….example"), ("a@b.co.uk", "a…@b….uk")],
)
def test_an_address_is_shown_so_that_only_its_owner_knows_it(address: str, shown: str) -> None:
    assert masked(address) == shown


class Links:
    """A contact of a debtor of a supplier, and what the product does with its links."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = LinkSettings(secrets=(LINK_SECRET,), lifetime=LIFETIME)
        self.supplier_id: SupplierId = world.supplier()
        self.debtor_id: DebtorId = world.debtor(email="anna@muster.example")
        with world.runtime.reading(Scope(self.supplier_id)) as session:
            contact = parties.contacts(session, self.supplier_id, self.debtor_id)[0]
        self.contact_id: ContactId = contact.id

    def grant(self) -> GrantId:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            return grant_for(
                session, self.supplier_id, self.contact_id,
                lifetime=LIFETIME, clock=self.world.clock,
            )  # fmt: skip

    def token(self) -> str:
        return make_token(self.grant(), self.settings.secrets)

    def follow(self, token: str) -> LiveLink | ExpiredLink | None:
        with self.world.runtime.reading(SYSTEM) as session:
            return follow(session, token, links=self.settings, now=self.world.clock.now())

    def ask(self, link: ExpiredLink | LiveLink) -> None:
        with self.world.runtime.transaction(Scope(link.supplier_id)) as session:
            send_new_link(session, link, lifetime=LIFETIME, clock=self.world.clock)
        self.world.run_jobs()

    def revoke(self, grant_id: GrantId) -> None:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            revoke(session, self.supplier_id, grant_id, clock=self.world.clock)

    def access(self, grant_id: GrantId) -> object:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            return access_of(session, self.supplier_id, grant_id, now=self.world.clock.now())

    def mailed_token(self) -> str:
        found = re.search(r"/l/([\w-]{43})", self.world.mail[-1].text)
        assert found
        return found[1]


@pytest.fixture
def links(world: World) -> Links:
    return Links(world)


def test_a_new_message_uses_the_same_link_and_lengthens_its_life(links: Links) -> None:
    first = links.token()
    links.world.clock.advance(LIFETIME - timedelta(days=1))

    assert links.token() == first
    links.world.clock.advance(timedelta(days=30))
    assert isinstance(links.follow(first), LiveLink)


def test_a_link_that_expired_stays_expired_and_the_next_message_has_another(links: Links) -> None:
    first = links.token()
    links.world.clock.advance(LIFETIME)
    assert isinstance(links.follow(first), ExpiredLink)

    second = links.token()

    assert second != first
    assert isinstance(links.follow(second), LiveLink)
    assert isinstance(links.follow(first), ExpiredLink)


def test_an_expired_link_tells_whom_it_paid_and_nothing_else(links: Links) -> None:
    token = links.token()
    links.world.clock.advance(LIFETIME)

    expired = links.follow(token)

    assert isinstance(expired, ExpiredLink)
    assert expired.supplier_name == "Menuiserie Rochat SA"
    assert expired.masked_address == "a…@m….example"


def test_revoked_foreign_unknown_and_broken_tokens_get_the_same_answer(links: Links) -> None:
    grant_id = links.grant()
    token = make_token(grant_id, links.settings.secrets)
    links.revoke(grant_id)

    unknown = make_token(GrantId(uuid4()), links.settings.secrets)
    foreign = make_token(grant_id, [FOREIGN])
    one_bit_off = ("A" if token[0] != "A" else "B") + token[1:]
    for bad in [token, unknown, foreign, one_bit_off, "", "x", "ü" * 43, "../../etc/passwd"]:
        assert links.follow(bad) is None
    links.world.clock.advance(LIFETIME * 2)
    assert links.follow(token) is None


def test_revoking_takes_effect_at_once_and_a_new_grant_is_another(links: Links) -> None:
    first = links.grant()
    assert links.access(first) is not None

    links.revoke(first)

    assert links.access(first) is None
    with pytest.raises(NoSuchGrant):
        links.revoke(first)
    assert links.grant() != first
    assert links.access(first) is None


def test_access_knows_who_asks_in_one_statement(links: Links) -> None:
    grant_id = links.grant()
    statements: list[str] = []
    engine = links.world.runtime.database.engine

    with links.world.runtime.reading(Scope(links.supplier_id)) as session:
        session.execute(text("SELECT 1"))

        def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        access = access_of(session, links.supplier_id, grant_id, now=links.world.clock.now())
        event.remove(engine, "before_cursor_execute", count)

    assert access is not None
    assert len(statements) == 1
    assert (access.debtor_id, access.contact_id) == (links.debtor_id, links.contact_id)
    assert (access.language, access.country, access.zone) == ("fr", "CH", "Europe/Zurich")
    assert (access.contact_name, access.accent) == ("Anne Dubois", "#0f766e")


def test_a_grant_opens_nothing_of_another_supplier(links: Links) -> None:
    grant_id = links.grant()
    other = links.world.supplier(name="Autre SA")

    with links.world.runtime.reading(Scope(other)) as session:
        now = links.world.clock.now()
        assert access_of(session, other, grant_id, now=now) is None
    with links.world.runtime.transaction(Scope(other)) as session:
        with pytest.raises(NoSuchGrant):
            revoke(session, other, grant_id, clock=links.world.clock)
        with pytest.raises(NoSuchContact):
            mail_link(session, other, links.contact_id, lifetime=LIFETIME, clock=links.world.clock)


def test_a_thousand_visits_of_a_scanner_change_no_row(links: Links) -> None:
    token = links.token()
    tables = ("portal_grants", "events", "jobs", "contacts")

    def everything() -> list[object]:
        with links.world.runtime.reading(SYSTEM) as session:
            return [
                session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all()  # noqa: S608
                for table in tables
            ]

    before = everything()
    for _ in range(1000):
        assert isinstance(links.follow(token), LiveLink)

    assert everything() == before


def test_acting_counts_as_seen_and_following_does_not(links: Links) -> None:
    token = links.token()
    link = links.follow(token)
    assert isinstance(link, LiveLink)

    def seen() -> object:
        with links.world.runtime.reading(Scope(links.supplier_id)) as session:
            now = links.world.clock.now()
            return grants_of(session, links.supplier_id, links.debtor_id, now=now)[0].seen_at

    assert seen() is None
    with links.world.runtime.transaction(Scope(links.supplier_id)) as session:
        mark_seen(session, links.supplier_id, link.grant_id, clock=links.world.clock)
    assert seen() == links.world.clock.now()


def test_the_staff_see_every_grant_and_its_state(links: Links) -> None:
    links.grant()
    links.world.clock.advance(LIFETIME)
    second = links.grant()
    links.world.clock.advance(timedelta(minutes=1))
    links.revoke(second)
    links.world.clock.advance(timedelta(minutes=1))
    links.grant()

    with links.world.runtime.reading(Scope(links.supplier_id)) as session:
        now = links.world.clock.now()
        shown = grants_of(session, links.supplier_id, links.debtor_id, now=now)

    assert [grant.state for grant in shown] == ["valid", "revoked", "expired"]


def test_a_new_link_goes_to_the_registered_address_and_the_lost_one_stays_shut(
    links: Links,
) -> None:
    lost = links.token()
    links.world.clock.advance(LIFETIME)
    expired = links.follow(lost)
    assert isinstance(expired, ExpiredLink)

    links.ask(expired)

    assert [mail.to_address for mail in links.world.mail] == ["anna@muster.example"]
    assert isinstance(links.follow(links.mailed_token()), LiveLink)
    assert isinstance(links.follow(lost), ExpiredLink)


def test_asking_again_and_again_sends_five_mails_an_hour_at_most(links: Links) -> None:
    lost = links.token()
    links.world.clock.advance(LIFETIME)
    expired = links.follow(lost)
    assert isinstance(expired, ExpiredLink)

    for _ in range(60):
        links.ask(expired)
        links.world.clock.advance(timedelta(minutes=1))

    assert len(links.world.mail) == timedelta(hours=1) // BETWEEN_LINKS == 5
    assert len({mail.message_id for mail in links.world.mail}) == 5


def test_asking_through_another_lost_link_does_not_get_round_the_limit(links: Links) -> None:
    first = links.token()
    links.world.clock.advance(LIFETIME)
    second = links.token()
    links.world.clock.advance(LIFETIME)

    for token in (first, second):
        expired = links.follow(token)
        assert isinstance(expired, ExpiredLink)
        links.ask(expired)

    assert len(links.world.mail) == 1


def test_a_mail_that_was_not_taken_comes_again_under_the_same_id(
    links: Links, mailer: RecordingMailer
) -> None:
    mailer.answers = [MailDeferred(451, "later"), MailUnknown("the line broke")]
    with links.world.runtime.transaction(Scope(links.supplier_id)) as session:
        mail_link(
            session, links.supplier_id, links.contact_id,
            lifetime=LIFETIME, clock=links.world.clock,
        )  # fmt: skip
    links.world.run_jobs()
    assert not links.world.mail

    links.world.advance(hours=2)

    assert len(links.world.mail) == 1
    with links.world.runtime.reading(Scope(links.supplier_id)) as session:
        happened = history.of_debtor(session, links.supplier_id, links.debtor_id)
    asked = [one.event for one in happened if isinstance(one.event, NewLinkRequested)]
    assert links.world.mail[0].message_id == f"link-{asked[0].request_id}@quittance.example"


def test_an_address_that_does_not_exist_is_remembered_and_not_written_to_again(
    links: Links, mailer: RecordingMailer
) -> None:
    mailer.answers = [MailRefused(550, "5.1.1 no such user", address_is_dead=True)]
    for _ in range(2):
        with links.world.runtime.transaction(Scope(links.supplier_id)) as session:
            mail_link(
                session, links.supplier_id, links.contact_id,
                lifetime=LIFETIME, clock=links.world.clock,
            )  # fmt: skip
        links.world.run_jobs()

    assert not links.world.mail
    with links.world.runtime.reading(Scope(links.supplier_id)) as session:
        contact = parties.contact(session, links.supplier_id, links.contact_id)
        assert contact is not None
        assert contact.bounced_at is not None
        kinds = [
            one.event.kind for one in history.of_debtor(session, links.supplier_id, links.debtor_id)
        ]
    assert kinds.count("link.not_sent") == 1


def test_a_link_that_was_revoked_before_the_mail_went_is_not_mailed(links: Links) -> None:
    with links.world.runtime.transaction(Scope(links.supplier_id)) as session:
        mail_link(
            session, links.supplier_id, links.contact_id,
            lifetime=LIFETIME, clock=links.world.clock,
        )  # fmt: skip
    links.revoke(links.grant())

    links.world.run_jobs()

    assert not links.world.mail
