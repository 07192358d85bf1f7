"""Sentences that people write, by what they ask for; a third is set aside and never tuned on."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ESCAPE = re.compile(r"\\(?:u[0-9a-f]{4}|U[0-9a-f]{8}|[nrt])")


@dataclass(frozen=True)
class Line:
    """What somebody wrote, in which language, and how it must be heard: definite, likely or none."""

    grade: str
    language: str
    body: str
    tuned: bool = False

    @property
    def aside(self) -> bool:
        """Whether it belongs to the third that nobody tunes on."""
        return not self.tuned and hashlib.sha256(self.body.encode()).digest()[0] % 3 == 0


def written(escaped: str) -> str:
    """A text with its escapes turned into what they stand for."""
    return ESCAPE.sub(lambda found: found[0].encode().decode("unicode_escape"), escaped)


def lines(name: str) -> list[Line]:
    """The lines of requests or harmless; those of the file "-tuned" were made when the others had been measured."""
    return [*_read(name, tuned=False), *_read(f"{name}-tuned", tuned=True)]


def _read(name: str, *, tuned: bool) -> list[Line]:
    rows = (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    split = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return [Line(grade, language, written(body), tuned) for grade, language, body in split]
