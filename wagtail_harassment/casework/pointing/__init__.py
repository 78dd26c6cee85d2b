"""Support services that were given to people on a case."""
