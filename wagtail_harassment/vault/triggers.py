"""Triggers that keep rows as they were written: a fence in the database, beside the ledger's proof.

Declared per model with :func:`protect`, installed by an idempotent ``post_migrate`` receiver (SQLite drops
triggers silently when a migration remakes a table), and missed aloud by a database check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["SUPPORTED", "expected", "install", "lifted", "missing", "protect", "remove"]

PREFIX = "harassment_keep_"
SUPPORTED = ("sqlite", "postgresql")
ALLOWED = "0 = 1"


@dataclass(frozen=True)
class Rule:
    """What must not happen to a table: ``None`` forbids always, text when that SQL condition holds."""

    update: str | None
    delete: str | None


_rules: dict[type[models.Model], Rule] = {}


def protect(model: type[models.Model], *, update: str | None = None, delete: str | None = None) -> None:
    """Forbid changing and deleting rows of ``model``.

    ``update`` and ``delete`` may narrow that to rows for which an SQL condition over ``OLD`` and ``NEW``
    holds; ``"0 = 1"`` allows everything. Where deleting is forbidden or narrowed, so is PostgreSQL's
    ``TRUNCATE``. The condition must read the same on SQLite and PostgreSQL.
    """
    _rules[model] = Rule(update, delete)


@dataclass(frozen=True)
class Trigger:
    """One trigger: ``event`` on ``table`` is refused, when ``condition`` holds if there is one."""

    table: str
    event: str
    condition: str | None

    @property
    def name(self) -> str:
        table = re.sub(r"\W", "_", self.table).removeprefix("wagtail_harassment_")
        return f"{PREFIX}{table}_{self.event[0].lower()}"

    @property
    def message(self) -> str:
        return f"{self.table}: {self.event.lower()} is not allowed"

    def sqlite(self) -> str:
        when = f" WHEN ({self.condition})" if self.condition else ""
        return (
            f'CREATE TRIGGER {self.name} BEFORE {self.event} ON "{self.table}" FOR EACH ROW{when} '
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def plpgsql(self) -> str:
        """Body of the PostgreSQL function, with the condition, which can be read back here as written."""
        refuse = f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'integrity_constraint_violation';"
        if not self.condition:
            return f" BEGIN {refuse} END "
        kept = "NEW" if self.event == "UPDATE" else "OLD"
        return f" BEGIN IF {self.condition} THEN {refuse} END IF; RETURN {kept}; END "

    def statements(self, vendor: str) -> list[str]:
        if vendor == "sqlite":
            return [f"DROP TRIGGER IF EXISTS {self.name}", self.sqlite()]
        each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        return [
            f'DROP TRIGGER IF EXISTS {self.name} ON "{self.table}"',
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $${self.plpgsql()}$$",
            f'CREATE TRIGGER {self.name} BEFORE {self.event} ON "{self.table}" '
            f"FOR EACH {each} EXECUTE FUNCTION {self.name}()",
        ]

    def fingerprint(self, vendor: str) -> tuple:
        """What the database tells of this trigger when it is in place, switched on and as we made it."""
        if vendor == "sqlite":
            return (self.sqlite(),)
        # pg_trigger.tgtype: row 1, before 2, delete 8, update 16, truncate 32.
        return ({"UPDATE": 19, "DELETE": 11, "TRUNCATE": 34}[self.event], True, True, self.plpgsql())


def _wanted(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], Trigger]:
    """(table, trigger name) -> trigger, for the tables that are there."""
    wanted = {}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    for model, rule in _rules.items():
        table = model._meta.db_table
        events = {"UPDATE": rule.update, "DELETE": rule.delete}
        if connection.vendor == "postgresql":
            events["TRUNCATE"] = ALLOWED if rule.delete == ALLOWED else None
        for event, condition in events.items():
            if table in tables and condition != ALLOWED:
                trigger = Trigger(table, event, condition)
                wanted[table, trigger.name] = trigger
    return wanted


def _installed(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], tuple]:
    """(table, trigger name) -> fingerprint, for every trigger that bears our prefix."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
                [PREFIX + "%"],
            )
        else:
            cursor.execute(
                "SELECT c.relname, t.tgname, t.tgtype, t.tgenabled IN ('O', 'A'), "
                "t.tgqual IS NULL AND t.tgattr = ''::int2vector, p.prosrc "
                "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND t.tgname LIKE %s",
                [PREFIX + "%"],
            )
        return {(table, name): tuple(rest) for table, name, *rest in cursor.fetchall()}


def install(using: str = "default") -> None:
    """Make the triggers that are missing, switched off or not as declared; drop ours that nobody declares.

    All or nothing, and nothing at all where all is in place. A table that is not there yet is passed over.
    """
    connection = connections[using]
    if connection.vendor not in SUPPORTED:
        return
    with transaction.atomic(using=using):
        wanted, installed = _wanted(connection), _installed(connection)
        _drop(connection, set(installed) - set(wanted))
        with connection.cursor() as cursor:
            for key, trigger in wanted.items():
                if installed.get(key) != trigger.fingerprint(connection.vendor):
                    for statement in trigger.statements(connection.vendor):
                        cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Drop every trigger of ours."""
    connection = connections[using]
    if connection.vendor in SUPPORTED:
        _drop(connection, set(_installed(connection)))


def _drop(connection: BaseDatabaseWrapper, keys: set[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        for table, name in keys:
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def expected(using: str = "default") -> list[str]:
    """Names of the triggers that should be in the database, for the tables that are there."""
    connection = connections[using]
    return sorted(name for _, name in _wanted(connection)) if connection.vendor in SUPPORTED else []


def missing(using: str = "default") -> list[str]:
    """Names of triggers that should be in the database and are not, are switched off or were replaced."""
    connection = connections[using]
    if connection.vendor not in SUPPORTED:
        return ["all of them: only SQLite and PostgreSQL are supported"]
    installed = _installed(connection)
    return sorted(
        name
        for (table, name), trigger in _wanted(connection).items()
        if installed.get((table, name)) != trigger.fingerprint(connection.vendor)
    )


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the triggers, for a test's teardown and for nothing else."""
    remove(using)
    try:
        yield
    finally:
        install(using)
