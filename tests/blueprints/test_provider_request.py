"""One letter to the provider with everything that is missing, to copy or to open in a mail program."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from portal.blueprints.admin.provider_request import ASKS
from portal.extensions import writing
from portal.models import Location, Organization
from portal.rules import BY_ID, Fixer
from portal.rules.facts import Campaign, CustomerType, Pstn
from portal.services.toggles.checklist import ASKED
from portal.web.mailto import LONGEST
from tests.blueprints.reader import Seen

PAGE = "/admin/provider-request"
TO = "requests+texting@provider.example"


@pytest.fixture
def lack(inside, organizations, locations):
    """`lack(add_on=False)` changes what the provider has granted to Maple Clinic; `pstn` that of Toronto."""
    def change(pstn=Pstn.PROVIDER, **facts):
        with inside(), writing() as session:
            maple = session.get(Organization, organizations["Maple"].id)
            for name, value in facts.items():
                setattr(maple, name, value)
            session.get(Location, locations["Toronto"].id).pstn = pstn

    return change


def letter(answer):
    return "".join(Seen(answer).all("main//textarea")[0].itertext()).strip()


def test_every_rule_that_only_the_provider_can_mend_has_its_words():
    """Against a block one appeals instead."""
    assert set(ASKS) == {rule.id for rule in ASKED if rule.fixer is Fixer.PROVIDER and rule.about != "restriction"}
    assert set(ASKS) <= set(BY_ID)


def test_one_letter_asks_for_all_of_it_in_our_own_voice(browse, lack):
    lack(calling_plan=False, add_on=False, pstn=Pstn.OTHER_PROVIDER, campaign=Campaign.PENDING,
         customer_type=CustomerType.TRIAL)
    said = letter(browse("Ada").get(PAGE))
    assert said.splitlines()[:9] == [
        "Hello,", "", "could you help us with Business Texting at Maple Clinic? This is what we are missing:", "",
        "- Could you make us an enterprise customer? 4 users are waiting for it.",
        "- Could you add the calling plan? 4 users are waiting for it.",
        "- Could you add the Business Texting add-on? 4 users are waiting for it.",
        "- Could you connect these locations to your PSTN? Toronto. 4 users are waiting for it.",
        "- Could you complete the registration of our brand and campaign? 4 users are waiting for it."]
    assert said.endswith("Kind regards\nAda Keller")
    assert not {"@", "+1", "your side"} & set(said.split())


def test_a_new_location_without_users_is_asked_for_as_well(browse, inside, locations):
    with inside(), writing() as session:
        session.get(Location, locations["Halifax"].id).pstn = Pstn.NOT_SET
    assert "Could you connect these locations to your PSTN? Halifax." in letter(browse("Ada").get(PAGE))


def test_where_nothing_is_missing_there_is_no_letter(browse):
    seen = Seen(browse("Ada").get(PAGE))
    assert seen.all("main//textarea") == []
    assert "Everything on the provider's side is in order." in seen.words


@pytest.mark.parametrize(("who", "code"), [("Ada", 200), ("Otto", 200), ("Rita", 403), ("Uli", 403), ("Olga", 403)])
def test_the_letter_is_for_administrators_and_about_their_own(browse, lack, who, code):
    lack(add_on=False)
    answer = browse(who).get(PAGE)
    assert answer.status_code == code
    assert ("at Maple Clinic" in answer.text) == (who == "Ada")


def test_it_is_mailed_only_where_the_provider_has_an_address(browse, lack, another):
    lack(add_on=False)
    assert "mailto:" not in browse("Ada").get(PAGE).text
    page = browse("Ada", another(PROVIDER_EMAIL=TO)).get(PAGE)
    address = Seen(page).links["Email it"]
    parts = urlsplit(address)
    fields = parse_qs(parts.query, strict_parsing=True)
    assert (parts.scheme, unquote(parts.path)) == ("mailto", TO)
    assert list(fields) == ["subject", "body"]
    assert fields["subject"] == ["Business Texting for Maple Clinic"]
    assert fields["body"][0].splitlines() == letter(page).splitlines()
    assert "welcome" not in address


@pytest.mark.parametrize("name", ["X&bcc=all@example.com", "X\r\nBcc: all@example.com", "\u00c9" * 120, "%0D%0ABcc: a"])
def test_no_name_becomes_a_header_and_a_long_letter_says_so(browse, lack, another, name):
    lack(add_on=False, calling_plan=False, campaign=Campaign.NONE, name=name)
    page = browse("Ada", another(PROVIDER_EMAIL=TO)).get(PAGE)
    address = Seen(page).links["Email it"]
    assert len(address) <= LONGEST
    assert list(parse_qs(urlsplit(address).query, strict_parsing=True)) == ["subject", "body"]
    shortened = "see the portal" in unquote(address)
    assert shortened == ("too long to open as a whole" in page.text) == (name[0] == "\u00c9")
