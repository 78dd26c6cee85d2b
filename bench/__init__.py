"""Measures the demo site beside its peers, in one run. ``make bench``; not part of the package."""
