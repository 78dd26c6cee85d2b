"""How long people work on cases, against what they are paid for."""
