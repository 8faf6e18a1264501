"""The portfolio health check: a file of customers read, identified, freed of duplicates, judged."""
