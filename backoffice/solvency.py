"""A debtor's solvency on one page: what sources say, what was published, what is at stake."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.charts import score_charts
from backoffice.pages import Band
from backoffice.payers import class_words
from backoffice.solvency_effects import proposal_row
from backoffice.solvency_pages import ClaimRow, LimitUse, PublicationRow, SolvencyPage
from monitoring.effects.queries import proposals
from monitoring.feeds.scales import name_of as source_words
from monitoring.insolvency.claims import claims_of
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.insolvency.words import name_of
from monitoring.standing import BandNow, bands
from receivables.credit.queries import standing
from receivables.credit.rules import PayerClass, SolvencyClass, Standing
from receivables.i18n import day
from receivables.i18n import translate as _
from receivables.ids import DebtorId
from receivables.ledger.queries import exposure_of
from receivables.money import Money
from receivables.parties import queries as parties

#: Bands are followed this far back for "from … to …".
_BANDS: tuple[Band, ...] = ("A", "B", "C", "D", "E", "none")


@get("/debtors/{debtor_id:uuid}/solvency", sync_to_thread=True)
def show_solvency(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = solvency_page(session, asker, DebtorId(debtor_id))
    return asker.page("solvency.html", page)


def solvency_page(session: Session, asker: Asker, debtor_id: DebtorId) -> SolvencyPage:
    """Raises NoSuchDebtor."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    now = standing(session, supplier_id, debtor_id)
    band = bands(session, supplier_id, [debtor_id]).get(debtor_id)
    exposure = tuple(exposure_of(session, supplier_id, debtor_id))
    joint = _joint(now)
    return SolvencyPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        band=_band(now.solvency_class.value),
        previous_band=_band(band.previous_band.value if band else now.solvency_class.value),
        reasons=_reasons(now, band, is_person=debtor.kind == "consumer"),
        payer_class=now.payer_class.value,
        payer_words=class_words(now.payer_class),
        joint=joint,
        advice=_("Nothing is demanded any more, and nothing is delivered on credit.")
        if now.insolvent_on is not None
        else advice_words(joint),
        charts=score_charts(session, supplier_id, debtor_id),
        publications=_publications(session, asker, debtor_id),
        exposure=exposure,
        limit_use=_use(now, exposure),
        cover=_cover(now),
        insolvent_on=now.insolvent_on,
        prepayment_since=now.prepayment_since,
        proposals=tuple(
            proposal_row(one)
            for one in proposals(session, supplier_id, debtor_id=debtor_id, most=20)
            if one.state != "obsolete"
        ),
        claims=tuple(
            ClaimRow(
                id=one.claim_id,
                state=one.state,
                opened_on=one.opened_on,
                lodge_until=one.lodge_until,
                days_left=(one.lodge_until - asker.today).days if one.lodge_until else None,
                lodged_on=one.lodged_on,
            )
            for one in claims_of(session, supplier_id, debtor_id)
        ),
    )


def _band(name: str) -> Band:
    return next(one for one in _BANDS if one == name)


def _joint(now: Standing) -> str:
    """The worse of behaviour and solvency decides about credit; "" where nothing is known."""
    known = [
        one.value
        for one in (now.payer_class, now.solvency_class)
        if one not in (PayerClass.N, SolvencyClass.NONE)
    ]
    return max(known, default="")


def advice_words(joint: str) -> str:
    """What the worse of both classes advises. Our proposal, after the usual matrix of credit
    management: both decide about limit and prepayment, behaviour alone about tone and timing.
    """
    return {
        "A": _("No reason to hold back: the usual terms."),
        "B": _("The usual terms, and a look at the limit once a year."),
        "C": _("Keep the limit close to what is usual, and watch."),
        "D": _("Lower the limit, and deliver larger orders against payment in advance."),
        "E": _("Deliver against payment in advance only."),
    }.get(joint, _("Nobody has said anything yet: terms as for a new customer."))


def _reasons(now: Standing, band: BandNow | None, *, is_person: bool) -> tuple[str, ...]:
    """How the class came about, so that it can be explained to whoever it is about."""
    found = []
    if band is not None:
        values = {
            "source": source_words(band.source),
            "band": band.band.value,
            "day": day(band.as_of_on),
        }
        if band.score is not None:
            text = _("%(source)s gave a score of %(score)s on %(day)s, which is class %(band)s.")
            found.append(text % {**values, "score": band.score})
        elif band.band.value == "none":
            found.append(_("%(source)s has had no opinion since %(day)s.") % values)
        else:
            found.append(_("%(source)s gave class %(band)s on %(day)s.") % values)
    elif now.solvency_class is not SolvencyClass.NONE:
        found.append(_("The class was set by hand."))
    if now.insolvent_on is not None:
        found.append(
            _("Insolvency proceedings were opened on %(day)s.") % {"day": day(now.insolvent_on)}
        )
    if is_person:
        found.append(
            _(
                "About a natural person nothing is decided by itself: a person decides, and"
                " explains it to whoever asks."
            )
        )
    return tuple(found)


def _publications(
    session: Session, asker: Asker, debtor_id: DebtorId
) -> tuple[PublicationRow, ...]:
    rows = session.scalars(
        select(SolvencyEvent)
        .where(SolvencyEvent.supplier_id == asker.supplier_id, SolvencyEvent.debtor_id == debtor_id)
        .order_by(SolvencyEvent.published_on.desc(), SolvencyEvent.id)
        .limit(50)
    )
    return tuple(
        PublicationRow(
            what=name_of(EventKind(row.event)),
            label=row.label,
            source=source_words(row.source),
            published_on=row.published_on,
            state=row.state,
            by_name=row.matched_by == "name",
            link=row.link if row.link.startswith("https://") else "",
            expires_on=row.expires_on,
        )
        for row in rows
    )


def _use(now: Standing, exposure: tuple[Money, ...]) -> LimitUse | None:
    if now.limit is None:
        return None
    owed = next(
        (one for one in exposure if one.currency == now.limit.currency),
        Money.zero(now.limit.currency),
    )
    minor = max(0, owed.minor)
    if now.limit.minor == 0:
        return LimitUse(owed=owed, limit=now.limit, percent=0 if minor == 0 else 999)
    return LimitUse(
        owed=owed, limit=now.limit, percent=min(999, round(minor * 100 / now.limit.minor))
    )


def _cover(now: Standing) -> str:
    if now.cover is None:
        return _("Not insured")
    return _("Insured under policy %(number)s") % {"number": now.cover.policy_number}
