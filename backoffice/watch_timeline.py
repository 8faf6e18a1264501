"""The lines of a supplier's timeline that monitoring writes: no debtor ever reads them."""

from __future__ import annotations

from typing import Any

from monitoring import events as monitoring
from monitoring.effects import events as effects
from monitoring.effects.rules import Effect
from monitoring.effects.words import effect_words
from monitoring.feeds.scales import name_of
from monitoring.insolvency import events as insolvency
from monitoring.insolvency import words as insolvency_words
from monitoring.insolvency.kinds import EventKind
from receivables.i18n import day, instant
from receivables.i18n import translate as _
from receivables.web.wordings import Wordings, wording


def _published(event: insolvency.SolvencyEventRecorded) -> str:
    return _("%(what)s (%(source)s)") % {
        "what": insolvency_words.name_of(EventKind(event.event)),
        "source": name_of(event.source),
    }


def _claim_to_lodge(event: insolvency.ClaimToLodge) -> str:
    if event.lodge_until is None:
        return _("A claim is to be lodged; until when is not known yet.")
    return _("A claim is to be lodged by %(day)s.") % {"day": day(event.lodge_until)}


def _claim_decided(event: insolvency.ClaimDecided) -> str:
    return {
        "lodged": _("The claim was lodged."),
        "given_up": _("No claim is lodged."),
    }.get(event.state, _("The claim is not needed: the insolvency was taken back."))


def _effect_proposed(event: effects.EffectProposed) -> str:
    return _("Proposed: %(what)s") % {"what": effect_words(Effect(event.effect))}


def _effect_decided(event: effects.EffectDecided) -> str:
    what = {"what": effect_words(Effect(event.effect))}
    if event.state == "applied":
        if event.is_automatic:
            return _("Done by itself, as you chose: %(what)s") % what
        return _("Done: %(what)s") % what
    if event.state == "undone":
        return _("Undone: %(what)s") % what
    return _("Left as it is: %(what)s") % what


def _taken_back(event: insolvency.SolvencyEventRetracted) -> str:
    return _("Taken back: %(what)s (%(source)s)") % {
        "what": insolvency_words.name_of(EventKind(event.event)),
        "source": name_of(event.source),
    }


def _scored(event: Any) -> str:
    if event.score_before is None or event.score_after is None:
        if event.band_after == "none":
            return _("%(source)s withdrew its score.") % {"source": name_of(event.source)}
        return _("%(source)s says band %(after)s.") % {
            "source": name_of(event.source),
            "after": event.band_after,
        }
    return _("%(source)s changed the score from %(before)s to %(after)s.") % {
        "source": name_of(event.source),
        "before": event.score_before,
        "after": event.score_after,
    }


def _bands(event: Any) -> str:
    if event.band_before == event.band_after:
        return _("Band %(band)s as before") % {"band": event.band_after}
    return _("Band %(before)s to %(after)s") % {
        "before": event.band_before,
        "after": event.band_after,
    }


def decision_words(decision: str) -> str:
    """What somebody decided about an alert, as a sentence."""
    return {
        "keep": _("Decided: keep as it is."),
        "lower_limit": _("Decided: lower the limit."),
        "prepayment": _("Decided: ask for payment in advance."),
        "stop_deliveries": _("Decided: stop deliveries."),
        "insurer_told": _("Decided: the insurer has been told."),
        "call": _("Decided: call them."),
    }.get(decision, _("Decided: a false alarm."))


def _silent(event: monitoring.FeedWentSilent) -> str:
    words = {
        "silent": _("%(source)s gives no answer since %(when)s."),
        "empty": _("%(source)s answers, and has said nothing since %(when)s."),
        "late": _("%(source)s: nothing newer than of %(when)s."),
    }[event.silence]
    return words % {"source": name_of(event.source), "when": instant(event.since)}


#: Every event of monitoring.
WATCHED: Wordings = {
    monitoring.ScoreChanged: wording("shield", _scored, _bands),
    monitoring.AlertRaised: wording(
        "bell",
        lambda event: _("An alert was raised: %(source)s.") % {"source": name_of(event.source)},
        _bands,
    ),
    monitoring.FeedWentSilent: wording("alert", _silent),
    monitoring.FeedSpeaksAgain: wording(
        "check", lambda event: _("%(source)s speaks again.") % {"source": name_of(event.source)}
    ),
    monitoring.AlertAcknowledged: wording(
        "check", lambda event: decision_words(event.decision), lambda event: event.note
    ),
    monitoring.AlertSnoozed: wording(
        "clock",
        lambda event: _("An alert was put off until %(day)s.") % {"day": day(event.until)},
    ),
    insolvency.ClaimToLodge: wording("calendar", _claim_to_lodge),
    insolvency.ClaimDecided: wording("check", _claim_decided, lambda event: event.note),
    insolvency.InsurerTold: wording(
        "shield", lambda _event: _("The credit insurer was told of the insolvency.")
    ),
    effects.EffectProposed: wording("shield", _effect_proposed),
    effects.EffectDecided: wording("shield", _effect_decided),
    effects.EffectPolicyChanged: wording(
        "shield", lambda _event: _("What follows from solvency was changed.")
    ),
    insolvency.SolvencyEventRecorded: wording("alert", _published, lambda event: event.label),
    insolvency.SolvencyEventRetracted: wording("shield", _taken_back, lambda event: event.reason),
    monitoring.AlertRetracted: wording(
        "back",
        lambda _event: _("The source took back what an alert was about."),
        lambda event: event.reason,
    ),
}
