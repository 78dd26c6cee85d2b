"""Reports of harassment and hate incidents, support and casework, inside a Wagtail site."""

__version__ = "0.1.0"
