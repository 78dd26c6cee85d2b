"""The fingerprint of a person's credentials, and how a person's own change carries their grants along.

A grant holds the fingerprint it was given for and is compared with the live one whenever it is used. So a
change by anyone else, by whatever route (Wagtail's user admin, a shell, ``QuerySet.update``, SQL),
suspends it without a receiver having to notice. Only the reverse needs one: a person who changes their own
password or e-mail address, signed in as themself, keeps what they held a moment before.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.db import transaction
from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models import Grant
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.keyring import get_keyring

__all__ = ["GRANTS_CHAIN", "current_request", "fingerprint", "register_factor"]

#: The chain that tells what became of grants, so that one that was written past the verbs stands out.
GRANTS_CHAIN = uuid.uuid5(uuid.NAMESPACE_DNS, "grants.wagtail-harassment")

#: Tells the state of a second factor: user ids in, ``{user id: text that changes with the factor}`` out.
Factor = Callable[[list[Any]], Mapping[Any, str]]

_factors: list[Factor] = []
DOMAIN = b"wagtail-harassment grant 1"


def register_factor(factor: Factor) -> None:
    """Let a second factor count as a credential. Every grant has to be confirmed anew when it starts."""
    if factor not in _factors:
        _factors.append(factor)


def fingerprint(user: AbstractBaseUser, role: str) -> str:
    """The fingerprint of a person's credentials for one role: 64 hex digits.

    HMAC-SHA-256, under the keyring's pepper, of the person's id, the role, the user name, the password's
    hash, the e-mail address and every registered second factor. The user name and the address are in it
    because single sign-on goes by them. Whoever can only write to the database can't compute one, and a
    grant copied to another person or role doesn't fit. Raises
    :class:`~wagtail_harassment.vault.keyring.KeyringError`.
    """
    return fingerprints([(user, role)])[user.pk, role]


def fingerprints(holders: Iterable[tuple[AbstractBaseUser, str]]) -> dict[tuple[Any, str], str]:
    """:func:`fingerprint` of many people, with one look-up for each second factor."""
    if not (holders := list(holders)):
        return {}
    ids = list({user.pk for user, _role in holders})
    factors = [factor(ids) for factor in _factors]
    pepper = get_keyring().pepper
    found = {}
    for user, role in holders:
        parts = [
            str(user.pk),
            str(role),
            user.get_username(),
            user.password,
            getattr(user, user.get_email_field_name(), ""),
            *(factor.get(user.pk, "") for factor in factors),
        ]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in (DOMAIN, *map(str.encode, parts)))
        found[user.pk, role] = hmac.new(pepper, message, hashlib.sha256).hexdigest()
    return found


def current_request() -> HttpRequest | None:
    """The request being answered, as simple-history's middleware tells it; none in a task or a command."""
    return getattr(HistoricalRecords.context, "request", None)


def note_own_change(sender: type, instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Receiver of ``pre_save`` on the user model: which grants go along with the change about to be saved.

    Those that fit the credentials in the database, when the person themself makes the change, or when Django
    stores the same password under a newer hasher. Never those that didn't fit before: a change by someone
    who already took the account over mends nothing.
    """
    instance._grants_to_carry = []
    if instance._state.adding or not _touches_credentials(instance, kwargs.get("update_fields")):
        return
    grants = list(Grant.objects.filter(user_id=instance.pk).select_related("user"))
    if not grants:
        return
    before = grants[0].user
    if _is_own_request(instance) or _is_hasher_upgrade(before, instance, kwargs.get("update_fields")):
        live = fingerprints((before, grant.role) for grant in grants)
        instance._grants_to_carry = [
            grant for grant in grants if hmac.compare_digest(grant.fingerprint, live[before.pk, grant.role])
        ]


def carry_grants(sender: type, instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Receiver of ``post_save`` on the user model: moves the fingerprints of the grants noted before."""
    grants, instance._grants_to_carry = getattr(instance, "_grants_to_carry", []), []
    if not grants:
        return
    stored = type(instance)._default_manager.get(pk=instance.pk)
    with transaction.atomic():
        for grant in grants:
            Grant.objects.filter(pk=grant.pk, fingerprint=grant.fingerprint).update(
                fingerprint=fingerprint(stored, grant.role)
            )
            ledger.append(chain=GRANTS_CHAIN, kind="grant.carried", actor=stored, body={"role": grant.role})


def _touches_credentials(user: AbstractBaseUser, update_fields: Iterable[str] | None) -> bool:
    credentials = {"password", user.USERNAME_FIELD, user.get_email_field_name()}
    return update_fields is None or bool(credentials & set(update_fields))


def _is_own_request(user: AbstractBaseUser) -> bool:
    signed_in = getattr(current_request(), "user", None)
    return signed_in is not None and signed_in.is_authenticated and signed_in.pk == user.pk


def _is_hasher_upgrade(
    before: AbstractBaseUser, after: AbstractBaseUser, update_fields: Iterable[str] | None
) -> bool:
    """Whether Django is storing, at sign-in, the password that was just checked under a newer hasher.

    ``check_password`` then saves the password column alone and has put the plain password away
    (``_password`` is there and ``None``); and the hash before was due for it.
    """
    if set(update_fields or ()) != {"password"} or vars(after).get("_password", "") is not None:
        return False
    try:
        old, preferred = identify_hasher(before.password), get_hasher()
    except ValueError:
        return False
    return old.algorithm != preferred.algorithm or preferred.must_update(before.password)
