"""What people read while the carrier takes no texts."""

from portal.extensions import now
from portal.models import TextState
from tests.talks import hold, text_in, text_out

SAID = "The carrier takes no texts at the moment. Yours wait, and leave once it does."


def wait(people, count=5):
    """So many texts of Ben's that a carrier refused lately; the ref of a conversation of Uli's."""
    failed = {"code": "busy", "tries": 1, "changed_at": now()}
    for number in range(count):
        hold(people["Ben"].id, text_out("waits", TextState.QUEUED, **failed), theirs=f"+1647555011{number}")
    return hold(people["Uli"].id, text_in())


def test_every_page_of_texting_says_so_to_everybody(browse, inside, people):
    with inside():
        ref = wait(people)
    uli = browse("Uli")
    for address in ("/messages/", "/messages/new", f"/messages/{ref}"):
        assert SAID in uli.get(address).text


def test_nobody_is_alarmed_by_a_few(browse, inside, people):
    with inside():
        ref = wait(people, 4)
    assert SAID not in browse("Uli").get("/messages/").text + browse("Uli").get(f"/messages/{ref}").text
