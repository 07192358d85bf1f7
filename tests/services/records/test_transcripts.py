"""What was released: all lines of all members with one number, for two readers, with hashes that show a change."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound

from portal.extensions import db, now
from portal.services.records import requests, transcripts
from tests.talks import hold, note, text_in, text_out

THEIRS = "+16475550110"


@pytest.fixture
def released(open_app, row, people):
    """Uli and Ben have texted one number; Rita has released it to Ada. Gives the ref."""
    hold(people["Uli"].id, text_out("One"), text_in("Two"), note("withdrawn"), theirs=THEIRS)
    hold(people["Ben"].id, text_out("Three"), theirs=THEIRS)
    hold(people["Ben"].id, text_out("Elsewhere"), theirs="+16475550111")
    hold(people["Otto"].id, text_out("Harbor"), theirs=THEIRS)
    hold(people["Uli"].id, text_out("Long ago", at=now() - timedelta(days=40)), theirs=THEIRS)
    asked = requests.ask_for_records(row("Ada"), THEIRS, now() - timedelta(days=30), now() + timedelta(days=1), "Why")
    requests.decide_records_request(row("Rita"), asked, released=True, answer="")
    return asked.ref


def read(row, name, ref):
    db.session.rollback()
    asker = row("Ada")
    return transcripts.read_transcript(row(name), requests.find_request_row(asker, ref))


def test_all_lines_of_the_organization_with_the_number_in_the_period(row, released):
    lines = read(row, "Ada", released)
    assert [(one.member.split()[0], one.body) for one in lines] == [
        ("Uli", "One"), ("Uli", "Two"), ("Uli", "withdrawn"), ("Ben", "Three")]
    assert read(row, "Rita", released) == lines


@pytest.mark.parametrize("name", ["Uli", "Ben", "Otto", "Olga"])
def test_nobody_else_reads_a_word(row, released, name):
    with pytest.raises(NotFound):
        read(row, name, released)


def test_a_release_ends_after_seven_days(row, released, clock):
    clock.forward(days=6, hours=23)
    assert read(row, "Ada", released)
    clock.forward(hours=2)
    with pytest.raises(NotFound):
        read(row, "Ada", released)


def test_the_chain_is_what_the_page_says():
    first = hashlib.sha256(("0" * 64 + "a\r\n").encode()).hexdigest()
    second = hashlib.sha256((first + "é\r\n").encode()).hexdigest()
    assert transcripts.chain_line_hashes(["a\r\n", "é\r\n"]) == [first, second]
    assert transcripts.hash_whole_file("é") == hashlib.sha256("é".encode()).hexdigest()


@given(st.lists(st.text(max_size=5), min_size=1, max_size=6), st.data())
def test_every_hash_from_a_changed_line_on_is_another(lines, data):
    place = data.draw(st.integers(0, len(lines) - 1))
    changed = [*lines[:place], lines[place] + "x", *lines[place + 1:]]
    was, now_ = transcripts.chain_line_hashes(lines), transcripts.chain_line_hashes(changed)
    assert was[:place] == now_[:place]
    assert all(one != other for one, other in zip(was[place:], now_[place:], strict=True))
