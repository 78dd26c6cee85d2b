"""What somebody who sets this room up must hold. Which people those are is for casework to say."""

from __future__ import annotations

from wagtail_harassment.institution.models import (
    Building,
    Campus,
    Closure,
    Department,
    HarassmentSettings,
    Term,
)

__all__ = ["register_permissions"]


def register_permissions() -> list[tuple[str, str]]:
    """``(app_label, codename)`` of every permission that a case lead needs for the set-up registers.

    Never one to delete: nothing in a register is deleted, because reports count by it.
    """
    app_label = Term._meta.app_label
    held = [
        (app_label, f"{action}_{model._meta.model_name}")
        for model in (Term, Campus, Building, Department, Closure)
        for action in ("add", "change", "view")
    ]
    return [*held, (app_label, f"change_{HarassmentSettings._meta.model_name}")]
