"""What is wrong with the keyring, the database's settings or its triggers, and what to type.

E001-E005 stop whatever runs or serves. A command that only prepares a machine (``migrate``, ``makemigrations``
and their like; ``collectstatic`` runs no check of ours) shows them as warnings: an image is built, and a fresh
database made, where no key is, and ``migrate`` is what heals a missing trigger.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.storage import InvalidStorageError
from django.db import connections

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import files, triggers
from wagtail_harassment.vault.keyring import KeyringError, get_keyring

PREPARING = {
    "createcachetable",
    "createsuperuser",
    "flush",
    "loaddata",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
}
KEYRING_IDS = {"unset": "E001", "missing": "E002", "unreadable": "E003", "open": "E004", "damaged": "E005"}

# pragma -> (what it may be, as SQLite says it; id; what happens otherwise)
PRAGMAS = {
    "journal_mode=WAL": ({"wal"}, "W003", "readers and writers stop each other"),
    "synchronous=FULL": ({"2", "3"}, "W004", "a report that was confirmed can be lost when the power fails"),
    "secure_delete=ON": ({"1"}, "W005", "what was deleted can be read in the file"),
    "recursive_triggers=ON": ({"1"}, "W006", "INSERT OR REPLACE passes the triggers"),
    "foreign_keys=ON": ({"1"}, "W007", "rows can point to nothing"),
}


def _serious() -> type[CheckMessage]:
    """``Error``; ``Warning`` in a command that only prepares. Django runs checks for command lines only."""
    preparing = len(sys.argv) > 1 and sys.argv[1] in PREPARING
    return Warning if preparing else Error


@register(Tags.security)
def check_keyring(**kwargs: Any) -> list[CheckMessage]:
    """The keyring is there, whole, ours alone, and not where it is served or shared."""
    problems: list[CheckMessage] = []
    try:
        get_keyring()
    except KeyringError as error:
        said, _, typed = str(error).partition(" Type: ")
        hint = f"Type: {typed}" if typed else None
        problems.append(_serious()(said, hint=hint, id=f"wagtail_harassment.{KEYRING_IDS[error.reason]}"))
    if conf.keyring is not None:
        path = conf.keyring.absolute()
        for root in _served():
            if path.resolve().is_relative_to(root):
                problems.append(
                    Error(
                        f"The keyring stands in {root}, which the web server gives to everyone.",
                        hint="Move it out, set WAGTAIL_HARASSMENT_KEYRING to where it is, and if it was ever served "
                        "there type: python manage.py harassment_keys rotate",
                        id="wagtail_harassment.E006",
                    )
                )
                break
        if any(os.path.exists(parent / mark) for parent in path.parents for mark in (".git", ".hg", ".svn")):
            problems.append(
                Warning(
                    "The keyring stands in a version-controlled directory, where it is easily committed.",
                    hint=f"Move it, for example: mv {path} /etc/harassment/keyring.json",
                    id="wagtail_harassment.W001",
                )
            )
    return problems


def _served() -> Iterator[Path]:
    entries = [settings.STATIC_ROOT, settings.MEDIA_ROOT, *getattr(settings, "STATICFILES_DIRS", [])]
    for entry in entries:
        directory = entry[1] if isinstance(entry, list | tuple) else entry
        if directory:
            yield Path(directory).resolve()


@register(Tags.security)
def check_anchor_dir(**kwargs: Any) -> list[CheckMessage]:
    """Anchors have somewhere to go."""
    if conf.anchor_dir is not None:
        return []
    return [
        Warning(
            "WAGTAIL_HARASSMENT_ANCHOR_DIR is not set: what is cut off the end of the ledger cannot be found.",
            hint="Set it to a directory that is backed up, and run every night: python manage.py harassment_anchor",
            id="wagtail_harassment.W002",
        )
    ]


@register(Tags.security)
def check_file_storage(**kwargs: Any) -> list[CheckMessage]:
    """Files have a place to go, and no web server gives it away."""
    try:
        location = files.directory()
    except InvalidStorageError as error:
        return [
            _serious()(
                f"Files of evidence cannot be taken in: {error}",
                hint="Add a storage, outside what is served and inside what is backed up: STORAGES["
                f"{conf.file_storage!r}] = {{'BACKEND': 'django.core.files.storage.FileSystemStorage', "
                "'OPTIONS': {'location': '/var/lib/your-site/evidence', 'file_permissions_mode': 0o600}}",
                id="wagtail_harassment.E009",
            )
        ]
    if location is None:
        return []
    return [
        Error(
            f"Files of evidence go to {location}, inside {root}, which the web server gives to everyone.",
            hint=f"Give STORAGES[{conf.file_storage!r}] a location of its own, and move what is there.",
            id="wagtail_harassment.E011",
        )
        for root in _served()
        if location.resolve().is_relative_to(root)
    ]


@register(Tags.security, deploy=True)
def check_file_storage_takes(**kwargs: Any) -> list[CheckMessage]:
    """The place for files can be written to by this user, where that can be told."""
    try:
        location = files.directory()
    except InvalidStorageError:
        return []
    if location is None or os.access(there := files.existing(location), os.W_OK | os.X_OK):
        return []
    return [
        Warning(
            f"This user cannot write to {there}: files of evidence cannot be taken in.",
            hint=f"As root type: install -d -o USER -m 700 {location}",
            id="wagtail_harassment.W012",
        )
    ]


@register(Tags.database)
def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The database is one that can keep rows as they were written, and does."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        if connections[alias].vendor not in triggers.SUPPORTED:
            problems.append(
                _serious()(
                    f"Database {alias!r} is {connections[alias].display_name}. Use SQLite or PostgreSQL.",
                    id="wagtail_harassment.E007",
                )
            )
        elif missing := triggers.missing(alias):
            problems.append(
                _serious()(
                    f"Triggers are missing, switched off or replaced in database {alias!r}: {', '.join(missing)}.",
                    hint=f"Find out who did it. Then type: python manage.py migrate --database {alias}",
                    id="wagtail_harassment.E008",
                )
            )
    return problems


@register(Tags.database)
def check_sqlite(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite is set to be safe, and to take writers in turn."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "sqlite":
            continue
        for pragma, (wanted, number, otherwise) in PRAGMAS.items():
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA {pragma.partition('=')[0]}")
                found = str(cursor.fetchone()[0])
            if found not in wanted and not (pragma == "journal_mode=WAL" and connection.is_in_memory_db()):
                problems.append(
                    Warning(
                        f"SQLite database {alias!r} runs without {pragma}: {otherwise}.",
                        hint=f"Add to the settings: DATABASES[{alias!r}]['OPTIONS']['init_command'], "
                        f"after what is there: 'PRAGMA {pragma};'",
                        id=f"wagtail_harassment.{number}",
                    )
                )
        if connection.settings_dict["OPTIONS"].get("transaction_mode") not in (
            "IMMEDIATE",
            "EXCLUSIVE",
        ):
            problems.append(
                Warning(
                    f"SQLite database {alias!r} begins transactions for reading: two reports at once, and one fails.",
                    hint=f"Put into the settings: DATABASES[{alias!r}]['OPTIONS']['transaction_mode'] = 'IMMEDIATE'",
                    id="wagtail_harassment.W008",
                )
            )
    return problems
