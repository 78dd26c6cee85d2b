"""What is shipped, and what is written about it."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import settings_reference
from wagtail_harassment.conf import Settings

ROOT = Path(__file__).resolve().parent.parent


def tracked() -> list[Path]:
    """Files under version control, as they lie here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    """Names of the files in a wheel made of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [Path(sys.executable).with_name("uv"), "build", "--wheel", "--quiet", "--out-dir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    [made] = folder.glob("*.whl")
    return set(zipfile.ZipFile(made).namelist())


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    assert {name.split("/")[0] for name in wheel} == {
        "wagtail_harassment",
        "wagtail_harassment-0.1.0.dist-info",
    }


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    package = {
        str(path.relative_to(ROOT)) for path in tracked() if path.is_relative_to(ROOT / "wagtail_harassment")
    }
    assert package - wheel == set()


def test_the_translations_are_in_the_wheel_compiled(wheel):
    assert {name for name in wheel if "/locale/" in name} == {
        "wagtail_harassment/locale/django.pot",
        "wagtail_harassment/locale/cy/LC_MESSAGES/django.mo",
        "wagtail_harassment/locale/cy/LC_MESSAGES/django.po",
    }


def test_every_setting_is_in_the_reference():
    assert (ROOT / "docs/reference/settings.md").read_text() == settings_reference.page(), "type: make docs"


def test_the_reference_knows_every_property_of_the_settings():
    properties = {name for name, value in vars(Settings).items() if isinstance(value, property)}
    named = {
        name.removeprefix("WAGTAIL_HARASSMENT_").lower() for name, *_rest in settings_reference.entries()
    }
    assert named == properties


def test_no_setting_is_read_past_the_settings_object():
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "wagtail_harassment").rglob("*.py")
        if path.name != "conf.py" and re.search(r"settings\.WAGTAIL_HARASSMENT_", path.read_text())
    ]
    assert readers == []


def test_every_make_command_that_the_documents_name_exists():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    documents = [path for path in tracked() if path.suffix == ".md"]
    named = {
        name for path in documents for name in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)?)`", path.read_text())
    }
    assert named - targets == set()


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for path in (path for path in tracked() if path.suffix == ".md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_no_path_of_one_machine_is_in_any_file():
    places = (str(ROOT), f"{Path.home()}/.", str(Path(sys.executable).parent.parent))
    somebody = re.compile(r"/(?:home|Users)/[a-z]+/", re.IGNORECASE)
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in (".png", ".jpg", ".mo"):
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if somebody.search(line) or any(place in line for place in places):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []
