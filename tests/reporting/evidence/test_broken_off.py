"""Connections that break within an upload, against a real web process: files are there whole or not at all."""

from __future__ import annotations

import random
import time

import pytest

from tests.reporting.evidence.arrivals import CANARY, MEGABYTE, photo, words
from tests.reporting.evidence.web import BOUNDARY, Web, encoded, until, web_process
from tests.standing.search import files as on_disk
from tests.standing.search import found, rows
from wagtail_harassment.reporting import drafts, versions
from wagtail_harassment.reporting.evidence import of_drafts
from wagtail_harassment.vault import files
from wagtail_harassment.vault.models import StoredFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BEFORE, AFTER = "What I wrote before, zebrawords", "What I typed since, zebrawords"
#: Three files with words around them, as they stand on the page.
FILES = {"mayafirst.jpg": photo(40_000), "mayasecond.txt": words(90_000), "mayathird.jpg": photo(150_000)}
SECRETS = ["mayafirst", "mayasecond", "mayathird", "zebrawords", CANARY.decode().strip()]


@pytest.fixture
def web(form_page, tmp_path):
    with web_process(tmp_path / "web") as running:
        running.begin(form_page.url)
        yield running


class Upload:
    """A draft with words in it, and the form that brings files to it."""

    def __init__(self, web: Web, form_page) -> None:
        self.web, self.url = web, f"{form_page.url}evidence/"
        draft, self.cookie = drafts.begin(versions.current(form_page.pk), shared=True)
        draft.save_step("evidence", {"witnesses": BEFORE, "evidence": None})
        self.body = encoded(
            [
                ("csrfmiddlewaretoken", web.token.encode()),
                ("journey", b"evidence"),
                *(("evidence", content, name) for name, content in FILES.items()),
                ("witnesses", AFTER.encode()),
                ("whole", b"1"),
            ]
        )
        self.head = web.head(self.url, self.cookie, len(self.body))

    def held(self) -> dict[str, bytes]:
        """The draft's files, each opened to its last byte."""
        return {
            facts["name"]: b"".join(
                files.read(
                    StoredFile.objects.get(pk=facts["id"], state="whole"),
                    bytes.fromhex(facts["key"]),
                    whole=True,
                )
            )
            for facts in of_drafts.facts_of(drafts.find(self.cookie))
        }

    def words(self) -> str:
        return drafts.find(self.cookie).answers()["witnesses"]

    def whole_before(self, cut: int) -> dict[str, bytes]:
        """The files whose end had come, and a byte of what follows it."""
        came = {}
        for name, content in FILES.items():
            begins = self.body.index(f'filename="{name}"'.encode())
            end = self.body.index(f"\r\n--{BOUNDARY}".encode(), begins) + len(BOUNDARY) + 4
            if cut > end:
                came[name] = content
        return came

    def words_after(self, cut: int) -> str:
        last = b'name="whole"\r\n\r\n'
        return AFTER if cut >= self.body.index(last) + len(last) else BEFORE

    def cuts(self, chance: random.Random) -> list[int]:
        """Around each boundary and each part's head, and anywhere."""
        edges, at = {0, 1, len(self.body) - 1}, 0
        marker = f"--{BOUNDARY}".encode()
        while (at := self.body.find(marker, at)) >= 0:
            content = self.body.find(b"\r\n\r\n", at) + 4
            edges |= {at, at + 10, at + len(marker), at + len(marker) + 1, content, content + 1}
            at += len(marker)
        anywhere = {chance.randrange(len(self.body)) for _each in range(20)}
        return sorted(cut for cut in edges | anywhere if 0 <= cut < len(self.body))


def test_of_an_upload_that_breaks_off_anywhere_whole_files_are_there_and_no_word_is_touched(
    web, form_page, tmp_path, storage
):
    chance = random.Random(7)
    begun, cuts = time.monotonic(), Upload(web, form_page).cuts(chance)
    assert len(cuts) > 50
    uploads = []
    for cut in cuts:
        upload = Upload(web, form_page)
        uploads.append(upload)
        assert web.send(upload.head, [upload.body[:cut]]) in (200, 302, 403, 0), cut
        assert upload.held() == upload.whole_before(cut), cut
        assert upload.words() == upload.words_after(cut), cut
    assert {len(upload.held()) for upload in uploads} == {0, 1, 2, 3}
    # What broke off is repeated, and is there: once.
    for upload in chance.sample(uploads, 5):
        assert web.send(upload.head, [upload.body]) == 302
        assert (upload.held(), upload.words()) == (FILES, AFTER)
    # Neither files on the way, nor those that are there, nor what the process logged show any of it.
    assert found(SECRETS, [*rows(), *on_disk(tmp_path)]) == []
    assert len(list(storage.rglob("*/*"))) == StoredFile.objects.count()
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_whoever_is_gone_without_waiting_leaves_no_half_and_can_come_again(web, form_page, reset):
    """A network that breaks (a reset) may cost files that had come whole: nobody can tell what was still on its way."""
    for share in (0.01, 0.1, 0.2, 0.5, 0.8, 0.99):
        upload = Upload(web, form_page)
        cut = int(len(upload.body) * share)
        web.drop(upload.head, upload.body[:cut], reset=reset)
        if reset:
            time.sleep(0.3)
            held = upload.held()
            assert held == {name: FILES[name] for name in held if name in upload.whole_before(cut)}
        else:
            assert until(lambda upload=upload, cut=cut: upload.held() == upload.whole_before(cut)), cut
        assert upload.words() == BEFORE
        assert web.send(upload.head, [upload.body]) == 302
        assert (upload.held(), upload.words()) == (FILES, AFTER)


def test_while_it_is_on_its_way_nothing_plain_is_on_the_disk(web, form_page, tmp_path, storage):
    upload = Upload(web, form_page)
    body = encoded(
        [
            ("csrfmiddlewaretoken", web.token.encode()),
            ("journey", b"evidence"),
            ("evidence", photo(4 * MEGABYTE), "mayafirst.jpg"),
            ("evidence", words(4 * MEGABYTE), "mayasecond.txt"),
            ("whole", b"1"),
        ]
    )
    lying = 0
    with web.connected() as line:
        line.sendall(web.head(upload.url, upload.cookie, len(body)))
        for start in range(0, 7 * MEGABYTE, MEGABYTE):
            line.sendall(body[start : start + MEGABYTE])
            time.sleep(0.1)
            now = list(web.open_files())
            lying = max([lying, *map(len, now)])
            places = [*(("open file", content) for content in now), *on_disk(tmp_path)]
            assert found(SECRETS, places) == []
    # There was something to look at: ciphertext that waits.
    assert lying > 3 * MEGABYTE
    assert until(lambda: list(upload.held()) == ["mayafirst.jpg"])
    assert until(lambda: list(web.open_files()) == [])
    assert found(SECRETS, [*rows(), *on_disk(tmp_path)]) == []
