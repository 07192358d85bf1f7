"""Requests to stop are heard, ordinary sentences are not: the aims on the corpus, and cases that people met."""

import pytest

from bench.hearing import grade, measure
from portal.rules import folding, keywords
from portal.rules.keywords import Meaning, hear_request
from tests.rules.hearing import Line, lines

STOPS = {Meaning.STOP, Meaning.LIKELY_STOP}
OFFERS = [
    "Clinique Érable : rendez-vous lundi à 15 h. Textez ARRET pour ne plus recevoir de textos.",
    "Maple Clinic: see you Monday. Text STOP to end texts", "Maple Clinic: see you Monday. Text STOP to end te…",
]

CLEAR = [
    "STOP Sent from my iPhone", "STOP - Sent from my Galaxy", "STOP\rSent from my iPhone",
    "STOP\u2028Sent from my iPhone", "STOP (Sent with Slam effect)", "Stop - I don't know you people",
    "STOP I don't know who you are", "STOP 416-555-0199", "STOP to end", "Stop or I will call my lawyer",
    "STOP for good",
]
LIKELY = [
    "please stop sending text message reminders", "stop sending promotional texts",
    "stop sending appointment reminders", "I don't wish to be contacted any longer",
    "Cease and desist from all communication", "cease and desist", "take my contact details off, please",
    "once more: I want to end this service, thank you", "I would like my details to be removed", "opt me out",
    "Please opt me out", "opt my number out", "unsub", "un subscribe", "remove from your list", "delete me",
    "take me out of your system", "please no texts", "no contact please", "I don't want to receive these",
    "Don't text back", "Can you please stop?", "I asked you to stop", "Reply STOP", "退訂", "no mas por favor",
    "basta ya", "cessez", "STOP\n\n" + "Words for one reader only, and of no use to others. " * 40,
    "Liked it, but stop texting me", "“stop texting me”", "Edited to “Stop texting me”",
]
HARMLESS = [
    "Stop by at five", "stop in around noon", "Stop it, you are too kind to me", "Can't stop at the store",
    "Count on me, we must STOP this plan before Friday!!",
    "Your parcel comes today between 2 and 4. Reply STOP to opt out.",
    "Your parcel is here. Reply STOP to unsubscribe, call 800-555-0199 for help or come by.",
    "You are now unsubscribed from our alerts. Reply START to get them again.",
    "My doctor said stop taking the pills", "The pharmacist said stop, should I?",
    "This is the wrong number of boxes", "Forget my number plate, I'm parked outside",
    "I need to withdraw my permission slip", "I said stop sending the blue ones", "remove me from the waitlist",
    "take me off the waiting list", "remove my name from the flu shot list",
    "unsubscribe me from the newsletter e-mail", "call me, don't text", "stop the metformin", "quit smoking",
    "don't contact my mother, text me", "arrêtez le traitement", "annuler",
]
REACTIONS = [
    "A réagi avec 👍 à « {} »", "A ri de « {} »", "N’a pas aimé « {} »", "A mis en évidence « {} »",
    "a attribué la mention « Adore » à « {} »", "A retiré la mention « Adore » de « {} »", "Removed 👍 from “{}”",
    "Reacted with a sticker to “{}”", "Emphasised “{}”", 'Reacted with ❤️ to "{}"', "Le gustó “{}”",
    "Le dio risa “{}”", "Exclamó por “{}”", "Reaccionó con 🫡 a “{}”", "Понравилось «{}»", "👍 “{}”",
    # Of a language that no list here knows.
    "Ngiyayithanda “{}”", "“{}” gustatua dauka",
]


@pytest.mark.parametrize("body", CLEAR)
def test_a_keyword_counts_at_once_with_what_goes_with_it(body):
    assert hear_request(body).meaning is Meaning.STOP


@pytest.mark.parametrize("body", LIKELY)
def test_clear_requests_are_heard(body):
    assert hear_request(body).meaning in STOPS


@pytest.mark.parametrize("body", HARMLESS)
def test_ordinary_sentences_are_not(body):
    assert hear_request(body) is None


@pytest.mark.parametrize("body", OFFERS)
@pytest.mark.parametrize("reaction", REACTIONS)
def test_a_text_repeated_in_any_language_is_no_request(reaction, body):
    assert hear_request(reaction.format(body)) is None


@pytest.mark.parametrize("reaction", REACTIONS[:15])
def test_a_reaction_is_none_whatever_it_repeats(reaction):
    assert [body for body in ("STOP", "Please do not text me", "…") if hear_request(reaction.format(body))] == []


def parts(aside: bool) -> tuple[list[Line], list[Line]]:
    return ([line for line in lines("requests") if line.aside is aside],
            [line for line in lines("harmless") if line.aside is aside])


def test_every_request_of_the_tuned_part_is_heard_as_it_should():
    requests, harmless = parts(aside=False)
    assert [line.body for line in requests if grade(line.body) not in {"definite", line.grade}] == []
    assert [line.body for line in harmless if grade(line.body) != "none"] == []


def test_the_part_set_aside_meets_the_aims():
    requests, harmless = parts(aside=True)
    told = [grade(line.body) for line in requests]
    clear = [found for line, found in zip(requests, told, strict=True) if line.grade == "definite"]
    alarms = [grade(line.body) for line in harmless]
    assert told.count("none") <= 0.05 * len(told)
    assert clear.count("definite") >= 0.9 * len(clear)
    assert alarms.count("likely") <= 0.01 * len(alarms)
    assert alarms.count("definite") == 0
    assert measure(requests, harmless).keys() >= {"precision"}


def test_the_corpus_is_large_and_a_third_is_aside():
    requests, harmless = lines("requests"), lines("harmless")
    assert min(len(requests), len(harmless)) >= 300
    first = [line for line in (*requests, *harmless) if not line.tuned]
    assert 0.25 < sum(line.aside for line in first) / len(first) < 0.42
    assert {line.body for line in requests}.isdisjoint(line.body for line in harmless)


def test_only_the_beginning_and_the_end_of_a_long_text_are_folded(monkeypatch):
    lengths = []
    real = folding.fold_text

    def measured(body: str) -> str:
        lengths.append(len(body))
        return real(body)

    monkeypatch.setattr(folding, "fold_text", measured)
    monkeypatch.setattr(keywords, "fold_text", measured)
    hear_request("stop it " * 8_000)
    assert max(lengths) <= 2 * folding.LONGEST_HEARD + 1


def test_a_request_is_heard_before_and_after_sixty_thousand_characters():
    story = "The coffee was cold and nobody came to the desk. " * 1_250
    assert hear_request(story) is None
    assert hear_request("Take me off your list. " + story).meaning is Meaning.LIKELY_STOP
    assert hear_request(story + "Take me off your list.").meaning is Meaning.LIKELY_STOP


@pytest.mark.parametrize("body", [
    "STOP\nJ. Morin", "STOP, Mrs. Henderson", "STOP I'm roaming and it costs", "STOP, per CASL", "STOP – not my dog",
    "STOP\n\nSent via the Samsung Galaxy S23 5G, an AT&T smartphone",
])
def test_a_reason_that_stands_in_no_list_goes_with_a_command_in_capitals(body):
    assert hear_request(body).meaning is Meaning.STOP


@pytest.mark.parametrize("body", [
    "STOP! Who is at the door?", "Stop, my tire is flat", "Opt out: reply STOP", "STOP at the second light I pay",
    "STOP I think you passed our house", "STOP, the water is off", "STOP we changed the order",
    "STOP! You are digging over the line",
])
def test_a_command_in_capitals_needs_somebody_who_says_why(body):
    assert grade(body) != "definite"


@pytest.mark.parametrize("body", ["수신거부", "बंद करो", "إلغاء الاشتراك", "请不要再发短信给我", "Не пишите мне больше"])
def test_words_of_other_scripts_are_compared_as_they_are_folded(body):
    assert hear_request(body).meaning is Meaning.LIKELY_STOP


def test_a_sign_that_stands_for_many_letters_is_read_shorter():
    assert len(folding.cut_long_text("\ufdfa" * 3200)) < folding.LONGEST_HEARD
