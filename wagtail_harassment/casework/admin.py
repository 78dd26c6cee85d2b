"""This room's part of the Wagtail admin."""
