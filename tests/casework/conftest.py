from __future__ import annotations

import pytest
from aiosmtpd.controller import Controller
from wagtail.models import Site

from tests.casework.postbox import Postbox, free_port
from wagtail_harassment.institution.models import HarassmentSettings


@pytest.fixture
def port(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 5
    settings.WAGTAIL_HARASSMENT_MAIL_FROM = "Student services <services@northbridge.example>"
    settings.WAGTAIL_HARASSMENT_ADMIN_BASE_URL = "https://cases.northbridge.example"
    return settings.EMAIL_PORT


@pytest.fixture
def postbox(port):
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box
    server.stop()


@pytest.fixture
def every_day(db):
    """A university that works on all days, so that what a test says of days is so on each."""
    return HarassmentSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True), defaults={"works_saturday": True, "works_sunday": True}
    )[0]
