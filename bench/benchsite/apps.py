from django.apps import AppConfig


class BenchsiteConfig(AppConfig):
    """The peers: what a plain Wagtail site would have."""

    name = "bench.benchsite"
    label = "benchsite"
    default_auto_field = "django.db.models.BigAutoField"
