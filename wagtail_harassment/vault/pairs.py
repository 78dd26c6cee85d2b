"""Key pairs that values are sealed to: HPKE (RFC 9180) with ML-KEM-768 + X25519, HKDF-SHA256 and AES-256-GCM.

A post-quantum hybrid, so that what is recorded today does not open to a quantum computer later. A sealed
32-byte key takes 1,168 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

__all__ = ["SUITE", "CannotOpen", "KeyPair"]

SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
KEM_PUBLIC, KEM_SEED, DH = 1184, 64, 32


class CannotOpen(Exception):
    """This process holds no private key for that: it is a public tier, or the key is gone."""


@dataclass(frozen=True)
class KeyPair:
    """A key pair, or its public half; then ``private`` is ``None``.

    ``public`` and ``private`` are two raw parts each, (ML-KEM-768, X25519): a private part is the
    64-byte seed and the 32-byte scalar.
    """

    public: tuple[bytes, bytes]
    private: tuple[bytes, bytes] | None

    def __repr__(self) -> str:
        return f"KeyPair(opens={self.private is not None})"

    @classmethod
    def generate(cls) -> KeyPair:
        """A new pair."""
        return cls(*new_halves())

    @classmethod
    def of_public(cls, raw: bytes) -> KeyPair:
        """The public half from :attr:`public_raw`. Raises ``ValueError`` for the wrong length."""
        return cls(_parts(raw, KEM_PUBLIC), None)

    @classmethod
    def of_private(cls, public: bytes, private: bytes) -> KeyPair:
        """The pair from its raw halves. Raises ``ValueError`` if they are damaged or not of one pair."""
        return cls(_parts(public, KEM_PUBLIC), _parts(private, KEM_SEED)).checked()

    @property
    def public_raw(self) -> bytes:
        """The public half in 1,216 bytes."""
        return b"".join(self.public)

    @property
    def private_raw(self) -> bytes:
        """The private half in 96 bytes. Raises :class:`CannotOpen` without it."""
        if self.private is None:
            raise CannotOpen("This is the public half of a key pair.")
        return b"".join(self.private)

    @cached_property
    def _public_key(self) -> hpke.MLKEM768X25519PublicKey:
        return hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(self.public[0]),
            x25519.X25519PublicKey.from_public_bytes(self.public[1]),
        )

    @cached_property
    def _private_key(self) -> hpke.MLKEM768X25519PrivateKey:
        if self.private is None:
            raise CannotOpen("This is the public half of a key pair.")
        return hpke.MLKEM768X25519PrivateKey(
            mlkem.MLKEM768PrivateKey.from_seed_bytes(self.private[0]),
            x25519.X25519PrivateKey.from_private_bytes(self.private[1]),
        )

    def checked(self) -> KeyPair:
        """This pair, if its parts are whole and its halves belong together; else ``ValueError``."""
        _ = self._public_key
        if self.private is not None:
            kem, dh = self.private
            derived = (
                mlkem.MLKEM768PrivateKey.from_seed_bytes(kem).public_key().public_bytes_raw(),
                x25519.X25519PrivateKey.from_private_bytes(dh).public_key().public_bytes_raw(),
            )
            if derived != self.public:
                raise ValueError("The halves of a key pair do not belong together.")
        return self

    def seal(self, plaintext: bytes, *, info: bytes) -> bytes:
        """Encrypt to this pair. ``info`` binds the result to what it is for."""
        return SUITE.encrypt(plaintext, self._public_key, info)

    def open(self, sealed: bytes, *, info: bytes) -> bytes:
        """Decrypt. Raises :class:`CannotOpen` without the private half, ``InvalidTag`` if it was changed."""
        return SUITE.decrypt(sealed, self._private_key, info)


def new_halves() -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """The public and the private half of a new pair."""
    kem, dh = mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    return (
        (kem.public_key().public_bytes_raw(), dh.public_key().public_bytes_raw()),
        (kem.private_bytes_raw(), dh.private_bytes_raw()),
    )


def _parts(raw: bytes, first: int) -> tuple[bytes, bytes]:
    raw = bytes(raw)
    if len(raw) != first + DH:
        raise ValueError("A half of a key pair has the wrong length.")
    return raw[:first], raw[first:]
