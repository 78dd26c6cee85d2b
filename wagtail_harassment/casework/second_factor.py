"""The second factor: what this package asks of django-otp, where that is installed.

Any device that django-otp knows counts, whichever package made it. What is set up here is an app that shows codes
(TOTP) and recovery codes. Every confirmed device is part of the fingerprint of its holder's grants
(:mod:`~wagtail_harassment.casework.credentials`): when somebody else removes, adds or changes one, the person's grants
are suspended. Their own changes go through :func:`~wagtail_harassment.casework.credentials.own_change`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework.credentials import Beside, own_change
from wagtail_harassment.casework.gathering import Gathered
from wagtail_harassment.casework.models import Grant
from wagtail_harassment.vault.keyring import get_keyring

__all__ = [
    "available",
    "begin",
    "beside",
    "confirm",
    "factors",
    "has",
    "match",
    "new_recovery_codes",
    "people_with",
    "recovery_codes_left",
    "remove",
    "sets_up",
    "verify",
]

#: Recovery codes that somebody has, each of 50 bits: tries are throttled.
CODES, LETTERS = 10, 10
TOTP, STATIC = "otp_totp", "otp_static"
DOMAIN = b"wagtail-harassment recovery code 1"
#: The columns of a device that are its secret, whichever package made it. Counters move with every sign-in.
SECRETS = ("key", "public_key", "credential_id", "service_id")
#: Recovery codes alone are no second factor.
NO_FACTOR = ("code", f"{STATIC}.staticdevice")
#: How columns beside a grant are called.
BESIDE = "of_factor_"


def available() -> bool:
    """Whether there is anything that a second factor could be."""
    return apps.is_installed("django_otp")


def sets_up() -> bool:
    """Whether people can set one up here: with an app, and recovery codes."""
    return available() and apps.is_installed(f"django_otp.plugins.{TOTP}") and _has_codes()


def _has_codes() -> bool:
    return apps.is_installed(f"django_otp.plugins.{STATIC}")


def factors(ids: Iterable[Any]) -> dict[Any, str]:
    """The state of people's second factors, as text that changes with it. One query."""
    found: dict[Any, list[str]] = {}
    for user, *state in _rows(list(ids)):
        found.setdefault(user, []).append(" ".join(state))
    return {user: "\n".join(sorted(states)) for user, states in found.items()}


def _columns() -> dict[str, Subquery]:
    """The same state beside a grant: a list of texts for each kind of device, and for codes."""
    columns = {}
    for number, (user, rows) in enumerate(_parts()):
        theirs = rows.filter(**{user: OuterRef("user_id")}).values(user)
        text = Concat("of_kind", Value(" "), "of_device", Value(" "), "of_secret")
        columns[f"{BESIDE}{number}"] = Subquery(theirs.annotate(all=Gathered(text)).values("all"))
    return columns


def _read(grant: Grant) -> str:
    found = (value or [] for name, value in vars(grant).items() if name.startswith(BESIDE))
    return "\n".join(sorted(text for texts in found for text in texts))


def _counts(state: str) -> bool:
    return any(text.split(" ")[0] not in NO_FACTOR for text in state.split("\n") if text)


#: What :func:`factors` tells, for :func:`~wagtail_harassment.casework.credentials.fitting`.
beside = Beside(_columns, _read, _counts)


def _rows(ids: list[Any]) -> QuerySet | list[Any]:
    """``(user, kind, device, secret)`` of each confirmed device, and of each recovery code."""
    parts = [
        rows.filter(**{f"{user}__in": ids}).values_list(user, "of_kind", "of_device", "of_secret")
        for user, rows in _parts()
    ]
    return parts[0].union(*parts[1:], all=True) if parts else []


def _parts() -> Iterator[tuple[str, QuerySet]]:
    """Each kind of confirmed device, and recovery codes: how the user is found, and the rows."""
    from django_otp import device_classes

    for model in device_classes():
        names = {field.name for field in model._meta.concrete_fields}
        secret = next((F(name) for name in SECRETS if name in names), Value(""))
        rows = model.objects.filter(confirmed=True)
        yield "user_id", _told(rows, model._meta.label_lower, "pk", secret)
    if _has_codes():
        from django_otp.plugins.otp_static.models import StaticToken

        rows = StaticToken.objects.filter(device__confirmed=True)
        yield "device__user_id", _told(rows, "code", "device_id", F("token"))


def _told(rows: QuerySet, kind: str, device: str, secret: Any) -> QuerySet:
    return rows.order_by().annotate(
        of_kind=Value(kind, output_field=CharField()),
        of_device=Cast(F(device), CharField()),
        of_secret=Cast(secret, CharField()),
    )


def people_with(ids: Iterable[Any]) -> set[Any]:
    """Those of these people who have a second factor. Recovery codes alone are none."""
    return {user for user, kind, *_rest in _rows(list(ids)) if kind not in NO_FACTOR}


def has(user: AbstractBaseUser) -> bool:
    """Whether somebody has a second factor. One query."""
    return user.pk in people_with([user.pk])


@sensitive_variables()
def verify(user: AbstractBaseUser, code: str) -> bool:
    """Whether ``code`` is this person's, now. One that was right is never right again."""
    return match(user, code) is not None


@sensitive_variables()
def match(user: AbstractBaseUser, code: str) -> Any | None:
    """The device whose code it is; ``None`` where it is nobody's, was used, or is tried too soon after a wrong one.

    Digits are asked of apps and keys, everything else of recovery codes, so that a mistake with one does not slow the
    other. django-otp makes people wait after each wrong one: a second, two, four.
    """
    if not available():
        return None
    from django_otp import devices_for_user

    typed = re.sub(r"[\s-]", "", code).lower()
    digits = typed.isascii() and typed.isdigit()
    with own_change(user):
        for device in devices_for_user(user, for_verify=True):
            is_codes = device._meta.app_label == STATIC
            if is_codes != digits and device.verify_token(_kept(user, typed) if is_codes else typed):
                return device
    return None


def begin(user: AbstractBaseUser) -> Any:
    """The app's secret that this person is setting up: the same until it is confirmed, however often it is asked."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    return TOTPDevice.objects.filter(user=user, confirmed=False).order_by(
        "pk"
    ).first() or TOTPDevice.objects.create(user=user, confirmed=False, name="app")


@sensitive_variables()
def confirm(user: AbstractBaseUser, code: str) -> Any | None:
    """Take the app that shows ``code`` as this person's second factor, in place of the one before."""
    with own_change(user):
        device = begin(user)
        if not device.verify_token(re.sub(r"\s", "", code)):
            return None
        type(device).objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    return device


@sensitive_variables()
def new_recovery_codes(user: AbstractBaseUser) -> list[str]:
    """Recovery codes in place of those before. What is returned can be seen this once: digests are stored."""
    from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower()[:LETTERS] for _ in range(CODES)]
    with own_change(user):
        # The device stays: somebody may have signed in with it just now.
        device = StaticDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()
        device = device or StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.filter(device__user=user).delete()
        StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(user, code)) for code in codes)
    return [f"{code[: LETTERS // 2]}-{code[LETTERS // 2 :]}" for code in codes]


def recovery_codes_left(user: AbstractBaseUser) -> int:
    """How many were not used yet."""
    from django_otp.plugins.otp_static.models import StaticToken

    return StaticToken.objects.filter(device__user=user, device__confirmed=True).count()


@sensitive_variables()
def _kept(user: AbstractBaseUser, code: str) -> str:
    """A recovery code as it is stored: 80 bits, under the keyring's pepper, so that a database alone has none."""
    message = b"\0".join((DOMAIN, str(user.pk).encode(), code.encode()))
    return (
        base64.b32encode(hmac.new(get_keyring().pepper, message, hashlib.sha256).digest())[:16]
        .decode()
        .lower()
    )


def remove(user: AbstractBaseUser) -> int:
    """Take everything away that somebody could sign in with beside the password; returns how many devices.

    For whoever controls the server. Not the person's own change, so their grants are suspended.
    """
    from django_otp import devices_for_user

    devices = list(devices_for_user(user, confirmed=None))
    for device in devices:
        device.delete()
    return len(devices)
