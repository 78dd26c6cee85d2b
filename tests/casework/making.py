"""Cases, reports and people for the tests of the case screens: real rows, really sealed."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from wagtail_harassment.casework.credentials import fingerprint
from wagtail_harassment.casework.models import Case, Grant
from wagtail_harassment.casework.roles import group_name
from wagtail_harassment.institution.models import Campus, Term
from wagtail_harassment.reporting import threads
from wagtail_harassment.reporting.codes import Code
from wagtail_harassment.reporting.models import FormVersion, Report
from wagtail_harassment.vault import ledger
from wagtail_harassment.vault.envelope import new_key
from wagtail_harassment.vault.fields import seal_fields

SCRIPT = "<script>document.title='stolen'</script>"
ACCOUNT = f"They shouted at me.\nThen they laughed & said {SCRIPT}."
ANSWERS: dict[str, Any] = {
    "route": "meeting",
    "danger_now": "no",
    "under_18": "yes",
    "account": ACCOUNT,
    "contact": {
        "name": f"Amina {SCRIPT}",
        "pronouns": "she/her",
        "phone": "07700 900123",
        "email": "amina@example.org",
        "safe": f"Text first, after six {SCRIPT}",
        "message_ok": "no",
        "access": "",
        "language": "",
    },
}
QUESTIONS = [
    ("How to report", [("route", "How would you like to report?")]),
    (
        "What happened",
        [
            ("account", f"In your own words {SCRIPT}"),
            ("danger_now", "Is anyone in danger now?"),
            ("under_18", "Is anyone who was hurt under 18?"),
            ("still_contact", "Might you have to see them?"),
            ("witnesses", "Did anyone see or hear it?"),
        ],
    ),
    ("About you", [("contact", "How can we reach you?")]),
]


def person(name: str, *roles: str, confirmed: bool = True, **fields: Any) -> Any:
    """Someone who signs in to the admin, in the groups of ``roles`` and, by default, with grants that fit."""
    first, _space, last = name.partition(" ")
    user = get_user_model().objects.create_user(
        username=name.lower().replace(" ", "-"),
        email=f"{first.lower()}@northbridge.example",
        password="correct horse",
        first_name=first,
        last_name=last,
        **fields,
    )
    for role in roles:
        user.groups.add(Group.objects.get(name=group_name(role)))
        if confirmed:
            Grant.objects.create(
                user=user, role=role, fingerprint=fingerprint(user, role), confirmed_at=timezone.now()
            )
    return user


def term(code: str, label: str | None = None) -> Term:
    """A type of incident."""
    return Term.objects.get_or_create(
        vocabulary="incident_type", code=code, defaults={"label": label or code.capitalize()}
    )[0]


def campus(code: str = "city", name: str = "City campus") -> Campus:
    """A campus."""
    return Campus.objects.get_or_create(code=code, defaults={"name": name})[0]


def form_version() -> FormVersion:
    """The questions as they were asked."""
    return FormVersion.objects.get_or_create(
        page=1,
        number=3,
        defaults={"digest": "0" * 64, "definition": {"steps": []}, "day": timezone.localdate()},
    )[0]


@transaction.atomic
def case(
    *,
    answers: dict[str, Any] | None = None,
    day: date | None = None,
    days_ago: int = 0,
    types: tuple[str, ...] = ("racism",),
    at: str | None = "city",
    reference: str = "",
    signs: tuple[str, ...] = (),
    language: str = "en-gb",
    code: Code | None = None,
    **fields: Any,
) -> Case:
    """A case with a sealed report behind it, as sending one leaves it; with ``code``, with a thread too."""
    answers = ANSWERS if answers is None else answers
    day = day or timezone.localdate() - timedelta(days=days_ago)
    pk, version = uuid.uuid4(), form_version()
    letters = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))
    reference = reference or f"{letters[:4]}-{letters[4:]}"
    account = {
        "received_at": timezone.now().isoformat(),
        "language": language,
        "is_test": False,
        "signs": list(signs),
        "form_version": str(version.pk),
        "steps": [
            {
                "code": title.lower().replace(" ", "_"),
                "title": title,
                "entries": [
                    {
                        "code": code,
                        "label": label,
                        "answer": answers.get(code),
                        "shown": shown(answers.get(code)),
                    }
                    for code, label in questions
                ],
            }
            for title, questions in QUESTIONS
        ],
    }
    row, pair = threads.new_return_code(code) if code else (None, None)
    if pair:
        account["public"] = pair.public_raw.hex()
    words, salt = ledger.canonical(account).decode(), secrets.token_hex(32)
    report = Report(
        id=pk,
        reference=reference,
        form_version=version,
        submission=hashlib.sha256(pk.bytes).hexdigest(),
        day=day,
    )
    seal_fields(report, new_key(record=pk, unit=pk), account={"salt": salt, "account": words})
    report.save(force_insert=True)
    rows = [threads.open_thread(report=report, row=row, pair=pair)] if pair else []
    ledger.append(chain=pk, kind="report.received", rows=rows)
    made = Case(
        id=pk,
        report=report,
        reference=reference,
        route=fields.pop("route", answers.get("route", "anonymous")),
        campus=campus(at, f"{at.capitalize()} campus") if at else None,
        day_received=day,
        doubtful=bool(signs),
        **fields,
    )
    made.save(force_insert=True)
    made.incident_types.set([term(code) for code in types])
    ledger.append(chain=pk, kind="case.opened")
    return made


def shown(answer: Any) -> list[str]:
    """An answer as the reporter saw it before sending."""
    if answer is None:
        return []
    if isinstance(answer, dict):
        return [value for value in answer.values() if value]
    return answer if isinstance(answer, list) else [answer]
