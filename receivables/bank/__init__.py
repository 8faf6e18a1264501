"""What the bank says: statements read, and put to the invoices they pay."""
