"""A debtor's word: this much by this day; and "I have already paid"."""
