import re

import pytest
from wagtail.models import Page, Site

from tests.signposting.conftest import body
from wagtail_harassment.institution.models import HarassmentSettings
from wagtail_harassment.reporting.pages import ReportFormPage
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.pages import LandingPage, SupportPage


def read(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_landing_page_shows_emergency_numbers_what_can_be_reported_and_who_helps(
    client, landing, make_service
):
    make_service("Police", phone="101", in_emergency=True)
    make_service("Race line", phone="0800 333 444", topics=("racism",))
    text = read(client, "/report-support/")
    assert re.findall(r'href="tel:([^"]+)"', text) == ["101", "01632960999", "0800333444"]
    assert re.findall(r"<dt>(\w+)</dt><dd>([\w ]+)</dd>", text) == [
        (code.capitalize(), f"What {code} is") for code in ["racism", "antisemitism", "stalking", "wellbeing"]
    ]
    assert "<title>Student and staff services: Report and support</title>" in text


def test_a_number_changed_once_is_changed_everywhere_at_once(client, landing, support, make_service):
    service = make_service("Race line", phone="0800 333 444", topics=("racism",), in_emergency=True)
    pages = ["/report-support/", "/report-support/support/", "/report-support/support/?topic=racism"]
    assert all("0800 333 444" in read(client, path) for path in pages)
    service.phone = "0800 555 666"
    service.save_revision().publish()
    for path in pages:
        text = read(client, path)
        assert "0800 333 444" not in text
        assert "0800 555 666" in text


def test_a_draft_is_shown_to_nobody(client, landing, support, make_service):
    make_service("Never published", phone="0800 777 777", topics=("racism",), in_emergency=True, live=False)
    service = make_service("Race line", phone="0800 333 444", topics=("racism",))
    service.phone = "0800 888 888"
    service.save_revision()
    landing.title = "Half written"
    landing.save_revision()
    for path in ["/report-support/", "/report-support/support/", "/report-support/support/?topic=racism"]:
        text = read(client, path)
        assert "0800 777 777" not in text
        assert "0800 888 888" not in text
        assert "Half written" not in text


def test_what_an_editor_typed_is_escaped(client, landing, support, make_service, site):
    make_service("<script>a</script>", for_what='"><img src=x>', topics=("racism",), in_emergency=True)
    setting = HarassmentSettings.for_site(site)
    setting.emergency_note = "<script>b</script>"
    setting.save()
    for path in ["/report-support/", "/report-support/support/?topic=<script>c</script>"]:
        text = read(client, path)
        assert "<script>" not in text
        assert "<img" not in text


def test_every_kind_of_block_renders_and_survives_what_it_points_to(client, landing, make_service, site):
    service = make_service("Chosen line", phone="0800 123 456")
    target = Page(title="The form", slug="form")
    landing.add_child(instance=target)
    landing.body = landing.body.stream_block.to_python(
        body(
            ("call_to_action", {"heading": "Tell us", "text": "", "page": target.pk, "button": "Start"}),
            ("selected_services", {"heading": "Chosen", "services": [service.pk]}),
            ("contact_card", {"service": service.pk, "text": "<p>Meet them</p>"}),
            ("accordion", {"heading": "Questions", "questions": [{"heading": "Who?", "text": "<p>We</p>"}]}),
        )
    )
    landing.save_revision().publish()
    text = read(client, "/report-support/")
    assert 'href="/report-support/form/">Start</a>' in text
    assert text.count("0800 123 456") == 2
    assert "<summary>Who?</summary>" in text
    service.delete()
    target.delete()
    text = read(client, "/report-support/")
    assert "0800 123 456" not in text
    assert "Start" not in text


def test_a_button_to_an_unpublished_page_is_not_shown(client, landing):
    target = Page(title="The form", slug="form", live=False)
    landing.add_child(instance=target)
    value = {"heading": "Tell us", "text": "", "page": target.pk, "button": "Start"}
    landing.body = landing.body.stream_block.to_python(body(("call_to_action", value)))
    landing.save_revision().publish()
    assert "Start" not in read(client, "/report-support/")
    target.save_revision().publish()
    assert 'href="/report-support/form/">Start</a>' in read(client, "/report-support/")


def test_the_support_page_narrows_by_topic_and_audience(client, support, make_service):
    make_service("Racism, staff", topics=("racism",), audience="staff")
    make_service("Racism, all", topics=("racism",))
    make_service("Stalking", topics=("stalking",))
    make_service("Ours", internal=True, always_show=True)

    def shown(query: str) -> list[str]:
        return re.findall(r"<h4>([^<]+)</h4>", read(client, f"/report-support/support/{query}"))

    assert shown("") == ["Ours", "Racism, all", "Racism, staff", "Stalking"]
    assert shown("?topic=racism") == ["Racism, all", "Racism, staff", "Ours"]
    assert shown("?topic=racism&audience=students") == ["Racism, all", "Ours"]
    assert shown("?audience=staff") == ["Ours", "Racism, all", "Racism, staff", "Stalking"]
    assert shown("?topic=&audience=") == shown("")


@pytest.mark.parametrize(
    "query",
    ["?topic=nonsense", "?topic=%00", "?audience=lecturers", "?live__regex=x", "?topic=" + "a" * 100_000],
)
def test_a_hostile_query_shows_the_whole_list(client, support, make_service, query):
    make_service("Line", topics=("racism",))
    make_service("Draft line", live=False)
    text = read(client, f"/report-support/support/{query}")
    assert re.findall(r"<h4>([^<]+)</h4>", text) == ["Line"]


@pytest.mark.parametrize("path", ["/report-support/", "/report-support/support/"])
def test_a_public_page_sets_no_cookie_and_sends_its_headers(client, support, path):
    response = client.get(path)
    assert response.cookies == {}
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    ours = '<script src="/static/wagtail_harassment/journey.js" referrerpolicy="no-referrer" defer></script>'
    html = response.content.decode()
    assert html.count(ours) == 1
    assert not re.search(r"<script|style=|\son\w+=|src=|http-equiv", html.replace(ours, ""))


def test_nothing_can_be_posted_to_a_public_page(client, landing):
    assert client.post("/report-support/").status_code == 405


def test_an_empty_directory_says_what_to_do(client, support):
    assert "In an emergency, call 999." in read(client, "/report-support/support/")


def test_a_site_may_bring_its_own_base_template(client, landing, settings, tmp_path):
    (tmp_path / "theirs.html").write_text(
        "<title>{% block title %}{% endblock %}</title>THEIRS{% block content %}{% endblock %}"
    )
    template = settings.TEMPLATES[0] | {"DIRS": [tmp_path]}
    settings.TEMPLATES = [template]
    settings.WAGTAIL_HARASSMENT_BASE_TEMPLATE = "theirs.html"
    text = read(client, "/report-support/")
    assert "THEIRS" in text
    assert "You decide what happens." in text


def test_two_sites_have_their_own_security_number(client, landing, site):
    other_root = Page(title="Other", slug="other")
    Page.objects.get(depth=1).add_child(instance=other_root)
    other = Site.objects.create(hostname="other.example", root_page=other_root)
    HarassmentSettings.objects.create(site=other, security_phone="01632 960 111")
    landing.copy(to=other_root)
    assert "01632 960 999" in read(client, "/report-support/")
    text = client.get("/report-support/", headers={"host": "other.example"}).content.decode()
    assert "01632 960 111" in text
    assert "01632 960 999" not in text


def test_deleting_every_service_breaks_no_page(client, landing, support, make_service):
    make_service("Line", topics=("racism",), in_emergency=True)
    SupportService.objects.all().delete()
    assert "Line" not in read(client, "/report-support/") + read(client, "/report-support/support/")


def test_the_page_is_found_by_its_own_type(landing):
    assert LandingPage.objects.get().body[0].block_type == "emergency"


def test_a_new_landing_page_needs_no_editor_to_say_what_matters(client, site, make_service):
    make_service("Police", phone="101", in_emergency=True)
    make_service("Anything", phone="0800 333 444", always_show=True)
    page = LandingPage(title="Report and support", slug="report-support")
    site.root_page.add_child(instance=page)
    page.add_child(instance=SupportPage(title="Support", slug="support"))
    page.add_child(instance=ReportFormPage(title="Report", slug="report"))
    text = read(client, "/report-support/")
    assert re.findall(r"<h2>([^<]+)</h2>", text) == [
        "In danger now?",
        "Tell us what happened",
        "Talk to someone first",
        "What you can report",
        "Questions people ask",
    ]
    assert 'href="/report-support/report/">Start a report</a>' in text
    assert 'href="/report-support/support/">All support services</a>' in text
    ReportFormPage.objects.get().unpublish()
    assert "Start a report" not in read(client, "/report-support/")
