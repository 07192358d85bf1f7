"""What can be typed for a carrier, and where no carrier may be."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.carriers.kinds import CarrierField, CarrierKind, FieldKind
from portal.services.carriers import typed_settings
from portal.services.carriers.typed_settings import judge_secrets, judge_settings
from tests.services.carriers.recorded import FIELDS, SETTINGS, Recorded

KIND = CarrierKind("recorded", "Recorded", Recorded, FIELDS)
LOCAL = (ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.fixture(autouse=True)
def networks(app, monkeypatch):
    """`networks(*listed)` sets CARRIER_NETWORKS; none are listed at first."""
    def use(*listed):
        monkeypatch.setattr(typed_settings, "current_settings",
                            lambda: replace(app.config["SETTINGS"], carrier_networks=listed))

    use()
    return use


def wrong(**typed):
    """The fields that are refused, with their sentences."""
    return {one.field: one.sentence % one.values for one in judge_settings(KIND, {**SETTINGS, **typed})}


def test_what_is_in_order():
    assert wrong() == {}
    assert wrong(host="", tls="", note="") == {}


@pytest.mark.parametrize("address", [
    "https://api.example.com", "https://api.example.com/v2/", "https://api.example.com:8443", "HTTPS://Api.Example.COM",
    "https://93.184.216.34", "https://[2606:2800:220:1::1]/x", "https://my_gateway"])
def test_addresses_that_are_taken(address):
    assert wrong(address=address) == {}


@pytest.mark.parametrize("address", [
    "nowhere", "ftp://example.com", "https://", "https:///path", "javascript:alert(1)", "//example.com",
    "https://exa mple.com", "https://example.com:0", "https://example.com:99999", "https://example.com:x",
    "https://user@example.com", "https://user:secret@example.com", "https://example.com?a=1",
    "https://example.com/#x", "https://ex\u0430mple.com", "https://[::1", "https://example.com\\@evil.example",
    "https://example.com/\nHost: x", "https://.example.com", "https://a..b"])
def test_addresses_that_are_none(address):
    assert wrong(address=address).keys() == {"address"}


@pytest.mark.parametrize("address", ["http://api.example.com", "http://93.184.216.34", "http://kannel:13013",
                                     "http://127.1", "http://2130706433"])
def test_without_tls_only_within_listed_networks(networks, address):
    networks(*LOCAL)
    assert "Without TLS" in wrong(address=address)["address"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:13013", "http://localhost:13013", "http://10.1.2.3",
                                     "http://[fd00::1]:80"])
def test_without_tls_within_listed_networks(networks, address):
    assert wrong(address=address).keys() == {"address"}
    networks(*LOCAL)
    assert wrong(address=address) == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1", "0.0.0.0", "::",
                                  "::ffff:10.1.2.3", "224.0.0.1", "100.64.0.1"])
def test_private_hosts_are_refused_unless_they_are_listed(networks, host):
    assert "CARRIER_NETWORKS" in wrong(host=host)["host"]
    networks(*LOCAL)
    listed = host in {"127.0.0.1", "10.1.2.3", "fd00::1", "::ffff:10.1.2.3"}
    assert wrong(host=host).keys() == (set() if listed else {"host"})


@pytest.mark.parametrize("host", ["169.254.169.254", "fe80::1", "fe80::1%eth0"])
def test_link_local_hosts_are_never_taken(networks, host):
    networks(ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
    assert "link-local" in wrong(host=host)["host"]


@pytest.mark.parametrize("host", ["exa mple.com", "https://example.com", "example.com/x", "-a.example", "a" * 64,
                                  f"{'a.' * 130}a", "ex\u0430mple.com", "a\nb"])
def test_hosts_that_are_none(host):
    assert wrong(host=host).keys() == {"host"}


@pytest.mark.parametrize(("name", "value"), [
    ("port", "0"), ("port", "65536"), ("port", "-1"), ("port", "1.5"), ("port", "\u0662"), ("port", ""),
    ("window", "ten"), ("window", "-1"), ("window", "1000"), ("window", ""), ("tls", "on"), ("ids", "other"),
    ("account", ""), ("account", "x" * 21), ("account", "a\r\nX: y"), ("account", "a\x00b"), ("note", "a\x00b")])
def test_values_that_are_refused(name, value):
    assert wrong(**{name: value}).keys() == {name}


@pytest.mark.parametrize(("name", "value"), [
    ("port", "1"), ("port", "65535"), ("window", "0"), ("ids", "hex"), ("account", "x" * 20), ("account", "Žluťoučký"),
    ("note", "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----")])
def test_values_that_are_taken(name, value):
    assert wrong(**{name: value}) == {}


def test_secrets():
    assert [one.field for one in judge_secrets(KIND, {})] == ["token"]
    assert judge_secrets(KIND, {"token": "t"}) == []
    assert [one.field for one in judge_secrets(KIND, {"token": "t", "signing": "a\nb"})] == ["signing"]
    assert [one.field for one in judge_secrets(KIND, {"token": "t" * 201})] == ["token"]


@given(st.sampled_from(list(FieldKind)), st.text(max_size=40))
def test_whatever_is_typed_there_is_an_answer(kind, typed):
    judge_settings(CarrierKind("one", "One", Recorded, (CarrierField("it", "It", kind),)), {"it": typed})
