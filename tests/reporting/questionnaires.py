"""Any questionnaire that an editor could publish, and anything that a reporter could answer to it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wagtail_harassment.reporting import flow
from wagtail_harassment.reporting.flow import Operator
from wagtail_harassment.reporting.kinds import kind_of

CODES = ["a", "b", "c"]
ROUTES = ["anonymous", "record", "keep"]
#: Words that are always the same length, so that a hidden one can be told from one that is asked.
WORDS = st.integers(100_000, 999_999).map(lambda number: f"word{number}")
CONTACT = ("name", "pronouns", "email", "phone", "safe", "access", "language", "message_ok")
ANSWERS: dict[str, st.SearchStrategy[Any]] = {
    "short_text": WORDS,
    "long_text": WORDS,
    "one_choice": st.sampled_from(CODES),
    "several_choices": st.lists(st.sampled_from(CODES), min_size=1, unique=True),
    "about_when": st.builds(
        lambda kind, detail: {"kind": kind, "date": "", "detail": detail}, st.sampled_from(CODES), WORDS
    ),
    "people": st.lists(
        WORDS.map(lambda word: {"name": word, "description": "", "relation": ""}), min_size=1, max_size=2
    ),
    "contact": WORDS.map(lambda word: dict.fromkeys(CONTACT, "") | {"safe": word}),
    "device": st.sampled_from(["shared", "own"]),
    "route": st.sampled_from(ROUTES),
}
#: Kinds whose answers others can depend on.
CHOSEN = ("one_choice", "several_choices", "about_when", "route")
#: Kinds to draw from; what others can depend on is drawn more often.
DRAWN = [*sorted(set(ANSWERS) - {"device", "route"}), "one_choice", "one_choice", "several_choices"]


def frozen(code: str, kind: str, **more: Any) -> dict[str, Any]:
    """A question as a version holds it."""
    codes = {"route": ROUTES, "device": ["shared", "own"]}.get(kind, CODES)
    return {
        "id": code,
        "kind": kind,
        "code": code,
        "label": f"Label of {code}",
        "help": "",
        "required": kind in ("route", "contact"),
        "only_if": [],
        "wordings": [],
        "vocabulary": "",
        "choices": [{"code": each, "label": f"Answer {each}", "hint": ""} for each in codes],
    } | more


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Up to six steps; the device is asked first, the route anywhere, conditions and wordings look back."""
    count = draw(st.sampled_from([2, 3, 4, 6]))
    kinds = [draw(st.sampled_from(DRAWN)) for _each in range(count)]
    kinds.insert(draw(st.integers(0, 2)), "route")
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=2, unique=True)))
    steps: list[dict[str, Any]] = [{"code": "s0", "title": "Step 0", "items": [frozen("device", "device")]}]
    earlier: list[dict[str, Any]] = []
    before: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        if number - 1 in cuts:
            name = f"s{len(steps)}"
            steps.append({"code": name, "title": f"Title of {name}", "items": []})
            before = list(earlier)
        question = frozen("route" if kind == "route" else f"q{number}", kind)
        if kind != "route":
            question["required"] |= draw(st.booleans())
            question["only_if"] = draw(looking_back(earlier))
            question["wordings"] = [
                {
                    "question": each["question"],
                    "values": each["values"],
                    "label": f"Other {number}",
                    "help": "",
                }
                for each in draw(looking_back(before))
            ]
        steps[-1]["items"].append(question)
        if kind in CHOSEN:
            earlier.append(question)
    return {"language": "en-gb", "steps": steps}


def looking_back(earlier: list[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Conditions on the questions before."""
    if not earlier:
        return st.just([])
    one = st.sampled_from(earlier).flatmap(
        lambda question: st.fixed_dictionaries(
            {
                "question": st.just(question["code"]),
                "operator": st.sampled_from([str(operator) for operator in Operator]),
                "values": st.lists(
                    st.sampled_from([choice["code"] for choice in question["choices"]]),
                    min_size=1,
                    unique=True,
                ),
            }
        )
    )
    return st.sampled_from([0, 1, 1, 2]).flatmap(lambda count: st.lists(one, min_size=count, max_size=count))


def questions(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Every question, in order."""
    return [question for step in definition["steps"] for question in flow.questions_of(step)]


@st.composite
def answered(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A questionnaire, and answers to some of its questions, hidden ones among them."""
    definition = draw(definitions())
    answers = {
        question["code"]: draw(ANSWERS[question["kind"]])
        for question in questions(definition)
        if draw(st.booleans())
    }
    return definition, answers


def inputs(question: dict[str, Any], answer: Any) -> dict[str, Any]:
    """What a browser posts for an answer."""
    return {} if answer is None else kind_of(question).initial(question, answer)
