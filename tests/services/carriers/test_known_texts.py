"""What a carrier may ask the portal about a text that comes in, from a thread of its own."""

import threading

from portal import carriers
from portal.carriers.base import IncomingText
from portal.extensions import now
from portal.services.carriers import desk, known_texts
from portal.services.texting import inbound


def in_a_thread(question, *given):
    found = []
    thread = threading.Thread(target=lambda: found.append(question(*given)))
    thread.start()
    thread.join()
    return found[0]


def come_in(carrier, text_id):
    inbound.receive_text(carrier, IncomingText(text_id, "+12125550110", "+14165550101", "yes"))


def test_the_newest_text_whose_id_begins_so(open_app):
    find = known_texts.make_arrival_finder("one")
    for text_id in ("ab-2", "ab-1", "abc-3", "b-4", "ab"):
        come_in("one", text_id)
    come_in("two", "ab-9")
    text_id, at = in_a_thread(find, "ab-")
    assert text_id == "ab-1"
    assert abs((now() - at).total_seconds()) < 3600
    assert in_a_thread(find, "abcd-") is None


def test_whether_a_number_is_ours(open_app):
    is_ours = known_texts.make_number_finder()
    assert in_a_thread(is_ours, "+14165550101")
    assert not in_a_thread(is_ours, "+12125550110")


def test_a_live_carrier_asks_for_its_own_texts(olga, recorded, monkeypatch, typed):
    from portal.services.carriers import carrier_records

    setups = []
    monkeypatch.setattr(carriers, "make_carrier", lambda kind, setup: setups.append(setup))
    record = carrier_records.add_carrier(olga, recorded, typed())
    desk.make_live_carrier(record)
    come_in(record.ref, "ab-1")
    assert setups[-1].find_arrival("ab-")[0] == "ab-1"
    assert setups[-1].own("+14165550101")
