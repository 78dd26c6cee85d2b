"""The demo's settings, with the peers beside it. Same middleware, same headers, same compression for all."""

from university.settings import *  # noqa: F403
from university.settings import INSTALLED_APPS

INSTALLED_APPS = ["bench.benchsite", *INSTALLED_APPS]
# What is measured is a person's report: counted, found to be none of many, and told of.
WAGTAIL_HARASSMENT_FAST_SECONDS, WAGTAIL_HARASSMENT_BURST_PER_MINUTE = 0, 1_000_000
