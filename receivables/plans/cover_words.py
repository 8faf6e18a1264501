"""What the supplier is told about the cover of a plan."""

from __future__ import annotations

from receivables.i18n import translate as _
from receivables.plans.messages import Words
from receivables.plans.moving import MessageKind

#: To the supplier, about what is insured.
ABOUT_COVER = frozenset(
    {
        MessageKind.OFFICE_COVER_ENDING,
        MessageKind.OFFICE_COVER_SOON,
        MessageKind.OFFICE_COVER_ENDED,
        MessageKind.OFFICE_COVER_COLLECT,
    }
)


def cover_words(kind: MessageKind) -> Words:
    """Title, sentences and the button; placeholders are those of `wording`."""
    see = _("See the plan")
    match kind:
        case MessageKind.OFFICE_COVER_ENDING:
            return Words(
                _("%(debtor)s: the insurer’s period ends on %(covered)s"),
                (
                    _(
                        "%(left)s of the plan of %(debtor)s are still open. On %(covered)s your"
                        " credit insurer’s maximum extension period for them ends."
                    ),
                    _("If they cannot be paid by then, ask the insurer for its agreement now."),
                ),
                see,
            )
        case MessageKind.OFFICE_COVER_SOON:
            return Words(
                _("%(debtor)s: the insurer’s period ends on %(covered)s"),
                (
                    _(
                        "%(left)s of the plan of %(debtor)s are still open, and the maximum"
                        " extension period ends on %(covered)s, within five days."
                    ),
                    _(
                        "Without the insurer’s agreement, tell it of the delay by then, and"
                        " deliver nothing more on account from that day on."
                    ),
                ),
                see,
            )
        case MessageKind.OFFICE_COVER_ENDED:
            return Words(
                _("%(debtor)s: stop deliveries on account"),
                (
                    _(
                        "The insurer’s maximum extension period for %(debtor)s ended on"
                        " %(covered)s, and %(left)s are still open."
                    ),
                    _(
                        "Please stop deliveries on account and tell the insurer today: what you"
                        " deliver now may not be covered."
                    ),
                ),
                see,
            )
        case _:
            return Words(
                _("%(debtor)s: hand the claim over for collection"),
                (
                    _(
                        "The insurer’s maximum extension period for %(debtor)s ended on"
                        " %(covered)s, thirty days ago or more, and %(left)s are still open."
                    ),
                    _(
                        "Please see your policy: most oblige you to hand the claim over for"
                        " collection by now."
                    ),
                ),
                see,
            )
