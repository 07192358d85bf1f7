"""What no sentence of the portal may say, and the shape that none may have."""

import re

# The label is the customers' own word for it.
OWN_WORDS = "Enable Business Texting for all users at all locations"
_LABEL = r"(?:^|[.!?] )[A-Z][\w' ]{0,40}: [^.:]+(?=\.|$)"
RULES = {
    # Two values behind two labels are a record; a person says it in a sentence.
    "record": re.compile(rf"{_LABEL}.*?{_LABEL}"),
    "yes or no": re.compile(r"\b\w+: (?:yes|no)\."),
    "whoever": re.compile(r"\bwhoever\b", re.IGNORECASE),
    "somebody": re.compile(r"\bsomebody\b", re.IGNORECASE),
    "in the way": re.compile(r"\bin the way\b", re.IGNORECASE),
    "meanwhile": re.compile(r"\bmeanwhile\b|\bin the meantime\b", re.IGNORECASE),
    "switch": re.compile(r"\bswitch(?:es|ed|ing)\b|\bswitch (?:\w+ )?(?:on|off|texting)\b", re.IGNORECASE),
    "enable": re.compile(r"\benabl", re.IGNORECASE),
    "throttle": re.compile(r"\bthrottl", re.IGNORECASE),
    "slowed down": re.compile(r"\bslowed down\b", re.IGNORECASE),
}


def broken_rules_of(said: str) -> list[str]:
    """The names of the rules that a sentence breaks, or a message id with its values still to come."""
    words = re.sub(r"%\((\w+)\)s", r"\1", said).replace(OWN_WORDS, "")
    return [name for name, pattern in RULES.items() if pattern.search(words)]
