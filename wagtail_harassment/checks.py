"""Numbered system checks: what keeps a site from going live."""

from wagtail_harassment.casework import checks as casework  # noqa: F401
from wagtail_harassment.institution import checks as institution  # noqa: F401
from wagtail_harassment.reporting import checks as reporting  # noqa: F401
from wagtail_harassment.vault import checks as vault  # noqa: F401
