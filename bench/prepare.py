"""One database made ready, in a process of its own.

``python -m bench.prepare site | load N | drafts N | codes N | staff | queries``.

Prints JSON. ``DATABASE_URL`` and ``DEMO_VAR`` say which database.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.benchsite.settings")

WORDS = "It happened in the corridor outside the seminar room, and again a week later on the stairs. "
FIELDS = [
    ("Your name", "singleline"),
    ("Your email", "email"),
    ("What happened", "multiline"),
    ("Where", "singleline"),
    ("When", "singleline"),
    ("Who", "singleline"),
    ("Witnesses", "multiline"),
    ("What kind", "checkboxes"),
    ("Once or more", "radio"),
    ("What would help", "checkboxes"),
]


def site() -> dict[str, Any]:
    """Tables, keys, the demo's people and pages without its cases, and the peers."""
    from django.conf import settings
    from django.core.management import call_command
    from university import demo

    from bench.benchsite import models
    from wagtail_harassment.vault import keyring

    if not Path(settings.WAGTAIL_HARASSMENT_KEYRING).exists():
        keyring.write(keyring.Keyring.generate(), Path(settings.WAGTAIL_HARASSMENT_KEYRING))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    demo.people()
    demo.places()
    demo.pages()
    home = demo.HomePage.objects.earliest("pk")
    home.add_child(instance=models.BarePage(title="Bare", slug="bare", body=f"<p>{WORDS * 10}</p>" * 4))
    home.add_child(instance=models.PlainUploadPage(title="Plain upload", slug="plain-upload"))
    form = home.add_child(instance=models.TenFieldsPage(title="Ten fields", slug="ten"))
    for order, (label, kind) in enumerate(FIELDS):
        choices = "One,Another,A third,A fourth" if kind in ("checkboxes", "radio") else ""
        models.FormField.objects.create(
            page=form, sort_order=order, label=label, field_type=kind, required=order < 3, choices=choices
        )
    return {"ten_fields": {field.clean_name: field.field_type for field in models.FormField.objects.all()}}


def load(count: int) -> dict[str, Any]:
    """Add ``count`` reports with their cases, keys and ledger."""
    from bench.load import load_reports

    return load_reports(count)


def staff() -> dict[str, Any]:
    """People who work cases, signed in, and a case that was worked."""
    from bench.staff import staff

    return staff()


def codes(count: int) -> dict[str, Any]:
    """Return codes of as many reports that were sent."""
    from wagtail_harassment.reporting import drafts as verbs
    from wagtail_harassment.reporting import versions
    from wagtail_harassment.reporting.submission import submit

    words = []
    for cookie in drafts(count)["cookies"]:
        draft = verbs.find(cookie)
        words.append(submit(draft, versions.frozen(draft.row.form_version_id))["code"])
        draft.destroy()
    return {"codes": words}


def drafts(count: int) -> dict[str, Any]:
    """Complete drafts, ready to be sent, their return codes shown: their cookies."""
    from django.db import transaction
    from wagtail.models import Locale

    from bench.journey import ANSWERS
    from wagtail_harassment.conf import conf
    from wagtail_harassment.reporting import drafts as verbs
    from wagtail_harassment.reporting import flow, versions
    from wagtail_harassment.reporting.pages import ReportFormPage

    version = versions.current(ReportFormPage.objects.get(slug="report", locale=Locale.get_default()).pk)
    definition = versions.frozen(version.pk)
    cookies = []
    for start in range(0, count, 50):
        with transaction.atomic():
            for _number in range(start, min(start + 50, count)):
                draft, cookie = verbs.begin(version, shared=False)
                for step in definition["steps"]:
                    codes = [question["code"] for question in flow.questions_of(step)]
                    draft.save_step(step["code"], {code: ANSWERS.get(code) for code in codes})
                draft.give_code()
                cookies.append(cookie)
    steps = [step["code"] for step in definition["steps"]]
    return {"name": conf.draft_cookie, "cookies": cookies, "steps": steps}


def queries(requests: list[dict[str, Any]], times: int = 2) -> dict[str, int]:
    """How many queries each request makes, counted in this process, the last time of ``times``."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for request in requests:
        for _time in range(times):
            client = Client(headers={"host": "localhost"})
            client.cookies.load(request["cookies"])
            with CaptureQueriesContext(connection) as captured:
                if request["data"] is None:
                    client.get(request["path"])
                else:
                    client.post(request["path"], request["data"])
        counts[request["name"]] = sum(
            not _is_transaction(query["sql"]) for query in captured.captured_queries
        )
    return counts


def _is_transaction(sql: str) -> bool:
    return sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))


if __name__ == "__main__":
    django.setup()
    action, *rest = sys.argv[1:]
    if action == "queries":
        print(json.dumps(queries(json.load(sys.stdin), 1 if rest else 2)))
    else:
        print(
            json.dumps(
                {"site": site, "load": load, "drafts": drafts, "codes": codes, "staff": staff}[action](
                    *map(int, rest)
                )
            )
        )
