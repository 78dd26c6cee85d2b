"""Keys that are not kept anywhere: derived from the look-up pepper, each for one purpose.

Every process that holds a keyring, a public tier's too, derives the same ones. They keep what they seal from
whoever has the database or a backup alone; they keep nothing from whoever controls a server that holds a keyring.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wagtail_harassment.vault.keyring import Keyring, get_keyring

__all__ = ["from_pepper"]


def from_pepper(purpose: str, *, keyring: Keyring | None = None) -> bytes:
    """A key of 256 bits for ``purpose``, a constant that names it for ever ("reporting.monitoring").

    Lost with the pepper. Raises :class:`~wagtail_harassment.vault.keyring.KeyringError`.
    """
    info = b"wagtail-harassment derived key 1\x1f" + purpose.encode()
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive((keyring or get_keyring()).pepper)
