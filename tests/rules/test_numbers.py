"""Numbers as people type them: spellings, kinds, and what holds for every text."""

from zoneinfo import available_timezones

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import TIMEZONE_DATA

from portal.rules import numbers
from portal.rules.number_zones import zones_of_number
from portal.rules.numbers import (
    SPECIAL,
    NumberKind,
    NumberProblem,
    NumberReading,
    format_number,
    is_fictional_number,
    read_number,
    read_sender,
)

WITHOUT_FORM = {NumberKind.EMERGENCY, NumberKind.CRISIS_LINE, NumberKind.SERVICE_CODE, NumberKind.SHORT_CODE,
                NumberKind.UNREADABLE}

ABROAD = {
    "BS": [242], "BB": [246], "AI": [264], "AG": [268], "VG": [284], "KY": [345], "BM": [441], "GD": [473],
    "TC": [649], "JM": [658, 876], "MS": [664], "SX": [721], "LC": [758], "DM": [767], "VC": [784],
    "DO": [809, 829, 849], "TT": [868], "KN": [869],
}
TERRITORIES = {"VI": [340], "MP": [670], "GU": [671], "AS": [684], "PR": [787, 939]}
PLACELESS = {
    NumberKind.TOLL_FREE: [800, 833, 844, 855, 866, 877, 888],
    NumberKind.PREMIUM: [900],
    NumberKind.PERSONAL: [500, *range(521, 530), 532, 533, 544, 566, 577, 588],
    NumberKind.OTHER_SPECIAL: [600, 622, 633, 700, 710],
}


def each(areas: dict) -> list[tuple]:
    """Pairs of an area code and what it belongs to."""
    return [(area, owner) for owner, codes in areas.items() for area in codes]


digits = st.integers(0, 999)
dial = st.text("0123456789+-() .x#,;*/E\u200b\u0669\uff19", max_size=20)
american = st.builds("+1{:03}{:03}0{:03}".format, digits, digits, digits)
foreign = st.builds("+{}{}".format, st.integers(1, 999), st.integers(10_000, 10**12))
typed = st.one_of(st.text(), st.text(st.characters()), dial, american, foreign)
quick = settings(deadline=None)


@pytest.mark.parametrize("raw", [
    "+14165550101", "4165550101", "14165550101", "416-555-0101", "(416) 555-0101", "+1 (416) 555-0101",
    "1.416.555.0101", "416/555/0101", " 416 555 0101 ", "416\u00a0555\u00a00101", "416\u2013555\u20130101",
    "\u202a+1 416 555 0101\u202c", "416\u200b5550101", "'+14165550101", "\uff14\uff11\uff16 555 0101",
])
def test_spellings_of_one_number(raw):
    assert read_number(raw) == NumberReading(NumberKind.PLAIN, "+14165550101", "CA")


@pytest.mark.parametrize(("raw", "kind"), [
    ("911", NumberKind.EMERGENCY), ("#911", NumberKind.EMERGENCY), ("tel:911", NumberKind.EMERGENCY),
    ("911 x1", NumberKind.EMERGENCY),
    ("9-1-1", NumberKind.EMERGENCY), ("9.1.1", NumberKind.EMERGENCY), ("(911)", NumberKind.EMERGENCY),
    ("+1 911", NumberKind.EMERGENCY), ("1911", NumberKind.EMERGENCY), ("112", NumberKind.EMERGENCY),
    ("1 112", NumberKind.EMERGENCY),
    ("9\u200b11", NumberKind.EMERGENCY), ("\uff19\uff11\uff11", NumberKind.EMERGENCY),
    ("\u0669\u0661\u0661", NumberKind.EMERGENCY),
    ("988", NumberKind.CRISIS_LINE), ("+1 988", NumberKind.CRISIS_LINE), ("9-8-8", NumberKind.CRISIS_LINE),
    ("211", NumberKind.SERVICE_CODE), ("411", NumberKind.SERVICE_CODE), ("933", NumberKind.SERVICE_CODE),
    ("+1 811", NumberKind.SERVICE_CODE), ("12345", NumberKind.SHORT_CODE), ("772-62", NumberKind.SHORT_CODE),
])
def test_codes(raw, kind):
    assert read_number(raw) == NumberReading(kind)


@pytest.mark.parametrize(("raw", "problem"), [
    ("", NumberProblem.EMPTY), (" \t", NumberProblem.EMPTY),
    ("Maple Clinic", NumberProblem.LETTERS), ("1-800-FLOWERS", NumberProblem.LETTERS),
    ("416 555 O1O1", NumberProblem.LETTERS),
    ("416 555 0101 x5", NumberProblem.EXTENSION), ("416 555 0101 ext. 5", NumberProblem.EXTENSION),
    ("4165550101;ext=5", NumberProblem.EXTENSION), ("416 555 0101 #5", NumberProblem.EXTENSION),
    ("1.41656E+10", NumberProblem.SPREADSHEET), ("1,41656e+10", NumberProblem.SPREADSHEET),
    ("1E10", NumberProblem.SPREADSHEET),
    ("14165550160.0", NumberProblem.CHANGED), ("14165550160,00", NumberProblem.CHANGED),
    ("4,165,550,160", NumberProblem.CHANGED),
    ("4'165'550'160", NumberProblem.CHANGED), ("$4,165,550,160.00", NumberProblem.CHANGED),
    ("########", NumberProblem.CHANGED),
    ("-1.4E+10", NumberProblem.SPREADSHEET), ("14.2E9", NumberProblem.SPREADSHEET),
    ("416 555 0101 / 416 555 0102", NumberProblem.SEVERAL), ("416-555-0101; 647-555-0102", NumberProblem.SEVERAL),
    ("416 555 0101 416 555 0102", NumberProblem.SEVERAL), ("+14165550101,+14165550102", NumberProblem.SEVERAL),
    ("416 555 0101 or 416 555 0102", NumberProblem.SEVERAL), ("4165550101/4165550102", NumberProblem.SEVERAL),
    ("+49 30 23125678 / +49 30 23125679", NumberProblem.SEVERAL), ("41655501014165550102", NumberProblem.SEVERAL),
    ("555 0101", NumberProblem.TOO_SHORT), ("416 555 010", NumberProblem.TOO_SHORT), ("+", NumberProblem.TOO_SHORT),
    ("---", NumberProblem.TOO_SHORT), ("5678", NumberProblem.TOO_SHORT),
    ("416 555 01011", NumberProblem.TOO_LONG), ("1" * 300, NumberProblem.TOO_LONG),
    ("555 555 0123", NumberProblem.NO_SUCH_AREA_CODE), ("+1 211 555 0123", NumberProblem.NO_SUCH_AREA_CODE),
    ("+1 055 555 0123", NumberProblem.NO_SUCH_AREA_CODE),
    ("416 155 0101", NumberProblem.NO_SUCH_NUMBER), ("416 055 0101", NumberProblem.NO_SUCH_NUMBER),
    ("+1 684 155 0123", NumberProblem.NO_SUCH_NUMBER), ("+1 787 155 0123", NumberProblem.NO_SUCH_NUMBER),
    ("+1 299 555 0123", NumberProblem.NO_SUCH_AREA_CODE), ("+1 436 155 0123", NumberProblem.NO_SUCH_NUMBER),
    ("+1 221 055 0123", NumberProblem.NO_SUCH_NUMBER),
    ("+44 12345", NumberProblem.TOO_SHORT), ("+999 123 4567", NumberProblem.NO_SUCH_NUMBER),
])
def test_what_is_wrong_is_said(raw, problem):
    assert read_number(raw) == NumberReading(NumberKind.UNREADABLE, problem=problem)


@pytest.mark.parametrize("raw", [
    "646-555-0121;5", "646-555-0122, 5", "646-555-0124,,5", "(646) 555-0125;55", "4165550101,00", "416 555 0101 ~5",
    "416 555 0101\uff5e5", "416 555 0101\uff035", "416 555 0101\uff0c5", "416-555-0101:5", "416-555-0101 | 5",
    "646-555-0121 (ext 4)", "646-555-0121 доб. 5", "646 555 0121 p. 5", "646-555-0121; 5; 6",
    "416-555-0101 poste 5", "416-555-0101 p 5", "+1 (416) 555-0101,,,5#", "1 416 555 0101;ext=5", "4165550101*5",
    "416 555 0101;416 555 0102", "+1 221 555 0101;5",
])
def test_no_digits_are_dropped(raw):
    """Somebody who types an extension must not have their text go to the main number."""
    assert read_number(raw).kind is NumberKind.UNREADABLE


@pytest.mark.parametrize("raw", ["646-555-0121;5", "646-555-0122, 5", "416 555 0101\uff5e5", "416-555-0101 poste 5"])
def test_an_extension_is_named(raw):
    assert read_number(raw).problem is NumberProblem.EXTENSION


@pytest.mark.parametrize("raw", ["4165550101,", "4165550101;", "4165550101, ", "(416) 555-0101.", "416*555*0101"])
def test_a_comma_alone_is_no_extension(raw):
    assert read_number(raw).e164 == "+14165550101"


@quick
@given(st.sampled_from(["4165550101", "(416) 555-0101", "+1 436 555 0123", "+12215550123"]),
       st.text(min_size=1, max_size=4), st.from_regex(r"[0-9]{1,6}", fullmatch=True))
def test_digits_behind_a_whole_number_are_never_dropped(number, between, more):
    assert read_number(number + between + more).kind in (NumberKind.UNREADABLE, NumberKind.ABROAD)


@pytest.mark.parametrize("area", [436, 457, 565, 624, 679, 729, 837, 861, 924, 357, 621])
def test_area_codes_younger_than_the_library(area):
    assert read_number(f"+1 {area} 555 0123") == NumberReading(NumberKind.PLAIN, f"+1{area}5550123", "US")


@pytest.mark.parametrize("area", [221, 232, 370, 387, 568, 851, 960])
def test_an_area_code_in_no_list_may_be_a_new_one(area):
    """It is read, and the warning says so: "there is no such area code" would be false for whoever has it."""
    assert read_number(f"({area}) 555-0123") == NumberReading(NumberKind.PLAIN, f"+1{area}5550123", "US", known=False)


@pytest.mark.parametrize("sender", [
    "+447700900123", "+44 00 0000 0000", "+4412345", "+999 123 4567", "+86123", "+20" + "7" * 18, "+2", "+211",
])
def test_whoever_writes_with_the_code_of_another_country_is_abroad(sender):
    assert read_sender(sender).kind is NumberKind.ABROAD


@quick
@given(st.integers(2, 10**16))
def test_every_sender_with_another_country_code_is_abroad(digits):
    """Some with the code 1 are as well, such as +1 868, Trinidad; that is for the number itself to say."""
    if str(digits).startswith("1"):
        assert read_sender(f"+{digits}") == read_number(f"+{digits}")
    else:
        assert read_sender(f"+{digits}").kind is NumberKind.ABROAD


@pytest.mark.parametrize("sender", ["+14165550101", "+14365550123", "12345", "AMAZON", "+1800", "+1", "+", ""])
def test_other_senders_are_read_as_always(sender):
    assert read_sender(sender) == read_number(sender)


@pytest.mark.parametrize(("raw", "region"), [
    ("+1 212 555 0123", "US"), ("+1 604 555 0123", "CA"), ("416 555 0100", "CA"), ("416 555 0199", "CA"),
])
def test_home_is_the_us_and_canada(raw, region):
    reading = read_number(raw)
    assert (reading.kind, reading.region) == (NumberKind.PLAIN, region)


@pytest.mark.parametrize(("area", "region"), each(ABROAD))
def test_countries_that_share_the_country_code_are_abroad(area, region):
    """Whatever follows: people try 246-555-0101, which nobody has, and must hear that it is abroad."""
    for exchange in (555, 155):
        assert read_number(f"+1 {area} {exchange} 0101") == NumberReading(NumberKind.ABROAD, f"+1{area}{exchange}0101",
                                                                          region)


@pytest.mark.parametrize(("raw", "region"), [
    ("+44 20 7946 0018", "GB"), ("011 44 20 7946 0018", "GB"), ("+44 7781 123456", "GG"),
    ("+52 55 1234 5678", "MX"), ("+48 12 345 67 89", "PL"), ("+7 701 123 45 67", "KZ"),
    ("+44 7700 900123", "GB"), ("+44 00 0000 0000", "GB"),
])
def test_other_countries_are_abroad_and_named(raw, region):
    """Countries that share a code, such as Russia and Kazakhstan, are told apart."""
    reading = read_number(raw)
    assert (reading.kind, reading.region) == (NumberKind.ABROAD, region)


@pytest.mark.parametrize(("area", "region"), each(TERRITORIES))
def test_territories(area, region):
    exchange = 733 if region == "AS" else 555
    assert read_number(f"{area} {exchange} 0123") == NumberReading(NumberKind.TERRITORY, f"+1{area}{exchange}0123",
                                                                   region)


@pytest.mark.parametrize(("area", "kind"), each(PLACELESS))
def test_numbers_that_belong_to_no_place(area, kind):
    reading = read_number(f"+1 {area} 555 0123")
    assert (reading.kind, reading.e164) == (kind, f"+1{area}5550123")
    assert kind in SPECIAL


@pytest.mark.parametrize(("raw", "kind", "region"), [
    ("+1 876 922 0123", NumberKind.ABROAD, "JM"), ("+1 800 922 0123", NumberKind.OTHER_SPECIAL, "US"),
])
def test_an_area_code_missing_in_the_lists_is_judged_by_its_country_and_type(raw, kind, region, monkeypatch):
    """New ones are opened every year."""
    monkeypatch.setattr(numbers, "BY_AREA", {})
    reading = read_number.__wrapped__(raw)
    assert (reading.kind, reading.region) == (kind, region)


def test_a_number_without_country_code_is_read_where_the_location_is():
    assert read_number("020 7946 0018", "GB").e164 == "+442079460018"
    assert read_number("416 555 0101", "CA") == read_number("416 555 0101", "US") == read_number("416 555 0101", "")
    assert read_number("911", "GB").kind is NumberKind.EMERGENCY


@quick
@given(typed, st.sampled_from(["US", "CA", "GB", "PL", "", "XX"]))
@example("\ud800", "US")
@example("²", "US")
def test_reading_never_raises_and_gives_exactly_one_kind(raw, region):
    reading = read_number(raw, region)
    assert isinstance(reading.kind, NumberKind)
    assert (reading.e164 == "") is (reading.kind in WITHOUT_FORM)
    assert (reading.region == "") is (reading.kind in WITHOUT_FORM)
    assert (reading.problem is None) is (reading.kind is not NumberKind.UNREADABLE)


# The usual ways to write a +1 number, with signs between its parts that may differ.
usual = st.builds("{}{}{:03}{}{}{:03}{}{:04}".format, st.sampled_from(["", "1", "1 ", "+1", "+1 ", "+1-", "1."]),
                  st.sampled_from(["", "("]), st.integers(100, 999), st.sampled_from(["", ")"]),
                  st.sampled_from(["", " ", "-", "."]), digits, st.sampled_from(["", " ", "-", "."]),
                  st.integers(0, 9999) | st.sampled_from([0, 100, 199]))


@quick
@given(usual | dial, st.sampled_from(["US", "CA", "GB", "BS", ""]))
@example("1416200.0000", "US")
@example("(416)555-0101", "CA")
@example("999 555 0101", "US")
def test_usual_spellings_read_as_the_library_reads_them(raw, region):
    """They are read without it, because files have many of them."""
    assert read_number(raw, region) == read_number.__wrapped__(raw, region)


@quick
@given(typed, st.sampled_from(["US", "GB"]))
def test_the_stored_form_reads_as_the_same_number(raw, region):
    """Whichever region is assumed, and also after it was shown to somebody."""
    reading = read_number(raw)
    if reading.e164:
        assert read_number(reading.e164, region) == reading
        assert read_number(format_number(reading.e164), region) == reading


@pytest.mark.parametrize(("stored", "expected"), [
    ("+14165550101", "+1 416 555 0101"), ("+18005550123", "+1 800 555 0123"), ("", ""), ("911", "911"),
    ("+442079460018", "+44 20 7946 0018"), ("12345", "12345"), ("nobody", "nobody"),
])
def test_numbers_are_shown_with_spaces(stored, expected):
    assert format_number(stored) == expected


@quick
@given(typed)
def test_showing_never_raises(raw):
    assert isinstance(format_number(raw), str)


# --- time zones and numbers of films -----------------------------------------


@pytest.mark.parametrize(("e164", "expected"), [
    ("+18502221234", {"America/New_York"}), ("+18504321234", {"America/Chicago"}),
    ("+14165550101", {"America/Toronto"}), ("+19072341234", {"America/Adak", "America/Anchorage"}),
    ("+17875550123", {"America/Puerto_Rico"}),
    ("+14745550123", {"America/Regina"}), ("+14485550123", {"America/New_York", "America/Chicago"}),
    ("+13645550123", {"America/New_York", "America/Chicago"}),
    ("+19305550123", {"America/New_York", "America/Chicago"}), ("+14365550123", {"America/New_York"}),
    ("+16895550123", {"America/New_York"}), ("+18675550123", {
        "America/Edmonton", "America/Fort_Nelson", "America/Toronto", "America/Vancouver", "America/Whitehorse",
        "America/Winnipeg"}),
    ("+18676691234", {"America/Edmonton"}), ("+18676671234", {"America/Vancouver", "America/Whitehorse"}),
    ("", set()), ("911", set()), ("nobody", set()), ("+19999999999", set()), ("+", set()),
])
def test_the_zones_that_a_number_may_be_in(e164, expected):
    """By the exchange: Tallahassee is Eastern, Pensacola Central, both are 850."""
    assert set(zones_of_number(e164)) == expected


def test_a_number_without_a_place_may_be_in_any_zone():
    assert {"America/St_Johns", "Pacific/Honolulu"} < set(zones_of_number("+18005550123"))


def test_a_number_in_no_list_may_be_anywhere_in_the_us_and_canada():
    found = set(zones_of_number("+12215550123"))
    assert {"America/St_Johns", "America/Regina", "America/Phoenix", "Pacific/Honolulu"} < found
    assert not found & {"Pacific/Guam", "America/Puerto_Rico", "America/Jamaica"}


def test_every_zone_that_there_is_can_be_asked_for_its_time():
    """One that this machine does not know would deny every text to its numbers."""
    named = {name for found in TIMEZONE_DATA.values() for name in found}
    assert named <= available_timezones()


@quick
@given(typed)
def test_asking_for_zones_never_raises(raw):
    assert "Etc/Unknown" not in zones_of_number(raw)
    assert isinstance(zones_of_number(read_number(raw).e164), tuple)


@pytest.mark.parametrize(("e164", "fiction"), [
    ("+14165550099", False), ("+14165550100", True), ("+12125550199", True), ("+12125550200", False),
    ("+14165560100", False), ("+445555550100", False), ("+1416555010", False), ("", False), ("911", False),
])
def test_numbers_of_films(e164, fiction):
    assert is_fictional_number(e164) is fiction


@pytest.mark.parametrize("raw", ["4165550101#", "416·555·0101", "416_555_0101", "416•555•0101"])
def test_what_stands_for_looks_is_no_part_of_a_number(raw):
    assert read_number(raw).e164 == "+14165550101"


@given(st.integers(0, 9_999_999_999).map(lambda digits: f"+1{digits:010}")
       | st.from_regex(r"\+?1?[0-9]{0,12}", fullmatch=True))
def test_numbers_are_shown_as_phonenumbers_formats_them(e164):
    """Numbers of the North American plan are formatted without it, because lists have many."""
    try:
        read = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        assert format_number(e164) == e164
        return
    known = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    assert format_number(e164) == known.replace("-", " ")
