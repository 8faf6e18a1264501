"""What waits for a person, from every subject, and what staff do with it."""
