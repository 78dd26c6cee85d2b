"""A case on paper, for a meeting: marked, recorded, and without what whoever prints it may not see."""
