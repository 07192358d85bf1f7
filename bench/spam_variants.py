"""How spam varies, and how people pass a text on: changes of one text, by chance but repeatable."""

import re
import string
from collections.abc import Callable
from random import Random

Change = Callable[[str, Random], str]

NAMES = ["Anna", "Marek", "Li Wei", "Fatima", "Joe", "Mrs. Okafor", "Sam", "Ingrid", "Pablo", "Dr. Chen"]
FILLERS = ["now", "today", "please", "really", "just", "friend", "quick", "hurry", "again", "urgent", "ok", "very"]
STRANGE = ["winter", "garden", "bottle", "seven", "window", "paper", "mostly", "carry", "yellow", "bring", "corner",
           "maybe", "listen", "bread", "quiet", "across", "station", "letter", "warm", "twelve", "river", "under"]
LOOKS = dict(zip("aceiopsxyACEHIKMOPTX", "асеіорѕхуАСЕНІКМОРТХ", strict=True))
LEET = {"o": "0", "i": "1", "e": "3", "a": "4", "s": "5"}
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def other_numbers(body: str, random: Random) -> str:
    return re.sub(r"\d", lambda _: random.choice(string.digits), body)


def other_link(body: str, random: Random) -> str:
    """Other links where there are some; else one more at the end, or nothing would change."""
    fresh = "https://" + "".join(random.choices(string.ascii_lowercase, k=9)) + ".com/" + str(random.randrange(10**6))
    return LINK.sub(fresh, body) if LINK.search(body) else f"{body} {fresh}"


def named(body: str, random: Random) -> str:
    return f"{random.choice(['Hi', 'Hello', 'Dear'])} {random.choice(NAMES)}, {other_numbers(body, random)}"


def dropped(body: str, random: Random) -> str:
    words = body.split()
    del words[random.randrange(len(words))]
    return " ".join(words)


def inserted(body: str, random: Random) -> str:
    words = body.split()
    words.insert(random.randrange(len(words)), random.choice(FILLERS))
    return " ".join(words)


def swapped(body: str, random: Random) -> str:
    words = body.split()
    at = random.randrange(len(words) - 1)
    words[at:at + 2] = words[at + 1], words[at]
    return " ".join(words)


def several(body: str, random: Random) -> str:
    """A name in front, other numbers, and three small changes: what a careful sender does."""
    for change in random.choices([dropped, inserted, swapped, leet], k=3):
        body = change(body, random)
    return named(body, random)


def upper(body: str, random: Random) -> str:
    return body.upper()


def spaced(body: str, random: Random) -> str:
    return re.sub(" ", lambda _: " " * random.randint(1, 3), body)


def zero_width(body: str, random: Random) -> str:
    return "".join(char + random.choice(["", "", "\u200b", "\u200d", "\u2060"]) for char in body)


def look_alikes(body: str, random: Random) -> str:
    return "".join(LOOKS.get(char, char) if random.random() < 0.5 else char for char in body)


def leet(body: str, random: Random) -> str:
    return "".join(LEET[char] if char in LEET and random.random() < 0.25 else char for char in body)


def cut(body: str, random: Random) -> str:
    return body[:int(len(body) * 0.85)]


def reworded(body: str, random: Random) -> str:
    """Two of five words are others; numbers and links stay."""
    words = body.split()
    plain = [at for at, word in enumerate(words) if word.isalpha()]
    for at in random.sample(plain, min(len(plain), len(words) * 2 // 5)):
        words[at] = random.choice(STRANGE)
    return " ".join(words)


def reworded_fully(body: str, random: Random) -> str:
    return other_link(other_numbers(reworded(body, random), random), random)


KINDS: dict[str, Change] = {
    "other numbers": other_numbers, "other link": other_link, "upper case": upper, "spaces": spaced,
    "zero width": zero_width, "name in front": named, "a word dropped": dropped, "a word inserted": inserted,
    "two words swapped": swapped, "look-alike letters": look_alikes, "digits for letters": leet, "end cut off": cut,
    "several of these": several, "reworded": reworded, "reworded, other numbers": reworded_fully,
}


# --- what people make of a text that they report -----------------------------


def whole(body: str, random: Random) -> str:
    return body


def quoted(body: str, random: Random) -> str:
    left, right = random.choice([('"', '"'), ("“", "”"), ("> ", ""), ("FWD: ", ""), ("Fw: '", "'"), ("«", "»")])
    return left + body + right


def part(body: str, random: Random) -> str:
    """Half of the words, in a row; four at least."""
    words = body.split()
    length = max(4, len(words) // 2)
    start = random.randrange(max(1, len(words) - length + 1))
    return " ".join(words[start:start + length])


def rough_part(body: str, random: Random) -> str:
    """From one letter to another, wherever the finger was."""
    length = max(22, len(body) // 2)
    start = random.randrange(max(1, len(body) - length + 1))
    return body[start:start + length]


def slipped(body: str, random: Random) -> str:
    """About one letter of every forty lost, doubled or swapped with the next."""
    chars = list(body)
    for at in range(random.randrange(10), len(chars) - 1, 40):
        if chars[at].isalpha() and chars[at + 1].isalpha():
            one, other = chars[at], chars[at + 1]
            chars[at], chars[at + 1] = random.choice([("", other), (one, one + other), (other, one)])
    return "".join(chars)


def plain_marks(body: str, random: Random) -> str:
    return re.sub(r"[^\w\s#:/.&'-]", "", body).lower()


def lost_words(body: str, random: Random) -> str:
    words = body.split()
    for _ in range(max(1, len(words) // 15)):
        if len(words) > 3:
            del words[random.randrange(1, len(words) - 1)]
    return " ".join(words)


def commented(body: str, random: Random) -> str:
    return random.choice(["They wrote: {}", "{} I never signed up for this!", 'I got "{}" who are they?']).format(body)


def broken_lines(body: str, random: Random) -> str:
    return re.sub(" ", lambda _: random.choice([" ", " ", " ", "\n", "  "]), body)


def mixed(body: str, random: Random) -> str:
    return quoted(slipped(part(body, random), random), random)


PASTES: dict[str, Change] = {
    "whole": whole, "quoted or forwarded": quoted, "lines broken": broken_lines,
    "marks and capitals lost": plain_marks, "half of the words": part, "half of the letters": rough_part,
    "letters lost or swapped": slipped, "a word in 15 lost": lost_words, "with a remark": commented,
    "half, slips, quotes": mixed,
}
