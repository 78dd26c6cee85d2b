"""How often services are given to people, as a room above counts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

__all__ = ["FEW", "expression", "in_words", "register"]

#: Fewer than so many are not told apart, nor from none: a small number could be somebody.
FEW = 5

_providers: list[Callable[[], Any]] = []


def register(provider: Callable[[], Any]) -> None:
    """Let a room above count: ``provider`` gives an expression over services, of a time that is over."""
    if provider not in _providers:
        _providers.append(provider)


def expression() -> Any | None:
    """What counts, for a query of services; ``None`` where nothing does."""
    return _providers[0]() if _providers else None


def in_words(times: int | None) -> str:
    """How often, so that no single case shows: below :data:`FEW` in words, above it down to its multiples."""
    if times is None:
        return ""
    if times < FEW:
        return _("Fewer than %(few)s times") % {"few": FEW}
    return _("%(times)s times or more") % {"times": times // FEW * FEW}
