"""Reports as mail servers write them, by hand, about a message of ours to one address."""

from __future__ import annotations

from receivables.bounces import return_paths

MESSAGE = "reminder-0190f0f0-1111-7222-8333-444455556666@quittance.example"
TO = "compta@dubois.example"
SECRETS = ("a link secret of the tests, long enough",)


def return_path(message_id: str = MESSAGE, to: str = TO) -> str:
    token = return_paths.make(message_id, to, secrets=SECRETS)
    return f"reminders+{token}@quittance.example"


def postfix(
    to: str = TO, *, path: str | None = None, action: str = "failed", status: str = "5.1.1",
    said: str = "550 5.1.1 User unknown", note: str = "",
) -> bytes:  # fmt: skip
    """Source: the form of Postfix's bounce(8)."""
    return f"""Return-Path: <>
Date: Mon,  9 Nov 2026 09:12:44 +0100 (CET)
From: MAILER-DAEMON@mx.dubois.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {path or return_path(to=to)}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4Ck1.1762/mx.dubois.example"
Message-Id: <20261109081244.4Ck1@mx.dubois.example>

This is a MIME-encapsulated message.

--4Ck1.1762/mx.dubois.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. {note}

<{to}>: host mx.dubois.example[203.0.113.9] said: {said} (in reply to RCPT TO command)

--4Ck1.1762/mx.dubois.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.dubois.example
X-Postfix-Queue-ID: 4Ck1
X-Postfix-Sender: rfc822; {path or return_path(to=to)}
Arrival-Date: Mon,  9 Nov 2026 09:12:43 +0100 (CET)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.dubois.example
Diagnostic-Code: smtp; {said}

--4Ck1.1762/mx.dubois.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Menuiserie Rochat SA <reminders@quittance.example>
To: <{to}>
Message-ID: <{MESSAGE}>
Subject: Rappel

--4Ck1.1762/mx.dubois.example--
""".encode()


def exim(said: str = "550 Unrouteable address") -> bytes:
    """Source: the form of Exim 4's bounce, before reports had a status part."""
    return f"""Return-path: <>
Envelope-to: {return_path()}
X-Failed-Recipients: {TO}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.dubois.example>
To: {return_path()}
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1tABC-0001Xy-2Z@mx.dubois.example>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    host mail.dubois.example [203.0.113.9]
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    {said}
""".encode()


def exchange() -> bytes:
    """Source: the form of Exchange Online's reports: status in the 5.4 group, no ORCPT."""
    return f"""From: <postmaster@dubois.onmicrosoft.example>
To: <{return_path()}>
Subject: Undeliverable: Rappel
Content-Type: multipart/report; report-type=delivery-status;
	boundary="9a5cf7b2-6a3f"
X-MS-Exchange-Message-Is-Ndr:

--9a5cf7b2-6a3f
Content-Type: multipart/alternative; differences=Content-Type; boundary="x1"

--x1
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message to {TO} couldn't be delivered.

--x1--

--9a5cf7b2-6a3f
Content-Type: message/delivery-status

Reporting-MTA: dns;ZRAP278MB0001.CHEP278.PROD.OUTLOOK.EXAMPLE
Received-From-MTA: dns;mail.quittance.example
Arrival-Date: Mon, 9 Nov 2026 08:12:43 +0000

Final-Recipient: rfc822;{TO}
Action: failed
Status: 5.4.1
Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied. [ZR0P278CA0001]

--9a5cf7b2-6a3f
Content-Type: message/rfc822

From: reminders@quittance.example
To: {TO}
Message-ID: <{MESSAGE}>

The text.
--9a5cf7b2-6a3f--
""".replace("\n", "\r\n").encode()


def gmail() -> bytes:
    """Source: the form of Gmail's reports; a full mailbox."""
    return f"""Delivered-To: {return_path()}
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {return_path()}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{MESSAGE}>
Content-Type: multipart/report; boundary="0000000000006f1a"; report-type=delivery-status

--0000000000006f1a
Content-Type: multipart/related; boundary="00000000000070"

--00000000000070
Content-Type: text/plain; charset="UTF-8"

** Message not delivered **

--00000000000070--
--0000000000006f1a
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 09 Nov 2026 00:12:43 -0800 (PST)
X-Original-Message-ID: <{MESSAGE}>

Final-Recipient: rfc822; {TO}
Action: failed
Status: 5.2.2
Remote-MTA: dns; gmail-smtp-in.l.google.com. (142.250.1.27, the server for the domain.)
Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over quota.

--0000000000006f1a
Content-Type: message/rfc822

To: {TO}
Message-ID: <{MESSAGE}>

The text.
--0000000000006f1a--
""".encode()


def complaint(kind: str = "abuse") -> bytes:
    """Source: RFC 5965, section 3 and appendix B.2; the recipient's own field is left out, as the
    large providers do.
    """
    return f"""From: <abusedesk@provider.example>
To: <{return_path()}>
Subject: FW: Rappel
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{return_path()}>

--part1
Content-Type: message/rfc822
Content-Disposition: inline

Return-Path: <{return_path()}>
From: <reminders@quittance.example>
To: <{TO}>
Message-ID: <{MESSAGE}>

The text.
--part1--
""".encode()
