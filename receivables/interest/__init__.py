"""Late interest and compensation: what the law of the debtor's country grants, and to whom."""
