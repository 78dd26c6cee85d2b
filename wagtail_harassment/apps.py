"""Wiring, and nothing else."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HarassmentConfig(AppConfig):
    """The one Django app of the package; its rooms are sub-packages."""

    name = "wagtail_harassment"
    label = "wagtail_harassment"
    verbose_name = _("Report and support")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_harassment import checks  # noqa: F401
        from wagtail_harassment.casework import wiring as casework
        from wagtail_harassment.institution import wiring as institution
        from wagtail_harassment.reporting import wiring as reporting
        from wagtail_harassment.signposting import wiring as signposting
        from wagtail_harassment.vault import wiring as vault

        for room in (vault, institution, signposting, reporting, casework):
            room.connect(self)
