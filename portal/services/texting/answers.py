"""Automatic answers to keywords. Each is in one language and fits one segment of plain GSM-7.

Every answer has room for a name of 30 characters and a contact of 80; a test tries them all.
"""

import re
import unicodedata

from portal import lengths
from portal.models import Organization
from portal.rules.encoding import BASIC, REPLACEMENTS
from portal.rules.keywords import HeardRequest, Language, Meaning

# Each is one segment with the longest name and contact that the form takes.
ANSWERS = {
    (Meaning.STOP, Language.ENGLISH): "{name}: you will get no more texts from us. Text START to this number if you"
                                      " want them again.",
    (Meaning.STOP, Language.FRENCH): "{name} : vous ne recevrez plus de textos de notre part. Pour en recevoir de"
                                     " nouveau, textez START à ce numéro.",
    (Meaning.START, Language.ENGLISH): "{name}: you will get texts from us again. Text STOP to end them.",
    (Meaning.START, Language.FRENCH): "{name} : vous recevrez de nouveau nos textos. Textez ARRET pour y mettre fin.",
    (Meaning.HELP, Language.ENGLISH): "{name}: for help {contact}. Text STOP to end texts from us.",
    (Meaning.HELP, Language.FRENCH): "{name} : pour de l'aide, {contact}. Textez ARRET pour terminer.",
}
# For an organization that has set no contact, or whose name has no letter of the GSM alphabet.
NO_CONTACT = {Language.ENGLISH: "ask the person who texted you",
              Language.FRENCH: "demandez à la personne qui vous a écrit"}
NO_NAME = {Language.ENGLISH: "Automatic reply", Language.FRENCH: "Réponse automatique"}
# Answers of earlier versions; such a text may still be on its way.
_EARLIER = ("{name} : pour de l'aide, {contact}. Textez ARRET pour ne plus recevoir de textos.",)


def answer_text(organization: Organization, heard: HeardRequest) -> str:
    """The automatic answer to a keyword, in the language of the keyword; "" if there is none."""
    name = _plain_name(organization) or NO_NAME[heard.language]
    contact = organization.help_contact or NO_CONTACT[heard.language]
    return ANSWERS.get((heard.meaning, heard.language), "").format(name=name, contact=contact)


def is_automatic_answer(body: str) -> bool:
    """Whether a text is an automatic answer, of this portal or another one: no person wrote it."""
    return any(frame.fullmatch(body.strip()) for frame in _FRAMES)


def _plain_name(organization: Organization) -> str:
    """The name for replies, or else the organization's name, in characters of the basic GSM alphabet."""
    name = organization.reply_name or organization.name
    return "".join(plain for char in name for plain in _plain_letters(char))[:lengths.REPLY_NAME].strip()


def _plain_letters(char: str) -> str:
    """A character in the basic GSM alphabet: itself, its replacement, or without its accent; "" if none fits."""
    if char in BASIC:
        return " " if char in "\n\r" else char
    letters = REPLACEMENTS.get(char) or unicodedata.normalize("NFKD", char)
    return "".join(letter for letter in letters if letter in BASIC and letter >= " ")


def _frame(answer: str) -> re.Pattern[str]:
    """A pattern for every text that an answer can become: any short name, any contact."""
    parts = re.escape(answer).replace(r"\{name\}", ".{1,60}?").replace(r"\{contact\}", ".{1,100}?")
    return re.compile(parts, re.DOTALL)


_FRAMES = tuple(map(_frame, (*ANSWERS.values(), *_EARLIER)))
