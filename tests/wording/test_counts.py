"""Numbers in sentences: the word behind a number has its form in every language, for every number that can come."""

import re
from collections.abc import Iterator
from gettext import c2py

import pytest
from babel import Locale

from portal.rules import BY_ID
from portal.rules.opening_hours import MOST_CLOSED_DAYS
from portal.rules.table.send import VALID_HOURS
from portal.services.accounts.links import LINK_HOURS
from portal.services.accounts.password_rules import SHORTEST_PASSWORD
from portal.services.carriers.carrier_records import MOST_CARRIERS
from portal.services.imports.inventory_rows import MOST_IN_RANGE, MOST_NUMBERS
from portal.services.imports.optout_rows import MOST_OPTOUTS, MOST_WRONG
from portal.services.imports.reading import MOST_COLUMNS, MOST_ROWS
from portal.services.spam.restrictions import APPEAL_WITHIN

from . import catalogs

SENTENCES = catalogs.known_sentences()
CATALOGS = {locale: catalogs.known_catalog(locale) for locale in catalogs.LOCALES}
LANGUAGES = {"de": "de", "pl": "pl", "fr": "fr_CA"}
NUMBERS = (0, 1, 2, 5, 12, 22, 112)
# A number before an English plural: "%(most)s different numbers". Values that are names come before verbs.
COUNTED = re.compile(r"%\((\w+)\)s(?: different)? (?!(?:is|was|has|shows)\b)([a-z]+s|people)\b")
NAMES = {"actor", "column", "member", "name", "number"}
# A number that stands before its word in a sentence of one form, by the word and the value: all that can come.
FIXED = {
    ("most", "rows"): (MOST_ROWS, MOST_WRONG), ("rows", "rows"): (MOST_OPTOUTS,), ("most", "columns"): (MOST_COLUMNS,),
    ("columns", "columns"): (MOST_COLUMNS,), ("most", "carriers"): (MOST_CARRIERS,),
    ("most", "numbers"): (MOST_NUMBERS, MOST_IN_RANGE, BY_ID["daily-recipients"].limits["most"]),
    ("most", "texts"): (BY_ID["daily-user"].limits["most"], BY_ID["burst"].limits["most"]),
    ("texts", "texts"): (BY_ID["not-unlimited"].limits["texts"],),
    ("recipients", "numbers"): (BY_ID["not-unlimited"].limits["recipients"],),
    ("segments", "parts"): (BY_ID["not-unlimited"].limits["segments"],),
    ("most", "parts"): (BY_ID["too-long"].limits["most"],),
    ("most", "recipients"): (BY_ID["repeated"].limits["most"],),
    ("same", "people"): range(BY_ID["repeated"].limits["warned"] + 1, 200),
    ("seconds", "seconds"): (BY_ID["burst"].limits["seconds"],),
    ("tier", "segments"): tuple(BY_ID["daily-brand"].limits[name] for name in ("sole", "low", "lower", "upper", "top")),
    ("few", "reports"): (BY_ID["report-slow-lane"].limits["few"],),
    ("few", "people"): range(2, 20),
    ("hours", "hours"): (VALID_HOURS, LINK_HOURS, *(rule.limits["hours"] for rule in BY_ID.values()
                                                   if "hours" in rule.limits)),
    ("minutes", "minutes"): tuple(rule.limits["minutes"] for rule in BY_ID.values() if "minutes" in rule.limits),
    ("undo", "minutes"): (BY_ID["maybe-opted-out"].limits["undo"],),
    ("most", "characters"): range(2, 10_000), ("least", "characters"): range(2, 100),
    ("most", "days"): (MOST_CLOSED_DAYS,), ("days", "days"): (APPEAL_WITHIN.days, 3, 7, 14, 30, 90, 400),
    ("unmatched", "days"): (30,), ("many", "segments"): range(1000, 200_000, 1000), ("many", "reports"): (100,),
    ("most", "times"): (5, 10, 20), ("left", "things"): range(2, 10), ("parts", "parts"): range(2, 11),
}
PASSWORDS = ("At least %(most)s characters; a few words", "Use at least %(most)s characters; a few words")
# Polish words that are the same after 2, 5 and 22, also because persons are counted so or a preposition asks for it.
SAME_IN_POLISH = {"dni", "dniach", "godz", "części", "procent", "osób", "odbiorców"}
GENITIVE = r"(?:w ciągu|od|do|dla|po|bez|więcej niż) "


def forms(one) -> tuple[str, ...]:
    return one.string if isinstance(one.string, tuple) else (one.string,)


def single_forms() -> Iterator[tuple[str, str, str]]:
    for one in SENTENCES:
        if one.id and isinstance(one.id, str):
            yield from ((one.id, name, noun) for name, noun in COUNTED.findall(one.id) if name not in NAMES)


@pytest.mark.parametrize(("said", "name", "noun"), sorted(set(single_forms())))
def test_a_number_before_its_word_has_plural_forms_or_fits_them(said, name, noun):
    """A sentence of one form may print only numbers from a table above, and those never ask for another form."""
    assert (name, noun) in FIXED, "Give the sentence plural forms: ngettext or make_plural."
    values = (SHORTEST_PASSWORD,) if said.startswith(PASSWORDS) else FIXED[name, noun]
    assert min(values) > 1
    behind = re.search(rf"({GENITIVE})?%\({name}\)s ([a-ząćęłńóśźż]+)", CATALOGS["pl"].get(said).string)
    if behind and not behind[1] and behind[2] not in SAME_IN_POLISH and len(behind[2]) > 2:
        wanted = {Locale("pl").plural_form(value) for value in values}
        assert wanted == {"many"}, (behind[0], "Say it without a form, or give the sentence plural forms.")


@pytest.mark.parametrize("locale", catalogs.LOCALES)
def test_the_form_for_each_number_is_that_of_the_locale_data(locale):
    catalog, rule = CATALOGS[locale], Locale.parse(LANGUAGES[locale])
    order = {"de": ["one", "other"], "fr": ["one", "other"], "pl": ["one", "few", "many"]}[locale]
    assert catalog.num_plurals == len(order)
    picked = {number: order[plural_index(catalog, number)] for number in NUMBERS}
    assert picked == {number: rule.plural_form(number) for number in NUMBERS}


def plural_index(catalog, number: int) -> int:
    return c2py(catalog.plural_expr)(number)


COUNTED_SENTENCES = [one for one in SENTENCES if isinstance(one.id, tuple)]
# What cannot stand behind a number: by language, the numbers and the words.
_MANY_PL = "osób|znaków|numerów|godzin|minut|wierszy|zgłoszeń|SMS\u2011ów|użytkowników|dni|dniach|osobach|osobom"
_FEW_PL = "osoby|znaki|numery|godziny|minuty|wiersze|zgłoszenia|SMS\u2011y|dni"
_ONE_PL = "osoba|numer|godzina|minuta|wiersz|zgłoszenie|użytkownik|dzień"
_ONE_DE = "Tag|Person|Rufnummer|Stunde|Minute|Zeile|Meldung"
_MANY_DE = "Tagen?|Personen|Rufnummern|Stunden|Minuten|Zeilen|Meldungen"
_ONE_FR = "jour|personne|numéro|heure|minute|ligne|signalement|texto|utilisateur"
MISFITS = {
    # "dla 1 osoby": one person, hour or minute looks like two of them after a preposition.
    "pl": [rf"\b1 (?!osoby|godziny|minuty)({_MANY_PL}|{_FEW_PL})\b", rf"\b(0|2|5|12|22|112) ({_ONE_PL})\b",
           r"\b(2|22) (osób|znaków|numerów|godzin|minut|wierszy|zgłoszeń|SMS\u2011ów)\b",
           r"\b(0|5|12|112) (osoby|znaki|numery|godziny|minuty|wiersze|zgłoszenia|SMS\u2011y)\b"],
    "de": [rf"\b1 ({_MANY_DE})\b", rf"\b(0|2|5|12|22|112) ({_ONE_DE})\b"],
    "fr": [rf"\b[01] ({_ONE_FR})s\b", rf"\b(2|5|12|22|112) ({_ONE_FR})\b"],
}
# Sentences in which Polish counts in the genitive: it is the same for 2, 5 and 22.
IN_GENITIVE = ("The dates of %(num)s", "%(count)s person stays as they are", "%(num)s number was not confirmed",
               "The carrier of %(num)s number")


def count_of(one) -> str:
    """The value that chooses the form: `num` where it is there, else the first one."""
    names = re.findall(r"%\((\w+)\)s", one.id[1])
    return "num" if "num" in names or not names else names[0]


@pytest.mark.parametrize("locale", catalogs.LOCALES)
@pytest.mark.parametrize("one", COUNTED_SENTENCES, ids=lambda one: one.id[0][:60])
def test_every_counted_sentence_with_every_number(locale, one):
    catalog = CATALOGS[locale]
    said = forms(catalog.get(one.id, one.context))
    misfits = MISFITS[locale][:2] if one.id[0].startswith(IN_GENITIVE) else MISFITS[locale]
    for number in NUMBERS:
        form = said[plural_index(catalog, number)]
        values = dict.fromkeys(re.findall(r"%\((\w+)\)s", form), "7")
        whole = form % {**values, count_of(one): str(number)}
        bare = re.sub(rf"\b{GENITIVE}{number}\b", "", whole) if number > 1 else whole
        assert not [wrong for wrong in misfits if re.search(wrong, bare)], whole
