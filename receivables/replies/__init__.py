"""What debtors answer by mail: read once, shown to staff, and kept from being talked over."""
