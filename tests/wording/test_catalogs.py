"""The translations: whole, in step with the code, and with every placeholder where it belongs."""

import re

import pytest

from . import catalogs

PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|</?\w+[^>]*>")
MEND = "`make translations` says what is to do."


@pytest.fixture(params=catalogs.LOCALES, scope="module")
def catalog(request):
    return catalogs.known_catalog(request.param)


def translated(catalog):
    return [one for one in catalog if one.id]


def strings(one):
    return one.string if isinstance(one.string, tuple) else (one.string,)


def test_the_sentences_of_the_code_are_found():
    assert len(catalogs.known_sentences()) > 2500
    assert sum(isinstance(one.id, tuple) for one in catalogs.known_sentences()) > 50


def test_every_sentence_has_a_translation_and_none_too_many(catalog):
    ours, theirs = ({catalogs.key_of(one) for one in each if one.id} for each in (catalogs.known_sentences(), catalog))
    assert (sorted(ours - theirs), sorted(theirs - ours)) == ([], []), MEND
    assert [one.id for one in translated(catalog) if not all(part.strip() for part in strings(one))] == [], MEND
    assert [one.id for one in translated(catalog) if one.fuzzy] == []


def test_a_sentence_with_a_count_has_every_form(catalog):
    for one in translated(catalog):
        assert len(strings(one)) == (catalog.num_plurals if isinstance(one.id, tuple) else 1), one.id


def test_placeholders_and_tags_are_those_of_the_sentence(catalog):
    """A form for one thing may say it in words; nothing else may be missing or new."""
    for one in translated(catalog):
        whole = sorted(PLACEHOLDERS.findall(one.id[1] if isinstance(one.id, tuple) else one.id))
        for said in strings(one):
            found = sorted(PLACEHOLDERS.findall(said))
            assert found == whole or (isinstance(one.id, tuple) and set(found) <= set(whole)), (one.id, said)


def test_spaces_at_the_ends_stay(catalog):
    for one in translated(catalog):
        for said in strings(one):
            first = one.id[0] if isinstance(one.id, tuple) else one.id
            assert (first[:1].isspace(), first[-1:].isspace()) == (said[:1].isspace(), said[-1:].isspace()), one.id


@pytest.mark.parametrize("locale", catalogs.LOCALES)
def test_what_the_portal_reads_is_compiled_of_this(locale):
    compiled = (catalogs.FOLDER / locale / "LC_MESSAGES/messages.mo").read_bytes()
    assert compiled == catalogs.compile_catalog(catalogs.read_catalog(locale)), MEND


@pytest.mark.parametrize(("source", "found"), [
    ('NP_("a door", "Open")', [("Open", "a door")]), ('pgettext("a door", "Open", day=1)', [("Open", "a door")]),
    ('lazy_pgettext("a door", N_("Open"))', [("Open", ""), ("Open", "a door")]), ('pgettext("a door", name)', []),
    ('def NP_(context, sentence): ...', []),
])
def test_what_is_found_in_code_with_its_context(source, found):
    assert sorted((said, context) for _line, said, context in catalogs.sentences_in_code(source)) == found


@pytest.mark.parametrize(("source", "found"), [
    ('N_("Hello")', ["Hello"]), ('gettext("Hello")', ["Hello"]), ("gettext(name)", []), ('print("Hello")', []),
    ('ngettext("one", "many", n)', [("one", "many")]),
    ('make_plural(N_("one"), N_("many"), "n")', [("one", "many")]), ('N_("two "\n   "lines")', ["two lines"]),
])
def test_what_is_found_in_code(source, found):
    assert [said for _line, said, _context in catalogs.sentences_in_code(source)] == found


def test_what_is_found_in_a_template():
    page = '<p>{{ _("Hello") }}{{ ngettext("one", "many", n) }}{% trans %}Good day{% endtrans %}</p>'
    assert sorted(map(str, (said for _line, said, _context in catalogs.sentences_in_template(page)))) == [
        "('one', 'many')", "Good day", "Hello"]


def test_what_is_found_in_a_template_with_its_context():
    page = '{{ pgettext("a door", "Open") }}{{ _("Open") }}{{ pgettext("a way", "Open %(day)s", day=day) }}'
    assert [(said, context) for _line, said, context in catalogs.sentences_in_template(page)] == [
        ("Open", "a door"), ("Open", ""), ("Open %(day)s", "a way")]


@pytest.mark.parametrize(("before", "after", "named"), [
    ([("Open the door", "")], [("Open the doors", "")], "Open the doors\n    it was: Open the door"),
    ([("Open", "")], [("Open", ""), ("Open", "a door")], "Open (a door)\n    it was: Open"),
    ([("Open", "a door")], [("Open", "a gate")], "Open (a gate)\n    it was: Open (a door)"),
    ([], [("Open", "a gate")], "Open (a gate)"),
])
def test_what_is_to_translate_is_named_with_what_it_was(before, after, named):
    assert list(catalogs.name_untranslated(set(before), set(after))) == [named]
