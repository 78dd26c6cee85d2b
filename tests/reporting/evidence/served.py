"""Settings of a web process that a test starts: the database, the keys and the files are the test's."""

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, STORAGES

_served = json.loads(os.environ["SERVED"])
DATABASES["default"]["NAME"] = _served["database"]
WAGTAIL_HARASSMENT_KEYRING = _served["keyring"]
FILE_UPLOAD_TEMP_DIR = _served["waiting"]
STORAGES = STORAGES | {
    "harassment": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _served["storage"]},
    }
}
