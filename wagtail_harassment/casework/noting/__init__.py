"""What people write down on a case, and what of it waits to be added."""
