"""Numbered system checks: what keeps a site from going live."""
