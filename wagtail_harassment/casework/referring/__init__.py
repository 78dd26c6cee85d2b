"""Referrals and advice: chosen facts of a case go to somebody with a view of those facts alone, who answers."""
