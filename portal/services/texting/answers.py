"""Automatic answers: which wording of the table fits, with the name and the contact of the organization.

Each is one segment of plain GSM-7. The order of shortening: the whole contact, then only the phone number or the web
address in it, then the next wording of the row; the last wording of each row always fits.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import lengths
from portal.extensions import db
from portal.models import Location, Number, Organization, User
from portal.rules.cancel_words import may_mean_appointment
from portal.rules.encoding import BASIC, REPLACEMENTS, Alphabet, pack_text
from portal.rules.keywords import HeardRequest, Language, Meaning
from portal.rules.terms import AnswerLanguage

from .answer_table import ANSWER_TABLE, EARLIER_ANSWERS, WEEKDAYS_EN, WEEKDAYS_FR, AnswerKind

# The languages of keywords, in the order of the table.
SPOKEN = (Language.ENGLISH, Language.FRENCH)
# For an organization whose name has no letter of the GSM alphabet: English, French, both.
NO_NAME = ("Automatic reply", "Réponse automatique", "Réponse auto/auto-reply")
ANSWERED_MEANINGS = {
    Meaning.STOP: AnswerKind.STOP, Meaning.START: AnswerKind.START, Meaning.HELP: AnswerKind.HELP,
    Meaning.LIKELY_STOP: AnswerKind.LIKELY_STOP,
}
# The longest that a contact becomes where its words do not fit: "+1 (416) 555-0100", "www.maple-clinic.example".
SHORT_CONTACT = 24
_PHONE = re.compile(r"\+?\(?\d[\d ().-]{5,20}\d")
_WEB = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:/[\w-]*)*", re.ASCII)


def answer_text(organization: Organization, heard: HeardRequest,
                setting: AnswerLanguage = AnswerLanguage.KEYWORD) -> str:
    """The automatic answer to a keyword; "" if there is none."""
    kind = AnswerKind.CANCEL if may_mean_appointment(heard) else ANSWERED_MEANINGS.get(heard.meaning)
    return word_answer(organization, kind, heard.language, setting) if kind else ""


def word_answer(organization: Organization, kind: AnswerKind, spoken: Language = Language.ENGLISH,
                setting: AnswerLanguage = AnswerLanguage.KEYWORD,
                opens: tuple[str, str, str] = ("", "", "")) -> str:
    """The automatic answer of a kind: one segment of plain GSM-7, whatever the name and the contact are.

    `spoken` is the language of the keyword, `setting` that of the location; `opens` is when the location opens again,
    as `word_opening_time` says it.
    """
    column = _column(spoken, setting)
    name = plain_reply_name(organization) or NO_NAME[column]
    # The sentence goes on with a period of its own.
    contact = _plain(organization.help_contact)[:lengths.HELP_CONTACT].strip().rstrip(". ")
    answer = ""
    for wording, told in _choices(ANSWER_TABLE[kind][column], contact):
        answer = wording.format(name=name, contact=told, opens=opens[column])
        packed = pack_text(answer)
        if packed.alphabet is Alphabet.GSM7 and packed.segments == 1:
            break
    return answer


def _choices(wordings: tuple[str, ...], contact: str) -> Iterator[tuple[str, str]]:
    """Wordings with the contact that each would name, in the order of shortening."""
    brief = shorten_contact(contact)
    for wording in wordings:
        if "{contact}" not in wording:
            yield wording, ""
        elif contact:
            yield wording, contact
            yield from [(wording, brief)] if brief else []


def _column(spoken: Language, setting: AnswerLanguage) -> int:
    """Which wordings of a row: 0 English, 1 French, 2 both."""
    if setting is AnswerLanguage.KEYWORD:
        return SPOKEN.index(spoken)
    return 2 if setting is AnswerLanguage.BOTH else 1


def shorten_contact(contact: str) -> str:
    """The phone number in a contact, or else the web address in it; "" if it names neither, or a long one."""
    found = _PHONE.search(contact) or _WEB.search(contact)
    return found.group() if found and len(found.group()) <= SHORT_CONTACT else ""


def answer_of_number(number: Number, kind: AnswerKind, spoken: Language = Language.ENGLISH,
                     opens: tuple[str, str, str] = ("", "", "")) -> str:
    """The automatic answer that our number gives: in the name of its organization, in the language of its location.

    `spoken` is the language of the keyword, or of what is known about the recipient; see `word_answer` for `opens`.
    """
    organization = db.session.get_one(Organization, number.organization_id)
    return word_answer(organization, kind, spoken, language_of_number(number), opens)


def location_of_number(number: Number) -> Location | None:
    """The location of the user who has our number; None if nobody has it."""
    return db.session.get_one(User, number.user_id).location if number.user_id is not None else None


def language_of_number(number: Number) -> AnswerLanguage:
    """The language of answers from our number: that of its location.

    A number without a location speaks for all of them: as they do where they agree, in both languages where they do
    not.
    """
    if (location := location_of_number(number)) is not None:
        return location.answer_language
    found = select(Location.answer_language).where(Location.organization_id == number.organization_id).distinct()
    settings = set(db.session.scalars(found))
    return settings.pop() if len(settings) == 1 else AnswerLanguage.BOTH if settings else AnswerLanguage.KEYWORD


def word_opening_time(opens: datetime, today: datetime) -> tuple[str, str, str]:
    """When a location opens, in English, in French and for both; `opens` and `today` in the time of the location."""
    near = opens.date() - today.date() < timedelta(days=7)
    english, french = WEEKDAYS_EN[opens.weekday()], WEEKDAYS_FR[opens.weekday()]
    clock = f"{(opens.hour - 1) % 12 + 1}:{opens:%M} {'AM' if opens.hour < 12 else 'PM'}"
    heure = f"{opens.hour} h {opens:%M}" if opens.minute else f"{opens.hour} h"
    if near:
        return f"{english} {clock}", f"{french} {heure}", f"{french}/{english} {opens:%H:%M}"
    return f"{opens:%Y-%m-%d} {clock}", f"le {opens:%Y-%m-%d}, {heure}", f"{opens:%Y-%m-%d %H:%M}"


def is_automatic_answer(body: str) -> bool:
    """Whether a text is an automatic answer, of this portal or another one: no person wrote it."""
    return any(frame.fullmatch(body.strip()) for frame in _FRAMES)


def plain_reply_name(organization: Organization) -> str:
    """The name for replies, or else the organization's name, in characters of the basic GSM alphabet."""
    return _plain(organization.reply_name or organization.name)[:lengths.REPLY_NAME].strip()


def _plain(said: str) -> str:
    return "".join(plain for char in said for plain in _plain_letters(char))


def _plain_letters(char: str) -> str:
    """A character in the basic GSM alphabet: itself, its replacement, or without its accent; "" if none fits."""
    if char in BASIC:
        return " " if char in "\n\r" else char
    letters = REPLACEMENTS.get(char) or unicodedata.normalize("NFKD", char)
    return "".join(letter for letter in letters if letter in BASIC and letter >= " ")


def _frame(answer: str) -> re.Pattern[str]:
    """A pattern for every text that an answer can become: any short name, any contact."""
    parts = re.escape(answer).replace(r"\{name\}", ".{1,60}?").replace(r"\{contact\}", ".{1,100}?")
    return re.compile(parts.replace(r"\{opens\}", ".{1,40}?"), re.DOTALL)


_FRAMES = tuple(_frame(wording) for row in (*ANSWER_TABLE.values(), (EARLIER_ANSWERS,))
                for wordings in row for wording in wordings)
