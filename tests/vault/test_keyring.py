import json
import os
import subprocess
import sys
import uuid

import pytest
from django.db import connection

from wagtail_harassment.vault import envelope, keyring
from wagtail_harassment.vault.keyring import CannotOpen, Keyring, KeyringError

SECRET_NAMES = ["pepper", "index", "anchor"]


def secrets_of(ring):
    """Every secret in a keyring, as it would look in its file."""
    data = json.loads(ring.dumps())
    found = [data[name] for name in SECRET_NAMES if data[name]]
    for entry in data["institution"]:
        found += entry["private"] or []
    return found


def test_a_keyring_is_read_as_it_was_written(tmp_path):
    made = Keyring.generate().rotated()
    keyring.write(made, tmp_path / "a" / "keyring.json")
    assert keyring.read(tmp_path / "a" / "keyring.json") == made
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["keyring.json"]
    assert (tmp_path / "a" / "keyring.json").stat().st_mode & 0o777 == 0o600


def test_a_keyring_is_never_overwritten_unless_told_so(tmp_path):
    path = tmp_path / "keyring.json"
    first = Keyring.generate()
    keyring.write(first, path)
    with pytest.raises(FileExistsError):
        keyring.write(Keyring.generate(), path)
    assert keyring.read(path) == first
    keyring.write(first.rotated(), path, replacing=True)
    assert keyring.read(path).current == 2


@pytest.mark.skipif("os.geteuid() != 0")
def test_a_replaced_keyring_keeps_its_owner(tmp_path):
    path = tmp_path / "keyring.json"
    keyring.write(Keyring.generate(), path)
    os.chown(path, 65534, 65534)
    keyring.write(Keyring.generate(), path, replacing=True)
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65534, 0o600)


def test_a_stopped_write_leaves_the_old_keyring_whole(tmp_path, monkeypatch):
    path = tmp_path / "keyring.json"
    first = Keyring.generate()
    keyring.write(first, path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keyring.write(first.rotated(), path, replacing=True)
    assert keyring.read(path) == first
    assert [entry.name for entry in tmp_path.iterdir()] == ["keyring.json"]


def test_printing_a_keyring_shows_no_secret():
    ring = Keyring.generate()
    shown = f"{ring!r} {ring} {ring.institution!r} {ring.institution[0]}"
    assert shown == (
        "Keyring(casework, current=1) Keyring(casework, current=1) "
        "(InstitutionKey(version=1, opens=True),) InstitutionKey(version=1, opens=True)"
    )


def test_a_public_keyring_holds_public_halves_and_the_pepper_and_no_more():
    ring = Keyring.generate().rotated()
    public = ring.public()
    assert (public.tier, public.current, public.pepper, public.index, public.anchor) == (
        "public",
        2,
        ring.pepper,
        None,
        None,
    )
    assert [key.private for key in public.institution] == [None, None]
    assert [key.public for key in public.institution] == [key.public for key in ring.institution]
    assert public.anchor_public == ring.anchor_public
    text = public.dumps()
    assert [secret for secret in secrets_of(ring) if secret in text] == [json.loads(text)["pepper"]]
    for act in (lambda: public.institution[0].open(b"", info=b""), lambda: public.anchor_key):
        with pytest.raises(CannotOpen):
            act()


def another_key():
    return json.loads(Keyring.generate().dumps())["institution"][0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.clear(),
        lambda data: data.update(format=2),
        lambda data: data.update(current=9),
        lambda data: data.update(pepper=None),
        lambda data: data.update(pepper="AAAA"),
        lambda data: data.update(pepper="?"),
        lambda data: data.update(anchor="AAAA"),
        lambda data: data.update(anchor_public=data["pepper"]),
        lambda data: data.update(institution=[]),
        lambda data: data.update(institution=3),
        lambda data: data["institution"].append(data["institution"][0]),
        lambda data: data["institution"][0].update(public=data["institution"][0]["public"][:1]),
        lambda data: data["institution"][0].update(private=data["institution"][0]["private"][::-1]),
        lambda data: data["institution"][0].update(private=another_key()["private"]),
        lambda data: data["institution"][0].pop("version"),
    ],
)  # fmt: skip
def test_a_damaged_keyring_is_refused_when_it_is_read_and_not_when_it_is_needed(tmp_path, spoil):
    data = json.loads(Keyring.generate().dumps())
    spoil(data)
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps(data))
    path.chmod(0o600)
    with pytest.raises(KeyringError, match="damaged") as caught:
        keyring.read(path)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe", b"{", b'"x"'])
def test_a_file_that_is_no_keyring_is_refused(tmp_path, content):
    path = tmp_path / "keyring.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyringError, match="damaged"):
        keyring.read(path)
    with pytest.raises(KeyringError, match=r"chmod|damaged"):
        keyring.read(tmp_path)


def test_a_changed_file_is_read_again(tmp_path, settings):
    settings.WAGTAIL_HARASSMENT_KEYRING = path = tmp_path / "keyring.json"
    first = Keyring.generate()
    keyring.write(first, path)
    assert keyring.get_keyring() == first
    assert keyring.get_keyring() is keyring.get_keyring()
    keyring.write(first.rotated(), path, replacing=True)
    assert keyring.get_keyring().current == 2
    path.unlink()
    with pytest.raises(KeyringError, match="There is no keyring"):
        keyring.get_keyring()


def test_a_keyring_made_before_it_held_the_anchors_public_half_finds_it_out(tmp_path):
    made = Keyring.generate()
    older = json.loads(made.dumps())
    del older["anchor_public"]
    assert Keyring.loads(json.dumps(older)) == made
    assert Keyring.loads(json.dumps(older | {"anchor": None})).anchor_verifier is None


def test_the_current_key_cannot_be_taken_out():
    ring = Keyring.generate().rotated()
    with pytest.raises(ValueError, match="current"):
        ring.without(2)
    assert [key.version for key in ring.without(1).institution] == [2]


PUBLIC_TIER = """
import sys, uuid, django
django.setup()
from wagtail_harassment.vault import envelope
from wagtail_harassment.vault.models import SealedKey
from wagtail_harassment.vault.keyring import CannotOpen
record, unit = (uuid.UUID(text) for text in sys.argv[1:])
key = envelope.new_key(record=record, unit=unit)
sealed = envelope.encrypt(key.secret, "the words".encode(), purpose="p", unit=unit, row=unit)
print(sealed.hex())
try:
    envelope.open_key(record=record, unit=unit)
except CannotOpen as error:
    print("refused:", error)
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_with_the_public_keyring_seals_and_cannot_open(tmp_path):
    public = tmp_path / "public.json"
    keyring.write(keyring.get_keyring().public(), public)
    record, unit = uuid.uuid4(), uuid.uuid4()
    (tmp_path / "front_settings.py").write_text(
        "from tests.settings import *\n"
        f"WAGTAIL_HARASSMENT_KEYRING = {str(public)!r}\n"
        f"DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
    )
    search_path = os.pathsep.join([str(tmp_path), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", PUBLIC_TIER, str(record), str(unit)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "front_settings", "PYTHONPATH": search_path},
        capture_output=True,
        text=True,
        check=True,
    )
    sealed, refusal = run.stdout.splitlines()
    assert refusal == (
        "refused: This process holds the public half only of institution key 1. "
        "Cases are opened where the casework keyring is."
    )
    key = envelope.open_key(record=record, unit=unit)
    assert (
        envelope.decrypt(key.secret, bytes.fromhex(sealed), purpose="p", unit=unit, row=unit) == b"the words"
    )
