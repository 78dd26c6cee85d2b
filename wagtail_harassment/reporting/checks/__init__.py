"""System checks: what on a host's site would tell of a visit, numbers that make no sense, a scanner that is none."""

from wagtail_harassment.reporting.checks import numbers, scanning, site  # noqa: F401
