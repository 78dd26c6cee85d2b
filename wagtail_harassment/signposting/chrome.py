"""What every public template needs around its content, the same in every room."""

from __future__ import annotations

from wagtail_harassment.conf import conf


def chrome() -> dict[str, str]:
    """Context for a public template: which base it extends, and the neutral name."""
    return {"base_template": conf.base_template, "service_name": conf.service_name}
