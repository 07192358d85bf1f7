"""A request counts as one of this machine only where nothing speaks against it."""

import pytest

from portal.web.private import is_private_request


@pytest.mark.parametrize(("address", "said"), [
    ({}, True), ({"base_url": "http://127.0.0.1:5067"}, True), ({"base_url": "http://a.localhost"}, True),
    ({"base_url": "http://[::1]:5000"}, True), ({"base_url": "http://[::2]"}, False),
    ({"base_url": "http://192.168.1.4"}, False), ({"base_url": "http://localhost.example.com"}, False),
    ({"environ_base": {"REMOTE_ADDR": "::1"}}, True), ({"environ_base": {"REMOTE_ADDR": ""}}, False),
    ({"environ_base": {"REMOTE_ADDR": "10.0.0.1"}}, False), ({"headers": {"X-Real-Ip": "127.0.0.1"}}, False),
    ({"headers": {"X-Forwarded-Host": "localhost"}}, False),
], ids=str)
def test_what_speaks_against_it(app, address, said):
    app.config["TRUSTED_HOSTS"], kept = None, app.config["TRUSTED_HOSTS"]
    try:
        with app.test_request_context("/", **{"environ_base": {"REMOTE_ADDR": "127.0.0.1"}, **address}):
            assert is_private_request() is said
    finally:
        app.config["TRUSTED_HOSTS"] = kept
