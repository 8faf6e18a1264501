"""What a file is, told from its content; a file's name is only a hope."""

from __future__ import annotations

from typing import Final

from receivables.intake.faults import Refused, refuse
from receivables.intake.xml_tree import Element, local_name, namespace
from receivables.workbooks import STRICT, BadWorkbook, check_archive, is_archive

_ASK: Final = "Ask the sender for a UBL or CII invoice (EN 16931), or enter it by CSV."
_INVOICE_INSTEAD: Final = "Give the invoice that belongs to it."

_UBL_DOCUMENT: Final = "urn:oasis:names:specification:ubl:schema:xsd:"

#: Beginnings of namespaces -> what the document is, what to do about it.
_BY_NAMESPACE: Final = (
    (
        "http://ivaservizi.agenziaentrate.gov.it",
        "an Italian FatturaPA document",
        "Ask the sender for the UBL or CII form of the invoice, or enter it by CSV.",
    ),
    (
        "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure",
        "an Order-X purchase order",
        "An order asks for goods, not for money. " + _INVOICE_INSTEAD,
    ),
    (
        "urn:un:unece:uncefact:data:standard:CBFBUY",
        "a draft of ZUGFeRD (release candidate of 2014)",
        "Have it issued again as ZUGFeRD 1.0 or later.",
    ),
    ("http://www.w3.org/2000/09/xmldsig#", "a detached signature", _INVOICE_INSTEAD),
    ("urn:un:unece:uncefact:data:", "another UN/CEFACT document", _INVOICE_INSTEAD),
    ("urn:iso:std:iso:20022:tech:xsd:camt", "a bank statement", "Import it as a bank statement."),
    ("urn:iso:std:iso:20022:tech:xsd:pain", "a payment order for a bank", _INVOICE_INSTEAD),
    ("http://difi.no/xsd/vefa/validator", "a test set for validators", _INVOICE_INSTEAD),
    ("http://www.ebinterface.at", "an Austrian ebInterface invoice", _ASK),
    ("http://www.facturae", "a Spanish Facturae invoice", _ASK),
    ("http://www.sfti.se", "a Swedish Svefaktura invoice", _ASK),
    ("urn:sfti", "a Swedish Svefaktura invoice", _ASK),
    ("http://rep.oio.dk", "a Danish OIOXML invoice", _ASK),
    ("http://crd.gov.pl", "a Polish KSeF invoice", _ASK),
    ("urn:cen.eu:en16931:2017:xrechnung", "a visualisation of an XRechnung", _ASK),
    ("http://www.w3.org/1999/xhtml", "a web page", _ASK),
    ("http://www.w3.org/2000/svg", "a picture", _ASK),
)

#: Root elements that come without a telling namespace.
_BY_ROOT: Final = {
    "M_INVOIC": ("an EDIFACT invoice written as XML", _ASK),
    "Finvoice": ("a Finnish Finvoice", _ASK),
    "cXML": ("a cXML document", _ASK),
    "E-Invoice": ("an Estonian e-invoice", _ASK),
    "html": ("a web page", _ASK),
}

_SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Office document (XLS, DOC)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"%!PS", "a PostScript file"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"UNA:+", "an EDIFACT message"),
    (b"UNB+", "an EDIFACT message"),
    (b"{1:F01", "a SWIFT message"),
    (b":20:", "a bank statement (MT940)"),
    (b"From ", "an e-mail"),
    (b"Received:", "an e-mail"),
    (b"Return-Path:", "an e-mail"),
    (b"MIME-Version:", "an e-mail"),
    (b"{", "JSON"),
    (b"[", "JSON"),
)

#: Megabytes of 1,000,000 bytes that a file may have.
LARGEST_MB: Final = 20

_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def refuse_by_size(content: bytes) -> None:
    """Raise Refused when there is nothing in the file, or more than we read."""
    if not content.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t \0"):
        raise refuse("empty", "file")
    if len(content) > LARGEST_MB * 1_000_000:
        megabytes = f"{len(content) / 1_000_000:.1f}"
        raise refuse("too-large", "file", megabytes=megabytes, limit=LARGEST_MB)


def is_xml(content: bytes) -> bool:
    """Whether the first character that is no blank is an opening bracket, in UTF-8 or UTF-16."""
    head = content[:512]
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip().startswith(b"<")


def is_pdf(content: bytes) -> bool:
    """Source: ISO 32000-1, annex H: the header may stand anywhere in the first 1024 bytes."""
    return b"%PDF-" in content[:1024]


def is_workbook(content: bytes) -> bool:
    """Whether it is an XLSX workbook, or pretends to be one."""
    return is_archive(content) and (
        b"xl/workbook.xml" in content or b"[Content_Types].xml" in content[:4096]
    )


def refuse_by_archive(content: bytes) -> None:
    """Raise Refused, before anything is unpacked, for a workbook that no list can be."""
    try:
        check_archive(content, STRICT)
    except BadWorkbook as bad:
        raise bad_workbook(bad) from bad


def bad_workbook(bad: BadWorkbook) -> Refused:
    return refuse(_PROBLEMS[bad.problem], "file", kind="Excel")


_PROBLEMS: Final = {
    "broken": "workbook",
    "no-workbook": "zip",
    "too-much": "workbook-too-much",
    "unsafe": "workbook-unsafe",
}


def refuse_if_no_text(content: bytes) -> None:
    """Raise Refused with what the file is, unless it can be a table of text."""
    if is_archive(content):
        if b"opendocument.spreadsheet" in content[:4096]:
            raise refuse("workbook", "file", kind="OpenDocument")
        raise refuse("zip", "file")
    start = content[:64].lstrip()
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            raise refuse("binary", "file", kind=kind)
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and b"\0" in content:
        raise refuse("binary", "file", kind="binary data")


def other_document(root: Element) -> Refused:
    """The refusal of an XML document that is none of our invoices, with its name if we know it."""
    name, space = local_name(root), namespace(root)
    where = f"/{name}"
    if space.startswith(_UBL_DOCUMENT):
        return refuse(
            "other-document", where, kind=f"a UBL document <{name}>", remedy=_INVOICE_INSTEAD
        )
    for beginning, kind, remedy in _BY_NAMESPACE:
        if space.startswith(beginning):
            return refuse("other-document", where, kind=kind, remedy=remedy)
    if name in _BY_ROOT:
        kind, remedy = _BY_ROOT[name]
        return refuse("other-document", where, kind=kind, remedy=remedy)
    return refuse("unknown-xml", where, root=f"{{{space}}}{name}" if space else name)
