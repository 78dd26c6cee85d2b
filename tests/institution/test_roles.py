import pytest
from django.contrib.auth.models import Permission

from wagtail_harassment.institution.roles import register_permissions


@pytest.mark.django_db
def test_a_case_lead_may_set_up_everything_here_and_delete_nothing():
    assert register_permissions() == [
        ("wagtail_harassment", f"{action}_{model}")
        for model in ("term", "campus", "building", "department", "closure")
        for action in ("add", "change", "view")
    ] + [("wagtail_harassment", "change_harassmentsettings")]
    for app_label, codename in register_permissions():
        Permission.objects.get(content_type__app_label=app_label, codename=codename)
