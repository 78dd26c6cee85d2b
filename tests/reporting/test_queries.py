"""How often a request of the form asks the database: the same at one report as at a hundred."""

from __future__ import annotations

import re
import secrets
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reporting.browser import ANONYMOUS, Reporter
from wagtail_harassment.institution.models import Term
from wagtail_harassment.reporting import drafts, readers
from wagtail_harassment.reporting.models import FormVersion, Report
from wagtail_harassment.reporting.readers import Reader
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.vault.envelope import DataKey
from wagtail_harassment.vault.fields import seal_fields
from wagtail_harassment.vault.models import SealedKey

OTHERS = re.compile(r'SAVEPOINT|FROM "wagtailcore_|INNER JOIN "wagtailcore_page"|JOIN "django_content_type"')
SHORT = {where: ANONYMOUS[where] for where in ("", "how", "what")}


@pytest.fixture
def only_reporting(monkeypatch):
    """Without the rooms above: they count their own."""
    monkeypatch.setattr(report_sent, "receivers", [])
    report_sent.sender_receivers_cache.clear()
    yield
    report_sent.sender_receivers_cache.clear()


def count(act) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert act().status_code in (200, 302)
        return len([query for query in queries if not OTHERS.search(query["sql"])])


def measure(url: str) -> dict[str, int]:
    reporter = Reporter(url)
    reporter.go_through(SHORT)
    reporter.get("what")
    return {
        "first page": count(lambda: Reporter(url).get()),
        "step": count(lambda: reporter.get("what")),
        "who must not see": count(lambda: reporter.get("how")),
        "post a step": count(lambda: reporter.post("what", ANONYMOUS["what"])),
        "check": count(lambda: reporter.get("check")),
        "send": count(reporter.send),
        "receipt": count(lambda: reporter.get("receipt")),
    }


def a_hundred_of_everything(page) -> None:
    version = FormVersion.objects.first()
    for number in range(100):
        draft, _cookie = drafts.begin(version, shared=True)
        draft.save_step("what", {"account": "x"})
        report = Report(
            reference=f"T{number:03}",
            form_version=version,
            submission=secrets.token_hex(32),
            day="2026-11-23",
        )
        seal_fields(report, DataKey(report.pk, report.pk, b"0" * 32), account={"x": number})
        report.save()
        SealedKey.objects.create(record=report.pk, unit=uuid.uuid4(), key_version=1, sealed=b"x")
        Term.objects.create(vocabulary="incident_type", code=f"term_{number}", label=f"Term {number}")


#: What the form asks beside what Wagtail asks to find any page.
EXPECTED = {
    "first page": 3,
    "step": 2,
    "who must not see": 2,
    "post a step": 3,
    "check": 4,
    "send": 11,
    "receipt": 3,
}


def test_the_number_of_queries_is_known_and_does_not_grow(form_page, only_reporting, monkeypatch):
    monkeypatch.setattr(readers, "_providers", [lambda: [Reader("person-1", "Sam Lee")]])
    measure(form_page.url)
    before = measure(form_page.url)
    a_hundred_of_everything(form_page)
    form_page.save_revision().publish()
    monkeypatch.setattr(
        readers, "_providers", [lambda: [Reader(f"person-{n}", f"P {n}") for n in range(100)]]
    )
    measure(form_page.url)
    assert measure(form_page.url) == before
    assert before == EXPECTED
