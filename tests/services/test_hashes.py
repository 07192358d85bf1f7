"""Hashes: under the portal's own key for what could be guessed, plain for long random secrets."""

import dataclasses
import hashlib
import hmac

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.services.hashes import keyed_hash, token_hash

pytestmark = pytest.mark.usefixtures("open_app")
NUMBER, KEY, OTHER = "+14165550101", "a key of thirty-two characters or more", "another key, just as long as the first"


@pytest.fixture
def set_key(app, monkeypatch):
    """`set_key("...")` gives the portal another number key."""
    return lambda key: monkeypatch.setitem(
        app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], number_key=key))


def test_a_keyed_hash_is_the_hmac_of_purpose_and_value(set_key):
    """Backups and erased numbers depend on it: another way of hashing would forget every opt-out that was erased."""
    set_key(KEY)
    assert keyed_hash(NUMBER, "erased") == hmac.digest(
        KEY.encode(), b"erased:+14165550101", hashlib.sha256).hex()


def test_without_the_key_nobody_can_make_the_hash(set_key):
    set_key(KEY)
    ours = keyed_hash(NUMBER, "erased")
    set_key(OTHER)
    assert keyed_hash(NUMBER, "erased") != ours
    assert ours != hashlib.sha256(f"erased:{NUMBER}".encode()).hexdigest()


def test_two_uses_of_one_number_cannot_be_linked():
    assert len({keyed_hash(NUMBER, purpose) for purpose in ("", "device", "erased", "source")}) == 4


def test_two_numbers_have_two_hashes():
    assert keyed_hash(NUMBER, "erased") != keyed_hash("+14165550102", "erased")


def test_nothing_has_no_hash():
    """A report without a number must not look like another report without one."""
    assert keyed_hash("", "erased") == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_hash_is_always_64_hex_digits_and_the_same_again(value):
    for hashed in (keyed_hash(value, "source"), token_hash(value)):
        assert len(bytes.fromhex(hashed)) == 32
        assert hashed == hashed.lower()
    assert keyed_hash(value, "source") == keyed_hash(value, "source")
    assert token_hash(value) == token_hash(value)


@pytest.mark.parametrize(("token", "hashed"), [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
])
def test_a_token_hash_is_sha_256(token, hashed):
    """The values of FIPS 180-4."""
    assert token_hash(token) == hashed


def test_a_token_hash_needs_no_key(set_key):
    """Sessions and links live on when the number key changes."""
    before = token_hash("a session")
    set_key(OTHER)
    assert token_hash("a session") == before
