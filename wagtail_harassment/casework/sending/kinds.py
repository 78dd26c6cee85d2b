"""What kinds of letters there are: each part of this room that writes some registers its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wagtail_harassment.casework.models import Sending

__all__ = ["Kind", "kinds", "register"]


def _nothing(_sending: Sending) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """One kind. ``words`` say what it is, for the list on the case.

    ``against`` is asked just before a letter goes out: a reason, in a word, why it must not any more (it was
    withdrawn, the case exists for that person no longer), or nothing. It runs in the worker, outside a transaction.
    """

    words: Any
    against: Callable[[Sending], str] = _nothing


_kinds: dict[str, Kind] = {}


def register(code: str, kind: Kind) -> None:
    """Make a kind known, at import of its part of this room."""
    _kinds[code] = kind


def kinds() -> dict[str, Kind]:
    """All of them, by code."""
    return dict(_kinds)
