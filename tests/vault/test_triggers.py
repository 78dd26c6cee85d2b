import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from wagtail_harassment.vault import envelope, ledger, triggers
from wagtail_harassment.vault.models import (
    FileState,
    FileTrouble,
    LedgerChain,
    LedgerEvent,
    SealedKey,
    StoredFile,
)

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="PostgreSQL only: roles and statement triggers"
)
only_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="SQLite only: REPLACE and remade tables"
)


@pytest.fixture
def chain():
    chain = uuid.uuid4()
    ledger.append(chain=chain, kind="report.received")
    ledger.append(chain=chain, kind="case.opened")
    return chain


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def refused(act):
    with pytest.raises(IntegrityError, match="not allowed"), transaction.atomic():
        act()


def test_an_event_is_neither_changed_nor_deleted_by_any_route(chain):
    event = LedgerEvent.objects.first()
    event.kind = "other"
    for act in [
        event.save,
        event.delete,
        lambda: LedgerEvent.objects.update(kind="x"),
        lambda: LedgerEvent.objects.all().delete(),
        lambda: LedgerEvent.objects.all()._raw_delete("default"),
        lambda: LedgerEvent.objects.bulk_update([event], ["kind"]),
        lambda: sql("UPDATE wagtail_harassment_ledgerevent SET day = day"),
        lambda: sql("DELETE FROM wagtail_harassment_ledgerevent"),
    ]:
        refused(act)
    assert LedgerEvent.objects.count() == 2


@only_sqlite
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_an_event_is_not_replaced(chain, verb):
    refused(
        lambda: sql(
            f"{verb} INTO wagtail_harassment_ledgerevent SELECT id, chain, sequence, 'other', actor, day, at, body, "
            "previous, hash FROM wagtail_harassment_ledgerevent"
        )
    )
    refused(lambda: sql("UPDATE OR REPLACE wagtail_harassment_ledgerevent SET sequence = 1"))


@only_postgresql
@pytest.mark.parametrize("table", ["ledgerevent", "ledgerchain", "sealedkey", "storedfile"])
def test_no_table_is_truncated(chain, table):
    refused(lambda: sql(f"TRUNCATE wagtail_harassment_{table} CASCADE"))


@only_postgresql
def test_an_event_is_not_overwritten_on_conflict(chain):
    refused(
        lambda: sql(
            "INSERT INTO wagtail_harassment_ledgerevent SELECT * FROM wagtail_harassment_ledgerevent "
            "ON CONFLICT (id) DO UPDATE SET kind = 'other'"
        )
    )


@pytest.mark.parametrize(
    "change",
    [
        {"length": 1},
        {"length": 4},
        {"tip": bytes(32)},
        {"id": uuid.UUID(int=1)},
        {"anchored": 3},
    ],
)
def test_a_tip_goes_forward_one_event_at_a_time_only(chain, change):
    refused(lambda: LedgerChain.objects.update(**change))
    refused(lambda: LedgerChain.objects.all().delete())


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"record": uuid.UUID(int=1)}, False),
        ({"unit": uuid.UUID(int=1)}, False),
        ({"id": uuid.UUID(int=1)}, False),
        ({"sealed": b"other"}, False),
        ({"key_version": 0}, False),
        ({"key_version": 2, "sealed": b"other"}, True),
        ({"held": True}, True),
        ({"destroy_after": "2030-01-01"}, True),
    ],
)
def test_a_sealed_key_is_held_scheduled_and_resealed_and_nothing_else(change, allowed):
    envelope.new_key(record=uuid.uuid4(), unit=uuid.uuid4())
    if allowed:
        assert SealedKey.objects.update(**change) == 1
    else:
        refused(lambda: SealedKey.objects.update(**change))


TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("held", "destroy_after", "allowed"),
    [
        (False, None, False),
        (True, None, False),
        (False, TODAY + timedelta(days=1), False),
        (True, TODAY - timedelta(days=1), False),
        (False, TODAY, True),
        (False, TODAY - timedelta(days=1), True),
    ],
)
def test_a_sealed_key_goes_only_when_it_is_due_and_not_held(held, destroy_after, allowed):
    envelope.new_key(record=uuid.uuid4(), unit=uuid.uuid4())
    SealedKey.objects.update(held=held, destroy_after=destroy_after)
    if allowed:
        assert SealedKey.objects.all().delete()[0] == 1
    else:
        refused(lambda: SealedKey.objects.all().delete())


@pytest.fixture
def file():
    """A file of a record, with its key."""
    record, pk = uuid.uuid4(), uuid.uuid4()
    envelope.new_key(record=record, unit=pk)
    return StoredFile.objects.create(
        id=pk, record=record, state=FileState.WHOLE, size=93, digest="a" * 64, day=TODAY
    )


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"id": uuid.UUID(int=1)}, False),
        ({"size": 94}, False),
        ({"digest": "b" * 64}, False),
        ({"day": TODAY - timedelta(days=1)}, False),
        ({"record": uuid.UUID(int=1)}, False),
        ({"record": None}, False),
        ({"state": FileState.ARRIVING}, False),
        ({"state": FileState.GOING}, False),
        ({"checked_on": TODAY, "trouble": FileTrouble.MISSING}, True),
        ({"state": FileState.WHOLE}, True),
    ],
)
def test_a_stored_file_is_looked_at_and_is_otherwise_as_it_was_written(file, change, allowed):
    if allowed:
        assert StoredFile.objects.update(**change) == 1
    else:
        refused(lambda: StoredFile.objects.update(**change))
        assert StoredFile.objects.get() == file


def test_a_file_that_arrives_becomes_whole_then_a_records_and_of_no_other(file):
    other = StoredFile.objects.create(id=uuid.uuid4(), size=93, digest="a" * 64, day=TODAY)
    mine = StoredFile.objects.filter(pk=other.pk)
    assert mine.update(state=FileState.WHOLE) == 1
    assert mine.update(record=file.record) == 1
    refused(lambda: mine.update(record=uuid.uuid4()))
    refused(lambda: mine.update(state=FileState.ARRIVING))


def test_a_stored_file_does_not_go_while_its_key_is_there(file):
    refused(lambda: StoredFile.objects.update(state=FileState.GOING))
    refused(lambda: StoredFile.objects.all().delete())
    SealedKey.objects.update(held=True, destroy_after=TODAY)
    refused(lambda: StoredFile.objects.update(state=FileState.GOING))
    SealedKey.objects.update(held=False)
    SealedKey.objects.all().delete()
    refused(lambda: StoredFile.objects.all().delete())
    assert StoredFile.objects.update(state=FileState.GOING) == 1
    assert StoredFile.objects.all().delete()[0] == 1


@pytest.mark.parametrize("state", [FileState.ARRIVING, FileState.WHOLE])
@pytest.mark.parametrize("how", ["delete", "_raw_delete", "sql"])
def test_a_stored_file_that_is_not_to_go_is_deleted_by_no_route(state, how):
    StoredFile.objects.create(id=uuid.uuid4(), state=state, size=93, digest="a" * 64, day=TODAY)
    routes = {
        "delete": lambda: StoredFile.objects.all().delete(),
        "_raw_delete": lambda: StoredFile.objects.all()._raw_delete("default"),
        "sql": lambda: sql("DELETE FROM wagtail_harassment_storedfile"),
    }
    refused(routes[how])
    assert StoredFile.objects.count() == 1


def test_installing_again_changes_nothing_and_writes_nothing():
    before = triggers._installed(connection)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        triggers.install()
    assert triggers._installed(connection) == before
    assert [query["sql"] for query in queries if "CREATE" in query["sql"] or "DROP" in query["sql"]] == []


def test_everything_that_is_declared_is_installed():
    assert triggers.missing() == []
    tables = ("ledgerevent", "ledgerchain", "sealedkey", "storedfile")
    assert {f"harassment_keep_{table}_{event}" for table in tables for event in "ud"} <= set(
        triggers.expected()
    )


def drop(name="harassment_keep_ledgerevent_u", table="wagtail_harassment_ledgerevent"):
    sql(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def test_a_dropped_trigger_is_named_and_made_again(chain):
    drop()
    assert triggers.missing() == ["harassment_keep_ledgerevent_u"]
    triggers.install()
    assert triggers.missing() == []
    refused(lambda: LedgerEvent.objects.update(kind="x"))


def test_a_trigger_replaced_by_another_of_its_name_is_named_and_made_again(chain):
    drop()
    if connection.vendor == "sqlite":
        sql(
            "CREATE TRIGGER harassment_keep_ledgerevent_u BEFORE UPDATE ON wagtail_harassment_ledgerevent "
            "FOR EACH ROW WHEN (0 = 1) BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    else:
        sql(
            "CREATE TRIGGER harassment_keep_ledgerevent_u BEFORE UPDATE ON wagtail_harassment_ledgerevent "
            "FOR EACH ROW WHEN (0 = 1) EXECUTE FUNCTION harassment_keep_ledgerevent_u()"
        )
    assert triggers.missing() == ["harassment_keep_ledgerevent_u"]
    triggers.install()
    refused(lambda: LedgerEvent.objects.update(kind="x"))


def test_a_trigger_of_the_right_name_on_another_table_counts_for_nothing():
    drop()
    table = "wagtail_harassment_sealedkey"
    if connection.vendor == "sqlite":
        sql(
            f"CREATE TRIGGER harassment_keep_ledgerevent_u BEFORE UPDATE ON {table} "
            "FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    else:
        sql(
            f"CREATE TRIGGER harassment_keep_ledgerevent_u BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION harassment_keep_ledgerevent_u()"
        )
    assert triggers.missing() == ["harassment_keep_ledgerevent_u"]
    triggers.install()
    assert triggers.missing() == []


@only_postgresql
@pytest.mark.parametrize("how", ["DISABLE", "ENABLE REPLICA"])
def test_a_trigger_switched_off_is_named_and_switched_on_again(chain, how):
    sql(f"ALTER TABLE wagtail_harassment_ledgerevent {how} TRIGGER harassment_keep_ledgerevent_u")
    assert triggers.missing() == ["harassment_keep_ledgerevent_u"]
    triggers.install()
    assert triggers.missing() == []
    refused(lambda: LedgerEvent.objects.update(kind="x"))


@only_postgresql
def test_a_trigger_whose_function_was_hollowed_out_is_named_and_made_again(chain):
    sql(
        "CREATE OR REPLACE FUNCTION harassment_keep_ledgerevent_u() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$"
    )
    assert triggers.missing() == ["harassment_keep_ledgerevent_u"]
    triggers.install()
    refused(lambda: LedgerEvent.objects.update(kind="x"))


def test_a_trigger_of_ours_that_nobody_declares_any_more_is_dropped(chain):
    rule = triggers._rules.pop(LedgerEvent)
    try:
        triggers.install()
        assert LedgerEvent.objects.update(kind="x") == 2
    finally:
        triggers._rules[LedgerEvent] = rule
    triggers.install()
    refused(lambda: LedgerEvent.objects.update(kind="y"))


def test_a_table_that_is_not_there_is_passed_over():
    class Absent(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "nowhere"

    triggers.protect(Absent)
    try:
        triggers.install()
        assert triggers.missing() == []
    finally:
        triggers._rules.pop(Absent)


@pytest.mark.django_db(transaction=True)
@only_sqlite
def test_a_table_that_a_migration_remade_gets_its_triggers_back():
    with connection.schema_editor() as editor:
        editor._remake_table(LedgerEvent)
    assert triggers.missing() == ["harassment_keep_ledgerevent_d", "harassment_keep_ledgerevent_u"]
    call_command("migrate", verbosity=0, stdout=StringIO())
    assert triggers.missing() == []


@pytest.mark.django_db(transaction=True)
def test_flushing_a_test_database_leaves_the_fence_standing():
    ledger_rows = uuid.uuid4()
    with transaction.atomic():
        ledger.append(chain=ledger_rows, kind="report.received")
    call_command("flush", interactive=False, verbosity=0)
    assert LedgerEvent.objects.count() == 0
    assert triggers.missing() == []
