"""An administrator claims other people's numbers, reads what is texted to them, and asks whose are here.

Otto of Harbor Health tries it as in H3 and M7: a customer's number, a number of Maple Clinic, and a form's answers.
"""

import re
from collections.abc import Iterator

from bench.attacks import Measure
from bench.attacks.target import Answer, Browser, Target

FOREIGN, UNKNOWN, CUSTOMER = "+14165550105", "+14165550134", "+14165550135"
WORDS = "Your results are here, canary 4711"


def attack(portal: Target) -> Iterator[Measure]:
    """Claim, wait, read; then compare answers about a foreign and an unknown number."""
    otto = portal.browser("otto@example.com")
    mia = _page_of(otto, "Mia Castellano")
    _switch_on(otto, mia)
    held = otto.hidden(mia, "number-held")
    status = otto.post(f"{mia}/number", {"number-number": CUSTOMER, "number-held": held}).status
    uli = portal.browser("uli@example.com")
    key = uli.hidden("/messages/new", "key")
    if uli.post("/messages/new", {"number": CUSTOMER, "body": WORDS, "key": key}).status != 303:
        raise SystemExit("Uli could not send")
    portal.python("import time; time.sleep(3)")
    inbox = portal.browser("mia@example.com").get("/messages/").text
    yield Measure("H3", "text of Maple Clinic to a number claimed by Harbor", f"{status}, seen: {WORDS in inbox}",
                  WORDS in inbox, "stood in Mia's inbox")
    state = otto.get(mia).text
    yield Measure("H3", "its user afterwards", "waits for the provider" if "has not confirmed" in state else "can text",
                  "has not confirmed" not in state, "texted from it at once")
    answers = []
    for number in (FOREIGN, UNKNOWN):
        given = otto.post(f"{mia}/number", {"number-number": number, "number-held": otto.hidden(mia, "number-held")})
        answers.append((given.status, _plain(given), _plain(otto.get(mia))))
    told = "the same" if answers[0] == answers[1] else "differ"
    yield Measure("M7", "form about a foreign and about an unknown number", told, told == "differ",
                  "cannot be assigned here")


def _page_of(browser: Browser, name: str) -> str:
    found = re.search(rf'href="(/admin/users/\w+)"[^>]*><bdi>{name}', browser.get("/admin/users").text)
    if found is None:
        raise SystemExit(f"{name} is not in the list")
    return found[1]


def _switch_on(otto: Browser, page: str) -> None:
    """Confirm the notice and switch one user on, so that nothing but the number keeps her from reading texts."""
    otto.get("/notices")
    otto.post("/notices", {"notice": "hipaa", "version": "1"})
    otto.post(f"{page}/texting", {"word": "on", "version": otto.hidden(page, "version")})
    if "Can text" not in otto.get(page).text:
        raise SystemExit("Mia could not be switched on")


def _plain(answer: Answer) -> str:
    """What was said, without the log of what was done, tokens and the number itself."""
    volatile = (r'<ol class="log">.*?</ol>|name="csrf_token" value="[^"]*"|name="number-held"[^>]*|'
                r"\+?1?[ ()-]*416[ )-]*555[ -]?01\d\d")
    return re.sub(volatile, "", answer.text, flags=re.DOTALL)
