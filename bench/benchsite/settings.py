"""The demo's settings, with the peers beside it. Same middleware, same headers, same compression for all."""

from university.settings import *  # noqa: F403
from university.settings import INSTALLED_APPS

INSTALLED_APPS = ["bench.benchsite", *INSTALLED_APPS]
