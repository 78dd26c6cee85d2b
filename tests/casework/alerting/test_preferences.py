from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.casework.alerting.speaking import words
from tests.factories import UserFactory, make_case, make_person
from wagtail_harassment.casework import policy
from wagtail_harassment.casework.actions import NotAllowed
from wagtail_harassment.casework.alerting import preferences
from wagtail_harassment.casework.models import Digest, Preference, Role

pytestmark = pytest.mark.django_db

PAGE = "/admin/cases/preferences/"


@pytest.fixture
def me(client):
    user = make_person(Role.CASE_MANAGER, username="me")
    client.force_login(user)
    return user


def test_what_one_chooses_is_kept_and_shown_again(client, me):
    other = make_person(Role.CASE_LEAD, username="other")
    day = timezone.localdate() + timedelta(days=9)
    sent = {"digest": "weekly", "stand_in": str(other.pk), "away_until": day.isoformat()}
    assert "Kept." in words(client.post(PAGE, sent, follow=True).content)
    row = Preference.objects.get()
    assert (row.user, row.digest, row.stand_in, row.away_until) == (me, Digest.WEEKLY, other, day)
    page = client.get(PAGE).content.decode()
    assert f'value="{day.isoformat()}"' in page
    assert f'<option value="{other.pk}" selected>' in page


@pytest.mark.parametrize(
    ("change", "words_said"),
    [
        ({"digest": ""}, "Choose how often."),
        ({"digest": "hourly"}, "hourly is not one of the available choices."),
        ({"stand_in": "me"}, "is not one of the available choices."),
        ({"stand_in": "outsider"}, "is not one of the available choices."),
        ({"away_until": "soon"}, "Write the date like 2026-01-31."),
        ({"away_until": "2100-01-01"}, "Choose who stands in for you while you are away."),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(client, me, change, words_said):
    outsider = UserFactory(username="outsider", is_superuser=True)
    keys = {"me": str(me.pk), "outsider": str(outsider.pk)}
    sent = {"digest": "daily"} | {name: keys.get(value, value) for name, value in change.items()}
    answer = client.post(PAGE, sent)
    assert (answer.status_code, Preference.objects.count()) == (422, 0)
    assert words_said in words(answer.content)


def test_the_verb_refuses_whoever_works_no_cases_and_whoever_cannot_stand_in(me):
    outsider = UserFactory()
    choice = {"digest": Digest.DAILY, "away_until": None}
    with pytest.raises(NotAllowed):
        preferences.set_preference(by=outsider, stand_in=None, **choice)
    for wrong in (me, outsider):
        with pytest.raises(ValidationError):
            preferences.set_preference(by=me, stand_in=wrong, **choice)
    assert Preference.objects.count() == 0


def test_standing_in_opens_no_case(me):
    other = make_person(Role.CASE_LEAD)
    case = make_case(must_not_see={"people": [policy.reader_code(me)]})
    preferences.set_preference(by=other, digest=Digest.AT_ONCE, stand_in=me, away_until=timezone.localdate())
    assert (policy.may(other, "view", case), policy.may(me, "view", case)) == (True, False)
