"""Write docs/reference/settings.md from ``wagtail_harassment/conf.py``, which is the whole list of settings.

Types, defaults and meanings are read from its source, so nothing is said twice. ``make docs``.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "wagtail_harassment" / "conf.py"
TARGET = ROOT / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Everything that `wagtail-harassment` reads from your Django settings. This page is made from
`wagtail_harassment/conf.py` by `make docs`; a test sees to it that it is complete. What is wrong with a setting is
said by `python manage.py check`, with a number for each way it can be wrong.

What editors decide, such as the questions, the words, the services and the security phone, is not here: it is in
Wagtail's admin.
"""


def entries() -> list[tuple[str, str, str, str]]:
    """``(name, type, default, meaning)`` of each setting, by name."""
    tree = ast.parse(SOURCE.read_text())
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found = []
    for method in settings.body:
        if not isinstance(method, ast.FunctionDef) or not method.returns:
            continue
        call = next((node for node in ast.walk(method) if _is_read(node)), None)
        if call is not None:
            meaning = " ".join((ast.get_docstring(method) or "").split()).replace("``", "`")
            name = f"WAGTAIL_HARASSMENT_{call.args[0].value}"
            found.append((name, ast.unparse(method.returns), ast.unparse(call.args[1]), meaning))
    return sorted(found)


def _is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_get"


def page() -> str:
    """The page, as it should be."""
    parts = [HEAD]
    for name, kind, default, meaning in entries():
        parts.append(f"## {name}\n\n{meaning}\n\nType: `{kind}`. Default: `{default}`.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(page())
