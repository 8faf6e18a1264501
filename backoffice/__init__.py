"""The supplier's side: a face of its own, behind the office door."""
