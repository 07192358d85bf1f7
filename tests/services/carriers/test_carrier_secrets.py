"""Secrets of carriers: nobody reads them in the database, and without the key nobody reads them at all."""

import dataclasses

import pytest

from portal.services.carriers import carrier_secrets

SECRETS = {"password": "hunter22 in the database", "token": "Zażółć"}
OTHER_KEY = "another key of the tests that is as long as keys are"


@pytest.fixture
def keys(app, monkeypatch):
    """`keys(...)` says what CARRIER_KEY holds."""
    def hold(*keys):
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(
            app.config["SETTINGS"], carrier_key=",".join(keys)))

    with app.app_context():
        yield hold


def test_what_is_stored_shows_nothing_and_comes_back(keys):
    stored = carrier_secrets.encrypt_secrets(SECRETS)
    assert not any(part in stored for part in (b"hunter22", b"password", b"token"))
    assert carrier_secrets.decrypt_secrets(stored) == SECRETS
    assert carrier_secrets.encrypt_secrets(SECRETS) != stored, "equal secrets cannot be told by looking"


@pytest.mark.parametrize("damage", [lambda stored: stored[:-1], lambda stored: b"", lambda stored: b"gAAAA" + stored,
                                    lambda stored: stored.swapcase()])
def test_what_was_damaged_is_as_good_as_none(keys, damage):
    assert carrier_secrets.decrypt_secrets(damage(carrier_secrets.encrypt_secrets(SECRETS))) is None
    assert carrier_secrets.decrypt_secrets(None) is None


def test_another_key_opens_nothing(keys):
    stored, hook = carrier_secrets.encrypt_secrets(SECRETS), carrier_secrets.derive_hook_keys("one")[0]
    keys(OTHER_KEY)
    assert carrier_secrets.decrypt_secrets(stored) is None
    assert carrier_secrets.derive_hook_keys("one")[0] != hook


def test_while_keys_are_exchanged_both_open_and_the_first_encrypts(keys):
    keys(OTHER_KEY)
    old, hook_keys = carrier_secrets.encrypt_secrets(SECRETS), carrier_secrets.derive_hook_keys("one")
    keys(OTHER_KEY[::-1], f" {OTHER_KEY}")
    assert carrier_secrets.derive_hook_keys("one")[1:] == hook_keys
    assert carrier_secrets.decrypt_secrets(old) == SECRETS
    new = carrier_secrets.encrypt_secrets(SECRETS)
    keys(OTHER_KEY[::-1])
    assert (carrier_secrets.decrypt_secrets(new), carrier_secrets.decrypt_secrets(old)) == (SECRETS, None)


def test_each_carrier_has_a_hook_key_of_its_own(keys):
    assert len({carrier_secrets.derive_hook_keys(ref)[0] for ref in ("one", "two", "")}) == 3
    assert len(carrier_secrets.derive_hook_keys("one")[0]) == 32
