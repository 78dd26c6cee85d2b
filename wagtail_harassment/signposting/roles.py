"""What a marketing editor may do in this room."""

from __future__ import annotations

__all__ = ["editor_permissions"]


def editor_permissions() -> list[tuple[str, str]]:
    """``(app label, codename)`` of each permission on support services, for the group of marketing editors.

    Permissions on pages are given on a page's own tree, so they are no part of this.
    """
    actions = ("add", "change", "delete", "publish", "view")
    return [("wagtail_harassment", f"{action}_supportservice") for action in actions]
