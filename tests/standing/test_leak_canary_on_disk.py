"""Standing suite: what the database's own files hold, after real commits; deleted drafts too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.standing.search import everywhere, files, found, listening, rows
from tests.standing.trail import ADDRESS, AGENT, LONG, PASSED_ON, VISITOR, Canaries
from tests.standing.world import CASES, FORM, Browser, raise_university, send, signed_in, walk
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.models import Case
from wagtail_harassment.reporting.models import Draft, DraftStep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("standing")]


def checkpointed() -> list[tuple[str, bytes]]:
    """The database's files, with what waits in the write-ahead log brought in."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return list(files())


def test_no_word_is_on_the_disk_and_of_a_draft_that_is_gone_not_even_its_ciphertext():
    cache.clear()
    raise_university()
    canaries = Canaries()
    with listening() as heard:
        reporter, left = (
            Browser(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT, **PASSED_ON) for _browser in range(2)
        )
        walk(left, canaries, LONG)
        reference = send(reporter, canaries, LONG)
        assert found(canaries.words, everywhere(reporter.answers, heard)) == []
        call_command("harassment_watch")
        manager, case = signed_in("lead"), Case.objects.get(reference=reference)
        manager.get(f"{CASES}{case.pk}/")
        manager.post(f"{CASES}{case.pk}/note/", {"note-text": canaries("note", "text")})
        answers = [*reporter.answers, *left.answers, *manager.answers]
        assert found({*canaries.words, *VISITOR}, everywhere(answers, heard)) == []
        ciphertexts = [step.answers.ciphertext for step in DraftStep.objects.all()]
        ciphertexts += [draft.sealed_state.ciphertext for draft in Draft.objects.all()]
        assert len(ciphertexts) > 5
        if connection.vendor == "sqlite":
            stored = b"".join(value for _place, value in checkpointed())
            assert {each in stored or each[:900] in stored for each in ciphertexts} == {True}
        left.get(f"{FORM}leave/")
        reporter.post(f"{FORM}receipt/")
        assert not Draft.objects.exists()
        if connection.vendor == "sqlite":
            stored = b"".join(value for _place, value in checkpointed())
            assert [each for each in ciphertexts if each[:64] in stored or each[-64:] in stored] == []
        assert found({*canaries.words, *VISITOR}, everywhere(answers, heard)) == []


def test_what_a_reporter_did_has_a_day_and_no_time():
    cache.clear()
    raise_university()
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)  # what publishing the pages left
    before = set(rows())
    moments = [datetime.now(UTC)]
    left, gone = (Browser(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT, **PASSED_ON) for _browser in range(2))
    walk(left, Canaries(), LONG | {"device": "own"}), left.get(f"{FORM}leave/"), left.get(FORM)
    walk(gone, Canaries(), LONG), gone.get(f"{FORM}leave/")
    send(Browser(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=AGENT, **PASSED_ON), Canaries(), LONG)
    moments.append(datetime.now(UTC))
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)
    assert len(mail.outbox) == 1
    call_command("harassment_watch")
    # What the watch asked of the worker is done, and pruned like every task of ours.
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)
    notifications.prune()
    minutes = {
        moment.astimezone(zone).strftime(written).encode()
        for moment in moments
        for zone in (UTC, timezone.get_default_timezone())
        for written in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%H:%M:%S")
    }
    # That the watch was here just now says nothing of a report.
    born = [row for row in rows() if row not in before and row[0] != "table wagtail_harassment_beat.well_at"]
    assert {"table wagtail_harassment_case.reference", "table wagtail_harassment_report.day"} <= {
        place for place, _value in born
    }
    assert {place for place, value in born if any(minute in value for minute in minutes)} == set()
