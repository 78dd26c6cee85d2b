"""Whatever somebody does on a form, in whatever order: one report or none, and no word of theirs is lost.

A browser without JavaScript goes through random questionnaires, beside a model of what must be kept: back,
forward, reload, a time that is over, sending again, leaving, and an old cookie put back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reporting.browser import Form, Reporter, place
from tests.reporting.questionnaires import ANSWERS, definitions, inputs
from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.accounts import read_account
from wagtail_harassment.reporting.drafts import purge
from wagtail_harassment.reporting.models import FormVersion, Report
from wagtail_harassment.reporting.signals import report_sent

same_each_time = settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=list(HealthCheck),
)


#: What a reporter does -> how often it is chosen.
ACTIONS = {
    "look_at_a_step": 2,
    "answer_a_step": 3,
    "change_one_answer": 12,
    "answer_what_must_be_answered": 4,
    "go_on_with_a_page_as_it_stands": 2,
    "send": 3,
    "look_at_the_receipt": 2,
    "take_the_receipt": 4,
    "be_interrupted": 1,
    "bring_an_old_cookie_back": 2,
}
#: Of these, what needs a draft.
CHANGES = {"change_one_answer", "go_on_with_a_page_as_it_stands"}


class Journey:
    """One reporter's browser on one questionnaire, and what must be true of it."""

    def __init__(self, page: Any, data: Any, clock: list[timedelta]) -> None:
        self.page, self.draw, self.clock = page, data.draw, clock
        self.definition = self.draw(definitions())
        number = FormVersion.objects.filter(page=self.page.pk).count() + 1
        self.version = FormVersion.objects.create(
            page=page.pk, number=number, digest=uuid.uuid4().hex, definition=self.definition, day="2026-11-23"
        )
        self.codes = [step["code"] for step in self.definition["steps"]]
        self.reporter = Reporter(page.url)
        self.answers: dict[str, Any] = {}
        self.begun = False
        self.receipt = ""
        self.old_cookie = ""
        self.reports = Report.objects.count()

    def possible(self) -> Iterator[str]:
        """What can be done now, as often as it is to be chosen."""
        impossible = set()
        if not self.begun:
            impossible |= {"send", "look_at_the_receipt", "be_interrupted"} | CHANGES
        if self.receipt:
            impossible |= {"answer_a_step", "answer_what_must_be_answered"} | CHANGES
        else:
            impossible.add("take_the_receipt")
        if self.answers.get("route") == "keep":
            impossible.add("send")  # what is kept has a way of its own
        if not self.old_cookie:
            impossible.add("bring_an_old_cookie_back")
        for action, often in ACTIONS.items():
            if action not in impossible:
                yield from [action] * often

    # What is known of where one is

    def address(self, code: str) -> str:
        return "" if code == self.codes[0] else code

    def reachable(self, code: str) -> bool:
        """Whether a step is shown: it applies, and nothing before it is missing."""
        if not self.begun:
            return code == self.codes[0]
        missing = flow.first_missing(self.definition, self.answers)
        if missing is not None and self.codes.index(missing) < self.codes.index(code):
            return False
        return code in [step["code"] for step in flow.applicable_steps(self.definition, self.answers)]

    def shown(self, code: str) -> list[dict]:
        step = next(step for step in self.definition["steps"] if step["code"] == code)
        return flow.asked_of(step, flow.applicable(self.definition, self.answers))

    def gone(self) -> None:
        """What the reporter had is not there any more."""
        if self.begun:
            self.old_cookie = self.reporter.cookie().value or self.old_cookie
        self.answers, self.begun, self.receipt = {}, False, ""

    # What a reporter does

    def look_at_a_step(self) -> None:
        self.look_at(self.draw(st.sampled_from(self.codes)))

    def look_at(self, code: str) -> None:
        """A step is shown with every answer that was given to it, or one is sent on."""
        response = self.reporter.get(self.address(code))
        if self.receipt:
            assert place(response, self.reporter) == "receipt"
        elif self.reachable(code):
            assert response.status_code == 200
            page = Form(response.content.decode())
            for question in self.shown(code):
                for name, value in inputs(question, self.answers.get(question["code"])).items():
                    wanted = value if isinstance(value, list) else [value]
                    assert sorted(page.values.get(name, [""])) == sorted(wanted), name
        else:
            self.follow(response)

    def follow(self, response) -> None:
        """However one is sent on, one arrives somewhere."""
        for _hop in range(len(self.codes) + 2):
            if response.status_code == 200:
                return
            response = self.reporter.client.get(response["Location"])
        raise AssertionError("Sent round and round.")

    def answer_a_step(self) -> None:
        code = self.draw(st.sampled_from([code for code in self.codes if self.reachable(code)]))
        given = {
            question["code"]: self.draw(st.none() | ANSWERS[question["kind"]], label=question["code"])
            for question in self.shown(code)
        }
        self.post(code, given, self.draw(st.sampled_from([{}, {}, {"return": "check"}, {"change": "route"}])))

    def answer_what_must_be_answered(self) -> None:
        if not self.begun:
            self.post(self.codes[0], {question["code"]: None for question in self.shown(self.codes[0])}, {})
        for _step in self.codes:
            code = flow.first_missing(self.definition, self.answers)
            if code is None:
                return
            given = {
                question["code"]: self.draw(ANSWERS[question["kind"]], label=question["code"])
                if question["required"]
                else self.answers.get(question["code"])
                for question in self.shown(code)
            }
            self.post(code, given, {})

    def change_one_answer(self) -> None:
        """Change one answer, the rest of the page as it stands; then perhaps change it back."""
        code = self.draw(st.sampled_from([code for code in self.codes if self.reachable(code)]))
        if not self.shown(code):
            return
        changed = self.draw(st.sampled_from(self.shown(code)))
        before = self.answers.get(changed["code"])
        self.post_with(code, changed, self.draw(ANSWERS[changed["kind"]], label=changed["code"]))
        if before is not None and self.draw(st.booleans()):
            self.post_with(code, changed, before)
            self.look_at(code)

    def post_with(self, code: str, changed: dict[str, Any], answer: Any) -> None:
        """Post a page as it stands, but for one answer."""
        standing = {each["code"]: self.answers.get(each["code"]) for each in self.shown(code)}
        self.post(code, standing | {changed["code"]: answer}, {})

    def go_on_with_a_page_as_it_stands(self) -> None:
        code = self.draw(st.sampled_from([code for code in self.codes if self.reachable(code)]))
        asked = [question["code"] for question in self.shown(code)]
        self.post(code, {code: self.answers.get(code) for code in asked}, {})

    def post(self, code: str, given: dict, more: dict) -> None:
        """Post answers to what a step shows, and note what has to be kept of them."""
        shown = self.shown(code)
        posted = {}
        for question in shown:
            posted |= inputs(question, given[question["code"]])
        response = self.reporter.post(self.address(code), posted | more)
        after = flow.applicable(self.definition, self.answers | given)
        stay = [question["code"] for question in shown if question["code"] in after]
        if any(after[each]["required"] and given[each] is None for each in stay) and "change" not in more:
            assert response.status_code == 200
            assert "Error:" in response.content.decode()
            return
        assert response.status_code == 302
        self.begun = True
        for each in stay:
            self.answers.pop(each, None)
            if given[each] is not None:
                self.answers[each] = given[each]
        self.follow(response)

    def send(self) -> None:
        """Once, twice, in the middle: what comes of it depends on the answers alone."""
        response = self.reporter.send()
        missing = flow.first_missing(self.definition, self.answers)
        if self.receipt or missing is None:
            assert place(response, self.reporter) == "receipt"
            if not self.receipt:
                self.reports += 1
                self.sent()
        else:
            assert place(response, self.reporter) == self.address(missing)

    def sent(self) -> None:
        report = Report.objects.order_by("-id").get(form_version=self.version, reference=self.reference())
        self.receipt = report.reference
        account = read_account(report)
        assert account.answers == flow.kept(self.definition, self.answers)
        asked = flow.applicable(self.definition, self.answers)
        assert [entry.label for step in account.steps for entry in step.entries] == [
            question["label"] for question in asked.values()
        ]
        assert [code for code, question in asked.items() if question["required"]] == [
            code for code, question in asked.items() if question["required"] and code in account.answers
        ]

    def reference(self) -> str:
        page = self.reporter.get("receipt").content.decode()
        return page.partition('data-reference="')[2].partition('"')[0]

    def look_at_the_receipt(self) -> None:
        """Again and again until it is taken; never before sending, nor after."""
        if self.receipt:
            assert self.reference() == self.receipt
        else:
            self.follow(self.reporter.get("receipt"))
            assert self.reference() == ""

    def take_the_receipt(self) -> None:
        assert self.reporter.post("receipt").status_code == 302
        self.gone()

    def be_interrupted(self) -> None:
        how = self.draw(st.sampled_from(["leave", "stay away", "stay away for long"]))
        if how == "leave":
            kept = self.answers.get("device") == "own" and not self.receipt
            assert self.reporter.get("leave").status_code == 302
            if kept:
                return
        else:
            self.clock.append(timedelta(hours=3))
            if how == "stay away for long":
                purge()
            self.follow(self.reporter.get())
        self.gone()

    def bring_an_old_cookie_back(self) -> None:
        """A browser that restores its cookies, or somebody who copied one: nothing is there any more."""
        other = Reporter(self.page.url)
        other.client.cookies["visit"] = self.old_cookie
        assert place(other.send(), other) == ""
        where = self.draw(st.sampled_from(["", "check", "receipt"]))
        assert "data-reference" not in other.get(where).content.decode()

    # What is true whatever was done

    def end(self) -> None:
        assert Report.objects.count() == self.reports
        if self.receipt:
            assert self.reference() == self.receipt
        elif self.begun:
            self.look_where_the_beginning_leads()

    def look_where_the_beginning_leads(self) -> None:
        """Nobody is stuck: from anywhere the form goes on to the check, and holds what was answered."""
        assert self.reporter.get().status_code == 200
        assert self.reporter.get("check").status_code == (
            200 if flow.first_missing(self.definition, self.answers) is None else 302
        )


@pytest.fixture
def only_reporting(monkeypatch):
    """Without the rooms above: they have tests of their own."""
    monkeypatch.setattr(report_sent, "receivers", [])
    report_sent.sender_receivers_cache.clear()
    yield
    report_sent.sender_receivers_cache.clear()


def test_whatever_is_done_there_is_one_report_or_none_and_its_receipt_until_it_is_taken(
    form_page, only_reporting, monkeypatch
):
    clock: list[timedelta] = []
    now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + sum(clock, timedelta()))

    @same_each_time
    @given(st.data())
    def journeys(data):
        journey = Journey(form_page, data, clock)
        for _action in range(data.draw(st.sampled_from([10, 15, 20]))):
            getattr(journey, data.draw(st.sampled_from(list(journey.possible()))))()
        journey.end()

    journeys()
