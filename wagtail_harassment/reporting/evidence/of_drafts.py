"""The files of a draft and of a kept record: whose they are while nobody but the reporter can open them.

A file goes when nobody holds it any more: no draft, no kept record, no report.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.conf import conf
from wagtail_harassment.reporting.evidence.arriving import Facts, public, receive
from wagtail_harassment.reporting.evidence.handler import Arrived
from wagtail_harassment.reporting.evidence.refusals import Problem, Refusal
from wagtail_harassment.reporting.models import Draft, DraftFile, Evidence, KeptFile, KeptRecord
from wagtail_harassment.vault import files
from wagtail_harassment.vault.envelope import DataKey
from wagtail_harassment.vault.fields import reveal, seal_fields
from wagtail_harassment.vault.models import FileState, StoredFile

if TYPE_CHECKING:
    from wagtail_harassment.reporting.drafts import OpenDraft

__all__ = [
    "add",
    "answers",
    "drop",
    "drop_all",
    "facts_of",
    "kept_facts",
    "let_go",
    "move_to_draft",
    "move_to_kept",
    "note",
    "purge",
    "remove",
]


# A draft's


@sensitive_variables()
def facts_of(draft: OpenDraft) -> list[Facts]:
    """The facts of a draft's files, oldest first; with ``question``, whose answer they are. One query, or none."""
    if not draft.state.get("files"):
        return []
    rows = DraftFile.objects.filter(draft_id=draft.row.pk)
    return sorted(
        (reveal(row, "facts", draft.key) for row in rows),
        key=lambda facts: (facts["received_at"], facts["id"]),
    )


@sensitive_variables()
def answers(draft: OpenDraft) -> dict[str, list[Facts]]:
    """The answers that are files, by the code of their question."""
    found: dict[str, list[Facts]] = {}
    for facts in facts_of(draft):
        found.setdefault(facts["question"], []).append(public(facts))
    return found


@sensitive_variables()
def add(draft: OpenDraft, question: str, came: list[Arrived]) -> list[Refusal]:
    """Add files to a draft, each as soon as it is there; returns why those that are missing are not taken.

    The same file sent again is taken once. Raises ``Draft.DoesNotExist`` if the draft went meanwhile, and
    ``django.db.DatabaseError``.
    """
    refused, held = [], {}
    _look_again(draft, held)
    for one in came:
        if _is_held(held, one.name, one.sha256):
            one.close()
            continue
        problem = one.problem or _no_room(held, one.size)
        outcome = Refusal(one.name, problem) if problem else receive(one)
        if isinstance(outcome, dict):
            outcome = _hold(draft, outcome | {"question": question}, held)
        if outcome is not None:
            refused.append(outcome)
    return refused


@sensitive_variables()
def _look_again(draft: OpenDraft, held: dict[uuid.UUID, Facts]) -> None:
    """Bring ``held``, the facts of a draft's files by their rows, up to date. Opens only what is new: to open a
    thousand for each of a thousand files would take minutes."""
    if not draft.state.get("files"):
        return
    rows = DraftFile.objects.filter(draft_id=draft.row.pk)
    there = set(rows.values_list("pk", flat=True))
    for pk in held.keys() - there:
        del held[pk]
    if there - held.keys():
        held |= {row.pk: reveal(row, "facts", draft.key) for row in rows.filter(pk__in=there - held.keys())}


def _is_held(held: dict[uuid.UUID, Facts], name: str, sha256: str) -> bool:
    return any((each["name"], each["sha256"]) == (name, sha256) for each in held.values())


def _no_room(held: dict[uuid.UUID, Facts], size: int) -> Problem | None:
    if len(held) >= conf.files_max:
        return Problem.TOO_MANY
    if sum(each["size"] for each in held.values()) + size > conf.files_max_bytes:
        return Problem.TOO_MUCH
    return None


@sensitive_variables()
def _hold(draft: OpenDraft, facts: Facts, held: dict[uuid.UUID, Facts]) -> Refusal | None:
    """Let a file that is there be the draft's; several tabs at once stay within the limits together, and a button
    that is pressed twice adds it once."""
    pk = uuid.UUID(facts["id"])
    try:
        with transaction.atomic():
            draft.hold()
            _look_again(draft, held)
            if _is_held(held, facts["name"], facts["sha256"]):
                files.discard([pk])
                return None
            problem = _no_room(held, facts["size"])
            if draft.row.receipt is not None or problem:
                files.discard([pk])
                return Refusal(facts["name"], problem or Problem.NOBODY)
            row = DraftFile(draft=draft.row, file=pk)
            seal_fields(row, draft.key, facts=facts)
            row.save(force_insert=True)
            held[row.pk] = facts
            files.finish([pk])
            draft.state["files"] = True
            draft.set_left(False)
    except Draft.DoesNotExist:
        files.discard([pk])
        raise
    return None


@sensitive_variables()
def note(draft: OpenDraft, notes: dict[str, str]) -> None:
    """Keep what the reporter wrote about files, by their ids. Writes what changed."""
    if not notes or not draft.state.get("files"):
        return
    for row in DraftFile.objects.filter(draft_id=draft.row.pk):
        facts = reveal(row, "facts", draft.key)
        words = notes.get(facts["id"])
        if words is not None and words != facts["note"]:
            seal_fields(row, draft.key, facts=facts | {"note": words})
            row.save(update_fields=["facts"])


@transaction.atomic
def remove(draft: OpenDraft, file: str) -> bool:
    """Take one file out of a draft; whether it was there."""
    try:
        pk = uuid.UUID(file)
    except ValueError:
        return False
    try:
        # Not while another tab sends it.
        draft.hold()
    except Draft.DoesNotExist:
        return False
    gone, _rows = DraftFile.objects.filter(draft_id=draft.row.pk, file=pk).delete()
    if gone:
        let_go([pk])
    return bool(gone)


def drop(draft: Draft) -> None:
    """Take all files out of a draft: inside the transaction that ends it."""
    drop_all(DraftFile.objects.filter(draft_id=draft.pk))


def drop_all(rows: Any) -> None:
    """Delete rows of drafts' or kept records' files, and let go of what nobody else holds."""
    pks = list(rows.values_list("file", flat=True))
    if pks:
        rows.delete()
        let_go(pks)


@transaction.atomic
def let_go(pks: Iterable[uuid.UUID]) -> None:
    """Discard those files that no draft, no kept record and no report holds."""
    pks = set(pks)
    # Locked, so that of two that let go at once the later one sees that the other did.
    list(StoredFile.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    for model, column in ((DraftFile, "file"), (KeptFile, "file"), (Evidence, "pk")):
        if pks:
            pks -= set(model.objects.filter(**{f"{column}__in": pks}).values_list(column, flat=True))
    files.discard(pks)


def purge() -> int:
    """Let go of stored files that came whole and that nobody holds; returns how many. There should be none."""
    held = Exists(DraftFile.objects.filter(file=OuterRef("pk"))) | Exists(
        KeptFile.objects.filter(file=OuterRef("pk"))
    )
    pks = list(
        StoredFile.objects.filter(~held, state=FileState.WHOLE, record=None).values_list("pk", flat=True)
    )
    let_go(pks)
    return len(pks)


# A kept record's


@sensitive_variables()
def kept_facts(record: KeptRecord, key: DataKey) -> list[Facts]:
    """The facts of all files that go with a kept record. One query."""
    return [reveal(row, "facts", key) for row in KeptFile.objects.filter(record=record)]


@sensitive_variables()
def move_to_kept(draft: OpenDraft, record: KeptRecord, key: DataKey, asked: Iterable[str]) -> None:
    """Let a draft's files go with a kept record, those of questions that are asked; inside the transaction that
    keeps it. Files of earlier parts stay."""
    asked = set(asked)
    there = {row.file: row for row in KeptFile.objects.filter(record=record)}
    for facts in facts_of(draft):
        if facts["question"] in asked:
            pk = uuid.UUID(facts["id"])
            row = there.get(pk) or KeptFile(record=record, file=pk)
            if seal_fields(row, key, facts=facts):
                row.save()
    drop(draft.row)


@sensitive_variables()
def move_to_draft(draft: OpenDraft, record: KeptRecord, key: DataKey, wanted: Iterable[str]) -> None:
    """Let a draft that goes on with a kept record hold its files too, those whose ids are wanted."""
    wanted = set(wanted)
    rows = []
    for facts in kept_facts(record, key):
        if facts["id"] in wanted:
            row = DraftFile(draft=draft.row, file=uuid.UUID(facts["id"]))
            seal_fields(row, draft.key, facts=facts)
            rows.append(row)
    if rows:
        DraftFile.objects.bulk_create(rows)
        draft.state["files"] = True
        draft.touch()
