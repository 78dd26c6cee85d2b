"""Keys that come from the pepper: the same everywhere, another for each purpose, lost with it."""

from dataclasses import replace

import pytest

from wagtail_harassment.vault import derived
from wagtail_harassment.vault.keyring import Keyring, KeyringError, get_keyring


def test_a_key_is_the_same_on_both_tiers_and_after_rotation():
    keyring = get_keyring()
    key = derived.from_pepper("a.purpose")
    assert len(key) == 32
    assert derived.from_pepper("a.purpose", keyring=keyring.public()) == key
    assert derived.from_pepper("a.purpose", keyring=keyring.rotated()) == key


def test_another_purpose_or_another_pepper_gives_another_key():
    keyring = get_keyring()
    other = replace(keyring, pepper=Keyring.generate().pepper)
    keys = {
        derived.from_pepper("a.purpose"),
        derived.from_pepper("b.purpose"),
        derived.from_pepper("a.purpose", keyring=other),
        keyring.pepper,
    }
    assert len(keys) == 4


def test_without_a_keyring_there_is_no_key(settings, tmp_path):
    settings.WAGTAIL_HARASSMENT_KEYRING = tmp_path / "gone.json"
    with pytest.raises(KeyringError):
        derived.from_pepper("a.purpose")
