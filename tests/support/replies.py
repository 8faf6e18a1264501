"""Answers as people's programs write them, by hand: the words are OWN, the rest is quoted."""

from __future__ import annotations

from base64 import b64encode

OWN = "Nous payons vendredi.\n\nMerci, A. Dubois"
TO = "compta@dubois.example"
_OURS = "Rappel: la facture 2026-0412 est ouverte"


def mail(
    body: str | bytes,
    *,
    answers: str = "reminder-0190f0f0-1111-7222-8333-444455556666@quittance.example",
    kind: str = "text/plain; charset=utf-8",
    sender: str = f"Anne Dubois <{TO}>",
    subject: str = "Re: Rappel",
    message_id: str = "<CAF1@mail.dubois.example>",
    to: str = "Menuiserie Rochat <claire@rochat.example>",
    more: str = "",
) -> bytes:
    """One mail with these headers; its body travels as it is."""
    head = (
        f"Date: Mon, 9 Nov 2026 10:12:44 +0100\nFrom: {sender}\nTo: {to}\nSubject: {subject}\n"
        f"Message-ID: {message_id}\nIn-Reply-To: <{answers}>\n"
        f"References: <other@x.example>\n\t<{answers}>\n{more}MIME-Version: 1.0\n"
        f"Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return head.encode() + (body if isinstance(body, bytes) else body.encode())


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


_QUOTED = f"Bonjour,\n\n{_OURS}\nPayer: https://pay.example/l/x\n"

#: What follows the answer, by the program and its language.
AFTER = {
    "gmail-fr": "Le lun. 9 nov. 2026 à 09:00, Menuiserie Rochat <\nreminders@quittance.example> a "
    f"écrit :\n\n{_marked(_QUOTED)}",
    "gmail-en": "On Mon, Nov 9, 2026 at 9:00 AM Menuiserie Rochat <reminders@quittance.example>\n"
    f"wrote:\n\n{_marked(_QUOTED)}",
    "gmail-de": "Am Mo., 9. Nov. 2026 um 09:00 Uhr schrieb Menuiserie Rochat <\n"
    f"reminders@quittance.example>:\n\n{_marked(_QUOTED)}",
    "gmail-nl": "Op ma 9 nov 2026 om 09:00 schreef Menuiserie Rochat <reminders@quittance.example"
    f">:\n\n{_marked(_QUOTED)}",
    "apple-fr": "> Le 9 nov. 2026 à 09:00, Menuiserie Rochat <reminders@quittance.example> a écrit "
    f":\n> \n{_marked(_QUOTED)}",
    "apple-de": f"Am 09.11.2026 um 09:00 schrieb Menuiserie Rochat <r@quittance.example>:\n\n"
    f"\ufeff{_marked(_QUOTED)}",
    "apple-it": "Il giorno 9 nov 2026, alle ore 09:00, Menuiserie Rochat <r@quittance.example> ha "
    f"scritto:\n\n{_marked(_QUOTED)}",
    "outlook-fr": "________________________________\nDe : Menuiserie Rochat <r@quittance.example>\n"
    f"Envoyé : lundi 9 novembre 2026 09:00\nÀ : {TO}\nObjet : {_OURS}\n\n{_QUOTED}",
    "outlook-desktop-de": "Von: Menuiserie Rochat <reminders@quittance.example> \n"
    f"Gesendet: Montag, 9. November 2026 09:00\nAn: {TO}\nBetreff: {_OURS}\n\n{_QUOTED}",
    "outlook-nl": f"Van: Menuiserie Rochat <r@quittance.example>\nVerzonden: maandag 9 november\n"
    f"Aan: {TO}\nOnderwerp: {_OURS}\n\n{_QUOTED}",
    "outlook-old": "-----Original Message-----\nFrom: Menuiserie Rochat [mailto:r@q.example]"
    f"\nSent: Monday, November 09, 2026 9:00 AM\nTo: {TO}\nSubject: {_OURS}\n\n{_QUOTED}",
    "outlook-mobile": "Téléchargez Outlook pour iOS\n"  # its own line stays: a person reads past it
    f"________________________________\nDe: Menuiserie <r@quittance.example>\n*Date:* lundi\n"
    f"À: {TO}\n*Objet:* {_OURS}\n\n{_QUOTED}",
    "gmx": 'Gesendet: Montag, 9. November 2026 um 09:00 Uhr\nVon: "Menuiserie Rochat" <r@q.exa'
    f"mple>\nAn: {TO}\nBetreff: {_OURS}\n\n{_QUOTED}",
    "bluewin": f"----Message d'origine----\nDe : r@quittance.example\nDate : 09/11/2026 - 09:00\n"
    f"À : {TO}\nObjet : {_OURS}\n\n{_QUOTED}",
    "thunderbird-de": "Am 09.11.26 um 09:00 schrieb Menuiserie Rochat:\n" + _marked(_QUOTED),
    "yahoo-fr": "Le lundi 9 novembre 2026 à 09:00:12 UTC+1, Menuiserie <r@q.example> a écrit "
    f":  \n\n {_QUOTED}",
    "signed": "-- \nAnne Dubois\nTél. 021 555 01 40",
    "nothing": "",
}
HTML = {
    "gmail": f'<div dir="ltr">{{own}}</div><br><div class="gmail_quote"><div class="gmail_attr">Le '
    f"lun. a écrit :</div><blockquote>{_QUOTED}</blockquote></div>",
    "outlook-web": '<html><head><style>p {{}}</style></head><body><div>{own}</div><div id="append'
    f'onsend"></div><hr><div id="divRplyFwdMsg"><b>De :</b> Menuiserie</div><div>{_QUOTED}</div>',
    "outlook-desktop": '<body><p class="MsoNormal">{own}</p><div><div style="border:none;border-top'
    f':solid #E1E1E1 1.0pt;padding:3.0pt"><p><b>Von:</b> M</p></div></div><p>{_QUOTED}</p></body>',
    "apple": '<body>{own}<br><blockquote type="cite"><div>Le 9 nov.</div>'
    f"<div>{_QUOTED}</div></blockquote></body>",
    "gmx": f'<div>{{own}}<div name="quote" style="margin:10px"><div>Gesendet: Montag</div>{_QUOTED}'
    "</div></div>",
}


def two_faced(text: str, html: str) -> tuple[str, str]:
    """Body and content type of a mail that says the same twice."""
    body = (
        f"--b1\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--b1\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b1--\n"
    )
    return body, 'multipart/alternative; boundary="b1"'


def with_a_file(text: str) -> tuple[str, str]:
    """Body and content type of a mail whose first part is a file that looks like its words."""
    file = b64encode(b"not the answer").decode()
    body = (
        "--b2\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n"
        f"Content-Transfer-Encoding: base64\n\n{file}\n"
        f"--b2\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b2--\n"
    )
    return body, 'multipart/mixed; boundary="b2"'


def nested(depth: int) -> bytes:
    """A body of parts within parts, and its own content type ahead of it."""
    return b"".join(
        b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (at, at + 1)
        for at in range(depth)
    )
