"""System checks: what on a host's site would tell of a visit, and numbers that make no sense."""

from wagtail_harassment.reporting.checks import numbers, site  # noqa: F401
