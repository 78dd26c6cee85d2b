"""What is done to a keyring file: made, given a new institution key, copied for a front tier."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wagtail_harassment.vault import durable, keyring
from wagtail_harassment.vault.envelope import Resealed, reseal
from wagtail_harassment.vault.keyring import CannotOpen, Keyring, KeyringError

__all__ = ["Rotation", "create", "export_public", "finish", "rotate"]


@dataclass(frozen=True)
class Rotation:
    """A new institution key is in the file; ``backup`` is the file as it was before."""

    version: int
    backup: Path


def create(path: Path) -> Keyring:
    """Make a keyring. Raises ``FileExistsError`` when there is one: it may be all that opens the reports."""
    with durable.exclusive(path.parent):
        made = Keyring.generate()
        keyring.write(made, path)
    return made


def rotate(path: Path) -> Rotation:
    """Give the keyring a new institution key, which submissions are sealed to from now on.

    The old keys stay and open what is sealed to them. The file as it was is kept beside it, mode 0600.
    One rotation at a time: a second waits, so that no key that something was sealed to is ever overwritten.
    """
    with durable.exclusive(path.parent):
        before = keyring.read(path)
        if before.tier != "casework":
            raise CannotOpen("This is a public keyring. Rotate where the casework keyring is.")
        after = before.rotated()
        backup = path.with_name(f"{path.name}.{datetime.now().astimezone():%Y-%m-%dT%H%M%S.%f}")
        os.link(path, backup)
        keyring.write(after, path, replacing=True)
    return Rotation(after.current, backup)


def finish(path: Path) -> Resealed:
    """Seal every data key to the current institution key. Content is not touched; safe to repeat."""
    return reseal(keyring=keyring.read(path))


def export_public(path: Path, out: Path) -> Keyring:
    """Write the public keyring for a front tier to ``out``, mode 0600: it holds the look-up pepper.

    An older public keyring there is replaced; anything else raises ``FileExistsError``.
    """
    made = keyring.read(path).public()
    if out.exists():
        try:
            replaceable = keyring.read(out).tier == "public"
        except KeyringError:
            replaceable = False
        if not replaceable:
            raise FileExistsError(out)
    keyring.write(made, out, replacing=out.exists())
    return made
