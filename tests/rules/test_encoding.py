"""How texts travel: alphabets, segments, what makes them costly, and whether there is anything to see."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules.encoding import (
    BASIC,
    EXTENSION,
    INVISIBLE,
    REPLACEMENTS,
    Alphabet,
    PackedText,
    is_visible_text,
    list_costly_characters,
    pack_text,
    replace_costly_characters,
    width_of_character,
)

GSM7, UCS2 = Alphabet
EMOJI, FAMILY = "\U0001f642", "\U0001f468\u200d\U0001f469\u200d\U0001f467"

gsm = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=400)
mixed = st.lists(st.sampled_from(["a", "€", "[", "ł", EMOJI, "…", "’", "\u200b", FAMILY]) | st.characters(),
                 max_size=400).map("".join)
long = st.builds(lambda piece, times, rest: piece * times + rest, st.text(min_size=1, max_size=3),
                 st.integers(0, 350), mixed)
texts = gsm | mixed | long | st.text()
quick = settings(deadline=None)


def reference(body: str) -> int:
    """Segments as a slow machine fills them: units laid out one by one, characters never torn apart."""
    gsm7 = all(char in BASIC or char in EXTENSION for char in body)
    if gsm7:
        characters = [["esc", char] if char in EXTENSION else [char] for char in body]
    else:
        encoded = [char.encode("utf-16-be", "surrogatepass") for char in body]
        characters = [[raw[at:at + 2] for at in range(0, len(raw), 2)] for raw in encoded]
    if len([unit for units in characters for unit in units]) <= (160 if gsm7 else 70):
        return 1
    segments = [[]]
    for units in characters:
        if len(segments[-1] + units) > (153 if gsm7 else 67):
            segments.append([])
        segments[-1] += units
    return len(segments)


@pytest.mark.parametrize(("body", "alphabet", "segments"), [
    ("", GSM7, 1), ("a" * 160, GSM7, 1), ("a" * 161, GSM7, 2), ("a" * 306, GSM7, 2), ("a" * 307, GSM7, 3),
    ("a" * 1530, GSM7, 10), ("a" * 1531, GSM7, 11),
    ("a" * 152 + "€" + "b" * 152, GSM7, 3), ("a" * 151 + "€" + "b" * 153, GSM7, 2),
    ("€" * 80, GSM7, 1), ("€" * 81, GSM7, 2), ("€" * 152, GSM7, 2), ("€" * 153, GSM7, 3),
    ("ł" * 70, UCS2, 1), ("ł" * 71, UCS2, 2), ("ł" * 134, UCS2, 2), ("ł" * 135, UCS2, 3),
    ("ł" * 670, UCS2, 10), ("ł" * 671, UCS2, 11),
    (EMOJI * 35, UCS2, 1), (EMOJI * 36, UCS2, 2), (EMOJI * 66, UCS2, 2), (EMOJI * 67, UCS2, 3),
    ("€" * 69 + "ł", UCS2, 1), ("€" * 70 + "ł", UCS2, 2), (FAMILY * 8, UCS2, 1), (FAMILY * 9, UCS2, 2),
], ids=lambda value: "" if isinstance(value, str) and len(value) > 5 else None)
def test_segments(body, alphabet, segments):
    """Dividing and rounding up gives 2 for 152 a, € and 152 b, and for 67 emoji; both take 3."""
    packed = pack_text(body)
    assert (packed.alphabet, packed.segments) == (alphabet, segments)
    assert reference(body) == segments


def test_the_alphabet_has_as_many_characters_as_the_standard():
    """127 and the escape make 128; each of the others is written as the escape and one of those."""
    assert (len(BASIC), len(EXTENSION), len(BASIC & EXTENSION)) == (127, 10, 0)


@pytest.mark.parametrize("char", sorted(EXTENSION))
def test_a_character_of_two_places_at_the_edge_of_a_segment(char):
    assert pack_text("a" * 158 + char) == PackedText(GSM7, 160, 1, 0)
    assert pack_text("a" * 159 + char) == PackedText(GSM7, 161, 2, 145)
    assert pack_text("a" * 151 + char + "b" * 8) == PackedText(GSM7, 161, 2, 145)
    assert pack_text("a" * 152 + char + "b" * 8) == PackedText(GSM7, 162, 2, 143)


def test_one_foreign_letter_is_named_as_the_cause():
    english = "See you at four, Ms. Kowalska. Bring the form."
    assert pack_text(english).costly == ()
    packed = pack_text(english.replace("Kowal", "Kował"))
    assert (packed.alphabet, packed.costly) == (UCS2, ("ł",))
    assert (packed.places, packed.left) == (len(english), 70 - len(english))


@pytest.mark.parametrize(("body", "named"), [
    ("Grüße, Señor Ångström: à é è ù É Ç", ""), ("ç â ê ë î ï ô û œ À È", "çâêëîïôûœÀÈ"), ("á í ó ú", "áíóú"),
    ("Cafe\u0301s", ["e\u0301"]), ("a\u0301 e\u0301 e\u0301", ["a\u0301", "e\u0301"]),
    ("\u0301a", "\u0301"), ("1\u0301", "\u0301"),
    ("zażółć gęślą jaźń", "żółćęśąźń"), ("“Ab” “Ab”", "“”"), (EMOJI * 3, EMOJI), ("tab\there", "\t"),
])
def test_costly_characters_are_named_once_in_the_order_of_the_text(body, named):
    assert list_costly_characters(body) == pack_text(body).costly == tuple(named)


@pytest.mark.parametrize(("char", "gsm7", "ucs2"), [("a", 1, 1), ("€", 2, 1), ("^", 2, 1), ("ł", 1, 1), (EMOJI, 1, 2)])
def test_how_wide_a_character_is(char, gsm7, ucs2):
    assert (width_of_character(char, GSM7), width_of_character(char, UCS2)) == (gsm7, ucs2)


@quick
@given(texts)
def test_packing_agrees_with_a_slow_machine(body):
    packed = pack_text(body)
    assert packed.segments == reference(body)
    assert (packed.alphabet is UCS2) is bool(packed.costly)
    assert 0 <= packed.left < (160 if packed.alphabet is GSM7 else 70) or not body


@quick
@given(texts, st.text(max_size=80))
def test_a_longer_text_never_takes_fewer_segments(body, more):
    shorter, longer = pack_text(body), pack_text(body + more)
    assert longer.segments >= shorter.segments
    # Places are another thing in another alphabet: what takes two in GSM-7 takes one in UCS-2.
    assert longer.places >= shorter.places or longer.alphabet is not shorter.alphabet


@quick
@given(texts)
def test_what_is_left_fits_and_one_more_does_not(body):
    packed = pack_text(body)
    filler = "ł" if packed.alphabet is UCS2 else "a"
    full = pack_text(body + filler * packed.left)
    assert (full.segments, full.left) == (packed.segments, 0)
    assert pack_text(body + filler * (packed.left + 1)).segments == packed.segments + 1


# --- plainer -----------------------------------------------------------------


@pytest.mark.parametrize(("body", "plain"), [
    ("It’s “fine” – see you…", "It's \"fine\" - see you..."), ("a\u00a0b\tc", "a b c"),
    ("so\u00adme\u200bthing", "something"),
    ("Cafe\u0301", "Café"), ("Se\u006e\u0303or Mu\u0308ller’s", "Señor Müller's"),
    ("1\u20122\u20153", "1-2-3"), ("a\u2002b\u2003c\u2004d\u2005e\u2006f\u2007g\u2008h\u200ai", "a b c d e f g h i"),
    ("one\u2028two", "one\ntwo"), ("O\u02bcBrien", "O'Brien"), ("e\u200b\u0301t", "ét"),
    ("«Oui»", '"Oui"'), ("\ufeffHello", "Hello"), ("€5 [now]", "€5 [now]"), ("", ""),
])
def test_what_has_a_replacement_is_replaced(body, plain):
    assert replace_costly_characters(body) == plain


@pytest.mark.parametrize("body", [
    "It’s Kowalska’s; thanks, Paweł", f"It’s {EMOJI}", FAMILY, "“نمی\u200cخواهم”", "…" * 70,
], ids=["a letter stays", "an emoji stays", "a family stays one", "joined letters", "dots cost more"])
def test_what_saves_nothing_is_left_alone(body):
    """An emoji of several keeps its joiners, and where one character forces UCS-2 the quotes cost nothing."""
    assert replace_costly_characters(body) == body


@quick
@given(texts)
def test_plainer_texts_cost_no_more_and_get_no_plainer(body):
    plain = replace_costly_characters(body)
    assert replace_costly_characters(plain) == plain
    assert pack_text(plain).segments <= pack_text(body).segments
    assert plain == body or pack_text(plain).alphabet is GSM7


@quick
@given(gsm)
def test_what_is_in_the_alphabet_is_never_changed(body):
    assert replace_costly_characters(body) == body


def test_replacements_are_in_the_alphabet_and_what_they_replace_is_not():
    assert not (BASIC | EXTENSION) & (REPLACEMENTS.keys() | INVISIBLE)
    assert all(char in BASIC for replacement in REPLACEMENTS.values() for char in replacement)


# --- visible -----------------------------------------------------------------


@pytest.mark.parametrize("body", [
    "a", " . ", "\u200ba", "ł", EMOJI, "❤\ufe0f", FAMILY, "1\ufe0f\u20e3", "\U0001f1e8\U0001f1e6", "字", "\U0001fae8",
    "\U0001fae9",
])
def test_there_is_something_to_see(body):
    """Also in emoji that are younger than this Python's tables."""
    assert is_visible_text(body)


@pytest.mark.parametrize("body", [
    "", " ", "\n\r\t\f", "\u00a0", "\u2003\u3000", "\u200b\u200c\u200d\u2060\ufeff\u00ad", "\x00\x1b", "\u202e\u200f",
    "\ufe0f",
    "\u034f", "\u3164", "\u115f\u1160\uffa0", "\u2800", "\u2028\u2029", "\ud83d",
], ids=ascii)
def test_there_is_nothing_to_see(body):
    assert not is_visible_text(body)


@quick
@given(st.text(), st.text())
def test_a_text_is_visible_when_any_part_is(one, other):
    assert is_visible_text(one + other) is (is_visible_text(one) or is_visible_text(other))


def test_marks_of_direction_around_a_copied_number_go():
    assert replace_costly_characters(
        "Call \u202a+1 (416) 555\u20110101\u202c\x85today") == "Call +1 (416) 555-0101\ntoday"
