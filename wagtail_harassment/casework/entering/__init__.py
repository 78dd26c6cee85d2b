"""A report made by telephone, in person or by letter, written down by a member of staff with the same form."""
