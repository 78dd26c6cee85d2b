"""Closing a case, opening it again, and putting right what it is counted under."""
