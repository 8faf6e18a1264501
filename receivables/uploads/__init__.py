"""Files that strangers hand in: looked into, made harmless, kept, given back to be saved."""
