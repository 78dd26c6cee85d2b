"""Who would read a report, by name, as the room above tells it: the choices of "who must not see this"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Reader", "readers", "register"]


@dataclass(frozen=True)
class Reader:
    """Someone, or a team, who would read a report. ``code`` is stable and opaque; ``label`` is for people."""

    code: str
    label: str


_providers: list[Callable[[], list[Reader]]] = []


def register(provider: Callable[[], list[Reader]]) -> None:
    """Let ``provider`` tell who would read a report."""
    if provider not in _providers:
        _providers.append(provider)


def readers() -> list[Reader]:
    """Everyone who would read a report now, in the order to show them."""
    return [reader for provider in _providers for reader in provider()]
