"""The register: each room's admin, imported so that Wagtail finds its hooks."""

from wagtail_harassment.casework import admin as casework  # noqa: F401
from wagtail_harassment.casework import registers  # noqa: F401
from wagtail_harassment.casework.signing_in import admin as signing_in  # noqa: F401
from wagtail_harassment.institution import admin as institution  # noqa: F401
from wagtail_harassment.signposting import admin as signposting  # noqa: F401
