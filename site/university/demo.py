"""Demo data: Northbridge University's people, places, pages and cases. Loading it twice changes nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import GroupPagePermission, Locale, Page, Site
from wagtail_localize.models import Translation

from university import demo_files, demo_meetings, demo_rules, demo_work, welsh
from university.demo_reports import REPORTS, DemoReport
from university.demo_services import load_own_services
from university.demo_talks import TALKS, come_back, hold, keep_first
from university.models import HomePage, StandardPage
from wagtail_harassment.casework import actions, grants, policy
from wagtail_harassment.casework.closing.verbs import close_case, heard
from wagtail_harassment.casework.models import Case, Role
from wagtail_harassment.casework.roles import CONFIRMED_ROLES, group_name
from wagtail_harassment.institution.models import Building, Campus, Department, HarassmentSettings, Term
from wagtail_harassment.reporting import drafts, flow, inbox, versions
from wagtail_harassment.reporting.drafts import OpenDraft
from wagtail_harassment.reporting.pages import InboxPage, ReportFormPage
from wagtail_harassment.reporting.submission import submit
from wagtail_harassment.signposting.defaults import load_demo_services
from wagtail_harassment.signposting.models import SupportService
from wagtail_harassment.signposting.pages import LandingPage, SupportPage

__all__ = ["PEOPLE", "Person", "load", "password"]

DEFAULT_PASSWORD = "northbridge-demo"  # noqa: S105

User = get_user_model()


@dataclass(frozen=True)
class Person:
    """Somebody who signs in to the demo."""

    username: str
    first_name: str
    last_name: str
    role: Role | None
    superuser: bool = False

    @property
    def what(self) -> str:
        """What they are here, in words."""
        return str(self.role.label) if self.role else "Superuser without a role"


PEOPLE = (
    Person("lead", "Ruth", "Adeyemi", Role.CASE_LEAD),
    Person("manager", "Priya", "Nair", Role.CASE_MANAGER),
    Person("manager2", "Tom", "Hartley", Role.CASE_MANAGER),
    Person("editor", "Kit", "Larsen", Role.MARKETING_EDITOR),
    Person("security", "Owen", "Pryce", Role.DEPARTMENT),
    Person("steering", "Helena", "Voss", Role.STEERING),
    Person("dpo", "Samir", "Haddad", Role.AUDITOR),
    Person("admin", "Alex", "Byrne", None, superuser=True),
)

CAMPUSES = {
    "city": (
        "City campus",
        {"library": "Bridge Library", "riverside": "Riverside Building", "chaplaincy": "Chaplaincy"},
    ),
    "halls": ("Weir halls", {"weir_court": "Weir Court", "mill_house": "Mill House"}),
    "science": ("Science Park", {"turing": "Turing Building", "sports_hall": "Sports Hall"}),
}
DEPARTMENTS = {
    "security": "Campus Security",
    "accommodation": "Accommodation",
    "human_resources": "Human Resources",
    "student_wellbeing": "Student Wellbeing",
    "students_union": "Students' Union",
}


def password() -> str:
    """The demo people's password: ``DEMO_PASSWORD``, or one that everybody knows."""
    return os.environ.get("DEMO_PASSWORD") or DEFAULT_PASSWORD


def load() -> None:
    """Load everything that is not there yet, in one transaction but for the cases, which have their own."""
    with transaction.atomic():
        people()
        places()
        demo_work.set_up()
        demo_meetings.set_up()
        demo_rules.set_up()
        pages()
        load_own_services()
    cases()


def people() -> None:
    """The demo people, in their groups, the roles that a lead confirms with a grant: the first lead's by command."""
    for person in PEOPLE:
        user, created = User.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.first_name,
                "last_name": person.last_name,
                "email": f"{person.username}@northbridge.example",
                "is_superuser": person.superuser,
                "is_staff": person.superuser,
            },
        )
        if created:
            user.set_password(password())
            user.save()
            if person.role:
                user.groups.add(Group.objects.get(name=group_name(person.role)))
    lead = User.objects.get(username="lead")
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        if person.role in CONFIRMED_ROLES and not policy.holds(user, person.role):
            if user == lead:
                grants.confirm_by_command(user=user, role=person.role)
            else:
                grants.confirm(user=user, role=person.role, by=lead)


def places() -> None:
    """Campuses with their buildings, and departments. The words we count by are there since the migration."""
    for position, (code, (name, buildings)) in enumerate(CAMPUSES.items()):
        campus, _created = Campus.objects.get_or_create(
            code=code, defaults={"name": name, "sort_order": position}
        )
        for number, (building, label) in enumerate(buildings.items()):
            Building.objects.get_or_create(
                code=building, defaults={"campus": campus, "name": label, "sort_order": number}
            )
    for position, (code, name) in enumerate(DEPARTMENTS.items()):
        Department.objects.get_or_create(
            code=code, defaults={"name": name, "email": f"{code}@northbridge.example", "sort_order": position}
        )
    Department.objects.get(code="security").members.set(User.objects.filter(username="security"))


def _child(parent: Page, model: type[Page], slug: str, **values: Any) -> Page:
    existing = parent.get_children().filter(slug=slug).first()
    if existing:
        return existing.specific
    page = model(slug=slug, **values)
    parent.add_child(instance=page)
    page.save_revision().publish()
    return page


def _words(*paragraphs: str) -> list[tuple[str, Any]]:
    return [("paragraph", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))]


def pages() -> None:
    """The university's pages, and under them the package's, at the addresses that the documentation names."""
    load_demo_services()
    site = Site.objects.get(is_default_site=True)
    if isinstance(site.root_page.specific, HomePage):
        home = site.root_page.specific
    else:
        root = Page.get_first_root_node()
        root.get_children().filter(slug="home").delete()
        root = Page.objects.get(pk=root.pk)
        home = _child(
            root,
            HomePage,
            "home",
            title="A university on both banks of the river",
            seo_title="Welcome",
            introduction="<p>Northbridge teaches 14,000 students in the middle of the city that gave it its name.</p>",
        )
        site.root_page, site.site_name, site.hostname, site.port = (
            home,
            "Northbridge University",
            "localhost",
            80,
        )
        site.save()
    study = _child(
        home,
        StandardPage,
        "study",
        title="Study",
        show_in_menus=True,
        introduction="<p>Degrees in nine departments, most of them with a year abroad or at work.</p>",
        body=_words("Open days are in June and October. Come and see the weir from the library's top floor."),
    )
    life = _child(
        home,
        StandardPage,
        "student-life",
        title="Student life",
        show_in_menus=True,
        introduction="<p>Halls, clubs, a union with a stage, and people to turn to.</p>",
        body=_words(
            "There are sixty clubs and societies. The halls are ten minutes from the lectures on foot."
        ),
    )
    landing = _child(
        home,
        LandingPage,
        "report-support",
        title="Report and support",
        show_in_menus=True,
        search_description="Report harassment or a hate incident, with or without your name, and find support.",
    )
    support = _child(landing, SupportPage, "support", title="Support")
    form = _child(
        landing,
        ReportFormPage,
        "report",
        title="Make a report",
        what_happens_next="<p>We read reports within one working day, as a rule. If you gave a way to "
        "reach you, we write to you there and nowhere else.</p>",
    )
    inbox = _child(
        landing,
        InboxPage,
        "inbox",
        title="Come back with your code",
        introduction="Read what we wrote to you, answer, or go on with what you kept.",
    )
    welsh.translate(landing, support, form, inbox, SupportService.objects.filter(in_emergency=True).first())
    editors = Group.objects.get(name=group_name(Role.MARKETING_EDITOR))
    editors.permissions.add(_translating())
    for codename in ("add_page", "change_page", "publish_page"):
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        for tree in landing.get_translations(inclusive=True):
            GroupPagePermission.objects.get_or_create(group=editors, page=tree, permission=permission)
    settings = HarassmentSettings.for_site(site)
    if not settings.security_phone:
        settings.security_phone = "01632 960999"
        settings.emergency_note = "Blue help points on campus ring Security at once."
        settings.unattended_note = (
            "Reports are read on working days from 9 to 5, and not when the university is closed."
        )
        settings.deputy = User.objects.get(username="manager")
        settings.save()
    if not home.body:
        home.body = [
            (
                "cards",
                [
                    {"title": "Study here", "text": "Courses, open days and how to apply.", "page": study},
                    {"title": "Student life", "text": "Halls, clubs and the union.", "page": life},
                    {
                        "title": "Report and support",
                        "text": "If something has happened to you, or to somebody else.",
                        "page": landing,
                    },
                ],
            )
        ]
        home.save_revision().publish()
    if versions.current(form.pk) is None:
        raise RuntimeError("The report form has no version: it was not published.")


def _translating() -> Permission:
    """wagtail-localize makes it in a migration, and a flush takes it away for good."""
    kind = ContentType.objects.get_for_model(Translation)
    return Permission.objects.get_or_create(
        codename="submit_translation", content_type=kind, defaults={"name": "Can submit translations"}
    )[0]


def cases() -> None:
    """The accounts, sent as a reporter's is, and what was done and said on them. Left alone once there is a case."""
    if Case.objects.exists():
        return
    form = ReportFormPage.objects.get(slug="report", locale=Locale.get_default())
    sent: dict[str, tuple[str, str]] = {}
    people = {user.get_username(): user for user in User.objects.all()}
    for report in REPORTS:
        with transaction.atomic():
            sent[report.name] = reference, code = _send(form, report, sent)
            case = Case.objects.get(reference=reference)
            _work(case, report)
            demo_files.add_on_case(case, report.name, people)
            hold(case, code, TALKS.get(report.name, ()), files=demo_files.received(report.name))
            demo_meetings.meet(Case.objects.get(pk=case.pk), report.name, code)
    demo_files.finish()


def _send(form: ReportFormPage, report: DemoReport, sent: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Send one; returns its reference and the code that its reporter has. ``sent`` holds those of the others."""
    version = versions.current(form.pk)
    definition = versions.frozen(version.pk)
    answers = report.answers(timezone.localdate())
    if "must_not_see" in answers:
        answers["must_not_see"] = _readers(answers["must_not_see"])

    def fill(draft: OpenDraft, answers: dict[str, Any]) -> None:
        for step in definition["steps"]:
            codes = [question["code"] for question in flow.questions_of(step)]
            draft.save_step(step["code"], {code: answers.get(code) for code in codes})
        demo_files.attach(draft, report.name)

    code = ""
    if report.kept_first:
        draft, code = keep_first(version, definition, HarassmentSettings.objects.get(), answers, fill)
    elif report.further_to:
        reference, code = sent[report.further_to]
        visitor = come_back(code)
        draft, _cookie = inbox.further(visitor=visitor, thread=visitor.thread(reference), version=version)
    else:
        draft, _cookie = drafts.begin(version, shared=answers["device"] == "shared")
    fill(draft, answers)
    receipt = submit(draft, definition, signs=report.signs)
    draft.destroy()
    return receipt["reference"], receipt["code"] or code


def _readers(answer: dict[str, Any]) -> dict[str, Any]:
    """People ticked by user name, as the codes and names that the form would offer."""
    wanted = {name.removeprefix("@") for name in answer["people"]}
    names = {person.last_name for person in PEOPLE if person.username in wanted}
    found = [reader for reader in policy.readers() if any(name in reader.label for name in names)]
    return {
        "people": [reader.code for reader in found],
        "names": [reader.label for reader in found],
        "other": answer["other"],
    }


def _work(case: Case, report: DemoReport) -> None:
    reader = report.looked_at_by or report.taken_by
    if reader:
        actions.view(case=case, by=User.objects.get(username=reader))
    if not report.taken_by:
        if report.name in demo_work.WORK:
            demo_work.WORK[report.name](case, User.objects.get(username="lead"))
        return
    case = actions.take(case=case, by=User.objects.get(username=report.taken_by))
    for username, text in report.notes:
        actions.add_note(case=case, text=text, by=User.objects.get(username=username))
    if report.status:
        case.refresh_from_db()
        by = User.objects.get(username=report.taken_by)
        actions.set_status(case=case, status=report.status, by=by, expected_version=case.version)
    if report.name in demo_work.WORK:
        demo_work.WORK[report.name](case, User.objects.get(username=report.taken_by))
    if report.ended:
        case.refresh_from_db()
        close_case(
            case=case,
            outcome=Term.objects.get(vocabulary="outcome", code=report.ended["outcome"]),
            **{name: report.ended[name] for name in ("reason", "told", "lessons")},
            by=User.objects.get(username=report.taken_by),
            expected_version=case.version,
            expected_heard=heard(case),
        )
