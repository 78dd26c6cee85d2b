"""The people of a case: written down, kept apart, found again, and shut out where they work here."""
