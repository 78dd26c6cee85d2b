import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.checks import Error, Warning, run_checks
from django.core.checks.registry import registry
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from wagtail_harassment.vault import checks, keyring


@pytest.fixture
def path(tmp_path, settings):
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "keyring.json"
    keyring.write(keyring.Keyring.generate(), settings.WAGTAIL_HARASSMENT_KEYRING)
    return settings.WAGTAIL_HARASSMENT_KEYRING


def found(check=checks.check_keyring, **kwargs):
    return [(type(problem), problem.id.partition(".")[2]) for problem in check(**kwargs)]


def text(check=checks.check_keyring, **kwargs):
    return " ".join(f"{problem.msg} {problem.hint}" for problem in check(**kwargs))


def test_a_good_keyring_is_no_problem(path):
    assert found() == []


def test_the_checks_are_registered():
    names = {"check_keyring", "check_anchor_dir", "check_file_storage", "check_triggers", "check_sqlite"}
    assert names <= {check.__name__ for check in registry.get_checks()}
    late = {"check_file_storage_takes"}
    assert late <= {check.__name__ for check in registry.get_checks(include_deployment_checks=True)}


def test_an_unset_keyring_is_an_error_that_says_what_to_type(settings):
    settings.WAGTAIL_HARASSMENT_KEYRING = None
    assert found() == [(Error, "E001")]
    assert "python manage.py harassment_keys create" in text()


def test_a_missing_keyring_is_an_error_that_says_what_to_type(path):
    path.unlink()
    assert found() == [(Error, "E002")]
    assert "python manage.py harassment_keys create" in text()


@pytest.mark.skipif("os.geteuid() != 0", reason="only root can become somebody else")
def test_a_keyring_of_another_user_is_an_error_that_says_what_to_type(path):
    os.seteuid(65534)
    try:
        problems = checks.check_keyring()
    finally:
        os.seteuid(0)
    assert [(problem.id, problem.msg, problem.hint) for problem in problems] == [
        (
            "wagtail_harassment.E003",
            "This process (user 65534) may not read the keyring. As root type: "
            f"chown 65534 {path} && chmod 600 {path}",
            None,
        )
    ]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_keyring_that_others_may_read_is_an_error_that_says_what_to_type(path, mode):
    path.chmod(mode)
    assert found() == [(Error, "E004")]
    assert text().endswith(f"Type: chmod 600 {path}")


def test_a_damaged_keyring_is_an_error_that_says_what_to_do(path):
    path.write_text(path.read_text()[:-40])
    assert found() == [(Error, "E005")]
    assert "Put a backup of it back." in text()


@pytest.mark.parametrize("name", ["STATIC_ROOT", "MEDIA_ROOT", "STATICFILES_DIRS", "prefixed"])
def test_a_keyring_where_files_are_served_from_is_an_error(path, settings, name):
    if name == "prefixed":
        settings.STATICFILES_DIRS = [("prefix", str(path.parent))]
    else:
        setattr(settings, name, [path.parent] if name == "STATICFILES_DIRS" else str(path.parent))
    assert found() == [(Error, "E006")]
    assert "harassment_keys rotate" in text()


def test_a_link_to_a_keyring_that_is_served_is_an_error(path, settings, tmp_path):
    served = tmp_path / "media"
    served.mkdir()
    path.rename(served / "k.json")
    path.symlink_to(served / "k.json")
    settings.MEDIA_ROOT = str(served)
    assert found() == [(Error, "E006")]


def test_a_keyring_in_a_version_controlled_directory_is_a_warning(path):
    (path.parent / ".git").mkdir()
    assert found() == [(Warning, "W001")]


@pytest.mark.parametrize("command", sorted(checks.PREPARING))
def test_a_command_that_prepares_a_machine_is_warned_and_not_stopped(path, monkeypatch, command):
    path.unlink()
    monkeypatch.setattr(sys, "argv", ["manage.py", command])
    assert found() == [(Warning, "E002")]


@pytest.mark.parametrize("command", ["check", "runserver", "harassment_watch"])
def test_a_command_that_serves_or_checks_is_stopped(path, monkeypatch, command):
    path.unlink()
    monkeypatch.setattr(sys, "argv", ["manage.py", command])
    assert found() == [(Error, "E002")]


def test_an_unset_anchor_directory_is_a_warning(settings):
    assert found(checks.check_anchor_dir) == []
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = None
    assert found(checks.check_anchor_dir) == [(Warning, "W002")]


def put_files(settings, location=None, backend="django.core.files.storage.FileSystemStorage"):
    options = {} if location is None else {"location": location}
    settings.STORAGES = settings.STORAGES | {"harassment": {"BACKEND": backend, "OPTIONS": options}}


def test_a_place_for_files_that_nobody_serves_is_no_problem(settings, tmp_path):
    for location in (tmp_path / "evidence", str(tmp_path / "evidence")):
        put_files(settings, location)
        assert found(checks.check_file_storage) == found(checks.check_file_storage_takes) == []


def test_no_storage_for_files_is_an_error_with_the_setting_to_paste(settings):
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "harassment"}
    assert found(checks.check_file_storage) == [(Error, "E009")]
    said = text(checks.check_file_storage)
    assert said.startswith(
        "Files of evidence cannot be taken in: Could not find config for 'harassment' in settings.STORAGES."
    )
    assert said.endswith(
        "STORAGES['harassment'] = {'BACKEND': 'django.core.files.storage.FileSystemStorage', "
        "'OPTIONS': {'location': '/var/lib/your-site/evidence', 'file_permissions_mode': 0o600}}"
    )
    assert found(checks.check_file_storage_takes) == []


def test_a_storage_whose_class_is_not_there_is_an_error_that_names_it(settings):
    put_files(settings, backend="nowhere.Storage")
    assert found(checks.check_file_storage) == [(Error, "E009")]
    assert "Could not find backend 'nowhere.Storage'" in text(checks.check_file_storage)


def test_the_setting_for_files_that_names_another_storage_is_followed(settings, tmp_path):
    put_files(settings, tmp_path)
    settings.WAGTAIL_HARASSMENT_FILE_STORAGE = "elsewhere"
    assert found(checks.check_file_storage) == [(Error, "E009")]
    assert "STORAGES['elsewhere'] = {" in text(checks.check_file_storage)


@pytest.mark.parametrize("command", sorted(checks.PREPARING))
def test_a_command_that_prepares_a_machine_needs_no_storage_for_files(settings, monkeypatch, command):
    put_files(settings, backend="nowhere.Storage")
    monkeypatch.setattr(sys, "argv", ["manage.py", command])
    assert found(checks.check_file_storage) == [(Warning, "E009")]


@pytest.mark.parametrize("below", [".", "evidence", "a/b/c", "link"])
@pytest.mark.parametrize("name", ["STATIC_ROOT", "MEDIA_ROOT", "STATICFILES_DIRS"])
def test_files_where_the_web_server_gives_them_away_are_an_error(settings, tmp_path, name, below):
    served = tmp_path / "served"
    served.mkdir()
    setattr(settings, name, [str(served)] if name == "STATICFILES_DIRS" else str(served))
    (tmp_path / "link").symlink_to(served / "evidence")
    put_files(settings, tmp_path / "link" if below == "link" else served / below)
    assert found(checks.check_file_storage) == [(Error, "E011")]
    assert f"inside {served}, which the web server gives to everyone" in text(checks.check_file_storage)


def test_files_in_a_storage_without_a_place_of_its_own_go_to_the_media_and_are_an_error(settings):
    put_files(settings)
    assert found(checks.check_file_storage) == [(Error, "E011")]


def test_files_beside_what_is_served_are_no_problem(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    put_files(settings, tmp_path / "media-evidence")
    assert found(checks.check_file_storage) == []


def test_files_in_a_store_that_is_elsewhere_are_no_problem(settings):
    harassment = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "b", "location": "e"},
    }
    settings.STORAGES = settings.STORAGES | {"harassment": harassment}
    assert found(checks.check_file_storage) == found(checks.check_file_storage_takes) == []


@pytest.mark.parametrize("there", [True, False])
def test_a_place_for_files_that_this_user_cannot_write_to_is_a_warning(settings, there):
    with tempfile.TemporaryDirectory() as open_to_all:
        closed = Path(open_to_all) / "closed"
        location = closed if there else closed / "not" / "yet"
        closed.mkdir()
        put_files(settings, location)
        for mode, problems in [
            (
                0o555,
                [
                    "wagtail_harassment.W012",
                    f"This user cannot write to {closed}: files of evidence cannot be taken in.",
                    f"As root type: install -d -o USER -m 700 {location}",
                ],
            ),
            (0o777, []),
        ]:
            closed.chmod(mode)
            os.chmod(open_to_all, 0o755)
            assert as_nobody(checks.check_file_storage_takes) == problems


def as_nobody(check):
    """What a check says to a user who may do little: in a process of its own, which root becomes nobody in."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setresuid(65534, 65534, 65534)
            said = [words for problem in check() for words in (problem.id, problem.msg, problem.hint)]
            os.write(send, json.dumps(said).encode())
        finally:
            os._exit(0)
    os.close(send)
    os.waitpid(pid, 0)
    with os.fdopen(receive) as stream:
        return json.loads(stream.read())


@pytest.mark.django_db
def test_missing_triggers_are_a_database_error_that_names_them():
    assert found(checks.check_triggers) == found(checks.check_triggers, databases=["default"]) == []
    with connection.cursor() as cursor:
        on = " ON wagtail_harassment_sealedkey" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER harassment_keep_sealedkey_d{on}")
    assert found(checks.check_triggers, databases=["default"]) == [(Error, "E008")]
    assert "harassment_keep_sealedkey_d" in text(checks.check_triggers, databases=["default"])
    assert [e.id for e in run_checks(databases=["default"]) if e.id == "wagtail_harassment.E008"] == [
        "wagtail_harassment.E008"
    ]


@pytest.mark.django_db
def test_another_database_is_an_error(monkeypatch):
    monkeypatch.setattr(type(connections["default"]), "vendor", "mysql")
    assert found(checks.check_triggers, databases=["default"]) == [(Error, "E007")]


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("pragma", "number"),
    [
        ("synchronous=NORMAL", "W004"),
        ("synchronous=OFF", "W004"),
        ("secure_delete=OFF", "W005"),
        ("recursive_triggers=OFF", "W006"),
        ("foreign_keys=OFF", "W007"),
    ],
)
def test_a_pragma_that_is_not_safe_is_a_warning_with_the_setting_to_paste(pragma, number):
    good = ["synchronous=FULL", "secure_delete=ON", "recursive_triggers=ON", "foreign_keys=ON"]
    try:
        with connection.cursor() as cursor:
            for statement in [*good, pragma]:
                cursor.execute(f"PRAGMA {statement}")
        assert found(checks.check_sqlite, databases=["default"]) == [(Warning, number)]
        name = pragma.partition("=")[0]
        assert f"'PRAGMA {name}=" in text(checks.check_sqlite, databases=["default"])
    finally:
        connection.close()


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.django_db(transaction=True)
def test_deferred_transactions_are_a_warning(monkeypatch):
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options | {"transaction_mode": None})
    assert (Warning, "W008") in found(checks.check_sqlite, databases=["default"])


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.django_db(transaction=True)
def test_a_journal_that_is_not_wal_is_a_warning(tmp_path):
    name, options = str(tmp_path / "other.sqlite3"), {"init_command": "PRAGMA secure_delete=OFF"}
    other = DatabaseWrapper(connection.settings_dict | {"NAME": name, "OPTIONS": options}, "other")
    connections["other"] = other
    try:
        assert [number for _, number in found(checks.check_sqlite, databases=["other"])] == [
            "W003", "W005", "W006", "W008",
        ]  # fmt: skip
    finally:
        other.close()
        del connections["other"]


def test_the_static_checks_touch_no_database():
    assert found(checks.check_sqlite) == found(checks.check_triggers) == []
