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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from wagtail_harassment.casework.models import Grant
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.keyring import get_keyring

__all__ = [
    "GRANTS_CHAIN",
    "Beside",
    "current_request",
    "fingerprint",
    "fitting",
    "own_change",
    "register_factor",
]

#: The chain that tells what became of grants, so that one that was written past the verbs stands out.
GRANTS_CHAIN = uuid.uuid5(uuid.NAMESPACE_DNS, "grants.wagtail-harassment")

#: Tells the state of a second factor: user ids in, ``{user id: text that changes with the factor}`` out.
Factor = Callable[[list[Any]], Mapping[Any, str]]


@dataclass(frozen=True)
class Beside:
    """How a second factor's state comes beside each grant of somebody, without a statement of its own.

    ``columns`` are expressions on :class:`Grant` by their name; ``read`` makes of a grant with them the text that the
    factor itself would tell, and ``counts`` says of that text whether it is a second factor to sign in with.
    """

    columns: Callable[[], Mapping[str, Any]]
    read: Callable[[Grant], str]
    counts: Callable[[str], bool]


_factors: list[Factor] = []
_beside: dict[Factor, Beside] = {}
DOMAIN = b"wagtail-harassment grant 1"


def register_factor(factor: Factor, beside: Beside | None = None) -> None:
    """Let a second factor count as a credential; ``beside`` saves a statement wherever roles are looked up.

    Grants of people who have none stay as they are; whoever has one is to be confirmed anew when it starts.
    """
    if factor not in _factors:
        _factors.append(factor)
    if beside:
        _beside[factor] = beside


def fingerprint(user: AbstractBaseUser, role: str) -> str:
    """The fingerprint of a person's credentials for one role: 64 hex digits.

    HMAC-SHA-256, under the keyring's pepper, of the person's id, the role, the user name, the password's
    hash, the e-mail address and every registered second factor. The user name and the address are in it
    because single sign-on goes by them. Whoever can only write to the database can't compute one, and a
    grant copied to another person or role doesn't fit. Raises
    :class:`~wagtail_harassment.vault.keyring.KeyringError`.
    """
    return fingerprints([(user, role)])[user.pk, role]


def fingerprints(
    holders: Iterable[tuple[AbstractBaseUser, str]], told: Mapping[Factor, Mapping[Any, str]] | None = None
) -> dict[tuple[Any, str], str]:
    """:func:`fingerprint` of many people, with one look-up for each second factor that was not ``told`` already."""
    if not (holders := list(holders)):
        return {}
    ids = list({user.pk for user, _role in holders})
    told = told or {}
    factors = [told[factor] if factor in told else factor(ids) for factor in _factors]
    pepper = get_keyring().pepper
    found = {}
    for user, role in holders:
        parts = [
            str(user.pk),
            str(role),
            user.get_username(),
            user.password,
            getattr(user, user.get_email_field_name(), ""),
            *(state for factor in factors if (state := factor.get(user.pk, ""))),
        ]
        message = b"".join(len(part).to_bytes(4, "big") + part for part in (DOMAIN, *map(str.encode, parts)))
        found[user.pk, role] = hmac.new(pepper, message, hashlib.sha256).hexdigest()
    return found


def fitting(rows: QuerySet[Grant]) -> list[Grant]:
    """Of these grants, those that fit their holders' credentials now; their users are loaded.

    One query, and one more for each second factor that does not come :class:`Beside` them. Each grant's
    ``has_factor`` says whether its holder has a second factor. Raises
    :class:`~wagtail_harassment.vault.keyring.KeyringError`.
    """
    beside = {factor: _beside[factor] for factor in _factors if factor in _beside}
    columns = {name: column for one in beside.values() for name, column in one.columns().items()}
    grants = list(rows.select_related("user").annotate(**columns))
    told = {factor: {grant.user_id: one.read(grant) for grant in grants} for factor, one in beside.items()}
    for grant in grants:
        grant.has_factor = any(one.counts(told[factor][grant.user_id]) for factor, one in beside.items())
    return _fitting(grants, told)


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
        instance._grants_to_carry = _fitting(grants)


def carry_grants(sender: type, instance: AbstractBaseUser, **kwargs: Any) -> None:
    """Receiver of ``post_save`` on the user model: moves the fingerprints of the grants noted before."""
    grants, instance._grants_to_carry = getattr(instance, "_grants_to_carry", []), []
    if not grants:
        return
    with transaction.atomic():
        _carry(grants, type(instance)._default_manager.get(pk=instance.pk))


@contextmanager
def own_change(user: AbstractBaseUser) -> Iterator[None]:
    """Around a person's own change of a second factor: one transaction, and the grants that fitted go along.

    For whoever knows that it is the person: they are signed in as themself or have just shown the factor.
    """
    with transaction.atomic():
        # Locked, so that no change by somebody else comes between what fitted and what will.
        stored = get_user_model()._default_manager.select_for_update().get(pk=user.pk)
        grants = fitting(Grant.objects.filter(user_id=user.pk))
        yield
        _carry(grants, stored)


def _fitting(grants: list[Grant], told: Mapping[Factor, Mapping[Any, str]] | None = None) -> list[Grant]:
    live = fingerprints(((grant.user, grant.role) for grant in grants), told)
    return [
        grant for grant in grants if hmac.compare_digest(grant.fingerprint, live[grant.user_id, grant.role])
    ]


def _carry(grants: list[Grant], user: AbstractBaseUser) -> None:
    """Give grants the fingerprint of the credentials as they are now, where that is another one."""
    for grant in grants:
        live = fingerprint(user, grant.role)
        if live != grant.fingerprint:
            Grant.objects.filter(pk=grant.pk, fingerprint=grant.fingerprint).update(fingerprint=live)
            ledger.append(chain=GRANTS_CHAIN, kind="grant.carried", actor=user, body={"role": grant.role})


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
