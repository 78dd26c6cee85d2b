"""Whether a report speaks of somebody: by full name, by e-mail address, or by surname alone; what is alike in names.

Case, accents, apostrophes, hyphens, order ("Smith, Jane") and a middle initial make no difference; a name
inside another word is none. What is compared lives in memory and is never kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from anyascii import anyascii
from django.contrib.auth.base_user import AbstractBaseUser

__all__ = [
    "Text",
    "forms_of",
    "forms_of_name",
    "is_named",
    "names_of",
    "spellings",
    "surname_occurs",
    "texts",
]

#: Stands between two answers, so that a name never runs from the end of one into the next.
BREAK = " | "
APOSTROPHES = str.maketrans("", "", "'`")
#: What stands before a name and is none of it.
TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "rev", "reverend")
)


def texts(value: Any) -> Iterator[str]:
    """Every text in an answer, however it is nested."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)


def _plain(text: str) -> str:
    text = text if text.isascii() else anyascii(unicodedata.normalize("NFKC", text))
    return text.casefold()


def _words(plain: str) -> str:
    return re.sub(r"[^a-z0-9|]+", " ", plain)


def spellings(text: str) -> set[str]:
    """``text`` in plain words, with apostrophes left out and with them as gaps: "oneill" and "o neill"."""
    plain = _plain(text).replace("|", " ")
    return {_words(plain.translate(APOSTROPHES)).strip(), _words(plain).strip()} - {""}


class Text:
    """Answers, made ready to look for names in."""

    def __init__(self, values: Iterable[str]) -> None:
        values = [value.replace("|", " ") for value in values]
        plain = [_plain(value) for value in values]
        joined = BREAK.join(plain)
        self._words = {f" {_words(joined.translate(APOSTROPHES))} ", f" {_words(joined)} "}
        self._plain = joined
        self._raw = unicodedata.normalize("NFKC", BREAK.join(values)).casefold()

    def has_words(self, words: str) -> bool:
        """Whether these plain words occur, one after the other, as whole words."""
        return any(f" {words} " in text for text in self._words)

    def has_name(self, first: str, last: str) -> bool:
        """Whether a first and a last name occur as one name, a middle initial between them or not."""
        if not all(self.has_words(part) for part in (first, last)):
            return False
        initial = re.compile(rf" {re.escape(first)} (?:[a-z] )?{re.escape(last)} ")
        return any(initial.search(text) for text in self._words) or self.has_words(f"{last} {first}")

    def has_address(self, address: str) -> bool:
        """Whether an e-mail address occurs, and not as a part of a longer one."""
        address = address.casefold()
        return address in self._raw and bool(
            re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", self._raw)
        )

    def has_exactly(self, name: str) -> bool:
        """Whether a name occurs letter by letter: for scripts that put no space between words."""
        return unicodedata.normalize("NFKC", name).casefold() in self._raw


def names_of(user: AbstractBaseUser) -> tuple[str, str]:
    """A person's first and last name; the user name stands for the last where there is none."""
    first, last = getattr(user, "first_name", "").strip(), getattr(user, "last_name", "").strip()
    if not (first and last):
        first, _space, last = (user.get_full_name().strip() or user.get_username()).rpartition(" ")
    return first, last


def forms_of_name(name: str) -> set[str]:
    """What a name comes down to: two that share one of these are one name to us.

    Its words in one order, with the title in front and without; with apostrophes left out and as gaps; with
    a middle initial and without. Empty for what holds no letter.
    """
    plain = _plain(name).replace("|", " ")
    joined, gapped = _words(plain.translate(APOSTROPHES)).split(), _words(plain).split()
    found = set()
    for words in (joined, gapped):
        found |= {_in_order(words), _in_order(_untitled(words))}
    bare = _untitled(joined)
    if len(longer := [word for word in bare if len(word) > 1]) > 1:
        found.add(_in_order(longer))
    return found - {""}


def _in_order(words: list[str]) -> str:
    return " ".join(sorted(words))


def _untitled(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return words


def forms_of(user: AbstractBaseUser) -> set[str]:
    """What the full name of an account comes down to; empty where it has only one name."""
    first, last = names_of(user)
    if not first:
        return set()
    names = {f"{first} {last}", f"{first.split()[0]} {last}"}
    if not (first + last).isascii():
        names.add(last + first)
    return set().union(*map(forms_of_name, names))


def is_named(user: AbstractBaseUser, text: Text) -> bool:
    """Whether somebody's full name or e-mail address occurs."""
    address = getattr(user, user.get_email_field_name(), "") or ""
    if address and text.has_address(address):
        return True
    first, last = names_of(user)
    if not first:
        return False
    if not (first + last).isascii() and any(
        text.has_exactly(name) for name in (f"{first} {last}", last + first)
    ):
        return True
    firsts = spellings(first) | {spelling.split()[0] for spelling in spellings(first)}
    return any(text.has_name(one, other) for one in firsts for other in spellings(last))


def surname_occurs(user: AbstractBaseUser, text: Text) -> bool:
    """Whether somebody's surname occurs, or the user name of somebody without one."""
    return any(text.has_words(last) for last in spellings(names_of(user)[1]))
