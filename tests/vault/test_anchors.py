import base64
import hashlib
import json
import shlex
import subprocess
import uuid

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.conftest import attacker
from tests.vault.test_tampering import rehash
from wagtail_harassment.vault import anchors, ledger
from wagtail_harassment.vault.anchors import AnchorDamaged, merkle_root
from wagtail_harassment.vault.keyring import CannotOpen, Keyring, get_keyring
from wagtail_harassment.vault.models import LedgerChain, LedgerEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def chains():
    made = [uuid.UUID(int=number) for number in (1, 2, 3)]
    for chain in made:
        ledger.append(chain=chain, kind="report.received")
        ledger.append(chain=chain, kind="case.opened")
    return made


def problems(directory, **kwargs):
    return [
        str(finding) for finding in anchors.verify(directory, trusted=get_keyring().anchor_public, **kwargs)
    ]


def edit(path, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data, indent=1) + "\n")


def test_the_root_is_that_of_rfc_6962():
    # Certificate Transparency's own test vectors (google/certificate-transparency, merkle_tree_test).
    leaves = [
        bytes.fromhex(text)
        for text in [
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
        ]
    ]  # fmt: skip
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    assert [merkle_root(leaves[: size + 1]).hex() for size in range(8)] == roots
    assert merkle_root([]) == hashlib.sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_any_changed_added_or_dropped_leaf_changes_the_root(leaves, data):
    at = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle_root(leaves)
    assert merkle_root([*leaves[:at], leaves[at] + b"\0", *leaves[at + 1 :]]) != root
    assert merkle_root([*leaves, b""]) != root
    assert merkle_root(leaves[:at]) != root


def test_an_anchor_covers_the_chains_that_moved_and_is_chained_to_the_one_before(chains, tmp_path):
    first = anchors.write(tmp_path)
    assert [entry.chain for entry in first.leaves] == chains
    assert {*LedgerChain.objects.values_list("anchored", flat=True)} == {2}
    ledger.append(chain=chains[1], kind="case.viewed")
    second = anchors.write(tmp_path)
    assert [(entry.chain, entry.length) for entry in second.leaves] == [(chains[1], 3)]
    assert second.previous == first.root
    assert problems(tmp_path) == []


def test_a_night_on_which_nothing_moved_has_an_anchor_too(tmp_path):
    assert anchors.write(tmp_path).leaves == ()
    assert anchors.write(tmp_path).leaves == ()
    assert [path.name for path in anchors.paths(tmp_path)] == ["anchor-000001.json", "anchor-000002.json"]
    assert problems(tmp_path) == []


def test_an_anchor_is_a_file_for_everyone_to_read_and_nothing_else_is_left(chains, tmp_path):
    anchors.write(tmp_path / "new")
    (path,) = (tmp_path / "new").iterdir()
    assert path.stat().st_mode & 0o777 == 0o644


def test_what_is_signed_names_no_chain_and_no_count(chains, tmp_path):
    anchor = anchors.write(tmp_path)
    assert anchor.signed() == (
        "wagtail-harassment anchor 1\nnumber 1\n"
        f"made {anchor.at.isoformat()}\nprevious {'00' * 32}\nroot {anchor.root.hex()}\n"
    )


def test_a_person_with_openssl_can_check_the_signature_and_the_root(chains, tmp_path):
    anchors.write(tmp_path)
    data = json.loads((tmp_path / "anchor-000001.json").read_text())
    (tmp_path / "signed").write_text(data["signed"])
    (tmp_path / "signature").write_bytes(base64.b64decode(data["signature"]))
    (tmp_path / "key.pem").write_text(data["public_key"])
    command = shlex.split(
        "openssl pkeyutl -verify -rawin -pubin -inkey key.pem -in signed -sigfile signature"
    )
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout == (
        "Signature Verified Successfully\n"
    )
    # Four leaves: the previous root (its bytes) and three lines as they stand.
    first, *others = data["leaves"]
    hashed = [
        hashlib.sha256(b"\0" + leaf).digest() for leaf in [bytes.fromhex(first), *map(str.encode, others)]
    ]
    left, right = (hashlib.sha256(b"\1" + a + b).digest() for a, b in [hashed[:2], hashed[2:]])
    root = hashlib.sha256(b"\1" + left + right).hexdigest()
    assert data["signed"].splitlines()[-1] == f"root {root}"
    (tmp_path / "signed").write_text(data["signed"].replace("number 1", "number 2"))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1


WRONG_SIGNATURE = "The signature of anchor-000002.json is wrong."
DAMAGED = "anchor-000002.json is damaged"


def reword(old, new):
    return lambda data: data.update(signed=data["signed"].replace(old, new))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.update(signature=base64.b64encode(bytes(64)).decode()), WRONG_SIGNATURE),
        (reword("number 2", "number 7"), WRONG_SIGNATURE),
        (lambda data: data["leaves"].pop(), "The root of anchor-000002.json is not that of its leaves."),
        (lambda data: data.update(signature="x"), DAMAGED),
        (lambda data: data["leaves"].reverse(), DAMAGED),
        (reword("anchor 1", "anchor 2"), DAMAGED),
        (lambda data: data.clear(), DAMAGED),
        (lambda data: data.update(comment="x"), DAMAGED),
    ],
)
def test_a_changed_anchor_is_named(chains, tmp_path, change, problem):
    anchors.write(tmp_path)
    for chain in chains:
        ledger.append(chain=chain, kind="case.viewed")
    anchors.write(tmp_path)
    edit(tmp_path / "anchor-000002.json", change)
    assert any(found.startswith(problem) for found in problems(tmp_path))


@pytest.mark.parametrize("content", ["", "[]", "null", '{"signed": 3}', "\0\xff", '{"signed": "a\\nb"}'])
def test_a_damaged_anchor_is_named_and_no_other_is_chained_to_it(chains, tmp_path, content):
    anchors.write(tmp_path)
    (tmp_path / "anchor-000001.json").write_text(content)
    assert problems(tmp_path)[0].startswith("anchor-000001.json is damaged")
    with pytest.raises(AnchorDamaged):
        anchors.write(tmp_path)


def test_an_anchor_taken_away_is_named(chains, tmp_path):
    for _ in range(3):
        ledger.append(chain=chains[0], kind="case.viewed")
        anchors.write(tmp_path)
    kept = (tmp_path / "anchor-000002.json").read_text()
    (tmp_path / "anchor-000002.json").unlink()
    assert problems(tmp_path) == ["Anchor 2 is missing: the next one there is anchor-000003.json."]
    (tmp_path / "anchor-000002.json").write_text(kept)
    (tmp_path / "anchor-000003.json").unlink()
    assert problems(tmp_path) == [
        f"Chain {chains[0]}: An anchor covered event 5, and no anchor that is there does."
    ]


def test_anchors_that_someone_else_signed_are_named(chains, tmp_path):
    anchors.write(tmp_path, keyring=Keyring.generate())
    assert problems(tmp_path) == ["anchor-000001.json was not signed with this keyring's anchor key."]
    assert list(anchors.verify(tmp_path)) == []
    with pytest.raises(AnchorDamaged):
        anchors.write(tmp_path)


def test_an_anchor_under_another_number_is_named(tmp_path):
    anchors.write(tmp_path)
    (tmp_path / "anchor-000001.json").rename(tmp_path / "anchor-000002.json")
    assert problems(tmp_path) == [
        "Anchor 1 is missing: the next one there is anchor-000002.json.",
        "anchor-000002.json says that it is anchor 1.",
    ]


def test_an_anchor_of_another_line_is_named(tmp_path):
    for place in ("one", "other"):
        for _ in range(2):
            anchors.write(tmp_path / place)
    ledger.append(chain=uuid.uuid4(), kind="report.received")
    anchors.write(tmp_path / "third")
    (tmp_path / "one" / "anchor-000001.json").write_text(
        (tmp_path / "third" / "anchor-000001.json").read_text()
    )
    assert problems(tmp_path / "one") == ["anchor-000002.json does not follow the anchor before it."]


def test_a_tail_cut_off_with_its_tip_mended_is_found_by_the_anchor_that_covered_it(chains, tmp_path):
    anchors.write(tmp_path)
    with attacker():
        LedgerEvent.objects.filter(chain=chains[0], sequence=2).delete()
        rehash(LedgerEvent.objects.filter(chain=chains[0]))
        LedgerChain.objects.update(anchored=1)
    assert list(ledger.verify()) == []
    assert problems(tmp_path) == [f"Chain {chains[0]}: Event 2 is gone: anchor 1 saw it."]


def test_a_history_written_anew_is_found_by_the_anchor_that_covered_it(chains, tmp_path):
    anchors.write(tmp_path)
    with attacker():
        LedgerEvent.objects.filter(chain=chains[0], sequence=1).update(kind="nothing.happened")
        rehash(LedgerEvent.objects.filter(chain=chains[0]).order_by("sequence"))
    assert list(ledger.verify()) == []
    assert problems(tmp_path) == [f"Chain {chains[0]}: Event 2 is not the one that anchor 1 saw."]


def test_a_chain_taken_away_whole_is_found_by_the_anchor_that_covered_it(chains, tmp_path):
    anchors.write(tmp_path)
    with attacker():
        LedgerEvent.objects.filter(chain=chains[2]).delete()
        LedgerChain.objects.filter(pk=chains[2]).delete()
    assert list(ledger.verify()) == []
    expected = [f"Chain {chains[2]}: Event 2 is gone: anchor 1 saw it."]
    assert problems(tmp_path) == expected == problems(tmp_path, chain=chains[2])
    assert problems(tmp_path, chain=chains[0]) == []


def test_a_run_stopped_after_the_file_was_written_is_safe_to_repeat(chains, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(anchors, "_note", lambda leaves: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            anchors.write(tmp_path)
    assert {*LedgerChain.objects.values_list("anchored", flat=True)} == {0}
    again = anchors.write(tmp_path)
    assert (again.number, [entry.chain for entry in again.leaves]) == (2, chains)
    assert {*LedgerChain.objects.values_list("anchored", flat=True)} == {2}
    assert problems(tmp_path) == []


def test_a_run_stopped_before_the_file_was_written_leaves_nothing(chains, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(anchors.durable.os, "link", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            anchors.write(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert {*LedgerChain.objects.values_list("anchored", flat=True)} == {0}


def test_an_event_written_while_the_anchor_is_made_is_left_for_the_next(chains, tmp_path, monkeypatch):
    plain = anchors.durable.write

    def slow(*args, **kwargs):
        ledger.append(chain=chains[0], kind="case.viewed")
        plain(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(anchors.durable, "write", slow)
        anchors.write(tmp_path)
    head = LedgerChain.objects.get(pk=chains[0])
    assert (head.length, head.anchored) == (3, 2)
    assert [entry.length for entry in anchors.write(tmp_path).leaves] == [3]


def test_a_public_keyring_signs_nothing_and_checks_everything(chains, tmp_path):
    public = get_keyring().public()
    with pytest.raises(CannotOpen, match="casework keyring"):
        anchors.write(tmp_path, keyring=public)
    anchors.write(tmp_path)
    assert list(anchors.verify(tmp_path, trusted=public.anchor_public)) == []


def test_nothing_notes_more_than_a_chain_has_or_takes_a_note_back(chains, tmp_path):
    anchors.write(tmp_path)
    for anchored in (1, 3):
        with pytest.raises(Exception, match="not allowed"), transaction.atomic():
            LedgerChain.objects.update(anchored=anchored)
