"""A changed rule must be seen in review: what the table decides and says, line by line, stands in a file.

After a change that is meant: python -m tests.test_rules_snapshot
"""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from textwrap import fill

from portal.rules import EDITIONS, RULES, Plural, Sentence
from portal.rules.decision import Rule, Source
from portal.rules.quiet_hours import QUIET_HOURS_TABLE, AllowedHours

FILE = Path(__file__).parent / "rules" / "snapshot.txt"
ADVICE = """The rule table is not what tests/rules/snapshot.txt says:

{}

If that is meant: add a row to EDITIONS in portal/rules/table/__init__.py that says what changed (readers
see it), then write the file anew with `.venv/bin/python -m tests.test_rules_snapshot` and commit both."""


def origin(source: Source) -> str:
    """Facts with the editions that have them, the law, the portal."""
    help_document = f"{' '.join(source.facts)} ({' '.join(source.editions)})" if source.facts else ""
    return "; ".join(filter(None, (help_document, source.law, "portal" if source.portal else "")))


def block(rule: Rule) -> str:
    limits = ", ".join(f"{name} {limit}" for name, limit in rule.limits.items())
    lines = [
        rule.id,
        f"    acts    {', '.join(sorted(rule.acts))}",
        f"    effect  {rule.effect}{', or by the facts' if rule.effect_by else ''}",
        f"    limits  {limits}" if limits else "",
        f"    source  {origin(rule.source)}",
        *(said(name, sentence) for name, sentence in sentences(rule) if sentence),
    ]
    return "\n".join(filter(None, lines))


def sentences(rule: Rule) -> Iterator[tuple[str, Sentence]]:
    """What people read: the general sentence, the one for strangers, the notice with its remedy, and others instead."""
    yield from (("says", rule.limitation), ("veiled", rule.veiled), ("notice", rule.notice), ("remedy", rule.remedy))
    for words in rule.instead:
        yield from (("notice", words.notice), ("remedy", words.remedy))


def said(name: str, sentence: Sentence) -> str:
    words = sentence.many if isinstance(sentence, Plural) else sentence
    return fill(words, 118, initial_indent=f"    {name:<8}", subsequent_indent=" " * 12, break_on_hyphens=False)


def snapshot() -> str:
    """The table as text: edition, then every rule in table order."""
    edition = EDITIONS[-1]
    hours = "\n".join(["Texts that advertise may be sent", *map(hours_line, QUIET_HOURS_TABLE)])
    return "\n\n".join([f"Edition {edition.number}, {edition.day}", *map(block, RULES), hours]) + "\n"


def hours_line(row: AllowedHours) -> str:
    spans = [f"{span.begins:%H:%M}-{span.ends:%H:%M}" if span else "no" for span in (
        row.weekdays, row.saturday, row.sunday)]
    holidays = f", {row.holidays.__name__.replace('_', ' ')} no" if row.holidays else ""
    return (f"    {row.place:<6} Mon-Fri {spans[0]}, Sat {spans[1]}, Sun {spans[2]}{holidays}"
            f"; {origin(row.source)}; {row.looked_at}")


def test_the_table_is_the_reviewed_one():
    reviewed, now = FILE.read_text(encoding="utf-8"), snapshot()
    changes = unified_diff(reviewed.splitlines(), now.splitlines(), "reviewed", "now", lineterm="")
    assert reviewed == now, ADVICE.format("\n".join(changes))


if __name__ == "__main__":
    FILE.write_text(snapshot(), encoding="utf-8")
