"""How debtors pay: a profile of each, when every invoice is expected, and the cash to come."""
