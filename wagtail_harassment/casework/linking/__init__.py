"""Cases that have something in common: found, confirmed by a person, shown on both, taken away again. Never merged."""
