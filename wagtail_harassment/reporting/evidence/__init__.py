"""Files of evidence: taken in, stored, and whose they are."""
