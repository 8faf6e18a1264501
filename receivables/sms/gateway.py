"""Text messages over HTTP: the gateway's answer is a yes, a no, or nothing we know.

It speaks the `Messages` resource that Twilio published and others took over: a form with `To`,
`From` and `Body`, a name and a password, and JSON in return. Source: Twilio, "Message resource"
and "Error and warning dictionary". There is no key by which the gateway would know a repetition, so
a text without an answer is never sent a second time by itself.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from receivables.outgoing import Answer, ForbiddenUrl, NoAnswer, NotReached, OutgoingClient
from receivables.ports import (
    BadReport,
    Text,
    TextDeferred,
    TextRefused,
    TextReport,
    TextUnknown,
)

#: The number cannot receive text messages, or its owner told the gateway to keep us away: invalid
#: (21211, 21217), not reachable by this gateway (21612), not mobile (21614), a landline (21635),
#: unsubscribed (21610). Source: Twilio, "Error and warning dictionary".
DEAD_NUMBER = frozenset(("21211", "21217", "21610", "21612", "21614", "21635"))
#: The same as networks report it: an unknown telephone (30005), a landline or a network that takes
#: none (30006). Unreachable (30003), blocked (30004), filtered (30007) and unknown (30008) pass.
UNREACHABLE = frozenset(("30005", "30006"))
_MOST_FIELDS = 60
#: Not about this text but about us: a wrong password, an address that is none, too fast.
_OURS = frozenset((401, 403, 404, 405, 408, 429))


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Where the gateway takes messages, who we are to it, and what telephones show as sender: a
    number in E.164 or up to eleven letters.
    """

    url: str
    username: str
    password: str = field(repr=False)
    sender: str = ""
    #: Where the gateway tells what became of a text; "": it is not asked to.
    report_url: str = ""


class HttpTexter:
    """Carries text messages through the one outgoing client. Safe to share between threads."""

    def __init__(self, gateway: SmsGateway, *, client: OutgoingClient) -> None:
        self._gateway, self._client = gateway, client
        known = f"{gateway.username}:{gateway.password}".encode()
        self._headers = {
            "authorization": f"Basic {b64encode(known).decode()}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }

    def send(self, text: Text) -> str:
        """The gateway's id of the message; raises TextRefused, TextDeferred or TextUnknown."""
        form = {"To": text.to, "From": self._gateway.sender, "Body": text.body}
        if self._gateway.report_url:
            form["StatusCallback"] = self._report_url(text.reference)
        try:
            answer = self._client.post(
                self._gateway.url, content=urlencode(form).encode(), headers=self._headers
            )
        except (ForbiddenUrl, NotReached) as error:
            raise TextDeferred(str(error)) from error
        except NoAnswer as error:
            raise TextUnknown(str(error)) from error
        return _taken(answer)

    def verify(self, reference: str, body: bytes, signature: str) -> TextReport:
        """What a report says. Raises BadReport.

        Source: Twilio, "Validating requests": the address we gave and every field, by its name, are
        signed with our password; "Message status callbacks": which fields there are.
        """
        try:
            fields = parse_qs(
                body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS,
                strict_parsing=True,
            )  # fmt: skip
        except ValueError as error:
            raise BadReport(f"no form: {error}") from None
        said = {name: values[0] for name, values in fields.items()}
        if any(len(values) > 1 for values in fields.values()):
            raise BadReport("a field stands in it twice")
        signed = self._report_url(reference) + "".join(
            name + value for name, value in sorted(said.items())
        )
        made = hmac.digest(self._gateway.password.encode(), signed.encode(), "sha1")
        if not hmac.compare_digest(b64encode(made), signature.encode()):
            raise BadReport("the signature does not hold")
        return _reported(said)

    def _report_url(self, reference: str) -> str:
        return f"{self._gateway.report_url}?{urlencode({'text': reference})}"


def _reported(said: Mapping[str, str]) -> TextReport:
    sid, status = said.get("MessageSid", ""), said.get("MessageStatus", "")
    if not sid or not status:
        raise BadReport("neither a message nor a state of it")
    code = said.get("ErrorCode", "")[:20]
    delivered = {"delivered": True, "undelivered": False, "failed": False}.get(status)
    return TextReport(sid[:64], delivered, code, code in DEAD_NUMBER | UNREACHABLE)


def _taken(answer: Answer) -> str:
    said = _said(answer)
    if 200 <= answer.status < 300:
        if said.get("status") in ("failed", "undelivered"):
            raise _refused(said.get("error_code"), said.get("error_message"))
        sid = said.get("sid")
        if not isinstance(sid, str) or not sid:
            raise TextUnknown(f"{answer.status} without the message's id")
        return sid
    if answer.status in _OURS:
        raise TextDeferred(f"{answer.status} {said.get('message', '')}"[:300])
    if 300 <= answer.status < 500:
        raise _refused(said.get("code") or answer.status, said.get("message"))
    # What a gateway did that broke down over a message, only its own log says.
    raise TextUnknown(f"{answer.status} {said.get('message', '')}"[:300])


def _refused(code: object, message: object) -> TextRefused:
    known = str(code or "")
    return TextRefused(known, str(message or "")[:300], number_is_dead=known in DEAD_NUMBER)


def _said(answer: Answer) -> dict[str, Any]:
    """The answer's object; empty when it is none."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
