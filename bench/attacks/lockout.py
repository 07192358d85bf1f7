"""Strangers try wrong passwords, to keep a person out or to find the password: tries in one's own network and another.

Sources are spoofed as a proxy would tell them (PROXY_HOPS=1), because one machine has one address.
"""

from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Browser, Target
from tests.browser.portal import PASSWORD

SETTINGS = {"PROXY_HOPS": "1"}
ADA, OTTO = "ada@example.com", "otto@example.com"
OFFICE, HOME = "192.0.2.7", "198.51.100.50"


def attack(portal: Target) -> Iterator[Measure]:
    """Ada's account from one source, from everywhere, from one IPv6 customer; then her own ways in."""
    known, signed_in = own(portal, ADA), portal.browser(ADA)
    codes = [tried(portal.browser(), ADA, "wrong", OFFICE) for _ in range(50)]
    status = tried(portal.browser(), ADA, PASSWORD, HOME)
    yield Measure("M1", "50 wrong tries from one source, right one from another", told(status), status != 303,
                  "429 for as long as it goes on")
    heard = codes.count(422)
    yield Measure("M1", "those tries themselves", f"{heard} heard", heard > 20, "10, then a trickle")
    status = tried(known, ADA, PASSWORD, OFFICE)
    yield Measure("M1", "her known browser in the attacked network", told(status), status != 303, "429")
    status = tried(own(portal, OTTO), ADA, PASSWORD, OFFICE)
    yield Measure("M1", "there, in a browser that knows only Otto", told(status), status == 303, "429")
    yield changing(signed_in)
    heard = sum(tried(portal.browser(), ADA, "wrong", f"203.0.{n // 250}.{n % 250}") == 422 for n in range(400))
    yield Measure("M1", "400 sources, a try each", f"{heard} heard", heard > 300, "10, and locked out")
    status = tried(known, ADA, PASSWORD, HOME)
    yield Measure("M1", "her known browser after that", told(status), status != 303, "429")
    heard = sum(tried(portal.browser(), f"n{n}@example.com", "wrong", f"2001:db8:7:{n:x}::1") == 422 for n in range(40))
    yield Measure("L5", "40 tries from one IPv6 /48", f"{heard} heard", heard > 20, "40 heard")
    heard = sum(tried(portal.browser(), f"p{n}@example.com", "x", f"198.51.100.8:{4000 + n}") == 422 for n in range(40))
    yield Measure("F6", "40 tries with a port behind the address", f"{heard} heard", heard > 20, "40 heard")


def tried(browser: Browser, email: str, password: str, source: str) -> int:
    """The status of a try to sign in from an address; a session that it began is ended."""
    browser.get("/sign-in")
    status = browser.post("/sign-in", {"email": email, "password": password}, X_Forwarded_For=source).status
    if status == 303:
        browser.get("/account", X_Forwarded_For=source)
        browser.post("/sign-out", {})
    return status


def own(portal: Target, email: str) -> Browser:
    """A browser in which a person has signed in and out."""
    browser = portal.browser()
    if tried(browser, email, PASSWORD, "203.0.113.99") != 303:
        raise SystemExit(f"{email} could not sign in")
    return browser


def changing(browser: Browser) -> Measure:
    """A signed-in person has their password checked while strangers try."""
    browser.get("/account")
    form = {"current_password": PASSWORD, "password": "short", "again": "short"}
    status = browser.post("/account/password", form).status
    return Measure("M1", "a signed-in person's password check meanwhile", told(status), status == 429, "429")


def told(status: int) -> str:
    """A status in words."""
    return {303: "signs in (303)", 422: "checked (422)", 429: "refused (429)"}.get(status, str(status))
