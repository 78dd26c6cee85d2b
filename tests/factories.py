"""People, reports and cases for tests. A case is opened the way it is in life: through ``report_sent``."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from wagtail_harassment.casework import grants
from wagtail_harassment.casework.models import Case
from wagtail_harassment.casework.roles import group_name
from wagtail_harassment.reporting import submission, threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.models import FormVersion, Report
from wagtail_harassment.reporting.signals import report_sent
from wagtail_harassment.reporting.submission import new_reference
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@northbridge.example")
    password = factory.django.Password(PASSWORD)


def make_person(*roles: str, **fields: Any) -> Any:
    """Somebody who holds these case roles: in the groups, with grants that fit."""
    user = UserFactory(**fields)
    for role in roles:
        grants.confirm_by_command(user=user, role=role)
    return user


def put_in_group(user: Any, role: str) -> None:
    """What a web administrator can do, and no more."""
    user.groups.add(Group.objects.get(name=group_name(role)))


class FormVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FormVersion

    page = factory.Sequence(lambda number: 100_000 + number)
    number = 1
    digest = "0" * 64
    definition = factory.LazyFunction(lambda: {"language": "en", "steps": []})
    day = factory.LazyFunction(timezone.localdate)


def make_report(
    *, is_test: bool = False, code: Code | None = None, signs: tuple[str, ...] = (), **answers: Any
) -> Report:
    """A report as reporting stores it: account sealed, thread opened, chain begun. No case is opened for it.

    With ``code``, one that was made before, its reporter can come back.
    """
    version = FormVersion.objects.first() or FormVersionFactory()
    entries = [
        {
            "code": name,
            "label": name,
            "answer": answer,
            "shown": [answer] if isinstance(answer, str) else [],
        }
        for name, answer in answers.items()
    ]
    account = {
        "form_version": str(version.pk),
        "language": "en",
        "received_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "is_test": is_test,
        "signs": list(signs),
        "steps": [{"code": "all", "title": "Everything", "entries": entries}],
    }
    report = Report(
        id=uuid.uuid4(),
        reference=new_reference(),
        form_version=version,
        submission=uuid.uuid4().hex,
        day=timezone.localdate(),
    )
    with transaction.atomic():
        row, pair = threads.new_return_code(code or Code(uuid.uuid4().bytes * 2, uuid.uuid4().hex, b"salt"))
        account["public"] = pair.public_raw.hex()
        key = new_key(record=report.pk, unit=report.pk)
        seal_fields(report, key, account={"salt": "00" * 32, "account": ledger.canonical(account).decode()})
        report.save(force_insert=True)
        invites = answers.get("reporter_role") in submission.FOR_SOMEBODY
        refused = answers.get("messages") == "no"
        facts = {"invites": invites}
        thread = threads.open_thread(report=report, row=row, pair=pair, refused=refused, facts=facts)
        ledger.append(chain=report.pk, kind="report.received", rows=[report, thread])
    return report


def make_case(
    *, is_test: bool = False, code: Code | None = None, signs: tuple[str, ...] = (), **answers: Any
) -> Case:
    """A case as a report with these answers opens it."""
    with transaction.atomic():
        report = make_report(is_test=is_test, code=code, signs=signs, **answers)
        report_sent.send(sender=Report, report=report, answers=answers, is_test=is_test, signs=signs)
    return Case.objects.get(pk=report.pk)
