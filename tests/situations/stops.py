"""Situations in which a patient asks for no more texts in words that leave no doubt, or seems to."""

from portal.models import Location
from portal.rules.terms import AnswerLanguage, NotMeantReason

from .clinic import PATIENT, situation

BY_START = "The patient texts START to the number, as the answer says."
NOTHING = "Nothing to undo."
NO_OR_START = ("Uli presses *No, they did not mean that* and chooses the reason; or the patient texts START to the"
               " number, as the answer says.")


@situation("A patient cancels an appointment", BY_START)
def cancel(clinic):
    """Uli reminds a patient of an appointment. The patient answers “CANCEL” and means the appointment. The law counts
    the word as a request to stop all texts, and so do the carriers."""
    clinic.member_texts()
    clinic.patient_texts("CANCEL")
    yield
    clinic.patient_texts("START")
    yield


@situation("A patient in Quebec cancels an appointment", BY_START)
def cancel_in_quebec(clinic):
    """The same at a location in Quebec, which answers in French and English."""
    clinic.change(Location, answer_language=AnswerLanguage.BOTH)
    clinic.member_texts()
    clinic.patient_texts("Cancel")
    yield
    clinic.patient_texts("START")
    yield


@situation("A patient stops texts", BY_START)
def stop(clinic):
    """A patient answers a reminder with “STOP”."""
    clinic.member_texts()
    clinic.patient_texts("STOP")
    yield
    clinic.patient_texts("Start please")
    yield


@situation("A patient asks a question after STOP", BY_START)
def question_after_stop(clinic):
    """A patient stopped texts last week. Today they ask when their appointment is."""
    clinic.member_texts()
    clinic.patient_texts("STOP")
    clinic.later(days=7)
    clinic.patient_texts("When is my appointment?")
    yield
    clinic.patient_texts("START")
    yield


@situation("YES after STOP", BY_START)
def yes_after_stop(clinic):
    """A patient stopped texts and answers “YES” to an older question. It does not bring texts back."""
    clinic.member_texts("Can you come on Friday at 9 instead?")
    clinic.patient_texts("STOP")
    clinic.patient_texts("YES")
    yield
    clinic.patient_texts("UNSTOP")
    yield


@situation("HELP after STOP", BY_START)
def help_after_stop(clinic):
    """A patient who stopped texts asks for help with the keyword."""
    clinic.patient_texts("STOP")
    clinic.later(minutes=10)
    clinic.patient_texts("HELP")
    yield
    clinic.patient_texts("START")
    yield


@situation("STOP reaches everybody in the clinic", BY_START)
def stop_reaches_everybody(clinic):
    """A patient has texts from Uli and from Ben and answers STOP to Ben. Uli wants to text the patient."""
    clinic.member_texts()
    clinic.member_texts("Your glasses are ready. Ben", who="Ben")
    clinic.patient_texts("STOP", to="Ben")
    yield
    clinic.patient_texts("START", to="Ben")
    yield


@situation("A French patient stops texts", BY_START)
def french_patient(clinic):
    """A patient answers with the French keyword “Arrêt”. The location answers in the language of the keyword."""
    clinic.member_texts()
    clinic.patient_texts("Arrêt")
    yield
    clinic.patient_texts("START")
    yield


@situation("A patient in Quebec stops texts", BY_START)
def quebec_patient(clinic):
    """The location is in Quebec and answers in French and English, whatever the language of the keyword."""
    clinic.change(Location, answer_language=AnswerLanguage.BOTH)
    clinic.member_texts()
    clinic.patient_texts("STOP")
    yield
    clinic.patient_texts("START")
    yield


@situation("STOP with reasons", BY_START)
def stop_with_reasons(clinic):
    """A patient stops texts and says why."""
    clinic.member_texts()
    clinic.patient_texts("STOP texting me please, I changed doctors")
    yield
    clinic.patient_texts("START")
    yield


@situation("A slip of STOP", NO_OR_START)
def slip_of_stop(clinic):
    """A patient mistypes the word."""
    clinic.member_texts()
    clinic.patient_texts("Stpo")
    yield
    clinic.patient_texts("START")
    yield


@situation("A new owner of a number",
           "If it is true, leave it so: Uli presses *Yes, stop texting them* and asks the patient for the new number."
           " If it is not, the patient texts START to the number, as the answer says.")
def moved_number(clinic):
    """The number of a patient belongs to another person now, who wants no texts of the clinic."""
    clinic.member_texts()
    clinic.patient_texts("Wrong number. Stop texting me!")
    yield
    clinic.patient_texts("START")
    yield


@situation("An opt-out by phone", "The patient texts START to the number; or Ada withdraws it on the page *Opt-outs*,"
           " with the reason and the proof.")
def by_phone(clinic):
    """A patient calls and asks for no more texts. Ada writes it down."""
    clinic.member_texts()
    clinic.write_down("by phone, today")
    yield
    clinic.withdraw("signed form of today")
    yield


@situation("A parent stops texts", BY_START)
def parent_stops(clinic):
    """A mother answers STOP from her own phone. The clinic also texts her son on his, and goes on doing so."""
    clinic.member_texts()
    clinic.member_texts("Your cast comes off on Monday.", to="+16475550111")
    clinic.patient_texts("STOP")
    assert clinic.member_texts("Please be here at 8.", to="+16475550111").allowed
    yield {"patient": PATIENT}
    clinic.patient_texts("START")
    yield


@situation("One phone for a mother and her child", BY_START)
def one_phone(clinic):
    """The clinic texts a mother about herself and about her child, who has no phone. She answers STOP to a text about
    herself: it counts for the number, so texts about the child stop as well. Call her about these."""
    clinic.member_texts()
    clinic.member_texts("Sam's cast comes off on Monday.", who="Ben")
    clinic.patient_texts("STOP")
    yield {"who": "Ben"}
    clinic.patient_texts("START")
    yield {"who": "Ben"}


@situation("A relative writes that the patient has died",
           "If it is true, leave it so: Uli presses *Yes, stop texting them*. If it is not, Uli presses *No, they did"
           " not mean that* and chooses the reason.")
def patient_died(clinic):
    """A daughter has her mother's phone and asks the clinic to take the mother off its list."""
    clinic.member_texts()
    clinic.patient_texts("My mother passed away, please remove her from your list")
    yield
    clinic.decide("Uli", NotMeantReason.OTHER_PERSON)
    yield


@situation("STOP that only the carrier heard",
           "The patient texts START to the number that the member reads; nobody else can.")
def carrier_heard(clinic):
    """A patient wrote STOP to a number of the clinic, and only the carrier heard it. The carrier refuses the next text
    and says why."""
    clinic.member_texts()
    clinic.carrier_refuses()
    yield
    clinic.patient_texts("START")
    yield


@situation("A reaction to a text", NOTHING)
def reaction(clinic):
    """A patient likes a text that says how to stop. The phone sends the words as a quotation."""
    clinic.member_texts("Your test is fine. Text STOP to end texts from us.")
    clinic.patient_texts("Liked “Your test is fine. Text STOP to end texts from us.”")
    yield
    yield


@situation("Another system's automatic answer", NOTHING)
def other_system(clinic):
    """A pharmacy's number sends an automatic answer that says how to end its own texts."""
    clinic.member_texts("Is the prescription for R. Roe ready?")
    clinic.patient_texts("Harbor Pharmacy: this number takes no texts. Reply STOP to unsubscribe.")
    yield
    yield
