"""Check a person and a number: the verdict first, then every rule; nothing is sent or written."""

import re

import pytest
from sqlalchemy import update

from portal.extensions import writing
from portal.models import User
from portal.rules import Act
from portal.rules.service import BY_ACT
from portal.services.names import key_of_name
from tests.blueprints.reader import Seen, look, press
from tests.stores import READS

PAGE = "/admin/check"


@pytest.fixture(params=["Ada", "Rita"])
def reader(request, browse):
    """An admin and an auditor: both may look."""
    return browse(request.param)


def check(browser, user, number=""):
    return press(browser, look(browser, PAGE), "Check", {"User": user, "Number": number})


def answers(seen):
    """What each rule says, by its title."""
    return dict(seen.rows)


def test_the_verdict_stands_first_and_every_rule_answers(reader):
    seen = check(reader, "uli@example.com", "416 555 0123")
    assert (seen.status, seen.heading) == (200, "Can they text?")
    assert "Can text Number read as: +1 416 555 0123" in seen.region("Yes: Uli Brandt could send this now.").words
    assert seen.words.index("Yes: Uli") < seen.words.index("What the text would say"), "above the form"
    assert re.search(r"Every rule's answer \(\d\d rules OK\)", seen.words)
    assert seen.words.index("Yes: Uli") < seen.words.index("Every rule's answer")
    assert len(answers(seen)) == len(BY_ACT[Act.SEND])
    assert set(answers(seen).values()) == {"OK", "a warning", "needs a number or a text"}
    assert answers(seen)["The first text to a person"] == "a warning"
    assert seen.form("Check").data["user"] == ["uli@example.com"], "what was typed stays"


def test_without_a_number_only_the_person_is_checked(reader):
    seen = check(reader, "Uli Brandt")
    assert "Yes: Uli Brandt can text." in seen.words
    assert answers(seen)["US and Canadian numbers only"] == "needs a number or a text"
    assert "No: Rita Sandoval cannot send texts." in check(reader, "rita@example.com").words


@pytest.mark.parametrize(("number", "rule", "sentence"), [
    ("911", "Emergency numbers", "Texts to 911 cannot be sent from here."),
    ("9-1-1", "Emergency numbers", "Call 911; if you cannot speak, use a relay service"),
    ("+1 911", "Emergency numbers", "Texts to 911 cannot be sent from here."),
    ("112", "Emergency numbers", "Texts to 911 cannot be sent from here."),
    ("988", "The crisis line 988", "Call or text 988 from your own phone, at any hour."),
    ("+49 30 901820", "US and Canadian numbers only", "Germany"),
    ("+1 246 555 0101", "US and Canadian numbers only", "Barbados"),
    ("1-800-555-0199", "Toll-free, premium and service numbers", "cannot be texted: toll-free."),
    ("411", "Toll-free, premium and service numbers", "cannot be texted: service code."),
    ("+1 416 555 0101", "Not to oneself", "This is your own business number."),
    ("my number", "A phone number that can be read", "It contains letters."),
])
def test_a_number_that_cannot_be_texted_is_refused_for_one_reason(browse, number, rule, sentence):
    seen = check(browse("Ada"), "Uli Brandt", number)
    assert seen.status == 200
    assert "No: Uli Brandt could not send this now." in seen.words
    assert sentence in seen.region("No: Uli Brandt could not send this now.").words
    assert [title for title, answer in answers(seen).items() if answer == "blocks it"] == [rule]
    assert seen.form("Check").data["number"] == [number]


def test_a_number_is_read_as_at_the_users_location(browse):
    assert "+1 416 555 0123" in check(browse("Ada"), "Uli Brandt", "4165550123").words


def test_a_person_is_found_by_name_address_or_number(browse):
    ada = browse("Ada")
    for typed in ("Uli", "ULI BRANDT", "uli@example.com", "0101", "+1 416 555 0101"):
        assert "Uli Brandt can text." in check(ada, typed).words


@pytest.mark.parametrize(("typed", "problem"), [
    ("", "Enter the user's name, address or number."),
    ("Nobody", "No user of your organization has this name, address or number."),
    ("Mia Castellano", "No user of your organization has this name, address or number."),
    ("otto@example.com", "No user of your organization has this name, address or number."),
    ("example.com", "More than one user matches. Pick one:"),
])
def test_a_person_who_is_nobody_or_several(reader, typed, problem):
    seen = check(reader, typed, "911")
    assert seen.status == 422
    assert seen.problems[0].startswith(problem)
    assert seen.form("Check").data["number"] == ["911"]


def test_the_whole_name_or_address_decides_among_many(browse, inside, locations):
    """However many others contain it, and wherever they stand in the list."""
    with inside(), writing() as session:
        session.execute(update(User).where(User.name == "Rita Sandoval").values(name="Zed", name_key="zed"))
        place = locations["Toronto"].id
        session.add_all(User(organization_id=1, location_id=place, name=f"Abe Zed {n}",
                             name_key=key_of_name(f"Abe Zed {n}"),
                             email=f"{n}.rita@example.com", email_key=f"{n}.rita@example.com") for n in range(9))
    ada = browse("Ada")
    assert "No: Zed cannot send texts." in check(ada, "zed").words
    assert "No: Zed cannot send texts." in check(ada, "rita@example.com").words
    assert "There are more than these. Enter more of the name, or the whole address." in check(ada, "ze").problems


def test_one_of_several_is_picked(reader, people):
    """By a radio button; whoever is not among those found cannot be picked."""
    seen = check(reader, "example.com", "416 555 0123")
    assert "Ben Okafor (ben@example.com)" in seen.words
    picked = press(reader, seen, "Check", {"Uli Brandt (uli@example.com)": True})
    assert "Yes: Uli Brandt could send this now." in picked.words
    data = {**seen.form("Check").data, "who": people["Mia"].ref}
    assert reader.post(PAGE, data=data).status_code == 422


def test_whole_words_come_first(browse, inside, people):
    """Who types Uli means Uli, and not Julia as well."""
    with inside(), writing() as session:
        julia = {"name": "Julia Roth", "name_key": "julia roth"}
        session.execute(update(User).where(User.id == people["Ben"].id).values(**julia))
    assert "Uli Brandt can text." in check(browse("Ada"), "uli").words


def test_a_user_of_the_page_comes_filled_in(browse, people):
    ada = browse("Ada")
    assert look(ada, f"{PAGE}?user={people['Uli'].ref}").form("Check").data["user"] == ["uli@example.com"]
    assert ada.get(f"{PAGE}?user={people['Mia'].ref}").status_code == 404


def test_no_number_stands_in_an_address_and_nothing_is_written(browse, begun):
    ada = browse("Ada")
    form = look(ada, PAGE).form("Check")
    assert (form.action, form.form.get("method")) == (PAGE, "post")
    begun.clear()
    answer = ada.post(PAGE, data={**form.data, "user": "Uli", "number": "416 555 0123"})
    assert "Location" not in answer.headers
    assert begun == [READS]
    assert "4165550123" not in "".join(Seen(answer).links.values())


def test_reasons_of_the_person_lead_an_admin_to_their_remedy(browse):
    seen = check(browse("Ada"), "rita@example.com", "911")
    assert "Assign number" in seen.links
    assert [title for title, answer in answers(seen).items() if answer == "blocks it"] == [
        "Emergency numbers", "Primary number"]
    assert "Assign number" not in check(browse("Rita"), "rita@example.com", "911").links
