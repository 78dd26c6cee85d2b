"""The blind index: by what digest of a name, an address or a number a person is found again.

HMAC-SHA256 under a key that is in the casework keyring alone. A public tier has none: what it takes in is
indexed by the watch, a few minutes later. From the table nothing can be read but that two people share something.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.casework import mentions
from wagtail_harassment.casework.models import Case, IndexEntry, IndexKind, Person
from wagtail_harassment.casework.parties.details import PARTIES
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.fields import reveal
from wagtail_harassment.vault.keyring import CannotOpen, get_keyring
from wagtail_harassment.vault.models import SealedKey

__all__ = [
    "Digest",
    "cases_naming",
    "cases_with",
    "digests_of",
    "digests_of_account",
    "digests_sought",
    "entries",
    "forget",
    "index_waiting",
    "people_with",
    "put",
    "reindex",
    "sweep",
    "usable",
]

logger = logging.getLogger(__name__)

#: ``(kind, digest)``.
Digest = tuple[str, str]
Terms = set[tuple[str, str]]

BATCH = 200
#: Of a number, the last digits count: with a country's code or without, it is the same telephone.
DIGITS, FEWEST_DIGITS = 9, 6
ADDRESS = re.compile(r"""[^\s<>()\[\],;:"]+@[^\s<>()\[\],;:"]+""")
NUMBER = re.compile(r"\d(?:[\s().\-]*\d)+")


def _addresses(text: str) -> set[str]:
    return {found.rstrip(".") for found in ADDRESS.findall(unicodedata.normalize("NFKC", text).casefold())}


def _digits(text: str) -> str:
    """The digits of a text, in the figures of any script, as plain ones."""
    return "".join(str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, None) is not None)


def _numbers(text: str) -> set[str]:
    found = (_digits(number) for number in NUMBER.findall(unicodedata.normalize("NFKC", text)))
    return {digits[-DIGITS:] for digits in found if len(digits) >= FEWEST_DIGITS}


def _terms(*, name: str = "", email: str = "", phone: str = "") -> Terms:
    """What is compared, in clear: in memory only."""
    return (
        {(IndexKind.NAME, form) for form in mentions.forms_of_name(name)}
        | {(IndexKind.EMAIL, address) for address in _addresses(email)}
        | {(IndexKind.PHONE, number) for number in _numbers(phone)}
    )


def usable() -> bool:
    """Whether this server holds the key. Raises ``KeyringError`` where it holds none at all."""
    return get_keyring().index is not None


@sensitive_variables()
def _digested(terms: Terms) -> set[Digest]:
    key = get_keyring().index
    if key is None:
        raise CannotOpen("The key of the index is in the casework keyring alone.")
    return {
        (str(kind), hmac.new(key, f"{kind}\x1f{value}".encode(), hashlib.sha256).hexdigest())
        for kind, value in terms
    }


@sensitive_variables()
def digests_of(details: Mapping[str, str]) -> set[Digest]:
    """The digests by which somebody with these details is found. Raises ``CannotOpen`` on a public tier."""
    return _digested(_terms(**{box: details.get(box, "") for box in ("name", "email", "phone")}))


@sensitive_variables()
def digests_sought(text: str) -> set[Digest]:
    """The digests of what somebody looks for: an address, a number, or else a name. Raises ``CannotOpen``."""
    if "@" in text:
        return _digested(_terms(email=text))
    if len(_digits(text)) >= FEWEST_DIGITS and not re.search(r"[^\W\d_]{2}", text):
        return _digested(_terms(phone=text))
    return _digested(_terms(name=text))


@sensitive_variables()
def digests_of_account(user: AbstractBaseUser) -> set[Digest]:
    """The digests of an account's full name and address. Raises ``CannotOpen``."""
    names = {(IndexKind.NAME, form) for form in mentions.forms_of(user)}
    return _digested(names | _terms(email=getattr(user, user.get_email_field_name(), "") or ""))


@sensitive_variables()
def entries(person: Person, details: Mapping[str, str]) -> list[IndexEntry]:
    """The rows by which a person is found: none for one who was taken off the case."""
    if person.removed:
        return []
    return [
        IndexEntry(person=person, kind=kind, digest=digest) for kind, digest in sorted(digests_of(details))
    ]


@sensitive_variables()
def put(person: Person, details: Mapping[str, str]) -> None:
    """Index a person anew, whose row is saved and locked. Leaves it to the watch where the key is not here."""
    IndexEntry.objects.filter(person=person.pk).delete()
    if person.indexed:
        IndexEntry.objects.bulk_create(entries(person, details))


def people_with(digests: Iterable[Digest]) -> QuerySet[Person]:
    """People, still on their case, with one of these digests. Not scoped: never shown as it is."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, digest in digests:
        by_kind[kind].append(digest)
    wanted = Q(pk__in=[])
    for kind, some in sorted(by_kind.items()):
        wanted |= Q(kind=kind, digest__in=sorted(some))
    return Person.objects.filter(removed=False, pk__in=IndexEntry.objects.filter(wanted).values("person"))


def cases_with(digests: Iterable[Digest], visible: QuerySet[Case]) -> QuerySet[Case]:
    """Those of ``visible`` on which somebody has one of these digests. One query."""
    return visible.filter(pk__in=people_with(digests).values("case"))


def cases_naming(user: AbstractBaseUser) -> QuerySet[Case]:
    """Every case that an account's full name or address makes its holder a party of. Raises ``CannotOpen``.

    For shutting them out; never shown to anybody.
    """
    parties = people_with(digests_of_account(user)).filter(part__in=PARTIES)
    return Case.objects.filter(pk__in=parties.values("case")).order_by("pk")


@transaction.atomic
@sensitive_variables()
def index_waiting(limit: int = BATCH) -> int:
    """Index people whom the look-up doesn't know yet, up to ``limit``; returns how many. Safe to run twice at once.

    On a public tier it does nothing. One whose key is gone or was changed is found by nothing from here on.
    """
    if not usable():
        return 0
    unknown = Person.objects.filter(indexed=False)
    some = set(unknown.order_by("pk").values_list("case", flat=True)[:limit])
    if not some:
        return 0
    # Whoever changes a person holds their case.
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=some).order_by("pk"))
    waiting = list(unknown.filter(case__in=some).order_by("pk")[:limit])
    IndexEntry.objects.filter(person__in=waiting).delete()
    rows = []
    by_case: dict[uuid.UUID, list[Person]] = defaultdict(list)
    for person in waiting:
        by_case[person.case_id].append(person)
    for case, people in by_case.items():
        keys = envelope.open_keys(record=case, units=[person.pk for person in people])
        for person in people:
            rows += _opened_entries(person, keys.get(person.pk))
    IndexEntry.objects.bulk_create(rows)
    Person.objects.filter(pk__in=[person.pk for person in waiting]).update(indexed=True)
    return len(waiting)


@sensitive_variables()
def _opened_entries(person: Person, key: envelope.DataKey | None) -> list[IndexEntry]:
    try:
        return entries(person, reveal(person, "details", key)) if key else []
    except envelope.Tampered:
        logger.error("Person %s could not be indexed: what is written there was changed.", person.pk)
        return []


def reindex() -> int:
    """Make the whole index anew, with the key that is in the keyring; returns how many people were indexed.

    Safe to stop: what is left waits, and the watch or another run does it. Raises ``CannotOpen`` on a public tier.
    """
    if not usable():
        raise CannotOpen("The key of the index is in the casework keyring alone.")
    Person.objects.filter(indexed=True).update(indexed=False)
    done = 0
    while some := index_waiting():
        done += some
    return done


def forget(case: Case) -> int:
    """Take the people of a case out of the index, because what was written of them is erased."""
    return IndexEntry.objects.filter(person__case=case.pk).delete()[0]


def sweep() -> int:
    """Take those out whose key is gone: nobody erased is found again. One query as a rule."""
    key = SealedKey.objects.filter(unit=OuterRef("person"))
    return IndexEntry.objects.filter(~Exists(key)).delete()[0]
