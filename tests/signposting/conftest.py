"""What this room's tests are about: terms, services, and a landing page below the site's root."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from wagtail.models import Site

from wagtail_harassment.institution.models import HarassmentSettings, Term, Vocabulary
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.pages import LandingPage, SupportPage


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def bare_base(settings):
    """The package's own base: what the demo's theme adds is the demo's to test."""
    settings.WAGTAIL_HARASSMENT_BASE_TEMPLATE = "wagtail_harassment/base.html"
    settings.WAGTAIL_HARASSMENT_SERVICE_NAME = "Student and staff services"


@pytest.fixture
def terms(db) -> dict[str, Term]:
    codes = ["racism", "antisemitism", "stalking", "wellbeing"]
    made = {}
    for order, code in enumerate(codes):
        made[code], _ = Term.objects.update_or_create(
            vocabulary=Vocabulary.INCIDENT_TYPE,
            code=code,
            defaults={"label": code.capitalize(), "definition": f"What {code} is", "sort_order": order},
        )
    return made


@pytest.fixture
def make_service(terms):
    def make(name: str, *, topics: tuple[str, ...] = (), live: bool = True, **facts) -> SupportService:
        facts = {"for_what": f"What {name} is for", "phone": "0800 111 222"} | facts
        service = SupportService(name=name, live=live, **facts)
        service.topics = [terms[code] for code in topics]
        service.full_clean()
        service.save()
        service.refresh_from_db()
        return service

    return make


@pytest.fixture
def site(db) -> Site:
    site = Site.objects.get(is_default_site=True)
    settings = HarassmentSettings.for_site(site)
    settings.security_phone = "01632 960 999"
    settings.save()
    return site


def body(*blocks: tuple[str, object]) -> list[dict[str, object]]:
    return [{"type": kind, "value": value} for kind, value in blocks]


@pytest.fixture
def landing(site) -> LandingPage:
    page = LandingPage(title="Report and support", slug="report-support")
    page.body = page.body.stream_block.to_python(
        body(
            ("emergency", {"heading": "In danger now?"}),
            ("text", "<p>You decide what happens.</p>"),
            ("reportable", {"heading": "What you can report", "text": ""}),
            ("topic_services", {"heading": "Who can help", "topics": ["racism"], "limit": 24}),
        )
    )
    site.root_page.add_child(instance=page)
    return LandingPage.objects.get(pk=page.pk)


@pytest.fixture
def support(landing) -> SupportPage:
    page = SupportPage(title="Support", slug="support")
    landing.add_child(instance=page)
    return SupportPage.objects.get(pk=page.pk)


@pytest.fixture
def editor(django_user_model):
    from django.contrib.auth.models import Group, Permission

    from wagtail_harassment.signposting.roles import editor_permissions

    group = Group.objects.create(name="Words")
    wanted = [("wagtailadmin", "access_admin"), *editor_permissions()]
    for app, codename in wanted:
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    user = django_user_model.objects.create_user("words", password="words")
    user.groups.add(group)
    return user
