"""Who may see a case: what leads and those who stand in for them decide, and what an auditor sees."""
