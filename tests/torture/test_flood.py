"""A crowd and a machine behind one address: every report of both is taken, and only the machine's are marked."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.university import University
from tests.torture.test_sending_under_fire import REFERENCE, Reporter
from wagtail_harassment.reporting.throttle import FIELD

pytestmark = pytest.mark.torture

PEOPLE, MINUTES = 300, 10


class Person(Reporter):
    """Somebody who comes when they come, and takes some seconds to write."""

    def report_after(self, seconds: float) -> str:
        time.sleep(seconds)
        self.post("", journey="start", device="own")
        self.post("how/", journey="how", route="anonymous")
        time.sleep(random.uniform(4, 20))
        self.post("what/", journey="what", account=self.words, incident_type="racism")
        return REFERENCE.search(self.post("check/", journey="check").text)[1]


class Machine(Reporter):
    """Fills in whatever there is, as fast as it can."""

    def flood(self) -> str:
        self.post("", journey="start", device="own", **{FIELD: self.words})
        self.post("how/", journey="how", route="anonymous")
        self.post("what/", journey="what", account=self.words, incident_type="racism")
        return REFERENCE.search(self.post("check/", journey="check", **{FIELD: self.words}).text)[1]


def marks(university: University, references: list[str]) -> list[bool]:
    """Of the cases with these references: whether each is marked."""
    script = (
        "import json, os\n"
        "from wagtail_harassment.casework.models import Case\n"
        "found = Case.objects.filter(reference__in=json.loads(os.environ['REFERENCES']))\n"
        "print(json.dumps(list(found.values_list('doubtful', flat=True))))"
    )
    university.environment["REFERENCES"] = json.dumps(references)
    answer = university.manage("shell", "--verbosity", "0", "-c", script)
    return json.loads(answer.stdout.splitlines()[-1])


def test_three_hundred_people_behind_one_address_in_ten_minutes_are_all_heard(university: University) -> None:
    last = MINUTES * 60 - 30
    with ThreadPoolExecutor(PEOPLE) as pool:
        sent = [
            pool.submit(Person(university.address, f"person {number}").report_after, random.uniform(0, last))
            for number in range(PEOPLE)
        ]
        references = [each.result() for each in sent]
    assert len(set(references)) == PEOPLE
    assert marks(university, references) == [False] * PEOPLE


def test_of_a_machines_flood_every_report_is_kept_and_marked_and_one_is_told_of(
    university: University,
) -> None:
    with ThreadPoolExecutor(20) as pool:
        references = list(
            pool.map(lambda number: Machine(university.address, f"machine {number}").flood(), range(PEOPLE))
        )
    assert len(set(references)) == PEOPLE
    assert marks(university, references) == [True] * PEOPLE
    university.manage("harassment_watch")
    told = {mail["Subject"] for mail in university.mailbox.messages} & set(references)
    assert len(told) == 1
    verified = university.manage("harassment_verify")
    assert verified.returncode == 0, verified.stdout
