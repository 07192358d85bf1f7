"""Lines of a conversation that look alike are written once, and read as if each had been written by itself."""

from itertools import product

import pytest
from flask import render_template_string

from portal.blueprints.messaging.usual_lines import make_line_filler
from portal.blueprints.messaging.words import LineView
from portal.extensions import now
from portal.web import kept_parts
from portal.wording.moments import LineMoment

BY_ITSELF = """{% import "messaging/lines.html" as texts %}
{{ texts.line(one, False) }}"""
STATES = (("in", "received", "", ""), ("out", "delivered", "Delivered", "can-text"), ("out", "sent", "Sent", "off"),
          ("out", "sending", "Sending", "off"), ("out", "canceled", "Canceled", "off"))
BODIES = ("Hello", " ", '<b>"&\'', "\x1fref\x1f \u202ehidden", "")
MOMENT = LineMoment("2026-11-30", "2026-11-30T12:00:00Z", "Monday <12:00>", "12:00")
LINES = [LineView("r1", kind, body, now(), key, label, looks, automatic=automatic, unread=unread,
                  address="/m/c/texts/r1", report=report, moment=MOMENT)
         for (kind, key, label, looks), body, automatic, unread, report in product(
             STATES, BODIES, (False, True), (False, True), ("", "AB12-CD34"))]


@pytest.mark.parametrize("language", ["en", "pl"])
def test_each_reads_as_if_it_was_written_by_itself(app, language):
    kept_parts.forget_parts()
    with app.test_request_context(f"/?lang={language}"):
        fill = make_line_filler()
        for one in LINES:
            assert one.usual
            assert fill(one).split() == render_template_string(BY_ITSELF, one=one).split()
            assert fill(one._replace(ref="r2")) == fill(one).replace("text-r1", "text-r2")
    assert kept_parts._write_once.cache_info().currsize == len(LINES) // len(BODIES) * 2, "those that show words or not"


@pytest.mark.parametrize("more", [{"kind": "note"}, {"why": "no such number"}, {"rules": (("hipaa", "..."),)},
                                  {"kind": "out", "key": "unknown", "undecided": True},
                                  {"kind": "out", "key": "waiting"}, {"kind": "out", "key": "not-sent"}])
def test_what_explains_or_can_be_acted_on_is_written_by_itself(more):
    assert not LINES[0]._replace(automatic=False, **more).usual
