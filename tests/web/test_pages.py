"""Every page for everybody, every form with a mistake, every part: held to the house rules."""

import pytest

from tests.markup import ALL, TITLE, every, look_at, parse, words
from tests.products import WHOLE
from tests.security.maple import settle, walk
from tests.security.table import GETS, WHO


def first_seen():
    """The pages to look at, by who opens them: each for the first who may see it, and one that they may not."""
    seen, found = set(), {}
    for who in WHO:
        mine = {row.rule for row in GETS if row.codes[who] == "200"} - seen
        not_mine = [row.rule for row in GETS if row.codes[who] in ("403", "404")][:1]
        found[who] = mine | set(not_mine)
        seen |= mine
    return found


LOOKED_AT = first_seen()
# What only a page that is open asks for.
PARTS = ("/effect", "/news", "/counts", "/time-zones")


@pytest.mark.parametrize("who", WHO)
def test_every_page(app, browse, who):
    """UX-02, A11Y-04: every page that somebody may see, and every page that says why they may not."""
    for rule, answer in walk(app, browse, who).items():
        page = answer.mimetype == "text/html" and answer.status_code != 303 and not rule.endswith(PARTS)
        if page and (WHOLE or rule in LOOKED_AT[who]):
            tree = look_at(answer, signed_in=who != "Nobody")
            said = every(tree, "title")[0].text.startswith("Error: ")
            assert said == (answer.status_code >= 400), rule


# --- what went wrong -----------------------------------------------------------------------------

# Forms with one mistake: who sends it, what was typed, at which field the mistake is said ("" for the whole form).
MISTAKES = [
    ("Nobody", "/sign-in", {"email": "uli@example.com", "password": "wrong"}, ""),
    ("Nobody", "/sign-in", {"email": "", "password": "x"}, "email"),
    ("Nobody", "/welcome/<token>", {"password": "short", "again": "short"}, "password"),
    ("Nobody", "/welcome/<token>", {"password": "a long pass phrase", "again": "another one"}, "again"),
    ("Nobody", "/report-spam", {"body": "You won!", "category": "scam"}, "sender"),
    ("Nobody", "/report-spam", {"sender": "416 555 0101", "body": "x" * 4001}, "body"),
    ("Nobody", "/report-spam", {"sender": "416 555 0101", "category": "scam", "stop": "y"}, "theirs"),
    ("Nobody", "/report-spam", {"sender": "416 555 0101", "body": "You won!", "theirs": "12"}, "theirs"),
    ("Nobody", "/report-spam", {"sender": "26246", "category": "scam", "got_at": "next week"}, "got_at"),
    ("Uli", "/account", {"language": "xx", "time_zone": "Europe/Berlin"}, "language"),
    ("Uli", "/account", {"language": "", "time_zone": "Mars/Base"}, "time_zone"),
    ("Uli", "/account/password", {"current_password": "no", "password": "a pass phrase", "again": "a pass phrase"},
     "current_password"),
    ("Ada", "/admin/users/new", {"name": "Nia Cole", "email": "no address", "number": "416 555 0123"}, "email"),
    ("Ada", "/admin/users/new", {"name": "Nia Cole", "email": "uli@example.com", "number": "416 555 0123"}, "email"),
    ("Ada", "/admin/users/new", {"name": "Nia Cole", "email": "nia@example.com", "number": "twelve"}, "number"),
    ("Ada", "/admin/users/<ref>/details", {"details-name": "", "details-email": "new@example.com"}, "details-name"),
    ("Ada", "/admin/users/<ref>/number", {"number-number": "416 555 0102"}, "number-number"),
    ("Ada", "/admin/users/<ref>/texting", {"version": "0"}, ""),
    ("Ada", "/admin/locations/<ref>/texting", {"version": "0", "word": "on", "locked": "y", "reason": ""}, "reason"),
    ("Ada", "/admin/locations/new", {"name": "", "country": "US", "time_zone": "America/New_York"}, "name"),
    ("Ada", "/admin/locations/new", {"name": "Toronto", "country": "CA", "time_zone": "America/Toronto"}, "name"),
    ("Ada", "/admin/locations/new",
     {"name": "Gatineau", "country": "US", "time_zone": "America/Toronto", "in_quebec": "y"}, "in_quebec"),
    ("Ada", "/admin/locations/<ref>/answers",
     {"version": "1", "language": "both", "weekdays_from": "17:00", "weekdays_to": "08:30"}, "weekdays_to"),
    ("Ada", "/admin/settings", {"version": "1", "word": "on", "locked": "y", "reason": " "}, "reason"),
    ("Ada", "/admin/organization", {"name": "", "reply_name": "Maple", "help_contact": "call us"}, "name"),
    ("Ada", "/admin/organization", {"name": "Maple", "reply_name": "Érable", "help_contact": ""}, "reply_name"),
    ("Ada", "/admin/check", {"user": "nobody there", "number": "416 555 0199"}, "user"),
    ("Ada", "/admin/import", {}, "file"),
    ("Ada", "/admin/opt-outs", {"number": "twelve", "source": "by phone"}, "number"),
    ("Ada", "/admin/opt-outs", {"number": "647 555 0199", "source": ""}, "source"),
    ("Ada", "/admin/opt-outs/<ref>", {"reason": ""}, "reason"),
    ("Uli", "/messages/new", {"number": "911", "body": "Help"}, "number"),
    ("Uli", "/messages/new", {"number": "647 555 0110", "body": "x" * 1600}, "body"),
    ("Uli", "/messages/<ref>", {"body": "x" * 1600}, "body"),
    ("Uli", "/messages/<ref>/name", {"name": "x" * 81}, "name"),
    ("Ada", "/messages/new", {"number": "647 555 0110", "body": "Hello"}, ""),
    ("Olga", "/operator/cases", {}, ""),
    ("Olga", "/operator/cases/<ref>", {"note": "Hm"}, "choice"),
    ("Olga", "/operator/cases/<ref>", {"choice": "duplicate", "note": "Hm"}, "duplicate_of"),
    ("Olga", "/operator/cases/<ref>", {"choice": "duplicate", "duplicate_of": "nothing"}, "duplicate_of"),
    ("Olga", "/operator/cases/<ref>", {"choice": "nonsense", "note": "Hm"}, "choice"),
    ("Olga", "/operator/cases/<ref>", {"choice": "block", "whom": "number", "cause": "",
                                       "note": "Hm", "until": "2030-01-01T12:00"}, "cause"),
    ("Olga", "/operator/cases/<ref>", {"choice": "block", "cause": "fraud", "note": "",
                                       "until": "2030-01-01T12:00"}, "note"),
    ("Olga", "/operator/cases/<ref>", {"choice": "block", "cause": "fraud", "note": "Hm",
                                       "until": ""}, "until"),
    ("Olga", "/operator/cases/<ref>", {"choice": "block", "cause": "fraud", "note": "Hm",
                                       "until": "soon"}, "until"),
    ("Olga", "/operator/cases/<ref>", {"choice": "throttle", "cause": "fraud", "note": "Hm",
                                       "until": "2020-01-01T12:00", "per_minute": "3"}, "until"),
    ("Olga", "/operator/cases/<ref>", {"choice": "throttle", "cause": "fraud", "note": "Hm",
                                       "until": "2030-01-01T12:00", "per_minute": "0"}, "per_minute"),
    ("Olga", "/operator/cases/<ref>", {"choice": "throttle", "cause": "fraud", "note": "Hm",
                                       "until": "2030-01-01T12:00", "per_minute": "fast"}, "per_minute"),
    ("Olga", "/operator/cases/<ref>/note", {"add-note": " "}, "add-note"),
    ("Olga", "/operator/organizations/<ref>/numbers", {"number": "one"}, "number"),
    ("Olga", "/operator/organizations/new", {"name": "Maple Clinic", "admin_name": "Nia Cole"}, "country"),
]
SECRET = ("password", "again", "current_password")


def value_of(tree, name):
    """What a field of the page holds."""
    fields = [field for field in every(tree, "input", "select", "textarea") if field.get("name") == name]
    if fields[0].tag == "select":
        return next((one.get("value") for one in every(fields[0], "option") if one.get("selected") is not None), None)
    if fields[0].get("type") in ("radio", "checkbox"):
        return next((one.get("value") for one in fields if one.get("checked") is not None), None)
    return fields[0].get("value") or words(fields[0])


@pytest.mark.parametrize(("who", "rule", "typed", "at"), MISTAKES, ids=[f"{row[1]}-{row[3]}" for row in MISTAKES])
def test_every_mistake(app, browse, who, rule, typed, at):
    """UX-02: status, title, a summary that has the focus and leads to the field, the same words there, values kept."""
    held = settle(app)
    carried = held.hidden.get(held.address(rule), {})
    answer = browse(who).post(held.address(rule), data={"location": held.location, **carried, **typed})
    assert answer.status_code == 422
    tree = look_at(answer, signed_in=who != "Nobody")
    assert every(tree, "title")[0].text.startswith("Error: ")
    (summary,) = (part for part in every(tree, "section") if part.get("class") == "error-summary")
    assert (summary.get("tabindex"), summary.get("autofocus")) == ("-1", "")
    said = {link.get("href")[1:]: words(link) for link in every(summary, "a")}
    if at:
        by_id = {part.get("id"): part for part in tree.iter()}
        # The link to a group of radios leads to the first of them.
        assert said.get(at, said.get(f"{at}-0")) == words(by_id[f"{at}-error"])
        assert f"{at}-error" in by_id[at].get("aria-describedby").split()
    else:
        assert [words(line) for line in every(summary, "li") if line.find("a") is None]
    kept = {name: value_of(tree, name) for name in typed if name not in SECRET and name != at}
    assert kept == {name: value for name, value in typed.items() if name in kept}


@pytest.mark.parametrize(("rule", "typed", "code"), [
    ("/admin/users/<ref>/texting", {"version": "0", "word": "off"}, 200),
    ("/admin/users/<ref>/texting", {"version": "0"}, 422),
    ("/admin/users/<ref>/texting", {"version": "7", "word": "off"}, 409),
    ("/admin/locations/<ref>/texting", {"version": "0", "word": "on", "step": "confirm"}, 200),
    ("/admin/locations/<ref>/texting", {"version": "0", "word": "on", "locked": "y"}, 422),
    ("/admin/locations/<ref>/texting", {"version": "7", "word": "on"}, 409),
])
def test_every_part(app, browse, rule, typed, code):
    """A11Y-03: a part is one element with the id of the one it replaces, held to the same rules as the page."""
    held, ada = settle(app), browse("Ada")
    page = parse(ada.get(held.address(rule.removesuffix("/texting"))).text)
    answer = ada.post(held.address(rule), data=typed, part=True)
    assert answer.status_code == code
    tree = parse(answer.text, part=True)
    root, *beside = tree
    assert {element.tag for element in beside} <= {"title", "hx-partial"}
    (target,) = {form.get("hx-target") for form in every(page, "form") if form.get("hx-post") == held.address(rule)}
    assert target == f"#{root.get('id')}"
    for check in ALL:
        check(tree)
    said = [words(part) for part in beside if part.get("hx-target") == "#said"]
    assert any(said) == (code == 200)
    assert [TITLE.fullmatch(part.text) for part in beside if part.tag == "title"]


@pytest.mark.parametrize(("rule", "typed", "code", "root"), [
    ("/messages/<ref>", {"body": "Hello"}, 200, "composer"), ("/messages/<ref>", {"body": "x" * 1600}, 422, "composer"),
    ("/messages/<ref>", {"body": "It’s fine", "do": "check"}, 200, "composer"),
    ("/messages/consider", {"number": "647 555 0110", "body": "It’s fine"}, 200, "considered"),
    ("/messages/<ref>/texts/<text>/sent", {}, 200, "text-<text>"),
    ("/messages/<ref>/texts/<text>/again", {}, 200, "text-<text>"),
])
def test_every_part_of_a_conversation(app, browse, rule, typed, code, root):
    """A11Y-03: what replaces something on the page has the id of what it replaces."""
    held, uli = settle(app), browse("Uli")
    page = parse(uli.get(held.address("/messages/<ref>")).text)
    answer = uli.post(held.address(rule), data=typed, part=True)
    assert answer.status_code == code
    first, *beside = parse(answer.text, part=True)
    assert first.get("id") == root.replace("<text>", held.text)
    assert first.get("id") in {element.get("id") for element in page.iter()}
    assert {element.tag for element in beside} <= {"title", "hx-partial"}
    for check in ALL:
        check(first)


def test_the_command_line_has_a_language(app):
    """Nobody is signed in there, and nobody asks for anything."""
    told = app.test_cli_runner().invoke(args=["admin", "create", "ada@example.com"])
    assert told.exit_code == 1
    assert "Error: " in told.output


def test_a_template_knows_what_the_application_says_later_and_shares_nothing_of_its_own(app, monkeypatch):
    asked = "{{ word is defined }}"
    plain, own = app.jinja_env.from_string(asked), app.jinja_env.from_string(asked, globals={"word": "mine"})
    assert (plain.render(), own.render(), app.jinja_env.from_string(asked).render()) == ("False", "True", "False")
    monkeypatch.setitem(app.jinja_env.globals, "word", "everybody's")
    assert plain.render() == "True"
