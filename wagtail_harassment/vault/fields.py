"""Model fields whose column is ciphertext and whose Python value says nothing.

A verb seals with :func:`seal_fields` and reads with :func:`reveal`; there is no other way in or out, so
neither a form, a serializer, a template nor an error page can show a word by accident.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from wagtail_harassment.vault.envelope import DataKey, decrypt, encrypt

__all__ = ["SealedJSONField", "SealedTextField", "SealedValue", "reveal", "seal_fields"]


class SealedValue:
    """Ciphertext of one field of one row. Opaque on purpose: printing it shows nothing.

    It may be copied and pickled, because caches pickle models: what goes with it is the ciphertext.
    """

    __slots__ = ("ciphertext",)

    def __init__(self, ciphertext: bytes) -> None:
        self.ciphertext = bytes(ciphertext)

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealedValue) and other.ciphertext == self.ciphertext

    def __hash__(self) -> int:
        return hash(self.ciphertext)


class _SealedDescriptor(DeferredAttribute):
    """Accepts nothing but a sealed value, so that plain text fails where it is assigned."""

    def __set__(self, instance: models.Model, value: SealedValue | None) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SealedTextField(models.BinaryField):
    """Text, sealed. ``purpose`` is a constant that names the field for ever ("casework.note.body")."""

    descriptor_class = _SealedDescriptor
    empty_values = [None]

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs | {"purpose": self.purpose}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        if not self.purpose:
            errors.append(
                checks.Error("A sealed field needs a purpose.", obj=self, id="wagtail_harassment.E010")
            )
        return errors

    def get_default(self) -> None:
        return None

    def from_db_value(self, value: bytes | None, *args: Any) -> SealedValue | None:
        return None if value is None else SealedValue(value)

    def to_python(self, value: Any) -> SealedValue | None:
        if value is None or isinstance(value, SealedValue):
            return value
        raise TypeError(f"{self.name} holds sealed values only: use seal_fields().")

    def get_prep_value(self, value: SealedValue | None) -> bytes | None:
        value = self.to_python(value)
        return None if value is None else value.ciphertext

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Refuses expressions that could write anything but ciphertext: ``update(body=Value("plain"))``."""
        if hasattr(value, "as_sql"):
            source = getattr(value, "_output_field_or_none", None)
            if not isinstance(source, SealedTextField):
                raise TypeError(f"{self.name} holds sealed values only: use seal_fields().")
        return super().get_placeholder(value, compiler, connection)

    def formfield(self, **kwargs: Any) -> None:
        """No form: what is typed reaches a verb, and the verb seals it."""
        return

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"{self.name} is sealed: it can be looked up by isnull only, not {lookup_name!r}."
            )
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is sealed: {lookup_name!r} cannot look into it.")

    def value_to_string(self, obj: models.Model) -> str:
        return "<sealed>"

    def pack(self, value: Any) -> bytes:
        """The plain bytes of a plain value."""
        return value.encode()

    def unpack(self, plain: bytes) -> Any:
        """The plain value of plain bytes."""
        return plain.decode()


class SealedJSONField(SealedTextField):
    """JSON, sealed."""

    def pack(self, value: Any) -> bytes:
        return json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()

    def unpack(self, plain: bytes) -> Any:
        return json.loads(plain)


def seal_fields(instance: models.Model, key: DataKey, **plain: Any) -> list[str]:
    """Put plain values into sealed fields of ``instance`` (not saved); returns the names that changed.

    A value that says the same as before is left as it is, so that saving a form unchanged leaves no trace.
    """
    changed = []
    for name, value in plain.items():
        field = _field(instance, name)
        before = getattr(instance, name)
        if (before is None and value is None) or (
            before is not None and reveal(instance, name, key) == value
        ):
            continue
        sealed = None
        if value is not None:
            sealed = SealedValue(
                encrypt(
                    key.secret, field.pack(value), purpose=field.purpose, unit=key.unit, row=_row(instance)
                )
            )
        setattr(instance, name, sealed)
        changed.append(name)
    return changed


def reveal(instance: models.Model, name: str, key: DataKey) -> Any:
    """The plain value of a sealed field, or ``None`` if it is empty.

    Raises :class:`~wagtail_harassment.vault.envelope.Tampered`. Whoever calls this records the view.
    """
    field = _field(instance, name)
    sealed = getattr(instance, name)
    if sealed is None:
        return None
    return field.unpack(
        decrypt(key.secret, sealed.ciphertext, purpose=field.purpose, unit=key.unit, row=_row(instance))
    )


def _field(instance: models.Model, name: str) -> SealedTextField:
    field = instance._meta.get_field(name)
    if not isinstance(field, SealedTextField):
        raise TypeError(f"{name} is not a sealed field.")
    return field


def _row(instance: models.Model) -> uuid.UUID:
    """The row a value is bound to: in a history row that is the row it is the history of."""
    tracked = getattr(type(instance), "instance_type", None)
    return getattr(instance, tracked._meta.pk.attname) if tracked else instance.pk
