"""What a translator must not have to copy, and must not be able to break, said in the way wagtail-localize asks.

It asks a model for ``override_translatable_fields`` and a block for ``get_translatable_segments``. Both are only
asked for, never imported, so that a site without wagtail-localize needs nothing of it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

__all__ = ["CodeBlock", "FollowsOriginal", "ServiceChooserBlock"]


class FollowsOriginal:
    """A field that is a fact, such as a helpline's number: no translator is asked for it, or may set it apart.

    Has what wagtail-localize calls on its own ``SynchronizedField``.
    """

    def __init__(self, field_name: str) -> None:
        self.field_name = field_name

    def get_field(self, model: type[models.Model]) -> models.Field:
        """The model's field of that name."""
        return model._meta.get_field(self.field_name)

    def get_value(self, obj: models.Model) -> Any:
        """Its value in one object."""
        return self.get_field(type(obj)).value_from_object(obj)

    def is_editable(self, obj: models.Model) -> bool:
        """Always."""
        return True

    def is_translated(self, obj: models.Model) -> bool:
        """Never: it is not offered as words."""
        return False

    def is_synchronized(self, obj: models.Model) -> bool:
        """Always: it is copied whenever the translation is made anew."""
        return True

    def is_overridable(self, obj: models.Model) -> bool:
        """Never."""
        return False


class Untranslated:
    """A block whose value no translator is shown: it is the original's."""

    def get_translatable_segments(self, value: Any) -> list[Any]:
        """None."""
        return []

    def restore_translated_segments(self, value: Any, segments: list[Any]) -> Any:
        """As it was."""
        return value


class CodeBlock(Untranslated, blocks.CharBlock):
    """A code: figures count by it and conditions ask for it, so it is the same in every language."""

    def deconstruct(self) -> tuple[str, tuple, dict[str, Any]]:
        """A migration sees a plain ``CharBlock``."""
        args, kwargs = self._constructor_args
        return "wagtail.blocks.CharBlock", args, kwargs


class ServiceChooserBlock(Untranslated, SnippetChooserBlock):
    """A support service. A page shows it in its own language where there is one (see ``directory``)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("wagtail_harassment.SupportService", **kwargs)

    def deconstruct(self) -> tuple[str, tuple, dict[str, Any]]:
        """A migration sees Wagtail's own chooser."""
        _args, kwargs = self._constructor_args
        return "wagtail.snippets.blocks.SnippetChooserBlock", ("wagtail_harassment.SupportService",), kwargs
