"""The help page: short, in the words of the rules, with the people whom the reader can ask."""

import pytest

from portal import wording
from portal.blueprints.notices.member_help import MEANINGS, SUBJECTS_OF_RULES
from portal.extensions import writing
from portal.models import Organization
from portal.rules import BY_ID
from portal.wording import texts
from tests.blueprints.reader import Seen

RULES = [one for _anchor, _title, ids in SUBJECTS_OF_RULES for one in ids]


@pytest.fixture
def look(browse):
    return lambda name="Nobody": Seen(browse(name).get("/help"))


def test_every_state_that_a_text_out_can_have_is_explained():
    """A new state needs its sentence here."""
    explained = {texts.TEXT_STATES[state][0] if state else texts.WAITING_LABEL[0] for state, _meaning in MEANINGS}
    every = {key for key, _label in texts.TEXT_STATES.values()} | {texts.WAITING_LABEL[0]}
    assert explained == every - {"received"}
    assert len(MEANINGS) == len(explained)


def test_the_states_stand_there_in_the_words_of_the_conversation(look):
    page = look("Uli").region("What a text says about itself").words
    assert all(label in page for state, _meaning in MEANINGS
               for _key, label in [texts.TEXT_STATES[state] if state else texts.WAITING_LABEL])


@pytest.mark.parametrize("who", ["Uli", "Nobody"])
def test_what_rules_say_comes_from_the_table(app, look, who):
    page = look(who)
    with app.test_request_context():
        said = [wording.limitation_of_rule(BY_ID[one], who != "Nobody") for one in RULES]
    assert all(sentence in page.words for sentence in said)
    assert {link.get("href") for link in page.all("main//a[@class='rule']")} == {
        f"/limitations#{one}" for one in RULES}


def test_an_emergency_begins_with_what_to_do(look):
    assert look().all("main//p/strong")[0].text_content().startswith("Call 911")


def test_whom_to_ask(look, inside, organizations):
    page = look("Uli").region("Whom to ask").words
    assert "Ada Keller" in page
    assert "Contact" not in page, "no contact is set"
    with inside(), writing() as session:
        session.get_one(Organization, organizations["Maple"].id).help_contact = "+1 416 555 0100"
    assert "Contact of your organization +1 416 555 0100" in look("Uli").region("Whom to ask").words
    assert "+1 416 555 0100" not in look("Otto").words, "another organization"
    assert "Ada Keller" not in look("Otto").words


def test_strangers_read_it_and_name_nobody(look):
    page = look()
    assert "a new link for you" in page.region("Whom to ask").words
    assert not any(name in page.words for name in ("Ada Keller", "Otto Lang"))


@pytest.mark.parametrize(("who", "address"), [
    ("Nobody", "/"), ("Nobody", "/limitations"), ("Uli", "/messages/"), ("Ada", "/admin/"), ("Olga", "/operator/"),
    ("Uli", "/nowhere"),
])
def test_every_page_leads_to_it(browse, who, address):
    assert "/help" in [link.get("href") for link in Seen(browse(who).get(address)).all("footer//a")]


def test_members_who_may_not_text_and_operators_get_it_too(look):
    for name in ("Rita", "Olga"):
        assert look(name).region("Whom to ask")
