"""Let generated migrations name the page model as Wagtail 8 wants and Wagtail 7 allows.

``"wagtailcore.page"`` in a migration made under Wagtail 7 becomes the setting ``WAGTAIL_PAGE_MODEL``, which
Wagtail 8 has, with Wagtail's own page as its default.
"""

import re
import sys
from pathlib import Path

SWAPPABLE = 'getattr(settings, "WAGTAIL_PAGE_MODEL", "wagtailcore.Page")'

for name in sys.argv[1:]:
    path = Path(name)
    text = path.read_text()
    changed = re.sub(r"""(["'])wagtailcore\.page\1""", SWAPPABLE, text)
    if changed != text and "from django.conf import settings" not in changed:
        changed = changed.replace(
            "from django.db import", "from django.conf import settings\nfrom django.db import", 1
        )
    path.write_text(changed)
