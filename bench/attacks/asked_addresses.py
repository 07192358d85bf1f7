"""An administrator asks by form and by file who has an account elsewhere, and is counted."""

import re
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Browser, Target

FIRST = ("ada", "uli", "ben", "rita", "grace.kim", "liam.tremblay", "priya.nair", "noah.fraser", "chloe.gagnon",
         "mateo.silva", "omar.haddad", "amara.nwosu", "tom.becker", "victor.lund", "ingrid.solberg", "pavel.novak",
         "marta.kowalska", "samir.aziz", "julia.roth", "henry.osei", "diane.marchand", "leo.park", "frank.doyle",
         "emily.carter", "jack.sullivan", "sofia.rossi", "daniel.cohen", "olivia.brooks", "karen.walsh", "olga")
THEIRS = tuple(f"{name}@example.com" for name in FIRST)
NOBODYS = tuple(f"nobody{n}@example.com" for n in range(30))
TAKEN = "already has an account"


def attack(portal: Target) -> Iterator[Measure]:
    """One file with thirty addresses of Maple Clinic among sixty; then another, then the form."""
    otto = portal.browser("otto@example.com")
    told = _dry_run(otto, (*THEIRS, *NOBODYS))
    yield Measure("M7", "30 foreign among 60 addresses in a file", f"{told} told", told > 20, "all told, no trace")
    told = _dry_run(otto, (*THEIRS[20:], *NOBODYS))
    yield Measure("M7", "the others in a second file", f"{told} told", told > 0, "all told")
    location = re.search(r'<option[^>]*value="(\w+)"', otto.get("/admin/users/new").text)
    answers = {email: otto.post("/admin/users/new", {"name": "X", "email": email, "number": "",
                                                     "location": location[1] if location else ""})
               for email in (THEIRS[25], NOBODYS[0])}
    alike = len({re.sub(r'value="[^"]*"', "", one.text) for one in answers.values()}) == 1
    yield Measure("M7", "form about a foreign and a free address after that", "the same" if alike else "differ",
                  not alike, "already has an account")
    shown = sum(email in portal.browser("olga@example.com").get("/operator/addresses").text for email in THEIRS)
    yield Measure("M7", "what operators see of it", f"{shown} addresses", shown == 0, "nothing")


def _dry_run(browser: Browser, emails: tuple[str, ...]) -> int:
    """How many addresses of a file the error file calls taken."""
    lines = "\r\n".join(("User ID/Email (Required),Display Name,Location", *(f"{one},X,Seattle" for one in emails)))
    browser.get("/admin/import")
    kept = browser.upload("/admin/import", lines.encode())
    address = kept.headers["Location"]
    browser.get(address)
    return browser.get(f"{address}/errors").text.count(TAKEN)
