"""Asking again who it is."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError

from tests.factories import PASSWORD, UserFactory
from wagtail_harassment.casework import stepping_up
from wagtail_harassment.casework.stepping_up import MOST, WINDOW, StepUpForm, register_verifier, verify

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def user(db):
    return UserFactory()


def sent(user, password=PASSWORD, reason="because"):
    return StepUpForm({"reason": reason, "password": password}, person=user)


def test_the_right_password_and_a_reason_are_taken_and_the_password_is_kept_nowhere(user):
    form = sent(user)
    assert form.is_valid()
    assert form.cleaned_data == {"reason": "because"}
    assert PASSWORD not in str(form)
    assert 'autocomplete="current-password"' in str(form)
    assert list(form.fields) == ["reason", "password"]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", " " + PASSWORD, PASSWORD.upper()])
def test_another_password_is_not(user, password):
    form = sent(user, password)
    assert not form.is_valid()
    assert list(form.errors) == ["password"]


def test_the_password_of_somebody_else_is_not(user):
    other = UserFactory()
    other.set_password("another long password")
    other.save()
    assert not verify(user, "another long password")


def test_an_account_without_a_password_is_never_let_through(user):
    user.set_unusable_password()
    user.save()
    assert not verify(user, "")
    assert not verify(user, user.password)


def test_after_too_many_wrong_ones_the_right_one_waits_too_for_this_account_alone(user):
    for _ in range(MOST):
        assert not verify(user, "wrong")
    with pytest.raises(ValidationError, match="Wait 15 minutes"):
        verify(user, PASSWORD)
    form = sent(user)
    assert not form.is_valid()
    assert "Wait 15 minutes" in str(form.errors)
    assert verify(UserFactory(), PASSWORD)


def test_when_the_time_is_over_it_is_looked_at_again(user, monkeypatch):
    import time

    for _ in range(MOST):
        verify(user, "wrong")
    later = time.time() + WINDOW.total_seconds() + 1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)
    assert verify(user, PASSWORD)


def test_a_right_one_clears_the_count(user):
    for _ in range(3):
        for _ in range(MOST - 1):
            assert not verify(user, "wrong")
        assert verify(user, PASSWORD)


def test_a_slip_elsewhere_in_the_form_costs_no_try(user):
    for _ in range(MOST + 1):
        assert not sent(user, "wrong", reason=" ").is_valid()
    assert sent(user).is_valid()


def test_a_registered_second_factor_is_taken_instead_and_named_in_the_form(user, monkeypatch):
    monkeypatch.setattr(stepping_up, "_verifiers", [])
    assert not verify(user, "123456")
    register_verifier(takes_a_code)
    register_verifier(takes_a_code)
    assert stepping_up._verifiers == [takes_a_code]
    assert verify(user, "123456")
    assert verify(user, PASSWORD)
    assert not verify(user, "654321")
    assert "a code from your second factor" in str(sent(user))


def takes_a_code(user, secret):
    return secret == "123456"
