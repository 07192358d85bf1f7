"""Every sentence that the portal texts on its own: one row for each kind of answer, in each language.

A row holds several wordings, the best one first. `answers` takes the first one that fits one segment, so each row ends
with a wording that always fits. All of them use the basic GSM alphabet only: no ê, ç, î, ô, û. A new kind needs a row
in every language; a test says which one is missing.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class AnswerKind(StrEnum):
    """What an automatic answer says."""

    STOP = "stop"
    # STOP in words that also answer a reminder: CANCEL, END, QUIT, REMOVE, FIN.
    CANCEL = "cancel"
    START = "start"
    HELP = "help"
    # Texts have stopped because their words may have meant it.
    LIKELY_STOP = "likely-stop"
    # Texts have stopped because somebody asked for it on the web.
    WEB_STOP = "web-stop"
    NOBODY_READS = "nobody-reads"
    # Nobody reads before the location opens again.
    CLOSED = "closed"


class AnswerWordings(NamedTuple):
    """The wordings of one kind of answer, the best first; `both` is French and English in one segment.

    They may name {name}, {contact} and, of `CLOSED`, {opens}. Those with {contact} are left out where none is set.
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    both: tuple[str, ...]


ANSWER_TABLE: Mapping[AnswerKind, AnswerWordings] = {
    AnswerKind.STOP: AnswerWordings(
        english=("{name}: you will get no more texts from us. Text START to this number if you want them again.",),
        french=(("{name} : vous ne recevrez plus de textos de notre part. Pour en recevoir de nouveau, textez START à"
                 " ce numéro."),),
        both=(("{name} : vous ne recevrez plus nos textos / no more texts from us. Pour reprendre, textez START / text"
               " START to resume."),),
    ),
    AnswerKind.CANCEL: AnswerWordings(
        english=(
            ("{name}: you will get no more texts from us. About an appointment? {contact}. To get texts again, text"
             " START."),
            ("{name}: you will get no more texts from us. About an appointment? Call us. To get texts again, text START"
             " to this number."),
        ),
        french=(
            ("{name} : vous ne recevrez plus nos textos. Pour un rendez-vous : {contact}. Pour nos textos de nouveau,"
             " textez START."),
            ("{name} : vous ne recevrez plus nos textos. Pour un rendez-vous, appelez-nous. Pour nos textos de nouveau,"
             " textez START."),
        ),
        both=(
            ("{name} : vous ne recevrez plus nos textos / no more texts. Rendez-vous/appt: {contact}. START ="
             " reprendre/resume."),
            ("{name} : vous ne recevrez plus nos textos / no more texts. Rendez-vous? Appelez-nous/call us. START ="
             " reprendre/resume."),
        ),
    ),
    AnswerKind.START: AnswerWordings(
        english=("{name}: you will get texts from us again. Text STOP to end them.",),
        french=("{name} : vous recevrez de nouveau nos textos. Textez ARRET pour y mettre fin.",),
        both=(("{name} : vous recevrez de nouveau nos textos / you will get texts from us again. Textez ARRET pour y"
               " mettre fin / text STOP to end."),),
    ),
    AnswerKind.HELP: AnswerWordings(
        english=(
            "{name}: for help {contact}. Text STOP to end texts from us.",
            "{name}: for help ask the person who texted you. Text STOP to end texts from us.",
        ),
        french=(
            "{name} : pour de l'aide, {contact}. Textez ARRET pour terminer.",
            "{name} : pour de l'aide, demandez à la personne qui vous a écrit. Textez ARRET pour terminer.",
        ),
        both=(
            "{name} : aide/help: {contact}. Textez ARRET pour terminer / text STOP to end.",
            ("{name} : aide/help: la personne qui vous a écrit / the person who texted you. Textez ARRET pour"
             " terminer / text STOP to end."),
        ),
    ),
    # It says how to come back and does not ask for it: a confirming text may not try to win anybody back.
    AnswerKind.LIKELY_STOP: AnswerWordings(
        english=("{name}: we stopped texting you. To get texts again, text START to this number.",),
        french=("{name} : nous avons cessé de vous texter. Pour nos textos de nouveau, textez START à ce numéro.",),
        both=("{name} : nous ne vous textons plus / we stopped texting you. Pour reprendre / to resume: START.",),
    ),
    AnswerKind.WEB_STOP: AnswerWordings(
        english=("{name}: we got a request on the web and stopped texting you. Not yours? Text START to this number.",),
        french=(("{name} : à la suite d'une demande sur le Web, nous avons cessé de vous texter. Pas vous? Textez START"
                 " à ce numéro."),),
        both=(("{name} : nous ne vous textons plus : demande sur le Web / request on the web. Pas vous / not yours?"
               " START."),),
    ),
    AnswerKind.NOBODY_READS: AnswerWordings(
        english=(
            ("{name}: this number did not take your text and nobody has read it. To reach us: {contact}. Emergency:"
             " call 911."),
            "{name}: this number did not take your text and nobody has read it. Call us. Emergency: call 911.",
        ),
        french=(
            ("{name} : ce numéro n'a pas pris votre texto et personne ne l'a lu. Nous joindre : {contact}. Urgence :"
             " 911."),
            ("{name} : ce numéro n'a pas pris votre texto et personne ne l'a lu. Appelez-nous. Urgence : composez le"
             " 911."),
        ),
        both=(
            "{name} : personne n'a lu ce texto/nobody has read this text. {contact}. Urgence/emergency: 911.",
            ("{name} : personne n'a lu ce texto/nobody has read this text. Appelez-nous/call us. Urgence/emergency:"
             " 911."),
        ),
    ),
    AnswerKind.CLOSED: AnswerWordings(
        english=(
            "{name}: we are closed. Nobody reads your text before {opens}. Urgent? {contact}. Emergency: call 911.",
            "{name}: we are closed. Nobody reads your text before {opens}. Urgent? Call us. Emergency: call 911.",
        ),
        french=(
            "{name} : fermé. Personne ne lit avant {opens}. Pressant? {contact}. Urgence : composez le 911.",
            "{name} : fermé. Personne ne lit avant {opens}. Pressant? Appelez-nous. Urgence : composez le 911.",
        ),
        both=(
            "{name} : fermé/closed. Lu/read: {opens}. Pressant/urgent? {contact}. Urgence/emergency: 911.",
            "{name} : fermé/closed. Lu/read: {opens}. Appelez-nous/call us. Urgence/emergency: 911.",
        ),
    ),
}
# The days of the week as answers name them, from Monday on.
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_FR = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
# Answers of earlier versions; such a text may still be on its way.
EARLIER_ANSWERS = (
    "{name} : pour de l'aide, {contact}. Textez ARRET pour ne plus recevoir de textos.",
    "{name}: we stopped texting you. Still want texts? Text START to this number.",
    "{name} : nous avons cessé de vous texter. Vous voulez encore nos textos? Textez START à ce numéro.",
    "{name} : nous ne vous textons plus / we stopped texting you. Encore des textos / still want texts? START.",
)
