"""Texts of members through Kannel and the message center behind it, and what Kannel tells the portal's web server."""

import re
from collections import Counter

import pytest

from portal.models import Direction, OptOutState
from tests.acceptance.running import number_of
from tests.patience import wait_for
from tests.peers.kannel import TOKEN, USER, USER_PASSWORD, Kannel

pytestmark = pytest.mark.slow

# By the last two digits of the number: the state, the word that explains it, and how many receipts Kannel brings.
OUTCOMES = {
    "10": ("delivered", "", 2), "50": ("undelivered", "", 2), "51": ("undelivered", "no-such-number", 1),
    "52": ("sent", "", 1), "54": ("delivered", "", 2), "55": ("delivered", "", 2), "56": ("delivered", "", 2),
    "60": ("undelivered", "network-trouble", 1), "61": ("undelivered", "network-trouble", 1),
    "63": ("undelivered", "", 2), "64": ("undelivered", "too-late", 2), "65": ("delivered", "", 3),
    "66": ("undelivered", "0x03", 1), "67": ("delivered", "", 2),
}
WORDS = {"71": "Grüße {€} [x] ~ | ^ \\ à è", "72": "Привет 🙂, вам письмо", "73": "€" + "ab[c]" * 60, "74": "Ж🙂" * 150}


@pytest.fixture
def kannel(portal, center, tmp_path):
    """Kannel between the portal and the center; it is a carrier of the portal, by default."""
    place = tmp_path / "kannel"
    place.mkdir()
    made = Kannel(place, center, "")
    secrets = {"password": USER_PASSWORD, "token": TOKEN}
    ref = portal.carry_all(portal.add_carrier("kannel", secrets, {"address": made.address, "user": USER}))
    made.hook = f"{portal.hook.address}/hooks/{ref}"
    with made:
        yield made


def receipts_of(portal):
    """{reference: how often Kannel told something about it}, and never with another answer than 200."""
    calls = [(address, status) for method, address, status in portal.hook.calls if method == "GET"]
    assert {status for _address, status in calls} <= {200}
    return Counter(re.search(r"[?&]ref=([^&]+)", address)[1] for address, _status in calls)


def test_every_outcome_and_every_callback_is_heard_once(portal, center, kannel):
    refs = portal.send_scripted(OUTCOMES)
    portal.wait_for_outcomes({ending: means[:2] for ending, means in OUTCOMES.items()})
    told = {ref: OUTCOMES[ending][2] for ref, ending in zip(refs, OUTCOMES, strict=True)}
    wait_for(lambda: receipts_of(portal) == told, lambda: f"{receipts_of(portal)} instead of {told}")
    wait_for(lambda: [one.body for one in portal.texts(Direction.IN)] == ["Bonjour, merci de votre message."])
    # Kannel would tell again after a second what it takes for unheard: by then something later has come through.
    for place in range(3):
        last = portal.send(number_of(12 + place), f"Afterwards {place}")
        wait_for(lambda last=last: receipts_of(portal)[last] == 2)
    told |= {ref: 2 for ref in receipts_of(portal) if ref not in told}
    assert receipts_of(portal) == told
    assert [status for method, _address, status in portal.hook.calls if method == "POST"] == [200]


def test_stop_comes_in_and_our_answer_leaves(portal, center, kannel, people):
    portal.send(number_of(10), "Your shoes are ready.")
    portal.wait_for_outcomes({"10": ("delivered", "")})
    center.text_in(number_of(10), people["Uli"].number, "STOP")
    wait_for(portal.optouts)
    assert portal.optouts() == {number_of(10): OptOutState.OUT}
    (answer,) = wait_for(lambda: [one for one in portal.texts() if one.automatic and one.state.value == "delivered"])
    assert answer.theirs == number_of(10)
    assert center.whole_texts()[-1] == (number_of(10)[1:], answer.body)
    assert not portal.may_send(number_of(10), "Your shoes wait.")
    assert [status for method, _address, status in portal.hook.calls if method == "POST"] == [200]


def test_words_arrive_as_they_were_written(portal, center, kannel):
    for ending, body in WORDS.items():
        portal.send(number_of(ending), body)
    portal.wait_for_outcomes(dict.fromkeys(WORDS, ("delivered", "")))
    assert dict(center.whole_texts()) == {number_of(ending)[1:]: body for ending, body in WORDS.items()}
    for ending, (coding, body) in {"75": ("gsm", WORDS["71"]), "76": ("ucs2", WORDS["72"]),
                                   "77": ("ucs2", WORDS["74"])}.items():
        center.text_in(number_of(ending), "+14165550101", body, coding=coding, parts=5 if ending == "77" else 1)
    wait_for(lambda: len(portal.texts(Direction.IN)) == 3)
    assert {one.body for one in portal.texts(Direction.IN)} == {WORDS["71"], WORDS["72"], WORDS["74"]}
