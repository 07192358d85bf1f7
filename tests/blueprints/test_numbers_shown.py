"""Numbers on pages are written as their reader writes them: 1,234 or 1.234 or 1 234."""

import re

import pytest
from flask import render_template_string
from flask_babel import format_decimal, gettext, ngettext
from werkzeug.datastructures import MultiDict

from portal.web.forms import Form, WholeNumberField
from tests.security.maple import settle
from tests.security.table import GETS, WHO

# With a no-break space where it is a space, so that a number stands on one line.
WRITTEN = {"en": "1,234,567", "de": "1.234.567", "pl": "1\xa0234\xa0567", "fr": "1\xa0234\xa0567"}
MARK, ATTRIBUTES = re.compile("‹[^›]*›"), re.compile(r"<(script|style|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)


@pytest.mark.parametrize("language", WRITTEN)
def test_a_sentence_writes_its_numbers_in_code_and_in_templates(app, language):
    with app.test_request_context(headers={"Accept-Language": language}):
        assert format_decimal(1_234_567) == WRITTEN[language]
        for said in (gettext("%(num)s and %(other)s, %(word)s", num=1_234_567, other=2.5, word="1234"),
                     ngettext("%(num)s", "%(num)s and %(other)s, %(word)s", 1_234_567, other=2.5, word="1234"),
                     render_template_string("{{ _('%(num)s and %(other)s, %(word)s', num=1234567, other=2.5,"
                                            " word='1234') }}"),
                     render_template_string("{{ ngettext('%(num)s', '%(num)s and %(other)s, %(word)s', 1234567,"
                                            " other=2.5, word='1234') }}")):
            assert said == f"{WRITTEN[language]} and {format_decimal(2.5)}, 1234"
        own = render_template_string("{{ ngettext('%(num)s user', '%(num)s users', 5, num='five') }}")
        assert own.startswith("five")


@pytest.mark.parametrize(("many", "said"), [
    (1, "Czeka na to 1 użytkownik."), (2, "Czeka na to 2 użytkowników."), (22, "Czeka na to 22 użytkowników."),
    (1_000, "Czeka na to 1\xa0000 użytkowników."), (1_001, "Czeka na to 1\xa0001 użytkowników."),
])
def test_the_count_chooses_the_form_before_it_is_written(app, many, said):
    with app.test_request_context(headers={"Accept-Language": "pl"}):
        assert ngettext("%(num)s user is waiting for it.", "%(num)s users are waiting for it.", many) == said


@pytest.mark.parametrize(("language", "typed", "read"), [
    ("en", "1,000", True), ("en", "1 000", True), ("en", "1.000", False), ("en", "1,00", False), ("de", "1.000", True),
    ("de", "1,000", False), ("pl", "1\xa0000", True), ("fr", "1 000", True), ("fr", "1\u202f000", True),
    ("fr", "1000", True), ("de", "1.0000", False), ("de", "zehn", False), ("pl", "", False),
])
def test_a_field_takes_a_number_as_its_reader_writes_it(app, language, typed, read):
    class Cap(Form):
        most = WholeNumberField("Most", 1, 1000)

    with app.test_request_context(headers={"Accept-Language": language}):
        form = Cap(MultiDict({"most": typed}), meta={"csrf": False})
        assert (form.validate(), form.most.data if read else None) == (read, 1000 if read else None)
        assert read or format_decimal(1000) in form.most.errors[0], "it says how far the numbers go"


@pytest.fixture
def marking(app, monkeypatch):
    """The templates, with each number that they write bare between ‹ and ›."""
    def mark(value):
        return f"‹{value}›" if isinstance(value, int | float) and not isinstance(value, bool) else value

    # It is compiled into the templates, which other tests must not find.
    monkeypatch.setattr(app.jinja_env, "bytecode_cache", None)
    app.jinja_env.finalize = mark
    app.jinja_env.cache.clear()
    yield
    app.jinja_env.finalize = None
    app.jinja_env.cache.clear()


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO)
def test_no_page_writes_a_bare_number(app, browse, marking, who):
    """But where programs read it: in the attributes of elements."""
    held, browser, bare = settle(app), browse(who), {}
    for row in GETS:
        answer = browser.get(held.address(row.rule), buffered=True)
        if answer.mimetype == "text/html":
            bare[row.rule] = MARK.findall(ATTRIBUTES.sub(" ", answer.text))
    browser.pages.clear()
    assert {rule: found for rule, found in bare.items() if found} == {}
    assert len(bare) > 5
