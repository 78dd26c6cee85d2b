"""The keyring: a file, mode 0600, with the keys that rest outside the database.

Two tiers. A **public** keyring seals and cannot open: the institution's public keys and the look-up
pepper. A **casework** keyring has the private halves, the blind-index key and the anchor key too.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wagtail_harassment.conf import conf
from wagtail_harassment.vault import durable
from wagtail_harassment.vault.pairs import CannotOpen, KeyPair, new_halves

FORMAT = 1


class KeyringError(Exception):
    """The keyring cannot be used. The message says what to type, ``reason`` which way it is wrong.

    ``reason`` is one of ``"unset"``, ``"missing"``, ``"unreadable"``, ``"open"`` (to others),
    ``"damaged"``.
    """

    def __init__(self, message: str, *, reason: str = "damaged") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, repr=False)
class InstitutionKey(KeyPair):
    """One version of the institution's key pair; ``private`` is ``None`` in a public keyring."""

    version: int

    def __repr__(self) -> str:
        return f"InstitutionKey(version={self.version}, opens={self.private is not None})"

    @classmethod
    def generate(cls, version: int) -> InstitutionKey:
        return cls(*new_halves(), version)

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Decrypt. Raises :class:`CannotOpen` without the private half, ``InvalidTag`` if it was changed."""
        if self.private is None:
            raise CannotOpen(
                f"This process holds the public half only of institution key {self.version}. "
                "Cases are opened where the casework keyring is."
            )
        return super().open(sealed, info=info)


@dataclass(frozen=True)
class Keyring:
    """All keys of one process. ``current`` is the version that new data keys are sealed to."""

    current: int
    institution: tuple[InstitutionKey, ...]
    pepper: bytes
    index: bytes | None = None
    anchor: bytes | None = None
    anchor_public: bytes | None = None

    def __repr__(self) -> str:
        return f"Keyring({self.tier}, current={self.current})"

    @property
    def tier(self) -> str:
        """``"casework"`` if this keyring opens, ``"public"`` if it only seals."""
        return "casework" if self.key(self.current).private else "public"

    def key(self, version: int) -> InstitutionKey:
        """The institution key of one version. Raises :class:`CannotOpen` when it is not here."""
        for candidate in self.institution:
            if candidate.version == version:
                return candidate
        raise CannotOpen(f"Institution key {version} is not in this keyring: was an old keyring put back?")

    @cached_property
    def anchor_key(self) -> Ed25519PrivateKey:
        """The Ed25519 key that signs anchors. Raises :class:`CannotOpen` in a public keyring."""
        if self.anchor is None:
            raise CannotOpen(
                "This keyring holds no anchor key. Anchors are signed where the casework keyring is."
            )
        return Ed25519PrivateKey.from_private_bytes(self.anchor)

    @property
    def anchor_verifier(self) -> Ed25519PublicKey | None:
        """The key that anchors are checked against; ``None`` in a public keyring made before it held one."""
        return Ed25519PublicKey.from_public_bytes(self.anchor_public) if self.anchor_public else None

    @classmethod
    def generate(cls) -> Keyring:
        anchor = Ed25519PrivateKey.generate()
        return cls(
            current=1,
            institution=(InstitutionKey.generate(1),),
            pepper=secrets.token_bytes(32),
            index=secrets.token_bytes(32),
            anchor=anchor.private_bytes_raw(),
            anchor_public=anchor.public_key().public_bytes_raw(),
        )

    def rotated(self) -> Keyring:
        """With a new institution key that new data keys are sealed to; the old ones still open."""
        version = max(key.version for key in self.institution) + 1
        return replace(
            self, current=version, institution=(*self.institution, InstitutionKey.generate(version))
        )

    def without(self, version: int) -> Keyring:
        """Without an old institution key. What is still sealed to it can never be opened again.

        Raises ``ValueError`` for the current one.
        """
        if version == self.current:
            raise ValueError(f"Institution key {version} is the current one.")
        return replace(self, institution=tuple(key for key in self.institution if key.version != version))

    def public(self) -> Keyring:
        """What a front tier needs: it seals, finds and checks anchors, and opens and signs nothing."""
        return Keyring(
            current=self.current,
            institution=tuple(replace(key, private=None) for key in self.institution),
            pepper=self.pepper,
            anchor_public=self.anchor_public,
        )

    def dumps(self) -> str:
        return json.dumps(
            {
                "format": FORMAT,
                "tier": self.tier,
                "current": self.current,
                "institution": [
                    {
                        "version": key.version,
                        "public": [_b64(part) for part in key.public],
                        "private": [_b64(part) for part in key.private] if key.private else None,
                    }
                    for key in self.institution
                ],
                "pepper": _b64(self.pepper),
                "index": _b64(self.index),
                "anchor": _b64(self.anchor),
                "anchor_public": _b64(self.anchor_public),
            },
            indent=1,
        )

    @classmethod
    def loads(cls, text: str) -> Keyring:
        """The keyring of a file's text. Raises ``ValueError``, ``KeyError`` or ``TypeError`` if damaged."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"This version reads keyrings of format {FORMAT}.")
        keyring = cls(
            current=data["current"],
            institution=tuple(
                InstitutionKey(
                    tuple(_unb64(part) for part in entry["public"]),
                    tuple(_unb64(part) for part in entry["private"]) if entry["private"] else None,
                    entry["version"],
                ).checked()
                for entry in data["institution"]
            ),
            pepper=_whole(_unb64(data["pepper"])),
            index=_whole(_unb64(data["index"])),
            anchor=_whole(_unb64(data["anchor"])),
            anchor_public=_whole(_unb64(data.get("anchor_public"))),
        )
        versions = [key.version for key in keyring.institution]
        if keyring.current not in versions or len(set(versions)) < len(versions) or keyring.pepper is None:
            raise ValueError("The keyring lacks its current key or its pepper.")
        if keyring.anchor is not None:
            signs_for = keyring.anchor_key.public_key().public_bytes_raw()
            if keyring.anchor_public not in (None, signs_for):
                raise ValueError("The halves of the anchor key do not belong together.")
            keyring = replace(keyring, anchor_public=signs_for)
        return keyring


def _whole(key: bytes | None) -> bytes | None:
    if key is not None and len(key) != 32:
        raise ValueError("A key has the wrong length.")
    return key


def _b64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _unb64(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value, validate=True)


def write(keyring: Keyring, path: Path, *, replacing: bool = False) -> None:
    """Write a keyring, readable by its owner alone, durably, whole or not at all.

    Raises ``FileExistsError`` unless ``replacing``: an overwritten keyring is a lost one. A replaced file
    keeps its owner, so that root may rotate what the web process reads.
    """
    durable.write(path, keyring.dumps() + "\n", mode=0o600, replacing=replacing)


def read(path: Path | None) -> Keyring:
    """Read a keyring. Raises :class:`KeyringError` with what to type when it is missing or unsafe."""
    if path is None:
        raise KeyringError(
            "WAGTAIL_HARASSMENT_KEYRING is not set. Set it to a path outside the project, "
            "then type: python manage.py harassment_keys create",
            reason="unset",
        )
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyringError(
                f"Others on this machine can read the keyring. Type: chmod 600 {path}", reason="open"
            )
        return Keyring.loads(path.read_text())
    except FileNotFoundError:
        raise KeyringError(
            f"There is no keyring at {path}. On a new installation type: python manage.py harassment_keys "
            "create. If reports were taken in already, put the old keyring back: a new one cannot open them.",
            reason="missing",
        ) from None
    except PermissionError:
        raise KeyringError(
            f"This process (user {os.geteuid()}) may not read the keyring. As root type: "
            f"chown {os.geteuid()} {path} && chmod 600 {path}",
            reason="unreadable",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise KeyringError(f"{path} is not a keyring, or it is damaged. Put a backup of it back.") from None


_cache: dict[Path, tuple[tuple[int, int, int], Keyring]] = {}


def get_keyring() -> Keyring:
    """The keyring that the setting names; read again when the file changes.

    Raises :class:`KeyringError`.
    """
    path = conf.keyring
    if path is not None:
        try:
            status = path.stat()
        except OSError:
            _cache.pop(path, None)
        else:
            stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            cached = _cache.get(path)
            if cached and cached[0] == stamp:
                return cached[1]
            keyring = read(path)
            _cache[path] = (stamp, keyring)
            return keyring
    return read(path)
