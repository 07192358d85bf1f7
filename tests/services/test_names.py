"""Names are compared without case and accents; what is typed into a search is taken literally."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select
from sqlalchemy.dialects import sqlite

from portal.services.names import digits_of_search, escape_like, is_name_meant, key_of_name, name_condition

WILD = st.text("ab%_\\", max_size=6)


@pytest.fixture(scope="module")
def like():
    """`like("Adam", "%da%")`: whether SQLite finds the pattern, with a backslash for escape character."""
    with closing(sqlite3.connect(":memory:")) as rows:
        yield lambda text, pattern: rows.execute("SELECT ? LIKE ? ESCAPE '\\'", (text, pattern)).fetchone() == (1,)


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "key"), [
    ("  Zoé Lefèvre ", "zoe lefevre"), ("ŁUKASZ", "lukasz"), ("Strøm", "strom"), ("Straße", "strasse"),
    ("Đorđe", "dorde"), ("Þóra", "thora"), ("Ægir", "aegir"), ("IŞIK", "isik"),
    ("Uli\u200b Br\u00adandt", "uli brandt"),
    ("O'Neil-Łoś", "o'neil-los"), ("L’Île‑Perrot", "l'ile-perrot"), ("d´Or – Sud", "d'or - sud"),
    ("ĄĆĘŁŃÓŚŹŻ ąćęłńóśźż", "acelnoszz acelnoszz"), ("ÄÖÜẞ äöüß", "aouss aouss"),
    ("ÀÂÇÉÈÊËÎÏÔÛÙÜŸŒÆ àâçéèêëîïôûùüÿœæ", "aaceeeeiiouuuyoeae aaceeeeiiouuuyoeae"),
    ("𝐀𝐝𝐚", "ada"), ("ﬁn", "fin"), ("", ""), ("李明", "李明"),
])
def test_names_are_compared_without_case_accents_and_outer_spaces(typed, key):
    assert key_of_name(typed) == key


def test_names_are_sorted_as_their_plain_letters_are():
    """One order for readers of all languages: Ł stands with L, É with E, ß with ss, Ü with U."""
    names = ["Łódź", "Lyon", "Élise", "Emil", "Eve", "Straße", "Strasburg", "Strauss", "Übersee", "Uwe", "Zoé", "ŻUK"]
    assert sorted(names, key=key_of_name) == [
        "Élise", "Emil", "Eve", "Łódź", "Lyon", "Strasburg", "Straße", "Strauss", "Übersee", "Uwe", "Zoé", "ŻUK"]


# Who is found by what is typed, and by what not.
FOUND = [
    ("Łódź", "Lodz", "LODZ", "łódź", "odz", "ŁÓ"),
    ("Müller", "Muller", "Mueller", "müll", "MUELL", "muell"),
    ("Mueller", "Müller", "MÜLLER", "Mueller"),
    ("Michael Müller", "Michael Mueller", "michael muller", "el mül", "Mueller, Michael"),
    ("Straße", "strasse", "STRASSE", "Strasse", "straße"),
    ("Hélène Beaulieu", "Beaulieu, Helene", "beaulieu,hélène", "HELENE B"),
    ("Beaulieu, Hélène", "Beaulieu, Helene", "beaulieu"),
    ("L’œuvre", "oeuvre", "œuvre", "L'OEUVRE", "l’Œu"),
    ("Zażółć gęślą jaźń", "zazolc gesla jazn"),
    ("Noël Æbi-Göbel", "Noel", "aebi", "goebel", "æbi-gobel"),
]
MISSED = [("Muller", "Mulle, r"), ("Joel", "Jol"), ("Michael", "Michal"), ("Rafael", "afal"), ("Mueller", "Muller"),
          ("John", "Joe"), ("Susan", "Sue"), ("Marta", "Mae")]


@pytest.fixture(scope="module")
def fits():
    """`fits("Müller", "muell")`: whether a search finds a name, asked of SQLite."""
    with closing(sqlite3.connect(":memory:")) as rows:
        def ask(name, typed, pattern="%{}%"):
            told = select(name_condition(literal(key_of_name(name)), typed, pattern))
            asked = told.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
            return rows.execute(str(asked)).fetchone() == (1,)
        yield ask


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, *ways in FOUND for typed in ways])
def test_a_name_is_found_however_a_person_types_it(fits, name, typed):
    assert fits(name, typed)


@pytest.mark.parametrize(("name", "typed"), MISSED)
def test_only_what_is_typed_with_an_umlaut_or_for_one_is_read_both_ways(fits, name, typed):
    assert not fits(name, typed)


def test_a_search_can_ask_for_the_beginning_or_the_whole(fits):
    assert fits("Müller Anna", "Mueller", "{}%") and not fits("Anna Müller", "Mueller", "{}%")
    assert fits("Müller", "mueller", "{}") and not fits("Müllers", "mueller", "{}")
    assert not fits("Müller", "%") and not fits("Müller", "_ueller")


@pytest.mark.parametrize(("typed", "name"), [
    ("Mueller", "Müller"), ("Müller", "Mueller"), ("muller", "MÜLLER"), ("Muller", "Muller"),
    ("Mu\u0308ller", "Mueller"), ("Müller, Zoé", "Zoe Mueller"), ("Muller, Zoe", "Zoé Müller"), ("Goethe", "Göthe"),
])
def test_a_whole_name_is_meant_with_and_without_its_umlaut(typed, name):
    assert is_name_meant(typed, name) and is_name_meant(name.upper(), name)


@pytest.mark.parametrize(("typed", "name"), [
    ("Joe", "Jo"), ("Sue", "Su"), ("Michael", "Michal"), ("Bauer", "Baur"), ("Mueller", "Muller"),
    ("Muller", "Mueller"), ("Müller", "Müllers"), ("", "Jo"),
])
def test_no_other_name_is_meant(typed, name):
    assert not is_name_meant(typed, name)


@given(st.text())
def test_a_key_is_its_own_key(typed):
    """So it does not matter whether a person types a name or the key that it is compared by."""
    assert key_of_name(key_of_name(typed)) == key_of_name(typed)


# --- searching -----------------------------------------------------------------------------------


@given(WILD, WILD)
def test_a_search_finds_exactly_the_texts_that_contain_it(like, text, typed):
    assert like(text, f"%{escape_like(typed)}%") == (typed in text)


@pytest.mark.parametrize("typed", ["%", "_", "\\", "%_\\", "50%", "a_b", "C:\\"])
def test_no_character_stands_for_another(like, typed):
    assert like(typed, escape_like(typed))
    assert not like("50 percent, a-b, C:/", escape_like(typed))


@pytest.mark.parametrize(("typed", "digits"), [
    ("(416) 555-0101", "4165550101"), ("+1 416", "1416"), ("Uli", ""), ("", ""), ("x²½Ⅳ③", ""), ("٤١٦", "416"),
    ("４１６", "416"), ("room 12b", "12"),
])
def test_the_digits_of_a_search(typed, digits):
    """In any script, and nothing that only looks like a number: an exponent, a fraction, a Roman or circled numeral."""
    assert digits_of_search(typed) == digits
