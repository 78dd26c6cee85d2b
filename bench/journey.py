"""The requests that are measured, and what a reporter answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bench.client import Answer, Browser

__all__ = ["ANSWERS", "Unexpected", "scenarios", "walk"]

LANDING = "/report-support/"
FORM = f"{LANDING}report/"
INBOX = f"{LANDING}inbox/"
STEP = "what"

TEXT = (
    "I was coming down the stairs after the seminar when the same three people stood in the way and would not let "
    "me past. One of them said what he says every week. I went back up and waited in the toilets until the next "
    "class had begun. "
)
#: By question code, as the verbs keep them: enough of everything that a person would answer.
ANSWERS: dict[str, Any] = {
    "device": "own",
    "route": "record",
    "reporter_role": "self",
    "reporter_relation": "undergraduate",
    "under_18": "no",
    "danger_now": "no",
    "account": TEXT * 6,
    "incident_type": ["racism", "harassment"],
    "occurred": {"kind": "date", "date": "2026-11-02", "detail": "In the afternoon"},
    "frequency": "more",
    "place": {
        "kind": "campus_building",
        "campus": "city",
        "building": "library",
        "detail": "The back stairs",
    },
    "motivation": ["race"],
    "reported_relation": "student",
    "reported_people": [{"name": "Sam Doyle", "description": "Tall", "relation": "Same course"}],
    "still_contact": "yes",
    "witnesses": "The porter.",
    "impact": ["safety", "study_work"],
    "told": ["friend"],
    "wanted": ["support"],
    "contact": {
        "name": "Jo Reed",
        "pronouns": "",
        "email": "jo.reed@students.example",
        "phone": "",
        "safe": "",
        "access": "",
        "language": "",
        "message_ok": "yes",
    },
}


class Unexpected(Exception):
    """An answer that would make the measurement mean something else."""


def posted() -> dict[str, Any]:
    """The answers as a browser would post them: by input name."""
    inputs: dict[str, Any] = {}
    for code, answer in ANSWERS.items():
        if code == "occurred":
            inputs |= {
                code: answer["kind"],
                f"{code}-date": answer["date"],
                f"{code}-detail": answer["detail"],
            }
        elif code == "place":
            where = f"{answer['campus']}/{answer['building']}"
            inputs |= {code: answer["kind"], f"{code}-where": where, f"{code}-detail": answer["detail"]}
        elif code == "reported_people":
            inputs |= {f"{code}-0-{part}": value for part, value in answer[0].items()}
        elif code == "contact":
            inputs |= {f"{code}-{part}": value for part, value in answer.items()}
        else:
            inputs[code] = answer
    return inputs


def filled(page: str) -> dict[str, Any]:
    """A page's form as a browser would post it: the hidden inputs as they are, our answers in the others."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    if "csrfmiddlewaretoken" not in hidden:
        raise Unexpected(f"no form token on a page that begins with {page[:300]!r}")
    names = set(re.findall(r'<(?:input|textarea|select)[^>]*\sname="([^"]+)"', page))
    return hidden | {name: value for name, value in posted().items() if name in names}


def form_at(browser: Browser, path: str) -> dict[str, Any]:
    """The filled form of an address."""
    return filled(expect(browser.ask(path, encoding="identity"), 200, path).body.decode())


def expect(answer: Answer, status: int, what: str) -> Answer:
    """The answer, if it is the expected one."""
    if answer.status != status:
        raise Unexpected(f"{what}: {answer.status} instead of {status}: {answer.body[:300]!r}")
    return answer


Act = Callable[[Any], None]


def getting(path: str) -> Callable[[int, int], Act]:
    """A client that GETs one address."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port)
        return lambda job: expect(browser.ask(path), 200, path)

    return make


def posting_ten(fields: dict[str, str]) -> Callable[[int, int], Act]:
    """A client that posts the peer's ten fields."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port)
        data = form_at(browser, "/ten/")
        for name, kind in fields.items():
            data[name] = {
                "email": "jo.reed@students.example",
                "multiline": TEXT * 3,
                "checkboxes": ["One", "A third"],
                "radio": "Another",
            }.get(kind, "In the library")

        def act(job: Any) -> None:
            answer = expect(browser.ask("/ten/", data, encoding="identity"), 200, "ten fields")
            if b"Thank you" not in answer.body:
                raise Unexpected("the ten fields were not accepted")

        return act

    return make


def stepping(drafts: dict[str, Any], *, post: bool) -> Callable[[int, int], Act]:
    """A client that asks for, or sends, one step of a draft of its own."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port, {drafts["name"]: drafts["cookies"][number]})
        path = f"{FORM}{STEP}/"
        if not post:
            return lambda job: expect(browser.ask(path), 200, path)
        data = form_at(browser, path)
        turn = iter(range(10**9))

        def act(job: Any) -> None:
            # Other words each time: unchanged answers would not be sealed again.
            expect(browser.ask(path, data | {"account": f"{data['account']}{next(turn)}"}), 302, path)

        return act

    return make


def sending(drafts: dict[str, Any]) -> Callable[[int, int], Act]:
    """A client that sends finished drafts: a job is a draft's cookie."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port, {drafts["name"]: drafts["cookies"][0]})
        path = f"{FORM}check/"
        data = form_at(browser, path)

        def act(job: str) -> None:
            browser.cookies[drafts["name"]] = job
            answer = expect(browser.ask(path, data), 302, path)
            if not answer.headers["Location"].endswith("/receipt/"):
                raise Unexpected(f"sent to {answer.headers['Location']}")

        return act

    return make


def logging_in(codes: list[str], *, right: bool) -> Callable[[int, int], Act]:
    """A client that opens the return page, each time as somebody else; or tries codes that open nothing."""

    def make(port: int, number: int) -> Act:
        browser = Browser(port)
        hidden = form_at(browser, INBOX)
        token = dict(browser.cookies)
        turn = iter(range(number, 10**9))

        def act(job: Any) -> None:
            words = codes[next(turn) % len(codes)]
            typed = words if right else " ".join(reversed(words.split()))
            browser.cookies = dict(token)
            expect(browser.ask(INBOX, hidden | {"code": typed}), 302 if right else 422, INBOX)

        return act

    return make


def walk(port: int) -> int:
    """One whole report as a person sends it, every page fetched; returns how many requests it took."""
    browser = Browser(port)
    expect(browser.ask(LANDING), 200, LANDING)
    path, requests = FORM, 1
    for _page in range(40):
        page = expect(browser.ask(path, encoding="identity"), 200, path).body.decode()
        requests += 1
        if "data-reference" in page:
            return requests
        answer = expect(browser.ask(path, filled(page)), 302, path)
        requests += 1
        path = answer.headers["Location"]
    raise Unexpected(f"no receipt after forty pages; the last was {path}")


def walking(port: int, number: int) -> Act:
    """A client that sends whole reports."""
    return lambda job: walk(port) and None


def scenarios(
    fields: dict[str, str], drafts: dict[str, Any], codes: list[str]
) -> dict[str, Callable[[int, int], Act]]:
    """What is measured, by name, but for sending and whole reports, which come in numbers and not in seconds."""
    return {
        "bare page": getting("/bare/"),
        "forms GET": getting("/ten/"),
        "forms POST": posting_ten(fields),
        "landing": getting(LANDING),
        "form, first step": getting(FORM),
        "step GET": stepping(drafts, post=False),
        "step POST": stepping(drafts, post=True),
        "log-in with a code": logging_in(codes, right=True),
        "wrong code": logging_in(codes, right=False),
    }
