"""The command takes scores from files, and says of every answer of Creditsafe's what it is."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from monitoring.sources import readings_command

ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<{operation}Response xmlns="http://www.creditsafe.com/globaldata/operations">
<{operation}Result>{content}</{operation}Result></{operation}Response></s:Body></s:Envelope>"""

REPORT = """<Reports><Report CompanyId="GB003/0/1" ReportCurrency="GBP"><CompanySummary>
<BusinessName>First Ltd</BusinessName><Country>GB</Country>
<CompanyRegistrationNumber>01234567</CompanyRegistrationNumber>
<CompanyStatus Code="Active">Active</CompanyStatus>
<CreditRating><CommonValue>C</CommonValue><CommonDescription>Moderate Risk</CommonDescription>
<CreditLimit>5000</CreditLimit><ProviderValue MaxValue="100" MinValue="0">41</ProviderValue>
</CreditRating></CompanySummary></Report></Reports>"""


def test_each_file_is_taken_or_refused_with_its_reason(world, tmp_path, capsys):
    world.debtor(
        supplier_id=world.supplier(name="Rochat SA"),
        identifiers=(("CRN", "01234567"),),
        number="K1",
    )

    def said(name: str, content: str, *, supplier: str | None = None) -> tuple[int, str]:
        path: Path = tmp_path / name
        path.write_text(content)
        options = argparse.Namespace(paths=[path], supplier=supplier, json=True)
        code = readings_command.take(world.runtime, options)
        return code, capsys.readouterr().out

    report = ENVELOPE.format(operation="RetrieveCompanyOnlineReport", content=REPORT)
    companies = "<Companies><Company Id='1' Country='GB'><Name>X</Name></Company></Companies>"
    error = '<Messages><Message Type="Error" Code="30102">Invalid portfolio.</Message></Messages>'
    fault = ENVELOPE.format(operation="GetPortfolios", content=error)

    assert json.loads(said("r.xml", report)[1])["taken"] == 1
    assert json.loads(said("r.xml", report)[1])["known"] == 1
    listed = said("c.xml", ENVELOPE.format(operation="FindCompanies", content=companies))
    assert (listed[0], json.loads(listed[1])["companies"]) == (0, 1)
    code, words = said("f.xml", fault)
    assert (code, json.loads(words)["reason"]) == (1, "Invalid portfolio. (30102)")
    assert said("s.csv", "debtor_number,as_of_on,score\nK1,2026-11-01,40\n")[0] == 0
    code, words = said("s.csv", "debtor_number,as_of_on,score\nK2,2026-11-01,40\n")
    assert (code, json.loads(words)["line"]) == (1, 2)
    assert said("s.csv", "", supplier="Nobody")[0] == 2
