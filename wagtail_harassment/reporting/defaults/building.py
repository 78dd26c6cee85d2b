"""How the default questionnaire is written: StreamField data, a call for each part."""

from __future__ import annotations

from typing import Any

__all__ = ["FOR_OTHERS", "Block", "choices", "if_", "notice", "question", "step", "when", "words"]

Block = dict[str, Any]

#: Roles of a reporter to whom it did not happen themselves.
FOR_OTHERS = ("other_knows", "other_unaware", "on_behalf")


def question(kind: str, code: str, label: str, help_text: str = "", **more: Any) -> Block:
    """A question. ``more`` is whatever else its block has, such as ``required`` or ``wordings``."""
    value = {
        "code": code,
        "label": label,
        "help": help_text,
        "required": False,
        "only_if": [],
        "wordings": [],
    }
    if kind in ("one_choice", "several_choices"):
        value |= {"vocabulary": "", "choices": []}
    if kind in ("device", "route", "messages"):
        value |= {"choices": []}
    return {"type": kind, "value": value | more}


def if_(question: str, operator: str, *values: str) -> list[dict[str, str]]:
    """One condition: an earlier question, how to compare, the codes of its answers."""
    return [{"question": question, "operator": operator, "values": ", ".join(values)}]


def when(*roles: str, label: str, help_text: str = "") -> dict[str, str]:
    """Other words for a question, for some of those to whom it happened."""
    return {"question": "reporter_role", "values": ", ".join(roles), "label": label, "help": help_text}


def choices(*answers: tuple[str, ...]) -> list[dict[str, str]]:
    """Answers of a question's own: code, label and, if it needs one, a definition."""
    return [{"code": code, "label": label, "hint": hint[0] if hint else ""} for code, label, *hint in answers]


def words(html: str) -> Block:
    """Words between questions."""
    return {"type": "text", "value": html}


def notice(html: str, only_if: list[dict[str, str]]) -> Block:
    """Words that are said only to those who answered in a certain way."""
    return {"type": "notice", "value": {"words": html, "only_if": only_if}}


def step(code: str, title: str, *items: Block) -> Block:
    """One page."""
    return {"type": "step", "value": {"code": code, "title": title, "items": list(items)}}
