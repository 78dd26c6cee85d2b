"""Triggers that keep rows as they were written: a fence in the database, beside the ledger's proof.

Declared per model with :func:`protect`, installed by an idempotent ``post_migrate`` receiver (SQLite drops
triggers silently when a migration remakes a table), and missed aloud by a database check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["install", "lifted", "missing", "protect"]

PREFIX = "harassment_keep_"


@dataclass(frozen=True)
class Rule:
    """What must not happen to a table. ``None`` forbids always, text is the SQL condition that is forbidden."""

    update: str | None
    delete: str | None


ALLOWED = "0 = 1"
_rules: dict[type[models.Model], Rule] = {}


def protect(model: type[models.Model], *, update: str | None = None, delete: str | None = None) -> None:
    """Forbid changing and deleting rows of ``model``.

    ``update`` and ``delete`` may narrow that to rows for which an SQL condition over ``OLD`` and ``NEW``
    holds; ``"0 = 1"`` allows everything.
    """
    _rules[model] = Rule(update, delete)


def _names(model: type[models.Model]) -> tuple[str, str, str]:
    table = re.sub(r"\W", "_", model._meta.db_table)
    table = table.removeprefix("wagtail_harassment_")
    return f"{PREFIX}{table}_u", f"{PREFIX}{table}_d", f"{PREFIX}{table}_t"


def _supported(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor in ("sqlite", "postgresql")


def _statements(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, list[str]]]:
    """Trigger name -> (table, SQL statements that create it)."""
    statements: dict[str, tuple[str, list[str]]] = {}
    for model, rule in _rules.items():
        table = model._meta.db_table
        for name, event, condition in zip(
            _names(model)[:2], ("UPDATE", "DELETE"), (rule.update, rule.delete), strict=True
        ):
            if condition == ALLOWED:
                continue
            message = f"{table}: {event.lower()} is not allowed"
            statements[name] = (table, _row_trigger(connection.vendor, name, table, event, condition, message))
        if connection.vendor == "postgresql" and rule.delete != ALLOWED:
            name = _names(model)[2]
            statements[name] = (
                table,
                [
                    _function(name, f"{table}: truncate is not allowed"),
                    f'CREATE TRIGGER {name} BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()',
                ],
            )
    return statements


def _row_trigger(vendor: str, name: str, table: str, event: str, condition: str | None, message: str) -> list[str]:
    when = f" WHEN ({condition})" if condition else ""
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH ROW{when} '
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]
    return [
        _function(name, message),
        f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH ROW{when} EXECUTE FUNCTION {name}()',
    ]


def _function(name: str, message: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )


def _installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Trigger name -> its definition in the database, for those that are ours and switched on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [PREFIX + "%"])
        else:
            cursor.execute(
                "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgname LIKE %s",
                [PREFIX + "%"],
            )
        return dict(cursor.fetchall())


def install(using: str = "default") -> None:
    """Make every trigger anew. Does nothing for a table that is not there yet."""
    connection = connections[using]
    if not _supported(connection):
        return
    remove(using)
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, statements in _statements(connection).values():
            if table in tables:
                for statement in statements:
                    cursor.execute(statement)


def remove(using: str = "default") -> None:
    """Drop every trigger of ours."""
    connection = connections[using]
    if not _supported(connection):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in _installed(connection):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            cursor.execute(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE NOT tgisinternal AND tgname LIKE %s",
                [PREFIX + "%"],
            )
            for name, table in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')


def missing(using: str = "default") -> list[str]:
    """Names of triggers that should be in the database and are not, or are switched off."""
    connection = connections[using]
    if not _supported(connection):
        return ["all of them: only SQLite and PostgreSQL are supported"]
    return sorted(set(_statements(connection)) - set(_installed(connection)))


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the triggers, for a test's teardown and for nothing else."""
    remove(using)
    try:
        yield
    finally:
        install(using)
