"""After leaving: what is kept is hidden, what is posted again from the history is neither kept nor shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Site

import wagtail_harassment
from tests.reporting.browser import Form, Reporter, place
from wagtail_harassment.institution.models import HarassmentSettings, validate_neutral_page
from wagtail_harassment.reporting.models import Draft, DraftStep, Report

pytestmark = pytest.mark.django_db

OWN = {"device": "own"}
WORDS = "They shouted at me in the foyer."
WHAT = {"account": WORDS, "incident_type": ["racism"]}


@pytest.fixture
def left(reporter):
    """A browser that left half way, on a device of its own."""
    reporter.go_through(until="when", start=OWN)
    reporter.get("leave")
    return reporter


def test_after_leaving_every_address_leads_to_the_beginning_which_shows_no_answer(left):
    for where in ("how", "you", "what", "when", "check", "receipt"):
        assert place(left.get(where), left) == ""
    page = left.form()
    assert "Something was begun in this browser." in page.text
    assert page.values["device"] == ["shared"]  # as it is asked, not as it was answered
    assert WORDS not in left.get().content.decode()
    assert "Step 1 of 10" in page.text


def test_going_on_where_one_was_is_a_press_of_a_button_and_no_address(left):
    assert place(left.post("", {"journey": "resume"}), left) == "when"
    assert left.form("what").values["account"] == [WORDS]
    assert not left.cookie().value.endswith(".")


def test_looking_on_does_not_bring_it_back(left):
    for _look in range(3):
        left.get(), left.get("", resume="1"), left.get("", back="1")
        assert place(left.get("what"), left) == ""


def test_what_was_left_can_be_cleared_at_once(left):
    response = left.post("", {"journey": "forget"})
    assert (place(response, left), response.cookies["visit"]["max-age"]) == ("", 0)
    assert (Draft.objects.count(), DraftStep.objects.count()) == (0, 0)
    assert "Something was begun" not in left.form().text


def test_beginning_again_goes_on_with_what_was_left_and_loses_nothing(left):
    assert place(left.post("", OWN), left) == "how"
    assert left.form("what").values["account"] == [WORDS]
    assert not left.cookie().value.endswith(".")


@pytest.mark.parametrize("data", [WHAT, {"account": WORDS}], ids=["complete", "incomplete"])
def test_a_page_of_ones_own_device_that_is_sent_again_after_leaving_is_not_shown(left, data):
    response = left.post("what", data)
    assert place(response, left) == ""
    assert WORDS not in response.content.decode()
    assert place(left.get("what"), left) == ""


def test_a_report_is_not_sent_from_the_history_after_leaving(reporter):
    reporter.go_through(start=OWN)
    reporter.get("leave")
    assert place(reporter.send(), reporter) == ""
    assert Report.objects.count() == 0


def test_leaving_marks_the_cookie_so_that_browsers_drop_the_pages_they_kept(reporter):
    reporter.go_through(until="when", start=OWN)
    before = reporter.cookie().value
    for _again in range(2):
        response = reporter.get("leave")
        cookie = response.cookies["visit"]
        assert (cookie.value, cookie["path"], cookie["httponly"]) == (f"{before}.", reporter.url, True)


@pytest.mark.parametrize("data", [WHAT, {"account": WORDS}], ids=["complete", "incomplete"])
def test_a_page_of_a_shared_device_that_is_sent_again_after_leaving_is_neither_kept_nor_shown(reporter, data):
    reporter.get()  # from here it has the form token's cookie
    reporter.go_through(until="when")
    reporter.get("leave")
    response = reporter.post("what", data)
    assert place(response, reporter) == ""
    assert WORDS not in response.content.decode()
    assert Draft.objects.count() == 0


def test_a_page_sent_again_after_its_time_was_over_gives_its_words_back(reporter):
    reporter.go_through(until="when")
    Draft.objects.all().delete()
    response = reporter.post("what", {"account": WORDS})
    assert Form(response.content.decode()).values["account"] == [WORDS]


def test_a_browser_that_lost_its_cookies_gets_its_words_back_and_can_send_them(form_page):
    browser = Reporter(form_page.url, enforce_csrf_checks=True)
    token = browser.form().values["csrfmiddlewaretoken"][0]
    browser.client.cookies.clear()
    origin = {"headers": {"origin": "http://testserver"}}
    page = Form(browser.post("what", WHAT | {"csrfmiddlewaretoken": token}, **origin).content.decode())
    assert page.values["account"] == [WORDS]
    assert place(browser.post("what", page.values, **origin), browser) == "?kept=1"


def test_a_receipt_is_gone_after_leaving_on_any_device(reporter):
    reporter.go_through(start=OWN)
    reporter.send()
    reporter.get("leave")
    assert Draft.objects.count() == 0
    assert place(reporter.get("receipt"), reporter) == ""


# The way out

SCRIPT = Path(wagtail_harassment.__file__).parent / "static" / "wagtail_harassment" / "journey.js"


def test_every_page_of_the_journey_has_the_way_out_twice_and_the_script_once(reporter, form_page):
    way_out = f'href="{reporter.address("leave")}"'
    pages = [reporter.get(), reporter.get("safety")]
    reporter.go_through(until="what")
    pages += [
        reporter.get("what"),
        reporter.post("what", {}),
        reporter.post("what", {"account": "x" * 3_000_000}),
    ]
    reporter.go_through()
    pages.append(reporter.get("check"))
    reporter.send()
    pages.append(reporter.get("receipt"))
    strict = Reporter(form_page.url, enforce_csrf_checks=True)
    pages.append(strict.post("what", WHAT, headers={"origin": "http://testserver"}))
    assert [page.status_code for page in pages] == [200, 200, 200, 200, 413, 200, 200, 403]
    for page in pages:
        html = page.content.decode()
        # The receipt has one more, which copies the code.
        scripts = 2 if page.request["PATH_INFO"].endswith("/receipt/") else 1
        assert (html.count(way_out), html.count("<script")) == (2, scripts), page.request["PATH_INFO"]
        assert html.index("Skip to the content") < html.index(way_out) < html.index("<header")


def test_the_script_is_small():
    assert len(SCRIPT.read_bytes()) < 4_000


# The neutral page


def choose(address: str) -> None:
    settings = HarassmentSettings.for_site(Site.objects.get())
    settings.neutral_page = address
    settings.full_clean()
    settings.save()


def test_the_institution_chooses_where_leaving_goes(reporter, form_page):
    assert reporter.get("leave")["Location"] == "https://www.bbc.co.uk/weather"
    landing = form_page.get_parent().url
    assert 'href="https://www.bbc.co.uk/weather"' in reporter.client.get(landing).content.decode()
    choose("/news/")
    assert reporter.get("leave")["Location"] == "/news/"
    assert 'href="/news/"' in reporter.client.get(landing).content.decode()
    assert "bbc" not in reporter.client.get(landing).content.decode()


@pytest.mark.parametrize("address", ["https://www.example.org/a?b=c", "/", "/news/today/"])
def test_a_neutral_page_is_an_https_address_or_a_path_of_this_site(address):
    validate_neutral_page(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "javascript:alert(1)",
        "//evil.example/",
        "/\\evil.example",
        "data:text/html,x",
        "news",
        "https://",
        "/a b",
        "/\t/evil.example",
        "https:/\\evil.example",
    ],
)
def test_a_neutral_page_is_nothing_else(address):
    with pytest.raises(ValidationError):
        validate_neutral_page(address)


# The safety page


def test_the_safety_page_is_there_before_anything_is_begun_and_linked_from_both_ways_in(reporter, form_page):
    address = reporter.address("safety")
    for page in (reporter.client.get(form_page.get_parent().url), reporter.get()):
        assert f'href="{address}"' in page.content.decode()
    response = reporter.get("safety")
    assert response.status_code == 200
    assert "<title>Northbridge services: Privacy</title>" in response.content.decode()
    assert (Draft.objects.count(), reporter.cookie()) == (0, None)


def test_the_safety_page_only_reads(reporter):
    assert reporter.client.head(reporter.address("safety")).status_code == 200
    for method in ("post", "put", "delete"):
        assert getattr(reporter.client, method)(reporter.address("safety")).status_code == 405


def test_the_safety_page_is_the_same_for_those_who_began(reporter):
    before = reporter.get("safety").content
    reporter.go_through(until="when", start=OWN)
    assert reporter.get("safety").content == before
