"""Files in a store that is elsewhere: S3's protocol, over a real socket that leads no further than this machine."""

import hashlib
import io
import os
import socket
import time
import uuid
from collections import Counter
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.utils import timezone
from moto.server import ThreadedMotoServer
from storages.backends.s3 import S3Storage

from tests.vault.making import (
    LONG,
    SECRET,
    WORDS,
    arriving,
    mended,
    names,
    on_a_chain,
    opened,
    place,
    placed,
    seal,
    states,
    stored,
)
from wagtail_harassment.vault import checks, files, integrity
from wagtail_harassment.vault.envelope import Tampered
from wagtail_harassment.vault.files import SEGMENT, NotStored
from wagtail_harassment.vault.models import FileCheck, FileState, FileTrouble, StoredFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BUCKET, PREFIX = "evidence", "university"
ACCESS = {"access_key": "nobody", "secret_key": "nothing", "region_name": "eu-west-2"}


class Store:
    """A store that can be switched off, and on again at the same address with what it held."""

    def __init__(self):
        self.server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self.server.start()
        self.port = self.server.get_host_and_port()[1]
        self.config = Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": 0},
            connect_timeout=2,
            read_timeout=5,
        )
        self.client = boto3.client(
            "s3",
            endpoint_url=self.address,
            aws_access_key_id=ACCESS["access_key"],
            aws_secret_access_key=ACCESS["secret_key"],
            region_name=ACCESS["region_name"],
            config=self.config,
        )
        self.client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": ACCESS["region_name"]}
        )
        self.on = True

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def switch_off(self):
        if self.on:
            self.server.stop()
            self.on = False

    def switch_on(self):
        self.server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self.server.start()
        self.on = True

    def held(self):
        return [each["Key"] for each in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture(autouse=True)
def called(monkeypatch):
    """The addresses that anything connects to: this machine, and no other."""
    connect, hosts = socket.socket.connect, set()

    def noted(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            hosts.add(address[0])
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    yield hosts
    assert hosts == {"127.0.0.1"}


@pytest.fixture(autouse=True)
def store(settings, called):
    made = Store()
    settings.STORAGES = settings.STORAGES | {
        "harassment": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                **ACCESS,
                "bucket_name": BUCKET,
                "location": PREFIX,
                "endpoint_url": made.address,
                "client_config": made.config,
                "max_memory_size": 2**20,
            },
        }
    }
    yield made
    if not made.on:
        made.switch_on()
    for key in made.held():
        made.client.delete_object(Bucket=BUCKET, Key=key)
    made.client.delete_bucket(Bucket=BUCKET)
    made.switch_off()


def put(made, stream=None, take=b"".join):
    return files.put(made.pk, stream or io.BytesIO(made.data), made.blob, secret=SECRET, take=take)


# There and back


@pytest.mark.parametrize("plain", [b"", WORDS, LONG[:SEGMENT], LONG], ids=["empty", "words", "edge", "long"])
def test_a_file_goes_to_the_store_as_ciphertext_and_comes_back(store, plain):
    row = stored(plain)
    assert store.held() == [f"{PREFIX}/{files.name_of(row.pk)}"]
    data = store.client.get_object(Bucket=BUCKET, Key=store.held()[0])["Body"].read()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (row.size, row.digest)
    assert (plain and plain[:8] in data) in (b"", False)
    assert opened(row) == plain


def test_a_file_that_is_sent_in_several_parts_comes_back():
    plain = os.urandom(20 * 2**20)
    made = seal(plain)
    digest = put(made, take=lambda chunks: hashlib.sha256(b"".join(chunks)).digest())
    assert digest == hashlib.sha256(plain).digest()


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 10), (SEGMENT - 5, SEGMENT + 5), (SEGMENT, None), (10**6, None)]
)
def test_a_range_of_a_file_is_that_slice_of_it(start, stop):
    row = stored(LONG)
    assert b"".join(files.read(row, SECRET, start=start, stop=stop)) == LONG[start:stop]


def test_a_store_that_is_elsewhere_has_no_path_and_its_room_cannot_be_told():
    assert (files.directory(), files.local_path(uuid.uuid4()), files.room()) == (None, None, None)
    assert checks.check_file_storage() == checks.check_file_storage_takes() == []


def test_a_file_that_was_changed_in_the_store_does_not_open():
    row = stored(LONG)
    made = seal(LONG)
    data = placed(row.pk)
    for other in [data[:-1], data + b"\0", data[:99] + bytes([data[99] ^ 1]) + data[100:], made.data]:
        place(row.pk, other)
        for each, whole in [(row, True), (mended(row.pk, other), False)]:
            with pytest.raises(Tampered):
                list(files.read(each, SECRET, whole=whole))


def test_a_file_that_is_not_in_the_store_says_so():
    with pytest.raises(FileNotFoundError):
        list(files.read(seal(WORDS).row, SECRET))


def test_a_file_that_is_discarded_goes_from_the_store(store):
    row, other = stored(), stored()
    files.discard([row.pk])
    assert list(StoredFile.objects.all()) == [other]
    assert store.held() == [f"{PREFIX}/{files.name_of(other.pk)}"]
    assert files.sweep() == 0


# Integrity


def test_files_in_the_store_are_compared_with_what_was_stored_and_strays_are_found(store):
    good, gone, bent = (on_a_chain() for _ in range(3))
    files.storage().delete(files.name_of(gone.pk))
    place(bent.pk, seal(WORDS).data)
    files.storage().save("notes.txt", ContentFile(b"who put this here"))
    store.client.put_object(Bucket=BUCKET, Key="elsewhere/notes.txt", Body=b"another site's")
    tally = Counter()
    assert sorted(finding.problem for finding in integrity.check(tally=tally)) == sorted(
        [
            f"File {gone.pk} is not in the storage.",
            f"File {bent.pk} is not what was stored: its bytes were changed.",
            "The storage holds notes.txt, and no row tells of it. Do not delete it: ask why.",
        ]
    )
    assert tally == Counter(files=3)
    assert integrity.last_check().strays == ["notes.txt"]
    assert integrity.check_record(good.record) == []


def test_a_store_that_is_off_makes_files_unreadable_and_not_missing(store):
    row = on_a_chain()
    store.switch_off()
    assert [finding.problem for finding in integrity.check()] == [
        f"File {row.pk} cannot be read: the storage fails.",
        "The storage fails: not all that it should hold was looked at.",
    ]
    assert [each.trouble for each in integrity.in_trouble()] == [FileTrouble.UNREADABLE]
    assert FileCheck.objects.count() == 0
    store.switch_on()
    assert list(integrity.check()) == []
    assert (integrity.in_trouble().count(), FileCheck.objects.count()) == (0, 1)


# A store that goes away


class Breaking(io.BytesIO):
    """What is being sent when the store goes."""

    def __init__(self, data, store):
        super().__init__(data)
        self.store = store

    def read(self, size=-1):
        if self.tell() >= 2**20:
            self.store.switch_off()
        return super().read(size)


def test_a_file_is_not_stored_where_the_store_is_off(store):
    store.switch_off()
    start = time.monotonic()
    with pytest.raises(NotStored, match="EndpointConnectionError"):
        put(seal(WORDS))
    assert time.monotonic() - start < 5
    assert states() == [FileState.GOING]
    store.switch_on()
    assert files.sweep() == 1
    assert (states(), names()) == ([], [])


def test_a_file_is_not_stored_when_the_store_goes_while_it_is_sent(store):
    made = seal(os.urandom(12 * 2**20))
    with pytest.raises(NotStored):
        put(made, stream=Breaking(made.data, store))
    assert not store.on
    assert states() == [FileState.GOING]
    with pytest.raises(NotStored):
        files.finish([made.pk])
    store.switch_on()
    assert files.sweep() == 1
    assert (states(), names()) == ([], [])


def test_a_file_is_not_stored_when_the_store_goes_while_it_is_read_back(store):
    def take(chunks):
        store.switch_off()
        return b"".join(chunks)

    good = stored()
    with pytest.raises(NotStored):
        put(seal(LONG), take=take)
    assert states() == [FileState.GOING, FileState.WHOLE]
    store.switch_on()
    assert files.sweep() == 1
    assert names() == [files.name_of(good.pk)]


def test_what_could_not_be_deleted_is_deleted_when_the_store_is_back(store):
    row = stored()
    store.switch_off()
    files.discard([row.pk])
    assert states() == [FileState.GOING]
    store.switch_on()
    assert files.sweep() == 1
    assert store.held() == []


def test_what_never_finished_arriving_is_taken_from_the_store(store, monkeypatch):
    arriving()
    later = timezone.localdate() + timedelta(days=files.GIVEN_UP_AFTER)
    monkeypatch.setattr("wagtail_harassment.vault.files.timezone.localdate", lambda: later)
    assert files.sweep() == 1
    assert store.held() == []


def test_one_connection_serves_one_question_after_another(monkeypatch):
    # To make one takes a tenth of a second and more, of computing alone.
    made, create = [], S3Storage._create_session
    monkeypatch.setattr(S3Storage, "_create_session", lambda self: made.append(self) or create(self))
    rows = [arriving() for _ in range(3)]
    assert len(list(integrity.check())) == 0
    files.discard(row.pk for row in rows)
    assert (states(), len(made)) == ([], 1)
