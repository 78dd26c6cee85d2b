"""How often a request of the return page asks the database: the same for one message as for a hundred."""

from __future__ import annotations

import uuid

import pytest

from tests.reporting import making
from tests.reporting.making import WRONG, Guest
from tests.reporting.test_queries import count, only_reporting  # noqa: F401
from wagtail_harassment.reporting import inbox, threads
from wagtail_harassment.reporting.models import Message
from wagtail_harassment.reporting.signals import message_received

pytestmark = pytest.mark.usefixtures("only_reporting")

#: Beside what Wagtail asks to find any page.
EXPECTED = {
    "first page": 0,
    "code": 2,
    "where to": 3,
    "overview": 4,
    "thread": 5,
    "reply": 10,
    "no more messages": 2,
    "kept": 3,
    "close": 1,
    "leave": 1,
}


@pytest.fixture(autouse=True)
def nobody_above(monkeypatch):
    monkeypatch.setattr(message_received, "receivers", [])
    message_received.sender_receivers_cache.clear()
    yield
    message_received.sender_receivers_cache.clear()


def measure(url: str, receipt: dict, code_of_two: str, kept: dict) -> dict[str, int]:
    guest, where = Guest(url), receipt["reference"]
    found = {"first page": count(lambda: guest.get())}
    found["code"] = count(lambda: guest.enter(receipt["code"]))
    found["where to"] = count(lambda: guest.get())
    found["thread"] = count(lambda: guest.get(where))
    found["no more messages"] = count(lambda: guest.get(f"{where}/messages"))
    found["reply"] = count(lambda: guest.post(where, text="Words", once=str(uuid.uuid4())))
    found["close"] = count(lambda: guest.post("", close="1"))
    guest.enter(code_of_two)
    found["overview"] = count(lambda: guest.get())
    guest.enter(kept["code"])
    found["kept"] = count(lambda: guest.get("kept"))
    found["leave"] = count(lambda: guest.get("leave"))
    return found


def test_the_number_of_queries_is_known_and_does_not_grow(form_page, inbox_page):
    receipt, kept = making.sent(form_page), making.kept_record(form_page)
    visitor = making.visitor(receipt["code"])
    two = making.sent(form_page)
    of_two = making.visitor(two["code"])
    draft, _cookie = inbox.further(
        visitor=of_two, thread=of_two.threads()[0], version=of_two.threads()[0].report.form_version
    )
    making.write_down(draft)
    making.submit(draft, making.definition_of(draft))
    measure(inbox_page.url, receipt, two["code"], kept)
    before = measure(inbox_page.url, receipt, two["code"], kept)
    for who in (visitor, of_two):
        thread = who.threads()[0]
        for number in range(50):
            threads.write(thread=thread, text=f"Answer {number}", by=making.manager())
            inbox.reply(visitor=who, thread=thread, text=f"Words {number}", once=uuid.uuid4())
    for _each in range(20):
        making.sent(form_page)
        making.kept_record(form_page)
    assert Message.objects.count() > 200
    assert measure(inbox_page.url, receipt, two["code"], kept) == before
    assert before == EXPECTED


def test_a_wrong_code_asks_twice_and_writes_nothing(form_page, inbox_page, django_assert_num_queries):
    making.sent(form_page)
    guest = Guest(inbox_page.url)
    guest.get()
    guest.enter(WRONG)
    asked = count_all(lambda: guest.enter(WRONG))
    assert [sql.split()[0] for sql in asked if "returncode" in sql or "invitation" in sql] == [
        "SELECT",
        "SELECT",
    ]
    assert [sql for sql in asked if sql.split()[0] not in ("SELECT",)] == []


def count_all(act) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        act()
    return [query["sql"] for query in queries]
