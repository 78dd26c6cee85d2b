"""Standing suite: what is written when cases change hands stays inside their own screens, and a password nowhere."""

from __future__ import annotations

import uuid

import pytest
from university import demo

from tests.standing.search import found, inside
from tests.standing.trail import LONG
from tests.standing.world import CASES, person, send, writes_refused
from wagtail_harassment.casework import notifications
from wagtail_harassment.casework.models import Block, Case, Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.xdist_group("standing")]


@pytest.fixture
def case(trail, committing) -> Case:
    with committing():
        reference = send(trail.reporter(), trail.canaries, LONG)
    Case.objects.filter(reference=reference).update(restricted=False)
    return Case.objects.get(reference=reference)


LEAVER, GIVE = f"{CASES}people/leaver/", f"{CASES}give/"


def test_handing_cases_on_spreads_none_of_it(trail, case, committing):
    lead, word, other = trail.staff("lead"), trail.canaries, person("manager2")
    address = f"{CASES}{case.pk}/"
    one = {"assign-to": str(person("manager").pk), "assign-note": word("note", "text")}
    with committing():
        assert lead.post(f"{address}assign/", one, follow=True).status_code == 200
    wrong = one | {"assign-to": word("to", "text"), "assign-seen": word("seen", "text")}
    assert lead.post(f"{address}assign/", wrong).status_code == 422
    stale = one | {"assign-to": str(other.pk), "assign-note": word("stale", "text"), "assign-seen": "/"}
    assert lead.post(f"{address}assign/", stale).status_code == 409
    several = {"case": [str(case.pk)], "to": "x", "give": "1", "note": word("several", "text")}
    assert lead.post(GIVE, several).status_code == 422
    with committing():
        assert lead.post(GIVE, several | {"to": str(other.pk)}, follow=True).status_code == 200
    leaving = {
        "who": str(other.pk),
        "case": [str(case.pk)],
        "to": str(person("manager").pk),
        "note": word("all", "text"),
        f"note-{case.pk.hex}": word("alone", "text"),
        "password": word("password", "text"),
        "once": str(uuid.uuid4()),
    }
    assert lead.post(LEAVER, leaving).status_code == 422
    own = leaving | {"password": demo.password()}
    with writes_refused():
        assert lead.post(LEAVER, own).status_code >= 500
    with committing():
        done = lead.post(LEAVER, own)
    assert (done.status_code, Note.objects.filter(case=case).count()) == (200, 3)
    with committing():
        notifications.deliver()
    Block.objects.create(case=case, user=person("lead"), source="declared")
    assert lead.post(f"{address}assign/", one).status_code == 404
    pages = [lead.get(where) for where in ("/admin/", CASES, LEAVER, f"{LEAVER}?who={other.pk}")]
    assert found(word.words, inside([done, *pages])) == []
    assert trail.leaks() == []
