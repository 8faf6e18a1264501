"""Bank statements written by hand, as short as the standards allow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

from receivables.bank.csv_table import Told
from receivables.bank.parsed import FileReport, ParsedEntry
from receivables.bank.reading import nobody_told, read_reporting

OWN_IBAN = "CH9300762011623852957"
PAYER_IBAN = "DE89370400440532013000"


def entry(
    amount: str,
    *,
    currency: str = "CHF",
    direction: str = "CRDT",
    on: str = "2026-11-02",
    reference: str = "",
    status: str = "BOOK",
    reversal: bool = False,
    details: Sequence[str] = (),
) -> str:
    """One Ntry; `details` are its TxDtls."""
    known = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<RvslInd>{str(reversal).lower()}</RvslInd><Sts>{status}</Sts>"
        f"<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>{known}"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>AUTT</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd><NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def detail(
    amount: str = "",
    *,
    currency: str = "CHF",
    payer: str = "Atelier Dubois Sàrl",
    account: str = PAYER_IBAN,
    end_to_end_id: str = "NOTPROVIDED",
    references: Sequence[str] = (),
    words: Sequence[str] = (),
) -> str:
    """One TxDtls of money from `payer`."""
    stated = f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>' if amount else ""
    structured = "".join(
        f"<Strd><CdtrRefInf><Ref>{each}</Ref></CdtrRefInf></Strd>" for each in references
    )
    free = "".join(f"<Ustrd>{each}</Ustrd>" for each in words)
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>{stated}"
        f"<RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{account}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf>{free}{structured}</RmtInf></TxDtls>"
    )


def balance(code: str, amount: str, on: str, *, currency: str = "CHF") -> str:
    signed = Decimal(amount)
    direction = "DBIT" if signed < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{abs(signed)}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def camt(
    *entries: str,
    message: str = "camt.053",
    version: str = "04",
    account: str = OWN_IBAN,
    number: str = "1",
    opening: str | None = None,
    closing: str | None = None,
    opening_on: str = "2026-11-01",
    closing_on: str = "2026-11-02",
) -> str:
    """A document with one statement."""
    root, each = {
        "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
        "camt.053": ("BkToCstmrStmt", "Stmt"),
        "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[message]
    balances = balance("OPBD", opening, opening_on) if opening else ""
    balances += balance("CLBD", closing, closing_on) if closing else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{message}.001.{version}"><{root}>'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-02T23:00:00</CreDtTm></GrpHdr>"
        f"<{each}><Id>S-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<CreDtTm>2026-11-02T23:00:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
        f"{balances}\n" + "\n".join(entries) + f"</{each}></{root}></Document>\n"
    )


def mt940(*lines: str, opening: str = "C261101CHF1000,00", closing: str = "") -> str:
    """A message; `lines` are its fields 61 and 86."""
    body = "\n".join(lines)
    ending = f"\n:62F:{closing}" if closing else ""
    return f":20:REF\n:25:{OWN_IBAN}\n:28C:1/1\n:60F:{opening}\n{body}{ending}\n-\n"


def record(text: str) -> str:
    """A record of CODA, filled up."""
    return text.ljust(128)


def coda(*movements: str, opening: str = "0000000001000000", closing: str) -> str:
    """A CODA file of one statement on BE68 5390 0754 7034; balances are sign and 15 digits."""
    account = "BE68539007547034".ljust(34) + "EUR"
    count = len([each for each in movements if each[0] in "23"]) + 2
    return "\n".join(
        [
            record(f"0000002112672505{'':8}{'':10}{'QUITTANCE':26}KREDBEBB")[:127] + "2",
            record(f"12001{account}{opening}201126{'QUITTANCE':26}"),
            *map(record, movements),
            record(f"8001{account}{closing}211126"),
            record(f"9{'':15}{count:06d}"),
            "",
        ]
    )


def coda_movement(
    sequence: int,
    amount: str,
    *,
    detail: int = 0,
    kind: str = "0",
    sign: str = "0",
    communication: str = "",
    structured: bool = False,
    reference: str = "",
) -> str:
    """A record 21; `amount` is in euro, `kind` the first digit of the transaction code."""
    digits = f"{int(Decimal(amount) * 1000):015d}"
    return (
        f"21{sequence:04d}{detail:04d}{reference:21}{sign}{digits}211126{kind}0150000"
        f"{int(structured)}{communication:53}211126001"
    )


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """The text as a file; a text is taken to be indented."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
    return path


def read(content: str | bytes, told: Told = nobody_told) -> tuple[FileReport, list[ParsedEntry]]:
    """What this process reads in the content, and the entries (those of a refused file too)."""
    source = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    reading = read_reporting("file", source, told)
    entries: list[ParsedEntry] = []
    while True:
        try:
            entries.append(next(reading))
        except StopIteration as end:
            return end.value, entries
