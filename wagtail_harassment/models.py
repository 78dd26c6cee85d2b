"""The register: every room's models, so that Django finds them in one app."""

from wagtail_harassment.casework.models import *  # noqa: F403
from wagtail_harassment.institution.models import *  # noqa: F403
from wagtail_harassment.institution.slot_models import *  # noqa: F403
from wagtail_harassment.reporting.models import *  # noqa: F403
from wagtail_harassment.reporting.pages import *  # noqa: F403
from wagtail_harassment.signposting.models import *  # noqa: F403
from wagtail_harassment.signposting.pages import *  # noqa: F403
from wagtail_harassment.vault.models import *  # noqa: F403
