"""What of an answer its writer wrote, and whether a person wrote it: from plain values.

Every program quotes in a way of its own, and in its reader's language; what is taken for a quote
here is what Outlook, Gmail, Apple Mail, GMX, Bluewin, Yahoo and Thunderbird put before or around
it in English, French, German, Dutch and Italian. Where nothing would be left, nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: As much as a person reads of an answer, in characters.
LONGEST_TEXT = 4000

#: Who wrote before an answer without a line of its own that says so.
_RULED_OFF = re.compile(
    r"^\s*(?:-{2,}|_{2,}|\*{2,})\s*(?:original(?: message|-?nachricht)?|original appointment"
    r"|ursprüngliche nachricht|message (?:d[’'`]origine|original|transféré)"
    r"|oorspronkelijk(?:e)? (?:bericht|e-?mail)|messaggio originale|forwarded message"
    r"|weitergeleitete nachricht|doorgestuurd bericht|messaggio inoltrato)\b.*$",
    re.IGNORECASE,
)
#: Outlook's line over the header of what it quotes.
_LINE = re.compile(r"^\s*_{20,}\s*$")
#: A line of such a header.
_LABEL = re.compile(
    r"^\s*[*>]*\s*(?P<label>from|sent|to|cc|subject|date|reply-to|de|envoyé(?: le)?|à|objet"
    r"|répondre à"
    r"|von|gesendet|an|betreff|datum|van|verzonden|aan|onderwerp|da|inviato|oggetto|data|a)"
    r"\s*\*?\s*:\s*\*?",
    re.IGNORECASE,
)
#: Of these at least two labels make a header; "to" and its like alone are also words of a sentence.
_TELLING = frozenset(
    "from sent subject de envoyé objet von gesendet betreff van verzonden onderwerp da inviato"
    " oggetto date datum data".split()
)
#: The sentence before a quote, of one line or of up to three.
_SAID = re.compile(
    r"^\s*(?:"
    r"on\b.{4,300}\bwrote\s*:"
    r"|le\b.{4,300}\ba\s+écrit\s*:"
    r"|am\b.{4,300}\bschrieb\b.{0,200}:"
    r"|op\b.{4,300}\bschreef\b.{0,200}:"
    r"|il\b.{4,300}\bha\s+scritto\s*:"
    r"|.{1,200}<[^<>\s]+@[^<>\s]+>\s*(?:wrote|a\s+écrit|schrieb|schreef|ha\s+scritto)\s*:"
    r")\s*$",
    re.IGNORECASE | re.DOTALL,
)
_SAID_BEGINS = re.compile(r"^\s*(?:on|le|am|op|il)\b|<[^<>\s]+@", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$")


def written_by_hand(text: str) -> tuple[str, bool]:
    """What its writer wrote, without what is quoted, and whether that was cut at its end.

    Where everything seems to be a quote, the whole: better too much than an answer lost.
    """
    lines = [line.rstrip() for line in _plain(text).split("\n")]
    own = _tidied(_own_lines(lines)) or _tidied(lines)
    return own[:LONGEST_TEXT].rstrip(), len(own) > LONGEST_TEXT


def _own_lines(lines: Sequence[str]) -> list[str]:
    own: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.lstrip().startswith(">"):
            at += 1
            continue
        if _SIGNATURE.match(line) or _RULED_OFF.match(line) or _is_header(lines, at):
            break
        if length := _said(lines, at):
            # Somebody may have answered below what follows: only marked lines are a quote then.
            if not any(one.lstrip().startswith(">") for one in lines[at + length :]):
                break
            at += length
            continue
        own.append(line)
        at += 1
    return own


def _is_header(lines: Sequence[str], at: int) -> bool:
    """Whether the header of a quoted mail begins here: Outlook's and GMX's, without a mark."""
    block = [line for line in lines[at : at + 8] if line.strip()]
    if block and _LINE.match(block[0]):
        block = block[1:]
    found: list[str] = []
    for line in block[:6]:
        label = _LABEL.match(line)
        if label is None:
            # The first one begins it; a long one runs on.
            if not found:
                return False
            continue
        found.append(label["label"].lower().split()[0])
    return len(found) >= 3 and sum(one in _TELLING for one in found) >= 2


def _said(lines: Sequence[str], at: int) -> int:
    """How many lines the sentence before a quote has that begins here; 0: none does."""
    if not _SAID_BEGINS.search(lines[at]):
        return 0
    for length in (1, 2, 3):
        sentence = " ".join(lines[at : at + length])
        if len(sentence) < 600 and re.search(r"\d|@", sentence) and _SAID.match(sentence):
            return length
    return 0


def _plain(text: str) -> str:
    """Line breaks of one kind, and nothing that cannot be seen or that turns the writing."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return "".join(one if one == "\n" or one.isprintable() else " " for one in broken)


def _tidied(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


#: Subjects of answers that a program gives while somebody is away.
_AWAY = re.compile(
    r"^\s*(?:(?:automatic|auto)[ -]?(?:reply|response)|autoreply|out of (?:the )?office"
    r"|réponse automatique|absence du bureau|message d[’']absence"
    r"|automatische (?:antwort|rückmeldung)|abwesenheits(?:notiz|nachricht|meldung|assistent)"
    r"|automatisch (?:antwoord|bericht)|afwezigheids?(?:bericht|melding)?|niet aanwezig"
    r"|risposta automatica|fuori (?:sede|ufficio))\b",
    re.IGNORECASE,
)
#: What says by being there that no person wrote it: of Exchange, procmail, Exim, Gmail and others.
_ROBOTS = (
    "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-auto-reply", "x-autogenerated",
    "x-autoresponder", "list-id", "feedback-id",
)  # fmt: skip
_PRECEDENCE = frozenset(("bulk", "junk", "list", "auto_reply", "auto-reply"))


def is_automatic(headers: Mapping[str, str], subject: str) -> bool:
    """Whether no person wrote it; `headers` by their names in lower case.

    Source: RFC 3834, section 2 and 5 (Auto-Submitted, an empty return path), RFC 2076
    (Precedence), Microsoft [MS-OXCMAIL] 2.2.3.2.14 (X-Auto-Response-Suppress).
    """
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted not in ("no", "") or headers.get("precedence", "").strip().lower() in _PRECEDENCE:
        return True
    if headers.get("return-path", "<x>").strip() == "<>":
        return True
    if headers.get("content-type", "").strip().lower().startswith("multipart/report"):
        return True
    return any(name in headers for name in _ROBOTS) or _AWAY.match(subject) is not None
