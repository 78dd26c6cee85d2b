"""Files that were handed in as evidence, and what can be looked at of them without harm."""
