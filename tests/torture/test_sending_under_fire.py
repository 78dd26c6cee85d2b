"""Long rounds of load and sudden death: what was confirmed is there, once, and whoever sent it gets the receipt."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.browser.university import University

pytestmark = pytest.mark.torture

ROUNDS = 10
REPORTERS = 50
FORM = "/report-support/report/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
REFERENCE = re.compile(r'data-reference="([^"]+)"')


class Reporter:
    """Somebody who goes through the form and presses again when nothing comes back."""

    def __init__(self, address: str, words: str) -> None:
        self.address, self.words = address, words
        self.session = requests.Session()

    def ask(self, method: str, where: str, data: dict[str, str] | None = None) -> requests.Response:
        """One request, again and again until the server answers. Raises ``AssertionError`` after a minute."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = self.session.request(
                    method,
                    self.address + FORM + where,
                    data=data,
                    headers={"Origin": self.address},
                    timeout=30,
                )
            except requests.RequestException:
                time.sleep(0.2)
                continue
            if answer.status_code < 500:
                return answer
            time.sleep(0.2)
        raise AssertionError(f"No answer for {where!r} in a minute.")

    def post(self, where: str, **data: str) -> requests.Response:
        """Fill in one page."""
        token = TOKEN.search(self.ask("GET", where).text)
        return self.ask("POST", where, data | {"csrfmiddlewaretoken": token[1] if token else ""})

    def report(self) -> str:
        """A short report, pressed until there is a receipt; returns the reference."""
        self.post("", journey="start", device="own")
        self.post("how/", journey="how", route="anonymous")
        self.post("what/", journey="what", account=self.words, incident_type="racism")
        for _press in range(20):
            found = REFERENCE.search(self.post("check/", journey="check").text)
            if found:
                return found[1]
        raise AssertionError("Twenty presses, and no receipt.")


def web_workers(university: University) -> list[int]:
    """Process ids of this university's web processes that answer, not of the one that keeps them."""
    bind = university.address.removeprefix("http://")
    listing = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()[1:]]
    gunicorns = {int(pid): int(parent) for pid, parent, command in rows if bind in command}
    return [pid for pid, parent in gunicorns.items() if parent in gunicorns]


def cases_of(university: University, references: list[str]) -> int:
    """How many cases there are with these references."""
    script = (
        "import json, os\n"
        "from wagtail_harassment.casework.models import Case\n"
        "print(Case.objects.filter(reference__in=json.loads(os.environ['REFERENCES'])).count())"
    )
    university.environment["REFERENCES"] = json.dumps(references)
    answer = university.manage("shell", "--verbosity", "0", "-c", script)
    return int(answer.stdout.split()[-1])


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_confirmed_is_lost_or_doubled_when_web_processes_are_killed(
    university: University, number: int
) -> None:
    done = threading.Event()

    def kill_now_and_then() -> None:
        while not done.wait(random.uniform(0.3, 1.5)):
            if workers := web_workers(university):
                os.kill(random.choice(workers), signal.SIGKILL)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        with ThreadPoolExecutor(REPORTERS) as pool:
            reporters = [
                Reporter(university.address, f"round {number}, reporter {n}") for n in range(REPORTERS)
            ]
            references = list(pool.map(Reporter.report, reporters))
    finally:
        done.set()
        killer.join()
    assert len(set(references)) == REPORTERS
    assert cases_of(university, references) == REPORTERS
    verified = university.manage("harassment_verify")
    assert verified.returncode == 0, verified.stdout
