"""System checks of this room: what is left lying (E060 to W064), words that would be lost (W065), hosts of the cases'
own (E070 to W076), the second factor (W077 to E079)."""

from wagtail_harassment.casework.checks import (  # noqa: F401
    hosts,
    monitoring,
    referring,
    second_factor,
    words,
)
