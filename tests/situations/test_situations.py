"""Each situation of docs/situations.md is played, and the document says exactly what came of it.

Where the portal is meant to do something else from now on, write the document anew and read what changed:
`SITUATIONS=write make test ARGS=tests/situations`.
"""

import os
import re
from pathlib import Path

import pytest

from . import decisions, nights, stops, texts_out
from .clinic import SITUATIONS, Clinic

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "situations.md"
TITLES = [one.title for one in SITUATIONS]
FINDING = "## Find yours"
GROUPS = {stops: "They want no more texts", decisions: "Their words or the web leave a doubt",
          nights: "Nobody reads, or it comes from abroad", texts_out: "Somebody of the clinic wants to text"}


def listed(lines, otherwise):
    return "<br>".join(line.replace("|", "\\|") for line in lines) or otherwise


def section(number, situation, seen):
    """The situation as the document prints it."""
    return (f"### {number}. {situation.title}\n\n| | |\n|---|---|\n"
            f"| What happens | {situation.happens} |\n"
            f"| Answer | {listed(seen.answers, 'None.')} |\n"
            f"| The member sees | {listed(seen.shown, 'Nothing.')} |\n"
            f"| What blocks | {listed(seen.blocks, 'Nothing.')} |\n"
            f"| How it is undone | {situation.undone} |\n")


def contents():
    """The list of all situations, by what one would look for, as the document begins."""
    lines = [FINDING, ""]
    for module, name in GROUPS.items():
        links = (f"[{one.title}](#{number}-{re.sub(r'[^a-z0-9 -]', '', one.title.lower()).replace(' ', '-')})"
                 for number, one in enumerate(SITUATIONS, 1) if one.play.__module__ == module.__name__)
        lines += [f"**{name}**", "", *(f"- {link}" for link in links), ""]
    return "\n".join(lines)


def documented():
    """The sections of the document by title."""
    parts = re.split(r"^(?=### \d+\. )", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.match(r"### \d+\. (.*)", part)[1]: part.rstrip("\n") + "\n" for part in parts[1:]}


@pytest.mark.parametrize("situation", SITUATIONS, ids=TITLES)
def test_the_document_says_what_happens(situation, inside, people, carrier, clock):
    clinic = Clinic(inside, people, carrier, clock)
    told = situation.play(clinic)
    seen = clinic.look(**(next(told) or {}))
    written = section(TITLES.index(situation.title) + 1, situation, seen)
    if os.environ.get("SITUATIONS") == "write":
        write(situation.title, written)
    assert documented().get(situation.title) == written
    again = dict(next(told, None) or {})
    stays, clinic.refused = again.pop("stays", ""), []
    assert ", ".join(clinic.look(**again).blocks) == stays, "it is undone as the document says"


def write(title, written):
    """Put one section into the document; those of other situations stay."""
    head = DOCUMENT.read_text(encoding="utf-8").split(f"\n{FINDING}")[0].split("\n### ")[0].rstrip("\n")
    sections = documented() | {title: written}
    DOCUMENT.write_text("\n".join([head + "\n", contents(), *(sections[one] for one in TITLES if one in sections)]),
                        encoding="utf-8")


def test_the_document_tells_every_situation_once():
    assert list(documented()) == TITLES
    assert len(set(TITLES)) == len(TITLES) >= 40


def test_the_document_begins_with_a_list_of_all():
    assert contents() in DOCUMENT.read_text(encoding="utf-8")
    assert sum(line.startswith("- [") for line in contents().splitlines()) == len(TITLES)
