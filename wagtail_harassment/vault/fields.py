"""Model fields whose column is ciphertext and whose Python value says nothing.

A verb seals with :func:`seal_fields` and reads with :func:`reveal`; there is no other way in or out, so
neither a form, a serializer, a template nor an error page can show a word by accident.
"""

from __future__ import annotations

import json
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models

from wagtail_harassment.vault.envelope import DataKey, decrypt, encrypt

__all__ = ["SealedJSONField", "SealedTextField", "SealedValue", "reveal", "seal_fields"]


class SealedValue:
    """Ciphertext of one field of one row. Opaque on purpose: printing it shows nothing."""

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


class _SealedDescriptor:
    """Accepts nothing but a sealed value, so that plain text fails where it is assigned."""

    def __init__(self, field: SealedTextField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:  # deferred
            instance.refresh_from_db(fields=[self.field.attname])
        return instance.__dict__[self.field.attname]

    def __set__(self, instance: models.Model, value: SealedValue | None) -> None:
        if value is not None and not isinstance(value, SealedValue):
            raise TypeError(f"{self.field.name} holds sealed values only: use seal_fields().")
        instance.__dict__[self.field.attname] = value


class SealedTextField(models.BinaryField):
    """Text, sealed. ``purpose`` is a constant that names the field for ever ("casework.note.body")."""

    empty_values = [None]

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs | {"purpose": self.purpose}

    def contribute_to_class(self, cls: type[models.Model], name: str, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        setattr(cls, self.attname, _SealedDescriptor(self))

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

    def get_prep_value(self, value: SealedValue | None) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, SealedValue):
            raise TypeError(f"{self.name} holds sealed values only: use seal_fields().")
        return value.ciphertext

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = self.get_prep_value(value) if isinstance(value, SealedValue) else value
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> SealedValue | None:
        if value is None or isinstance(value, SealedValue):
            return value
        raise TypeError(f"{self.name} holds sealed values only: use seal_fields().")

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: it can be looked up by isnull only, not {lookup_name!r}.")
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
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

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
        if before is not None and reveal(instance, name, key) == value:
            continue
        sealed = None
        if value is not None:
            sealed = SealedValue(
                encrypt(key.secret, field.pack(value), purpose=field.purpose, unit=key.unit, row=instance.pk)
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
        decrypt(key.secret, sealed.ciphertext, purpose=field.purpose, unit=key.unit, row=instance.pk)
    )


def _field(instance: models.Model, name: str) -> SealedTextField:
    field = instance._meta.get_field(name)
    if not isinstance(field, SealedTextField):
        raise TypeError(f"{name} is not a sealed field.")
    return field
