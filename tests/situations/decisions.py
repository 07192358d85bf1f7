"""Situations in which the words leave a doubt, so that a person decides; and requests on the web."""

from portal.rules.terms import NotMeantReason

from .clinic import PATIENT, REMINDER, situation
from .stops import BY_START, NO_OR_START, NOTHING

WITHDRAWN = "Ada withdraws it on the page *Opt-outs*, with reason and proof. The patient can text START as well."
LIKELY = "Remove me from your list please"


@situation("Words that may mean STOP", NO_OR_START)
def likely(clinic):
    """A patient writes something that may mean the texts or another list of the clinic. Nobody has decided yet."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    yield
    clinic.decide("Uli", NotMeantReason.OTHER_THING)
    yield


@situation("Words that meant STOP", WITHDRAWN)
def likely_yes(clinic):
    """A patient's words may mean STOP. Uli decides that they do."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.decide("Uli")
    yield
    clinic.withdraw("Signed a form at the desk")
    yield


@situation("A wrong Yes, seen at once", "Uli presses *Undo* within ten minutes and decides again.")
def wrong_yes(clinic):
    """Uli presses *Yes, stop texting them* for the wrong patient."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.decide("Uli")
    yield
    clinic.undo_decision("Uli")
    clinic.decide("Uli", NotMeantReason.OTHER_THING)
    yield


@situation("A wrong Yes, seen next week", WITHDRAWN)
def wrong_yes_later(clinic):
    """Uli decided wrongly, and the patient complains next week that no reminder came."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.decide("Uli")
    clinic.later(days=7)
    yield
    clinic.withdraw("The patient called and wants reminders")
    yield


@situation("A second request after a No", WITHDRAWN)
def second_request(clinic):
    """Uli decided that the patient did not mean to opt out. Two weeks later the patient writes it again: it counts
    without a question."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.decide("Uli", NotMeantReason.OTHER_THING)
    clinic.later(days=14)
    clinic.patient_texts("I told you to remove me from your list")
    yield
    clinic.withdraw("Asked them by phone: they meant the paper newsletter")
    yield


@situation("Nobody decides for a day", NO_OR_START)
def reminded(clinic):
    """A patient's words may mean STOP, and Uli has not decided by the next morning. If the patient does not answer
    either, texts stay stopped."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.later(days=1, hours=1)
    yield
    clinic.decide("Uli", NotMeantReason.ASKED_THEM)
    yield


@situation("Uli is on vacation and decides nothing",
           "Ada reads the one sentence and presses *No*; Uli is told that an administrator read it. The patient can"
           " text START as well.")
def on_vacation(clinic):
    """A patient's words may mean STOP, and Uli has not decided for two working days."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    clinic.later(days=2, hours=1)
    yield
    assert clinic.read_words("Ada") == LIKELY
    assert "An administrator read the words in question to decide." in clinic.look().shown
    clinic.decide("Ada", NotMeantReason.ASKED_THEM)
    yield


@situation("Nobody ever decides", WITHDRAWN)
def nobody_decides(clinic):
    """A patient's words may mean STOP, and nobody decides within ten business days."""
    clinic.member_texts()
    clinic.patient_texts(LIKELY)
    for _day in range(21):
        clinic.later(days=1)
    yield
    clinic.withdraw("Asked them by phone: they want reminders")
    yield


@situation("Stop the medicine", NOTHING)
def medicine(clinic):
    """A patient asks about a medicine."""
    clinic.member_texts("Your blood test is back. Please call us.")
    clinic.patient_texts("Should I stop the metformin until then?")
    yield
    yield


@situation("Off the waiting list", NOTHING)
def waiting_list(clinic):
    """A patient has found an earlier appointment elsewhere."""
    clinic.member_texts("You are number 4 on the waiting list of Dr. Lee.")
    clinic.patient_texts("Please take me off the waiting list, I found another doctor")
    yield
    yield


@situation("Text me, not my mother", NOTHING)
def not_my_mother(clinic):
    """A patient of sixteen wants the texts on their own phone."""
    clinic.member_texts()
    clinic.patient_texts("Please don't contact my mother, text me")
    yield
    yield


@situation("Quit smoking", NOTHING)
def quit_smoking(clinic):
    """A patient answers a question in a conversation about smoking."""
    clinic.member_texts("What would you like to talk about on Thursday?")
    clinic.patient_texts("I want to quit smoking")
    yield
    yield


@situation("A patient stops texts on the web", BY_START)
def web_stop(clinic):
    """A patient fills in the form on the web and asks that the clinic stop texting them. The portal finds texts of the
    clinic to that number and believes it."""
    clinic.member_texts()
    clinic.visitor_asks_to_stop()
    yield
    clinic.patient_texts("START")
    yield


@situation("A forged stop on the web", BY_START)
def forged_web_stop(clinic):
    """A neighbor fills in the form with the number of a patient whom the clinic texts. The patient learns of it by the
    text that the form sets off, and comes back."""
    clinic.member_texts()
    clinic.visitor_asks_to_stop()
    clinic.later(minutes=2)
    clinic.patient_texts("START")
    yield
    yield


@situation("Many stops on the web at once, and a patient among them",
           "The patient texts START to the number, as the answer says; or Ada withdraws it on the page *Opt-outs*, with"
           " reason and proof.")
def many_web_stops(clinic):
    """Within an hour the form on the web asks for ten patients of the clinic, and then for another one. The eleventh
    request blocks nothing before Ada decides, because a forger may have sent them all. Ada presses *Yes* for it."""
    others = [f"+1647555{number:04}" for number in range(120, 130)]
    for patient in (*others, PATIENT):
        clinic.member_texts(f"{REMINDER} {patient[-2:]}", to=patient)
        clinic.later(minutes=1)
    clinic.visitor_asks_to_stop(*others, PATIENT)
    assert "web-asked" in clinic.warnings()
    assert clinic.look().blocks == []
    clinic.forget_answers()
    clinic.later(hours=3)
    clinic.decide_request(meant=True)
    yield
    clinic.patient_texts("START")
    yield


@situation("A stop on the web for a number that nobody texted", NOTHING)
def web_stop_for_nobody(clinic):
    """A stranger asks on the web that the clinic stop texting a number that it never texted. A member who texts it
    within 30 days is warned; nothing is blocked."""
    clinic.visitor_asks_to_stop()
    assert "web-asked" in clinic.warnings()
    yield
    yield
