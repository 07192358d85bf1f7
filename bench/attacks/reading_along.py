"""An administrator opens a member's account with a sign-in link, reads along, and wants it to stay unseen."""

import re
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Browser, Target

TOLD = "A sign-in link was used to choose a password"
CHOSEN = "seven herons over a green weir"


def attack(portal: Target) -> Iterator[Measure]:
    """Ada makes a link for Uli, uses it, dismisses the notice; then Uli comes with a link of his own."""
    ada = portal.browser("ada@example.com")
    users = ada.get("/admin/users?search=Uli").text
    found = re.findall(r'href="(/admin/users/[A-Za-z0-9]{12})"', users)
    uli = next(one for one in found if "uli@example.com" in ada.get(one).text)
    older, thief = link(ada, uli), portal.browser()
    use(thief, link(ada, uli))
    yield Measure("L2", "the link that a newer one replaced", str(portal.browser().get(older).status),
                  portal.browser().get(older).status == 200, "200")
    yield Measure("M8", "notice in the browser that used the link", said(thief), not tells(thief), "none")
    thief.get("/account")
    thief.post("/account/links", {"next": "/account"})
    member = portal.browser()
    member.get("/sign-in")
    member.post("/sign-in", {"email": "uli@example.com", "password": CHOSEN})
    yield Measure("M8", "notice for the member after the thief dismissed it", said(member), not tells(member), "none")
    logged = "with a sign-in link. Link made by: " in ada.get("/admin/audit").text
    yield Measure("M8", "sentence in the audit log", "there" if logged else "none", not logged,
                  "“Uli Brandt chose a password.”")
    member.get("/account")
    member.post("/account/links", {"next": "/account"})
    yield Measure("M8", "notice once the member has read it", said(member), tells(member), "none")


def link(admin: Browser, user: str) -> str:
    """The path of a fresh sign-in link for a user."""
    admin.get(user)
    page = admin.post(f"{user}/link", {}).text
    return re.search(r"/welcome/[A-Za-z0-9_-]+", page)[0]  # type: ignore[index]


def use(browser: Browser, address: str) -> None:
    """Choose a password with a link."""
    browser.get(address)
    if browser.post(address, {"password": CHOSEN, "again": CHOSEN}).status != 303:
        raise SystemExit("the link could not be used")


def tells(browser: Browser) -> bool:
    """Whether the next page tells of a used link."""
    return TOLD in browser.get("/account").text


def said(browser: Browser) -> str:
    """The same in words."""
    return "told on the next page" if tells(browser) else "not told"
