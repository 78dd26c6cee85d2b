"""The second factor, with the real django-otp: setting up, signing in, losing it, and what it does to grants."""

from __future__ import annotations

import re
from base64 import b32decode
from io import StringIO

import pytest
import segno
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.casework import making
from tests.vault.test_at_once import at_once
from wagtail_harassment.casework import credentials, grants, policy, second_factor
from wagtail_harassment.casework.models import Grant, Role
from wagtail_harassment.casework.roles import make_groups
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.models import LedgerEvent

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse"
STEP, SET_UP, CODES = (
    "/admin/second-step/",
    "/admin/second-step/set-up/",
    "/admin/second-step/recovery-codes/",
)


@pytest.fixture
def manager():
    return making.person("Priya Nair", Role.CASE_MANAGER)


@pytest.fixture
def clock(monkeypatch):
    """A clock that apps and server share; it goes on by half a minute when asked."""
    now = [1_800_000_000.0]
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: now[0])

    def go_on(steps: int = 1) -> None:
        now[0] += 30 * steps

    go_on.now = lambda: now[0]
    return go_on


def app(key: bytes, clock, *, steps: int = 0) -> str:
    """What an authenticator app shows."""
    totp = TOTP(key)
    totp.time = clock.now() + 30 * steps
    return f"{totp.token():06d}"


def with_password(user) -> Client:
    client = Client()
    answer = client.post(
        "/admin/login/", {"username": user.username, "password": PASSWORD, "next": "/admin/cases/"}
    )
    assert answer["Location"] == "/admin/cases/"
    return client


def set_up(client: Client, clock) -> tuple[bytes, list[str]]:
    """Set an app up as a person does, from what the page shows; returns its secret and the recovery codes."""
    page = client.get(SET_UP).content.decode()
    key = b32decode(re.search(r'class="wh-step__key">([A-Z2-7 ]+)<', page)[1].replace(" ", ""))
    done = client.post(SET_UP, {"code": app(key, clock)})
    assert done.status_code == 200
    return key, re.findall(r"<li><code>([a-z2-7-]+)</code></li>", done.content.decode())


def rested(user) -> None:
    """The wait after a wrong code is over."""
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(throttling_failure_timestamp=None, throttling_failure_count=0)


# Setting up


def test_it_is_set_up_and_from_then_on_signing_in_asks_for_the_code(manager, clock):
    case = making.case()
    client = with_password(manager)
    assert client.get("/admin/cases/").status_code == 200  # the demo's people may go on
    key, codes = set_up(client, clock)
    assert len(set(codes)) == 10
    assert client.get("/admin/cases/").status_code == 200

    later = with_password(manager)
    for address in ("/admin/", "/admin/cases/", f"/admin/cases/{case.pk}/", "/admin/account/", CODES):
        answer = later.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, STEP), address
    assert later.get(SET_UP)["Location"] == STEP
    assert later.get("/admin/cases/", headers={"x-requested-with": "XMLHttpRequest"}).status_code == 403
    assert later.post(f"/admin/cases/{case.pk}/take/")["Location"] == STEP
    case.refresh_from_db()
    assert case.assignee is None

    clock()
    asked = later.get("/admin/cases/")
    shown = later.get(asked["Location"]).content.decode()
    onward = re.search(r'name="next" value="([^"]+)"', shown)[1]
    answer = later.post(STEP, {"code": f" {app(key, clock)[:3]} {app(key, clock)[3:]} ", "next": onward})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/cases/")
    assert later.get("/admin/cases/").status_code == 200


def test_the_picture_holds_the_same_key_and_asks_nobody_for_anything(manager, clock):
    page = with_password(manager).get(SET_UP).content.decode()
    device = TOTPDevice.objects.get(user=manager)
    assert second_factor.begin(manager) == device
    assert str(segno_of(device)) in page
    assert re.findall(r'src="https?://[^"]*"', page) == []


def segno_of(device) -> str:
    """Drawn again: a QR code of the same words is the same."""
    return segno.make(device.config_url, micro=False).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True
    )


def test_the_page_shows_the_same_key_until_it_is_confirmed(manager, clock):
    client = with_password(manager)
    keys = {
        re.search(r'step__key">([A-Z2-7 ]+)<', client.get(SET_UP).content.decode())[1] for _look in range(3)
    }
    wrong = client.post(SET_UP, {"code": "000000"})
    assert wrong.status_code == 422
    assert len(keys) == 1
    assert keys.pop() in wrong.content.decode()
    assert not second_factor.has(manager)


def test_what_is_not_confirmed_is_not_asked_for(manager):
    client = with_password(manager)
    client.get(SET_UP)
    assert client.get("/admin/cases/").status_code == 200
    assert client.get(STEP)["Location"] == "/admin/"


def test_another_app_takes_the_place_of_the_first(manager, clock):
    client = with_password(manager)
    first, _codes = set_up(client, clock)
    clock()
    second, codes = set_up(client, clock)
    assert first != second
    assert len(codes) == 10
    clock()
    assert not second_factor.verify(manager, app(first, clock))
    rested(manager)
    assert second_factor.verify(manager, app(second, clock))


def test_who_must_have_one_cannot_go_on_without(manager, settings, clock):
    settings.WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = True
    client = with_password(manager)
    for address in ("/admin/", "/admin/cases/", "/admin/account/"):
        assert client.get(address)["Location"].startswith(SET_UP), address
    assert "Not now" not in client.get(SET_UP).content.decode()
    set_up(client, clock)
    assert client.get("/admin/cases/").status_code == 200


def test_editors_go_on_without(settings):
    settings.WAGTAIL_HARASSMENT_REQUIRE_SECOND_FACTOR = True
    editor = making.person("Kit Larsen", Role.MARKETING_EDITOR)
    client = Client()
    client.post("/admin/login/", {"username": editor.username, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


def test_the_home_page_offers_it_until_there_is_one(manager, clock):
    client = with_password(manager)
    assert SET_UP in client.get("/admin/").content.decode()
    assert "Set up a code from an app" in client.get("/admin/account/").content.decode()
    set_up(client, clock)
    assert SET_UP not in client.get("/admin/").content.decode()
    assert "Use another app or phone" in client.get("/admin/account/").content.decode()


def test_it_leads_to_no_other_site(manager, clock):
    client = with_password(manager)
    key, _codes = set_up(client, clock)
    clock()
    later = with_password(manager)
    answer = later.post(STEP, {"code": app(key, clock), "next": "https://evil.example/"})
    assert answer["Location"] == "/admin/"


# Codes


def test_a_wrong_code_and_one_that_was_used_open_nothing(manager, clock):
    client = with_password(manager)
    key, _codes = set_up(client, clock)
    later = with_password(manager)
    used = later.post(STEP, {"code": app(key, clock)})
    rested(manager)
    wrong = later.post(STEP, {"code": f"{(int(app(key, clock, steps=1)) + 1) % 10**6:06d}"})
    assert (used.status_code, wrong.status_code) == (422, 422)
    assert later.get("/admin/cases/")["Location"].startswith(STEP)


def test_after_a_wrong_code_a_right_one_has_to_wait(manager, clock):
    key, _codes = set_up(with_password(manager), clock)
    clock()
    assert not second_factor.verify(manager, "000000")
    assert not second_factor.verify(manager, app(key, clock))
    rested(manager)
    assert second_factor.verify(manager, app(key, clock))


def test_a_recovery_code_works_once_however_it_is_typed(manager, clock):
    _key, codes = set_up(with_password(manager), clock)
    later = with_password(manager)
    assert later.post(STEP, {"code": f" {codes[0].upper()} "}).status_code == 302
    assert later.get("/admin/cases/").status_code == 200
    assert second_factor.recovery_codes_left(manager) == 9
    again = with_password(manager)
    assert again.post(STEP, {"code": codes[0]}).status_code == 422
    rested(manager)
    assert again.post(STEP, {"code": codes[1].replace("-", "")}).status_code == 302


def test_a_wrong_recovery_code_does_not_slow_the_app(manager, clock):
    key, _codes = set_up(with_password(manager), clock)
    clock()
    assert not second_factor.verify(manager, "aaaaa-aaaaa")
    assert second_factor.verify(manager, app(key, clock))


def test_the_database_holds_no_recovery_code(manager, clock):
    _key, codes = set_up(with_password(manager), clock)
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert len(stored) == 10
    assert stored.isdisjoint(code.replace("-", "") for code in codes)
    assert not second_factor.verify(manager, stored.pop())


def test_new_recovery_codes_take_the_place_of_the_old(manager, clock):
    client = with_password(manager)
    _key, old = set_up(client, clock)
    assert "10 that were not used" in client.get(CODES).content.decode()
    new = re.findall(r"<li><code>([a-z2-7-]+)</code></li>", client.post(CODES).content.decode())
    assert len(set(new) | set(old)) == 20
    assert not second_factor.verify(manager, old[0])
    rested(manager)
    assert second_factor.verify(manager, new[0])


def test_a_code_is_its_persons_alone(manager, clock):
    key, codes = set_up(with_password(manager), clock)
    other = making.person("Tom Hartley", Role.CASE_MANAGER)
    set_up(with_password(other), clock)
    clock()
    assert not second_factor.verify(other, app(key, clock))
    assert not second_factor.verify(other, codes[0])


@pytest.mark.parametrize("code", ["", " ", "x" * 40, "१२३४५६", "1" * 40, "\x00", "-"])
def test_nonsense_is_no_code(manager, clock, code):
    set_up(with_password(manager), clock)
    assert not second_factor.verify(manager, code)
    later = with_password(manager)
    assert later.post(STEP, {"code": code}).status_code == 422


def test_the_session_gets_another_key_at_the_second_step(manager, clock):
    key, _codes = set_up(with_password(manager), clock)
    clock()
    later = with_password(manager)
    before = later.session.session_key
    later.post(STEP, {"code": app(key, clock)})
    assert later.session.session_key != before


# Grants


def sees(user) -> bool:
    return policy.holds(user, Role.CASE_MANAGER)


def test_a_persons_own_acts_leave_their_grants(manager, clock):
    client = with_password(manager)
    _key, codes = set_up(client, clock)
    assert sees(manager)
    later = with_password(manager)
    later.post(STEP, {"code": codes[0]})
    assert sees(manager)
    later.post(CODES)
    clock()
    set_up(later, clock)
    assert sees(manager)
    carried = LedgerEvent.objects.filter(chain=credentials.GRANTS_CHAIN, kind="grant.carried")
    assert {event.actor for event in carried} == {str(manager.pk)}
    assert list(ledger.verify([credentials.GRANTS_CHAIN])) == []


def test_a_code_from_the_app_changes_no_grant_and_no_ledger(manager, clock):
    key, _codes = set_up(with_password(manager), clock)
    before = LedgerEvent.objects.count()
    clock()
    assert second_factor.verify(manager, app(key, clock))
    assert sees(manager)
    assert LedgerEvent.objects.count() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda user: TOTPDevice.objects.filter(user=user).delete(),
        lambda user: TOTPDevice.objects.filter(user=user).update(key="ab" * 20),
        lambda user: TOTPDevice.objects.filter(user=user).update(confirmed=False),
        lambda user: TOTPDevice.objects.create(user=user, name="another"),
        lambda user: StaticToken.objects.create(device=StaticDevice.objects.get(user=user), token="letmein"),
        lambda user: StaticToken.objects.first().delete(),
        lambda user: StaticDevice.objects.filter(user=user).delete(),
        lambda user: second_factor.remove(user),
    ],
    ids=[
        "gone",
        "other key",
        "switched off",
        "another",
        "a code more",
        "a code less",
        "no codes",
        "by command",
    ],
)
def test_somebody_elses_change_suspends(manager, clock, change):
    client = with_password(manager)
    set_up(client, clock)
    assert client.get("/admin/cases/").status_code == 200
    change(manager)
    assert not sees(manager)
    assert client.get("/admin/cases/").status_code != 200
    assert [entry.state for entry in grants.to_confirm()] == [grants.State.CHANGED]


def test_a_device_put_in_by_somebody_else_mends_nothing_by_being_used(manager, clock):
    _key, codes = set_up(with_password(manager), clock)
    StaticToken.objects.create(
        device=StaticDevice.objects.get(user=manager), token=second_factor._kept(manager, "letmein")
    )
    assert second_factor.verify(manager, "letmein")  # it opens the door, and no case
    StaticToken.objects.create(device=StaticDevice.objects.get(user=manager), token="x")
    assert second_factor.verify(manager, codes[0])
    assert not sees(manager)


def test_a_lead_confirms_again(manager, clock):
    lead = making.person("Ruth Adeyemi", Role.CASE_LEAD)
    set_up(with_password(manager), clock)
    second_factor.remove(manager)
    assert not sees(manager)
    grants.confirm(user=manager, role=Role.CASE_MANAGER, by=lead)
    assert sees(manager)


def test_who_has_none_keeps_the_grant_they_had_before_there_were_any(manager, monkeypatch):
    with_factor = credentials.fingerprint(manager, Role.CASE_MANAGER)
    monkeypatch.setattr(credentials, "_factors", [])
    assert credentials.fingerprint(manager, Role.CASE_MANAGER) == with_factor


def test_the_state_of_many_people_is_one_query(manager, clock, django_assert_num_queries):
    people = [manager, *(making.person(f"Person {number}") for number in range(4))]
    for person in people[:3]:
        TOTPDevice.objects.create(user=person)
        second_factor.new_recovery_codes(person)
    StaticDevice.objects.create(user=people[3])
    with django_assert_num_queries(1):
        states = second_factor.factors([person.pk for person in people])
    assert set(states) == {person.pk for person in people[:4]}
    assert len(set(states.values())) == 4
    with django_assert_num_queries(1):
        assert second_factor.people_with([person.pk for person in people]) == {
            person.pk for person in people[:3]
        }


def test_beside_a_grant_stands_the_same_state_and_costs_no_query_more(
    manager, clock, django_assert_num_queries
):
    people = [manager, *(making.person(f"Person {number}", Role.CASE_MANAGER) for number in range(3))]
    TOTPDevice.objects.create(user=people[0], confirmed=False)
    for person in people[1:3]:
        TOTPDevice.objects.create(user=person, key="ab" * 20)
        TOTPDevice.objects.create(user=person, key="cd" * 20)
    for person in people[2:]:
        second_factor.new_recovery_codes(person)
    for person in people:
        grants.confirm_by_command(user=person, role=Role.CASE_MANAGER)
    with django_assert_num_queries(1):
        found = credentials.fitting(Grant.objects.order_by("user_id"))
    states = second_factor.factors([person.pk for person in people])
    assert {grant.user_id: second_factor.beside.read(grant) for grant in found} == {
        person.pk: states.get(person.pk, "") for person in people
    }
    assert [grant.has_factor for grant in found] == [False, True, True, False]


@pytest.mark.parametrize("kind", ["", "app", "codes", "suspended"])
def test_whoever_has_one_is_asked_for_the_code_whether_their_grant_fits_or_not(manager, clock, kind):
    client = with_password(manager)
    if kind in ("app", "suspended"):
        TOTPDevice.objects.create(user=manager)
    if kind == "codes":
        StaticDevice.objects.create(user=manager)
    if kind in ("app", "codes"):
        grants.confirm_by_command(user=manager, role=Role.CASE_MANAGER)
    assert client.get("/admin/cases/").get("Location") == (
        f"{STEP}?next=%2Fadmin%2Fcases%2F" if kind in ("app", "suspended") else None
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_pressed_many_times_at_once_is_right_once(clock, kind):
    make_groups()
    user = making.person("Priya Nair", Role.CASE_MANAGER)
    key, codes = set_up(with_password(user), clock)
    clock()
    code, right = app(key, clock) if kind == "app" else codes[0], []
    assert at_once(6, lambda number: right.append(second_factor.verify(user, code))) == []
    assert sorted(right) == [False] * 5 + [True]
    assert sees(user)


# The command


def test_the_command_takes_it_away(manager, clock):
    set_up(with_password(manager), clock)
    said = StringIO()
    call_command("harassment_second_factor", manager.username, "--remove", stdout=said)
    assert "a case lead has to confirm" in said.getvalue()
    assert not second_factor.has(manager)
    with pytest.raises(CommandError, match="has none"):
        call_command("harassment_second_factor", manager.username, "--remove")
    with pytest.raises(CommandError, match="nobody called"):
        call_command("harassment_second_factor", "nobody", "--remove")
