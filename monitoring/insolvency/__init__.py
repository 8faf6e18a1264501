"""What gazettes and registers publish about debtors: openings, closings, strikings off."""
