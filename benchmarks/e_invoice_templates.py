"""One supplier's invoices in the two syntaxes of EN 16931, as templates: UBL 2.1 and CII D16B."""

from __future__ import annotations

from string import Template
from typing import Final

UBL: Final = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<$root xmlns="urn:oasis:names:specification:ubl:schema:xsd:$root-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>$number</cbc:ID>
  <cbc:IssueDate>$issued_on</cbc:IssueDate>
  $due
  <cbc:${root}TypeCode>$type_code</cbc:${root}TypeCode>
  <cbc:DocumentCurrencyCode>CHF</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>$buyer_number</cbc:BuyerReference>
  $preceding
  <cac:AccountingSupplierParty>
    <cac:Party>
      <cac:PostalAddress>
        <cbc:StreetName>Rue du Lac 4</cbc:StreetName>
        <cbc:CityName>Lausanne</cbc:CityName>
        <cbc:PostalZone>1003</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>CH</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyTaxScheme>
        <cbc:CompanyID>CHE116281838TVA</cbc:CompanyID>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:PartyTaxScheme>
      <cac:PartyLegalEntity>
        <cbc:RegistrationName>Menuiserie Rochat SA</cbc:RegistrationName>
        <cbc:CompanyID schemeID="0183">CHE116281838</cbc:CompanyID>
      </cac:PartyLegalEntity>
    </cac:Party>
  </cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty>
    <cac:Party>
      <cac:PartyIdentification><cbc:ID>$buyer_number</cbc:ID></cac:PartyIdentification>
      <cac:PostalAddress>
        <cbc:StreetName>$buyer_street</cbc:StreetName>
        <cbc:CityName>$buyer_city</cbc:CityName>
        <cbc:PostalZone>$buyer_postcode</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>CH</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyLegalEntity>
        <cbc:RegistrationName>$buyer</cbc:RegistrationName>
        <cbc:CompanyID schemeID="0183">$buyer_registration</cbc:CompanyID>
      </cac:PartyLegalEntity>
      <cac:Contact><cbc:ElectronicMail>$buyer_email</cbc:ElectronicMail></cac:Contact>
    </cac:Party>
  </cac:AccountingCustomerParty>
  <cac:PaymentMeans>
    <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cbc:PaymentID>$reference</cbc:PaymentID>
    <cac:PayeeFinancialAccount><cbc:ID>CH9300762011623852957</cbc:ID></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:PaymentTerms><cbc:Note>30 jours net</cbc:Note></cac:PaymentTerms>
  <cac:TaxTotal>
    <cbc:TaxAmount currencyID="CHF">$tax</cbc:TaxAmount>
    <cac:TaxSubtotal>
      <cbc:TaxableAmount currencyID="CHF">$net</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="CHF">$tax</cbc:TaxAmount>
      <cac:TaxCategory>
        <cbc:ID>S</cbc:ID>
        <cbc:Percent>8.1</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:TaxCategory>
    </cac:TaxSubtotal>
  </cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="CHF">$net</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="CHF">$net</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="CHF">$total</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="CHF">$total</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
$lines</$root>
""")

UBL_LINE: Final = Template("""\
  <cac:${root}Line>
    <cbc:ID>$position</cbc:ID>
    <cbc:$quantity_name unitCode="C62">$count</cbc:$quantity_name>
    <cbc:LineExtensionAmount currencyID="CHF">$line_net</cbc:LineExtensionAmount>
    <cac:Item>
      <cbc:Name>$description</cbc:Name>
      <cac:ClassifiedTaxCategory>
        <cbc:ID>S</cbc:ID>
        <cbc:Percent>8.1</cbc:Percent>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
      </cac:ClassifiedTaxCategory>
    </cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="CHF">$price</cbc:PriceAmount></cac:Price>
  </cac:${root}Line>
""")

CII: Final = Template("""\
<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice
    xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
    xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext>
    <ram:GuidelineSpecifiedDocumentContextParameter>
      <ram:ID>urn:cen.eu:en16931:2017</ram:ID>
    </ram:GuidelineSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>$number</ram:ID>
    <ram:TypeCode>$type_code</ram:TypeCode>
    <ram:IssueDateTime>
      <udt:DateTimeString format="102">$issued_102</udt:DateTimeString>
    </ram:IssueDateTime>
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
$lines    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty>
        <ram:Name>Menuiserie Rochat SA</ram:Name>
        <ram:SpecifiedLegalOrganization>
          <ram:ID schemeID="0183">CHE116281838</ram:ID>
        </ram:SpecifiedLegalOrganization>
        <ram:PostalTradeAddress>
          <ram:PostcodeCode>1003</ram:PostcodeCode>
          <ram:LineOne>Rue du Lac 4</ram:LineOne>
          <ram:CityName>Lausanne</ram:CityName>
          <ram:CountryID>CH</ram:CountryID>
        </ram:PostalTradeAddress>
        <ram:SpecifiedTaxRegistration>
          <ram:ID schemeID="VA">CHE116281838TVA</ram:ID>
        </ram:SpecifiedTaxRegistration>
      </ram:SellerTradeParty>
      <ram:BuyerTradeParty>
        <ram:ID>$buyer_number</ram:ID>
        <ram:Name>$buyer</ram:Name>
        <ram:SpecifiedLegalOrganization>
          <ram:ID schemeID="0183">$buyer_registration</ram:ID>
        </ram:SpecifiedLegalOrganization>
        <ram:DefinedTradeContact>
          <ram:PersonName>Comptabilité</ram:PersonName>
          <ram:EmailURIUniversalCommunication>
            <ram:URIID>$buyer_email</ram:URIID>
          </ram:EmailURIUniversalCommunication>
        </ram:DefinedTradeContact>
        <ram:PostalTradeAddress>
          <ram:PostcodeCode>$buyer_postcode</ram:PostcodeCode>
          <ram:LineOne>$buyer_street</ram:LineOne>
          <ram:CityName>$buyer_city</ram:CityName>
          <ram:CountryID>CH</ram:CountryID>
        </ram:PostalTradeAddress>
      </ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery/>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:PaymentReference>$reference</ram:PaymentReference>
      <ram:InvoiceCurrencyCode>CHF</ram:InvoiceCurrencyCode>
      <ram:SpecifiedTradeSettlementPaymentMeans>
        <ram:TypeCode>30</ram:TypeCode>
        <ram:PayeePartyCreditorFinancialAccount>
          <ram:IBANID>CH9300762011623852957</ram:IBANID>
        </ram:PayeePartyCreditorFinancialAccount>
      </ram:SpecifiedTradeSettlementPaymentMeans>
      <ram:ApplicableTradeTax>
        <ram:CalculatedAmount>$tax</ram:CalculatedAmount>
        <ram:TypeCode>VAT</ram:TypeCode>
        <ram:BasisAmount>$net</ram:BasisAmount>
        <ram:CategoryCode>S</ram:CategoryCode>
        <ram:RateApplicablePercent>8.1</ram:RateApplicablePercent>
      </ram:ApplicableTradeTax>
      <ram:SpecifiedTradePaymentTerms>
        <ram:DueDateDateTime>
          <udt:DateTimeString format="102">$due_102</udt:DateTimeString>
        </ram:DueDateDateTime>
      </ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:LineTotalAmount>$net</ram:LineTotalAmount>
        <ram:TaxBasisTotalAmount>$net</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="CHF">$tax</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>$total</ram:GrandTotalAmount>
        <ram:DuePayableAmount>$total</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
      $preceding
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>
""")

CII_LINE: Final = Template("""\
    <ram:IncludedSupplyChainTradeLineItem>
      <ram:AssociatedDocumentLineDocument>
        <ram:LineID>$position</ram:LineID>
      </ram:AssociatedDocumentLineDocument>
      <ram:SpecifiedTradeProduct>
        <ram:Name>$description</ram:Name>
      </ram:SpecifiedTradeProduct>
      <ram:SpecifiedLineTradeAgreement>
        <ram:NetPriceProductTradePrice>
          <ram:ChargeAmount>$price</ram:ChargeAmount>
        </ram:NetPriceProductTradePrice>
      </ram:SpecifiedLineTradeAgreement>
      <ram:SpecifiedLineTradeDelivery>
        <ram:BilledQuantity unitCode="C62">$count</ram:BilledQuantity>
      </ram:SpecifiedLineTradeDelivery>
      <ram:SpecifiedLineTradeSettlement>
        <ram:ApplicableTradeTax>
          <ram:TypeCode>VAT</ram:TypeCode>
          <ram:CategoryCode>S</ram:CategoryCode>
          <ram:RateApplicablePercent>8.1</ram:RateApplicablePercent>
        </ram:ApplicableTradeTax>
        <ram:SpecifiedTradeSettlementLineMonetarySummation>
          <ram:LineTotalAmount>$line_net</ram:LineTotalAmount>
        </ram:SpecifiedTradeSettlementLineMonetarySummation>
      </ram:SpecifiedLineTradeSettlement>
    </ram:IncludedSupplyChainTradeLineItem>
""")
