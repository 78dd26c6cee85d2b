"""The web process is killed while a report is being sent or kept: at each statement, and just after the commit.

The process is a real one, killed with SIGKILL. Whoever pressed gets no answer, and presses again.
"""

from __future__ import annotations

import os
import re
import signal

import pytest
from django.db import connection

from tests.forking import fork_apart
from tests.reporting.browser import ANONYMOUS, Reporter, place
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import KeptPart, KeptRecord, Report, ReturnCode, Thread
from wagtail_harassment.vault import ledger

CODE = re.compile(r'<p class="wh-code__words"[^>]*>(.*?)</p>', re.DOTALL)
#: Of some forty statements; the ledger's and the commit are the last ones.
STAGES = (1, 5, 9, 13, 17, 21, 25, 29, "last", "commit")
EVERY = 100


def press(reporter: Reporter, intent: str):
    return reporter.post("check", {"intent": intent})


def press_and_die(reporter: Reporter, intent: str, stage: int | str) -> int:
    """Press in a process of its own that is killed before its ``stage``-th statement, or after the commit.

    Returns its exit status; a process that was not killed, because there are fewer statements, has 0.
    """
    pid = fork_apart()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        die_at(stage)
        press(reporter, intent)
    finally:
        os._exit(0)


def die_at(stage: int | str) -> None:
    """Let this process kill itself at a stage."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if stage in ("last", "commit"):
        connection.ensure_connection()
        connection._commit = die if stage == "last" else lambda: (connection.connection.commit(), die())
        return
    count = 0

    def counting(execute, sql, params, many, context):
        nonlocal count
        count += 1
        if count == stage:
            die()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(counting)


def code_on(response) -> str:
    words = re.sub(r"<[^>]+>", " ", CODE.search(response.content.decode())[1])
    return " ".join(words.split())


def a_report_survives(form_page, stage: int | str) -> bool:
    """One round of sending; returns whether the process died."""
    before = Report.objects.count()
    reporter = Reporter(form_page.url)
    reporter.go_through({step: ANONYMOUS[step] for step in ("", "how", "what")})
    shown = code_on(reporter.get("check"))
    status = press_and_die(reporter, "send", stage)
    stored = Report.objects.count() - before
    if stage in ("last", "commit") or not os.WIFSIGNALED(status):
        assert stored == (0 if stage == "last" else 1)
    # The last statements come after the commit: they hand the alert to the queue.
    assert stored in (0, 1)
    assert place(press(reporter, "send"), reporter) == "receipt"
    assert code_on(reporter.get("receipt")) == shown
    assert Report.objects.count() == Thread.objects.count() == Case.objects.count() == before + 1
    assert ReturnCode.objects.count() == before + 1
    assert list(ledger.verify()) == []
    return os.WIFSIGNALED(status)


def a_kept_record_survives(form_page, stage: int | str) -> bool:
    """One round of keeping; returns whether the process died."""
    before = KeptRecord.objects.count()
    reporter = Reporter(form_page.url)
    reporter.go_through({"": ANONYMOUS[""], "how": {"route": "keep"}, "what": ANONYMOUS["what"]})
    shown = code_on(reporter.get("check"))
    status = press_and_die(reporter, "keep", stage)
    assert place(press(reporter, "keep"), reporter) == "receipt"
    assert code_on(reporter.get("receipt")) == shown
    assert KeptRecord.objects.count() == KeptPart.objects.count() == before + 1
    assert Report.objects.count() == 0
    assert list(ledger.verify()) == []
    return os.WIFSIGNALED(status)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", STAGES)
def test_a_process_killed_while_sending_loses_doubles_and_promises_nothing(form_page, stage):
    assert a_report_survives(form_page, stage)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", [1, 8, "last", "commit"])
def test_a_process_killed_while_keeping_loses_and_doubles_nothing(form_page, stage):
    assert a_kept_record_survives(form_page, stage)


@pytest.mark.torture
@pytest.mark.django_db(transaction=True)
def test_a_process_killed_at_each_statement_of_a_hundred_sendings_loses_and_doubles_nothing(form_page):
    died = [a_report_survives(form_page, 1 + number % 50) for number in range(EVERY - 2)]
    assert a_report_survives(form_page, "last")
    assert a_report_survives(form_page, "commit")
    # There are fewer than fifty statements: the last of each round lived.
    assert 60 < sum(died) < EVERY - 2
