"""Return codes: six words that open what is waiting for a reporter, and nothing that they sent.

Six words of 7,776 are 77.5 bits. The words are the long list of the Electronic Frontier Foundation (CC BY 3.0
US, Joseph Bonneau, 2016), with the 384 taken out that nobody in distress should be handed and as many of its
second short list put in.

A code is found by an HMAC under the look-up pepper, so a wrong one costs one look-up; only for a code that is
there is the slow key derived (Argon2id, RFC 9106; 19 MiB, two passes, one lane: OWASP's second choice). The
HMAC is over 4,000 rounds of PBKDF2, a millisecond, because to whoever holds the database and the
pepper it is the quicker way to test a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from wagtail_harassment.vault.keyring import Keyring, get_keyring

__all__ = ["WORDS", "Code", "NotACode", "lookup_of", "near", "new_words", "parse", "salt", "wrapping_key"]

#: How many words a code has.
WORDS = 6
SALT_LENGTH = 16
ROUNDS = 4000
ARGON2 = {"length": 32, "iterations": 2, "lanes": 1, "memory_cost": 19 * 1024}
#: More than this is no code with slips in it.
LONGEST = 400


class NotACode(Exception):
    """What was typed cannot be a code: ``count`` words were found; ``unknown`` are no words of ours."""

    def __init__(self, count: int, unknown: list[str]) -> None:
        super().__init__("not a code")
        self.count, self.unknown = count, unknown


@cache
def _words() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("words.txt").read_text(encoding="ascii").split())


@cache
def _known() -> frozenset[str]:
    return frozenset(_words())


def new_words() -> str:
    """A new code, six words with a space between."""
    return " ".join(secrets.choice(_words()) for _ in range(WORDS))


def parse(typed: str) -> str:
    """A code as it was meant: capitals, accents, hyphens, commas, numbering and one slip a word are forgiven.

    A slip is put right only where just one word of the list is a letter away. Raises :class:`NotACode`.
    """
    plain = unicodedata.normalize("NFKD", typed[:LONGEST]).casefold()
    found = re.findall(r"[a-z]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    meant = [word if word in _known() else _nearest(word) for word in found[: 2 * WORDS]]
    unknown = [word for word, known in zip(found, meant, strict=False) if known is None]
    if len(found) != WORDS or unknown:
        raise NotACode(len(found), unknown)
    return " ".join(word for word in meant if word)


def _nearest(word: str) -> str | None:
    """The one word of the list that is a letter away; ``None`` if none or several."""
    known = near(word)
    return known[0] if len(known) == 1 else None


def near(word: str) -> list[str]:
    """The words of the list that are a letter more, less, other or swapped away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    slips = {left + right[1:] for left, right in splits if right}
    slips |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    slips |= {left + letter + right[1:] for left, right in splits if right for letter in letters}
    slips |= {left + letter + right for left, right in splits for letter in letters}
    return sorted(slips & _known())


def lookup_of(words: str, keyring: Keyring | None = None) -> str:
    """What finds a code's row: hex, 64 letters. Says nothing of the code to whoever lacks the pepper."""
    keyring = keyring or get_keyring()
    slow = hashlib.pbkdf2_hmac("sha256", words.encode(), b"wagtail-harassment return code 1", ROUNDS)
    return hmac.digest(keyring.pepper, b"return code look-up 1" + slow, "sha256").hex()


def salt() -> bytes:
    """A new salt for :func:`wrapping_key`, 16 bytes."""
    return secrets.token_bytes(SALT_LENGTH)


def wrapping_key(words: str, salt: bytes) -> bytes:
    """The 32-byte key W that a code's secrets rest under. Takes some 20 to 40 ms and 19 MiB, by intent."""
    return Argon2id(salt=bytes(salt), **ARGON2).derive(words.encode())


@dataclass(frozen=True)
class Code:
    """A code while it is open: ``row`` is the id of its row, once there is one, ``words`` are there before.

    It rests in a draft, sealed, until there is something to open with it.
    """

    key: bytes = field(repr=False)
    words: str = field(default="", repr=False)
    salt: bytes = field(default=b"", repr=False)
    row: uuid.UUID | None = None

    @classmethod
    def new(cls) -> Code:
        """A new code, its slow key derived."""
        words, fresh = new_words(), salt()
        return cls(wrapping_key(words, fresh), words, fresh)

    def packed(self) -> dict[str, str]:
        """For a sealed field."""
        packed = {"key": self.key.hex(), "words": self.words, "salt": self.salt.hex()}
        return packed | ({"row": str(self.row)} if self.row else {})

    @classmethod
    def unpacked(cls, packed: dict[str, str]) -> Code:
        """From :meth:`packed`."""
        row = uuid.UUID(packed["row"]) if "row" in packed else None
        return cls(bytes.fromhex(packed["key"]), packed["words"], bytes.fromhex(packed["salt"]), row)
