"""The demo's settings, made quick and local for tests."""

import tempfile
from pathlib import Path

from university.settings import *  # noqa: F403
from university.settings import DATABASES, INSTALLED_APPS, STORAGES

TEST_DIR = Path(tempfile.mkdtemp(prefix="wagtail-harassment-tests-"))
INSTALLED_APPS = [*INSTALLED_APPS, "tests.vault"]  # a model of the tests' own
SECRET_KEY = "only for tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MEDIA_ROOT = TEST_DIR / "media"
STATIC_ROOT = TEST_DIR / "static"
STATIC_ROOT.mkdir()
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "harassment": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": TEST_DIR / "evidence"},
    },
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WAGTAIL_HARASSMENT_KEYRING = TEST_DIR / "keyring.json"
WAGTAIL_HARASSMENT_ANCHOR_DIR = TEST_DIR / "anchors"
# No second route, but where a test gives one.
WAGTAIL_HARASSMENT_SECOND_ROUTE_ADDRESS = WAGTAIL_HARASSMENT_SECOND_ROUTE_WEBHOOK = ""
WAGTAIL_HARASSMENT_SECOND_ROUTE_MAIL = {}
# Django's test client is a machine, and a quick one. Tests of what marks a report set these back.
WAGTAIL_HARASSMENT_FAST_SECONDS = WAGTAIL_HARASSMENT_BURST_PER_MINUTE = 0
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: the live server's threads and the tests share it as processes would.
    BUILD_DIR = Path(__file__).resolve().parent.parent / "build"
    BUILD_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(BUILD_DIR / "test.sqlite3")}
    # Tests do not pull the plug, but for those that do, which set this back.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    # A server that is killed is not what these tests are about: a process that is killed loses nothing by it.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
