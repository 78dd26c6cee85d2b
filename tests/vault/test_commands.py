import json
import os
import re
import subprocess
import sys
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.vault.conftest import attacker
from tests.vault.making import on_a_chain, place, stored
from tests.vault.models import Letter, write_letter
from tests.vault.storages import RefusesToList, RefusesToOpen
from tests.vault.test_keyring import secrets_of
from wagtail_harassment.vault import files, keyring, ledger
from wagtail_harassment.vault.models import FileCheck, LedgerEvent, SealedKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path, settings):
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "keys" / "keyring.json"
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = tmp_path / "anchors"
    return settings.WAGTAIL_HARASSMENT_KEYRING


def run(*args):
    out = StringIO()
    try:
        call_command(*args, stdout=out, no_color=True)
    except CommandError as error:
        return f"{out.getvalue()}{error}\n", 1
    return out.getvalue(), 0


def test_create_makes_a_keyring_and_says_what_to_back_up(path):
    said, code = run("harassment_keys", "create")
    assert code == 0
    assert said.startswith(f"Made a keyring with institution key 1: {path}\nBack this file up now")
    assert "If it is lost, every report is lost" in said
    assert keyring.read(path).tier == "casework"


def test_create_refuses_to_overwrite(path):
    run("harassment_keys", "create")
    before = path.read_bytes()
    said, code = run("harassment_keys", "create")
    assert (code, path.read_bytes()) == (1, before)
    assert said.startswith(f"There is a keyring at {path} already, and nothing was changed.")


@pytest.mark.parametrize("verb", ["create", "rotate", "public"])
def test_without_the_setting_every_verb_says_to_set_it(settings, verb):
    settings.WAGTAIL_HARASSMENT_KEYRING = None
    said, code = run("harassment_keys", verb)
    assert code == 1
    assert said.startswith("WAGTAIL_HARASSMENT_KEYRING is not set. Set it to a path outside the project")


@pytest.mark.parametrize("verb", ["rotate", "public"])
def test_without_a_keyring_a_verb_says_how_to_make_one(path, verb):
    said, code = run("harassment_keys", verb)
    assert code == 1
    assert said.startswith(f"There is no keyring at {path}. On a new installation type: python manage.py")


def test_rotate_adds_a_key_reseals_and_says_so(path):
    run("harassment_keys", "create")
    for _ in range(3):
        write_letter(uuid.uuid4(), "words")
    said, code = run("harassment_keys", "rotate")
    assert code == 0
    assert f"Added institution key 2: {path}\nThe keyring as it was: {path}.20" in said
    assert "Re-sealed 3 data keys to institution key 2.\n" in said
    assert run("harassment_keys", "rotate", "--resume") == (
        "Re-sealed 0 data keys to institution key 2.\n",
        0,
    )


def test_rotate_names_the_keys_that_do_not_open_and_fails(path):
    run("harassment_keys", "create")
    bad, _ = write_letter(uuid.uuid4(), "words")
    write_letter(uuid.uuid4(), "words")
    SealedKey.objects.filter(unit=bad.pk).update(key_version=9, sealed=b"x")
    said, code = run("harassment_keys", "rotate")
    assert code == 1
    assert f"1 data keys do not open and were left as they are. Units:\n  {bad.pk}\n" in said


def test_public_writes_the_public_keyring_beside_the_keyring_or_where_it_is_told(path, tmp_path):
    run("harassment_keys", "create")
    said, code = run("harassment_keys", "public")
    assert (code, said.splitlines()[0]) == (
        0,
        f"Wrote the public keyring: {path.parent / 'keyring.public.json'}",
    )
    assert run("harassment_keys", "public", "--out", str(tmp_path / "front.json"))[1] == 0
    assert keyring.read(tmp_path / "front.json") == keyring.read(path).public()
    said, code = run("harassment_keys", "public", "--out", str(path))
    assert (code, said) == (
        1,
        f"{path} is there already and is not a public keyring. Name another file with --out.\n",
    )


def test_no_command_shows_a_secret(path):
    said = "".join(
        run(*args)[0]
        for args in [
            ("harassment_keys", "create"),
            ("harassment_keys", "create"),
            ("harassment_keys", "rotate"),
            ("harassment_keys", "public"),
            ("harassment_keys", "public", "--out", str(path)),
            ("harassment_anchor",),
            ("harassment_verify",),
        ]
    )
    found = secrets_of(keyring.read(path))
    assert len(found) == 7
    assert [secret for secret in found if secret in said] == []


def test_anchor_writes_a_file_and_says_what_it_covers(path):
    run("harassment_keys", "create")
    ledger.append(chain=uuid.uuid4(), kind="report.received")
    said, code = run("harassment_anchor")
    assert code == 0
    assert re.fullmatch(r"Anchor 1 covers 1 chains that moved\. Root: [0-9a-f]{64}\n", said)
    data = json.loads((path.parent.parent / "anchors" / "anchor-000001.json").read_text())
    assert data["signed"].splitlines()[-1] == f"root {said.split()[-1]}"


def test_anchor_says_why_it_cannot(path, settings):
    assert run("harassment_anchor")[0].startswith("There is no keyring at")
    keyring.write(keyring.Keyring.generate().public(), path)
    assert run("harassment_anchor") == (
        "This keyring holds no anchor key. Anchors are signed where the casework keyring is.\n",
        1,
    )
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = None
    assert run("harassment_anchor")[0].startswith("WAGTAIL_HARASSMENT_ANCHOR_DIR is not set.")
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = path
    keyring.write(keyring.Keyring.generate(), path, replacing=True)
    assert run("harassment_anchor") == (f"No anchor was written: File exists, {path}.\n", 1)


def letter_on_a_chain():
    record = uuid.uuid4()
    letter, _ = write_letter(record, "words")
    ledger.append(chain=record, kind="letter.written", rows=[letter])
    return letter


def test_verify_says_what_it_looked_at(path):
    run("harassment_keys", "create")
    letter_on_a_chain()
    run("harassment_anchor")
    said, code = run("harassment_verify")
    assert code == 0
    assert re.fullmatch(
        r"Checked 1 chains with 1 events and 1 protected rows, 1 anchors and \d+ triggers\.\n"
        r"Everything is as it was written\.\n",
        said,
    )


def test_verify_names_everything_it_finds_and_fails(path):
    run("harassment_keys", "create")
    letter, other = letter_on_a_chain(), letter_on_a_chain()
    run("harassment_anchor")
    with attacker():
        LedgerEvent.objects.filter(chain=letter.record).update(kind="x")
        LedgerEvent.objects.filter(chain=other.record).delete()
    Letter.objects.filter(pk=letter.pk).update(body=None)
    with connection.cursor() as cursor:
        on = " ON wagtail_harassment_sealedkey" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER harassment_keep_sealedkey_d{on}")
    said, code = run("harassment_verify")
    assert code == 1
    *lines, checked, last = said.splitlines()
    assert sorted(lines) == sorted(
        [
            f"Chain {letter.record}: Event 1 (x) was changed.",
            f"Chain {letter.record}: vault.letter:{letter.pk} is not as the last event that tells of it left it.",
            f"Chain {other.record}: The last event there is 0, and the tip says 1: cut off or added to.",
            f"Chain {other.record}: vault.letter:{other.pk} is there, and no event tells of it.",
            f"Chain {other.record}: Event 1 is gone: anchor 1 saw it.",
            "Trigger harassment_keep_sealedkey_d is missing, switched off or replaced.",
        ]
    )
    assert checked.startswith("Checked 2 chains with 1 events and 2 protected rows, 1 anchors")
    assert last == "6 findings. Change nothing, and see docs/how-to/keys-and-anchors.md."


def test_verify_of_one_chain_looks_at_that_one(path):
    run("harassment_keys", "create")
    good, bad = letter_on_a_chain(), letter_on_a_chain()
    Letter.objects.filter(pk=bad.pk).update(body=None)
    assert run("harassment_verify", "--chain", str(good.record))[1] == 0
    assert run("harassment_verify", "--chain", str(bad.record))[1] == 1
    assert run("harassment_verify", "--chain", str(uuid.uuid4()))[1] == 1


def test_verify_works_with_the_public_keyring_and_trusts_its_anchor_key(path):
    run("harassment_keys", "create")
    letter_on_a_chain()
    run("harassment_anchor")
    ring = keyring.read(path)
    keyring.write(ring.public(), path, replacing=True)
    assert run("harassment_verify")[1] == 0
    keyring.write(keyring.Keyring.generate().public(), path, replacing=True)
    said, code = run("harassment_verify")
    assert code == 1
    assert said.startswith("anchor-000001.json was not signed with this keyring's anchor key.\n")


def test_verify_without_a_keyring_says_that_signatures_prove_little(path):
    run("harassment_keys", "create")
    run("harassment_anchor")
    path.unlink()
    said, code = run("harassment_verify")
    assert code == 0
    assert "No keyring here has the anchor key's public half" in said


def test_verify_says_that_no_anchor_was_looked_for(path, settings):
    run("harassment_keys", "create")
    assert "There is no anchor yet" in run("harassment_verify")[0]
    settings.WAGTAIL_HARASSMENT_ANCHOR_DIR = None
    assert "No anchors were looked for" in run("harassment_verify")[0]


def looked_at(said):
    return re.search(r" \d+ triggers\.(.*)$", said, re.MULTILINE)[1]


def test_verify_reads_no_file_unless_it_is_told_to(path, evidence):
    run("harassment_keys", "create")
    row = on_a_chain()
    files.storage().delete(files.name_of(row.pk))
    said, code = run("harassment_verify")
    assert (code, looked_at(said), FileCheck.objects.count()) == (0, "", 0)


def test_verify_of_files_reads_them_all_and_says_how_many(path, evidence):
    run("harassment_keys", "create")
    for _ in range(3):
        on_a_chain()
    stored()
    said, code = run("harassment_verify", "--files")
    assert (code, looked_at(said)) == (0, " Read 4 files.")
    assert said.endswith("\nEverything is as it was written.\n")
    assert FileCheck.objects.get().files == 4


def test_verify_of_files_names_those_that_are_not_what_was_stored_and_strays_and_fails(path, evidence):
    run("harassment_keys", "create")
    gone, bent, draft = on_a_chain(), on_a_chain(), stored()
    files.storage().delete(files.name_of(gone.pk))
    for row in (bent, draft):
        place(row.pk, b"other bytes")
    (evidence / "notes.txt").write_text("who put this here")
    said, code = run("harassment_verify", "--files")
    assert code == 1
    _no_anchor, *lines, checked, last = said.splitlines()
    assert sorted(lines) == sorted(
        [
            f"Chain {gone.record}: File {gone.pk} is not in the storage.",
            f"Chain {bent.record}: File {bent.pk} is not what was stored: its bytes were changed.",
            f"File {draft.pk} is not what was stored: its bytes were changed.",
            "The storage holds notes.txt, and no row tells of it. Do not delete it: ask why.",
        ]
    )
    assert looked_at(checked) == " Read 3 files."
    assert last == "4 findings. Change nothing, and see docs/how-to/keys-and-anchors.md."


def test_verify_of_one_chains_files_reads_those_alone(path, evidence):
    run("harassment_keys", "create")
    good, bad = on_a_chain(), on_a_chain()
    place(bad.pk, b"other bytes")
    said, code = run("harassment_verify", "--files", "--chain", str(good.record))
    assert (code, looked_at(said), FileCheck.objects.count()) == (0, " Read 1 files.", 0)
    said, code = run("harassment_verify", "--files", "--chain", str(bad.record))
    assert (code, said.splitlines()[-1][:11]) == (1, "1 findings.")


def test_verify_of_files_needs_no_key(path, evidence):
    run("harassment_keys", "create")
    place(on_a_chain().pk, b"other bytes")
    path.unlink()
    said, code = run("harassment_verify", "--files")
    assert (code, looked_at(said)) == (1, " Read 1 files.")
    assert "No keyring here has the anchor key's public half" in said


def test_verify_of_files_in_a_storage_that_fails_says_so_and_fails(path, misbehaving):
    run("harassment_keys", "create")
    row = on_a_chain()
    misbehaving(RefusesToList)
    said, code = run("harassment_verify", "--files")
    assert code == 1
    assert "\nThe storage fails: not all that it should hold was looked at.\n" in said
    misbehaving(RefusesToOpen)
    said, code = run("harassment_verify", "--files")
    assert code == 1
    assert f"\nChain {row.record}: File {row.pk} cannot be read: the storage fails.\n" in said
    assert str(path.parent.parent / "evidence") not in said


def manage(*args, **env):
    return subprocess.run(
        [sys.executable, "-m", "django", *args],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | env,
        capture_output=True,
        text=True,
    )


def test_a_fresh_machine_is_prepared_without_a_keyring_and_goes_live_with_one(tmp_path):
    (tmp_path / "fresh_settings.py").write_text(
        "from university.settings import *\n"
        f"WAGTAIL_HARASSMENT_KEYRING = {str(tmp_path / 'keyring.json')!r}\n"
        f"DATABASES['default']['NAME'] = {str(tmp_path / 'db.sqlite3')!r}\n"
        "SECRET_KEY = 'only for tests'\n"
    )
    env = {
        "DJANGO_SETTINGS_MODULE": "fresh_settings",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "DEMO_VAR": str(tmp_path),
    }
    check = manage("check", **env)
    assert check.returncode == 1
    assert f"(wagtail_harassment.E002) There is no keyring at {tmp_path / 'keyring.json'}." in check.stderr
    migrate = manage("migrate", "--plan", **env)
    assert migrate.returncode == 0, migrate.stderr
    assert "(wagtail_harassment.E002)" in migrate.stderr
    assert manage("harassment_keys", "create", **env).returncode == 0
    again = manage("check", "--database", "default", **env)
    assert (again.returncode, [line for line in again.stderr.splitlines() if "harassment.E0" in line]) == (
        0,
        [],
    )
