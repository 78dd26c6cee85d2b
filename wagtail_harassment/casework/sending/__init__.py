"""Letters that leave about a case, and the list of everything that left."""
