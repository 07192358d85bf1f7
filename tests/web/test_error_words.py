"""Error pages speak to who reads them: a member, an auditor, an administrator or an operator."""

import pytest

from portal.models import User
from portal.web.error_words import ERROR_WORDS, KEPT_BELOW, words_of_error
from tests.blueprints.reader import Seen, look

HERE = "http://localhost"


@pytest.mark.parametrize(("who", "address", "said"), [
    ("Uli", "/admin/users", "This page is for administrators."),
    ("Rita", "/admin/users/new", "As an auditor you can read here and change nothing."),
    ("Olga", "/admin/users", "Organizations' pages are for their administrators."),
    ("Olga", "/messages/", "Messages are for the people of an organization."),
    ("Ada", "/operator/cases", "This page is for the people who run this portal."),
    ("Uli", "/operator/cases", "This page is for the people who run this portal."),
])
def test_a_refusal_tells_this_reader_whose_page_it_is(browse, who, address, said):
    seen = look(browse(who), address)
    assert (seen.status, seen.heading) == (403, "You don't have access to this page")
    assert said in seen.words


def test_every_error_says_what_to_do():
    for code, words in ERROR_WORDS.items():
        assert words_of_error(code, User(), "") == words
        assert all(words)
    assert words_of_error(418, User(), "") == ERROR_WORDS[400]
    assert words_of_error(502, User(), "") == ERROR_WORDS[500]
    assert words_of_error(401, User(), "", kept=True).what_to_do == KEPT_BELOW


@pytest.mark.parametrize(("behind", "back"), [
    (f"{HERE}/messages/?before=9#x", "/messages/?before=9"),
    (f"{HERE}/nowhere", None), (f"{HERE}//elsewhere.example", None), ("", None), ("http://[", None),
])
@pytest.mark.parametrize("name", ["Referer", "HX-Current-URL"])
def test_the_way_back_leads_to_another_page_of_the_portal(browse, name, behind, back):
    answer = browse("Uli").get("/nowhere", headers={name: behind})
    seen = Seen(answer)
    assert seen.status == 404
    assert seen.links.get("Back to the page before") == back
    assert seen.links["Go to the start page"] == "/"
