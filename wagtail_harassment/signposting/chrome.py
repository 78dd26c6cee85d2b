"""What every public template needs around its content, the same in every room."""

from __future__ import annotations

from wagtail_harassment.conf import conf


def chrome() -> dict[str, str]:
    """Context for a public template: which base it extends, the neutral name, where leaving goes."""
    return {
        "base_template": conf.base_template,
        "service_name": conf.service_name,
        "leave_url": conf.leave_url,
    }
