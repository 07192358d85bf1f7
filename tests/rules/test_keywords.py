"""What people's answers mean: the words of the law, free wording, and everything that is neither."""

import string

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from portal.rules.keywords import (
    HELP_EN,
    HELP_FR,
    START_EN,
    STOP_EN,
    STOP_FR,
    HeardRequest,
    Language,
    Meaning,
    fold_text,
    hear_request,
)
from tests.patience import ends

STOP = ["STOP", "STOPALL", "STOP ALL", "END", "QUIT", "CANCEL", "UNSUBSCRIBE", "REVOKE", "OPT OUT", "OPTOUT",
        "OPT-OUT", "REMOVE"]
ARRET = ["ARRET", "ARRÊT", "FIN", "DESABONNER", "DÉSABONNER"]
WORDS = {
    **dict.fromkeys(STOP, (Meaning.STOP, Language.ENGLISH)), **dict.fromkeys(ARRET, (Meaning.STOP, Language.FRENCH)),
    **dict.fromkeys(["START", "UNSTOP"], (Meaning.START, Language.ENGLISH)),
    **dict.fromkeys(["HELP", "INFO"], (Meaning.HELP, Language.ENGLISH)), "AIDE": (Meaning.HELP, Language.FRENCH),
}
SPELLINGS = {
    "upper": str.upper, "lower": str.lower, "title": str.title, "swapped": lambda word: word.title().swapcase(),
    "spaces": " \t{}\n ".format, "full stop": "{}.".format, "exclaimed": "{}!!!".format, "quoted": "“{}”".format,
    "guillemets": "«\u00a0{}\u00a0»".format, "brackets": "*({})*".format, "question": "{}?".format,
    "dots": "...{}…".format, "emoji": "\U0001f6d1 {} \U0001f64f".format, "hidden": "\u202a{}\u202c\x00".format,
    "zero width": "\u200b".join, "soft hyphen": "\u00ad".join, "byte order": "\ufeff{}\u200d\u2060".format,
    "accents": lambda word: "".join(char + "\u0301" if char in "EOI" else char for char in word),
    "wide": lambda word: "".join(chr(ord(char) + 0xFEE0) if "A" <= char <= "Z" else char for char in word),
    "bold": lambda word: "".join(chr(ord(char) - 65 + 0x1D400) if "A" <= char <= "Z" else char for char in word),
    "letters": lambda word: " ".join(word.replace(" ", "")),
    "dotted": lambda word: ".".join(word.replace(" ", "")) + ".",
}
COURTESIES = ["please {}", "Pls {}", "plz {}.", "{} please", "{}, please!", "{} pls", "{} thanks", "{} thank you",
              "{} thx",
              "{}, s'il vous plaît", "{} SVP", "{} merci", "Thank you, {}", "kindly {} please"]

# Free wording that a reasonable person would read as "no more texts".
ENGLISH = """
remove me|Remove me please|Take me off your list|please take my number off this list|Get me off this list
Lose my number|loose my number!!|Delete my number from your list.|delete my phone number|Remove my name from your list
who is this, leave me alone|Who dis? Leave me alone!!!|Don't text me again|Do not contact me|DO NOT TEXT
Don’t contact us|dont ever message this number|Please do not call or text me anymore|I asked you not to text me
I told you never to contact me again|no more texts|No more messages please, I moved away|I don't want these texts
I no longer wish to receive your messages|I never signed up for this|stop sending me this stuff|stop calling me
Please stop harassing my family|stop texting my mother
Please end these text messages
cancel these alerts|Cancel texts|enough with the spam|Stop it|quit bugging me
Thanks but I have found another clinic. Please stop.
We are not coming back, unsubscribe|I opt out|I'd like to opt out of these messages|how do I unsubscribe
UNSUSCRIBE|stop2quit|I revoke my consent|You do not have my permission to text|I texted STOP twice already
not interested|Not interested, thanks|I'm not interested in your offers|wrong number|Sorry, wrong number
You have the wrong number|I think this is the wrong number|I am reporting this number to the FCC|fuck off|Go away!
Sotp|st0p|Stopp|Ok, cancel|No, cancel|just end|yes, stop|cancel now|ALTO|¡Alto!|PARAR|Basta|NO MAS|¡No más!
No más mensajes por favor|No me escriban más|Deje de enviarme mensajes|número equivocado|退订
"""
FRENCH = """
Ne m'écrivez plus|Arrêtez de m'écrire SVP|Arrêtez de nous envoyer des textos|Arrêtez les messages
laissez-moi tranquille
Désabonnez-moi|me désinscrire|Retirez-moi de votre liste|Je ne veux plus recevoir vos textos|Mauvais numéro
Plus de textos svp|Pas intéressée, merci|Arrêtez !|Je ne viens plus chez vous. Arrêt.
"""
# What people write all day, with the same words in it.
ORDINARY = """
Stop by at five|STOP BY WHEN YOU CAN|Stop in around noon|Stopping by now|Is the bus stop near you?|non-stop flight at 6
Stop it, you are too kind to me|Stop me if you have heard this one
I want to stop the bill|Can't stop at the store|Turn left, then stop at the gate|he said stop by later|unstoppable!
We can't stop laughing|Don't stop now, you're doing great|Should I stop taking the pills before the visit?
Cancel my appointment|How do I cancel?|Can you cancel the 3pm and book Friday?|Ok cancel it|Is there a fee if I cancel?
yes cancel|I need to cancel, something came up|the end|What time does it end|The end date is June 5|Weekend works
I'll be there at the end of the day.|end of message|Endless thanks|fin de semaine|fin du mois|À la fin
The finish looks great
Fine|please remove the stain|Remove the second item from my order|Can you remove my old address
Removed the stitches at home
Take the eggs off the list please|Taking the cast off today|take it off the bill|start the meeting|Where do I start?
Start at 8|Let's start|Started the pills today|I quit smoking last year|Quit smoking day 12!|quite good
Revoked my license lol
Please help me carry the sofa|Can you help?|Helping mom tomorrow|Info on parking?|Info sent|For your information
Aidez-moi avec le formulaire|Je n'arrête pas de tousser|arrêt d'autobus|Arrêtez-vous au deuxième feu|plus de lait
Ne m'envoyez pas la facture|Can I opt out of the dental plan?|It opts out of the warranty|yes|YES|Yes please
oui|Ok|no|No thanks
Y|1|👍|C|Subscribe|Resume|Continue|I gave you the wrong number, my house is 14|Wrong size|New number, same name
I'm not interested in the red one, do you have blue?|My son is not interested in soccer any more|Do you need my number?
Did you lose my number? lol|I forget my number for the portal|I don't have your number|Don't text and drive :)
Please don't forget the forms|Never mind|No more milk please|No more pain today, thank you!|Leave it at the door
Leave me two boxes|We go away on Friday|Can you send the text again?|I did not get the text
You don't need to send a text
"""
# Telephones repeat what they like; the word in it is the sender's own.
REACTIONS = ["Liked “Reply STOP to unsubscribe”", "Loved \"Text STOP to end texts from us.\"", "Laughed at “Stop”",
             "Reacted \U0001f44d to “Reply STOP to opt out”", " \U0001f44d to “ Reply STOP ” ",
             "Removed a like from “STOP”",
             "\u200a\u200b\U0001f44d\u200b to “\u200aText STOP to end texts.\u200a”\u200b"]

quick = settings(deadline=None)
KEYWORDS = STOP_EN | STOP_FR | START_EN | HELP_EN | HELP_FR
DEFINITE = {Meaning.STOP, Meaning.START, Meaning.HELP}


def lines(several: str) -> list[str]:
    return several.strip().replace("\n", "|").split("|")


# --- definite ----------------------------------------------------------------


def understood(body: str) -> tuple[Meaning, Language] | None:
    found = hear_request(body)
    return found and (found.meaning, found.language)


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_word_is_definite_however_it_is_spelled(spelling):
    assert {word: understood(spelling(word)) for word in WORDS} == WORDS


@pytest.mark.parametrize("courtesy", COURTESIES)
def test_every_word_is_definite_with_courtesy_around_it(courtesy):
    assert {word: understood(courtesy.format(word)) for word in WORDS} == WORDS


def test_the_table_here_has_every_word_of_the_module():
    assert {fold_text(word) for word in WORDS} == KEYWORDS


@pytest.mark.parametrize(("body", "word"), [
    ("stop please", "stop"), ("pls stop", "stop"), ("stop texting me", "stop"), ("Please stop texting me!", "stop"),
    ("Hi, stop", "stop"), ("no thanks, STOP", "stop"), ("OK. Stop.", "stop"), ("just stop", "stop"),
    ("stop now please", "stop"),
    ("STOP STOP STOP", "stop"), ("stop all messages", "stop all"), ("stop sending me messages", "stop"),
    ("Stop messages", "stop"),
    ("quit texting me", "quit"), ("Opt-out please", "opt out"),
    ("stop the texts", "stop"), ("Stop all these messages", "stop all"),
    ("STOP I said STOP", "stop"), ("STOP!!! Who are you?", "stop"), ("unsubscribe this number", "unsubscribe"),
    ("STOP. I already told you I changed dentists two months ago.", "stop"),
    ("S.T.O.P.", "stop"), ("bonjour, arrêt svp", "arret"), ("stop\nunsubscribe", "stop"),
])
def test_courtesy_takes_many_forms(body, word):
    assert hear_request(body) == HeardRequest(Meaning.STOP, Language.FRENCH if word == "arret" else Language.ENGLISH,
                                              word)


@pytest.mark.parametrize("body", [
    "yes", "YES", "Yes!", "oui", "subscribe", "resume", "continue", "yes please", "1", "ok start",
])
def test_no_ordinary_answer_opts_anybody_in_again(body):
    assert hear_request(body) is None


# --- likely ------------------------------------------------------------------


@pytest.mark.parametrize(("body", "language"), [
    *((body, Language.ENGLISH) for body in lines(ENGLISH)), *((body, Language.FRENCH) for body in lines(FRENCH)),
])
def test_free_wording_is_likely_and_a_person_decides(body, language):
    assert understood(body) == (Meaning.LIKELY_STOP, language)


@pytest.mark.parametrize(("body", "word"), [
    ("Who is this? LEAVE ME ALONE", "leave me alone"), ("Thanks, but we moved. Please stop.", "please stop"),
    ("We moved to Ohio last year, lose my number.", "lose my number"), ("Basta!", "basta"),
])
def test_what_is_told_is_the_wording_and_not_the_whole_message(body, word):
    assert hear_request(body).word == word


def test_a_long_message_may_ask_for_silence_too():
    story = "The coffee was cold and the man at the desk could not find my name. " * 10
    assert hear_request(story) is None
    assert hear_request(story + "Take me off your list.").meaning is Meaning.LIKELY_STOP


# --- neither -----------------------------------------------------------------


@pytest.mark.parametrize("body", lines(ORDINARY))
def test_what_people_write_all_day_is_neither(body):
    assert hear_request(body) is None


@pytest.mark.parametrize("body", REACTIONS)
def test_a_telephone_that_repeats_a_text_asks_for_nothing(body):
    assert hear_request(body) is None


@pytest.mark.parametrize("body", ["Liked it, but stop texting me", "“stop texting me”", "to stop texts I say “STOP”"])
def test_only_a_repeated_text_is_passed_over(body):
    assert hear_request(body).meaning in {Meaning.STOP, Meaning.LIKELY_STOP}


@pytest.mark.parametrize("body", ["", " ", "\n", "...", "\u200b", "\U0001f642", "\u0301", "\ud800", "\x00"])
def test_nothing_is_nothing(body):
    assert hear_request(body) is None


# --- what holds for every text -----------------------------------------------


words = st.text(string.ascii_letters + "éêçñłß0123456789'-", min_size=1, max_size=12)
phrases = st.sampled_from([*KEYWORDS, *lines(ENGLISH), *lines(FRENCH), *lines(ORDINARY)])
anything = st.text() | st.lists(words | phrases | st.text(max_size=3), max_size=12).map(" ".join)


@quick
@given(anything)
@example("\ud83d stop")
@example("ſtop")
@example("İ" * 50)
def test_hearing_never_raises_and_words_are_folded(body):
    found = hear_request(body)
    if found:
        assert found.word
        assert fold_text(found.word) == found.word


@quick
@given(anything)
@example("𝐒𝐓𝐎𝐏")
@example("ᾳ\u0345ΐ")
@example("K\u0307\u00ad\u212b")
def test_folding_twice_changes_nothing(body):
    assert fold_text(fold_text(body)) == fold_text(body)


@quick
@given(st.lists(words, min_size=1, max_size=8).map(" ".join))
def test_ordinary_words_are_never_definite(body):
    assume(not KEYWORDS & {fold_text(body).replace(" ", ""), *fold_text(body).split()})
    assume("opt out" not in fold_text(body))
    found = hear_request(body)
    assert found is None or found.meaning is Meaning.LIKELY_STOP


@quick
@given(st.sampled_from(sorted(KEYWORDS)),
       st.sampled_from(["%s the door", "can you %s it", "%s and go", "my %s", "%s 4 x"]))
def test_a_word_in_a_sentence_is_never_definite(word, sentence):
    found = hear_request(sentence % word)
    assert found is None or found.meaning not in DEFINITE


@quick
@given(st.sampled_from(sorted(WORDS)), st.text(st.sampled_from(" .,!?-*\n\u200b\ufeff\u0301\U0001f642"), max_size=8),
       st.text(st.sampled_from(" .,!?-*\n\u200b\ufeff\u0301\U0001f642"), max_size=8))
def test_punctuation_around_a_word_changes_nothing(word, before, after):
    assert understood(before + word + after) == WORDS[word]


HOSTILE = [
    "a", "a ", "please ", "stop ", "no ", "stop texting me ", "stop texting ", "thank ", "do not ", "you have ",
    "remove my ",
    "stop the ", "stop to send ", "off your a b ", "arret de ", "s t ", ".", ". ", "“", "Liked “", "! ", "\U0001f642",
    "\ufdfa",
    "\u0301", "\u200b", "not want to get ", "name aaaaaaaaaaaa off ", "ok no just ", "opt out of all the ",
]


@pytest.mark.slow
def test_a_hostile_text_of_ten_thousand_characters_is_read_to_its_end():
    """Some three hundred thousand characters in all; a pattern that backtracks would take minutes."""
    for piece in HOSTILE:
        with ends():
            hear_request((piece * 10_000)[:10_000])
            hear_request((piece * 10_000)[:1_599] + "!")
