"""Words that stop all texts and with which people also answer a reminder of an appointment."""

from .keywords import HeardRequest, Meaning

CANCEL_WORDS = frozenset({"cancel", "end", "quit", "remove", "fin"})


def may_mean_appointment(heard: HeardRequest) -> bool:
    """Whether a text that stops all texts may have been meant for an appointment. It stops them all the same."""
    return heard.meaning is Meaning.STOP and heard.word in CANCEL_WORDS
