"""A changed rule must be seen in review: what the table decides, line by line, stands in a file.

After a change that is meant: python -m tests.test_rules_snapshot
"""

from difflib import unified_diff
from pathlib import Path

from portal.rules import EDITIONS, RULES
from portal.rules.decision import Rule, Source

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
    ]
    return "\n".join(filter(None, lines))


def snapshot() -> str:
    """The table as text: edition, then every rule in table order."""
    edition = EDITIONS[-1]
    return "\n\n".join([f"Edition {edition.number}, {edition.day}", *map(block, RULES)]) + "\n"


def test_the_table_is_the_reviewed_one():
    reviewed, now = FILE.read_text(encoding="utf-8"), snapshot()
    changes = unified_diff(reviewed.splitlines(), now.splitlines(), "reviewed", "now", lineterm="")
    assert reviewed == now, ADVICE.format("\n".join(changes))


if __name__ == "__main__":
    FILE.write_text(snapshot(), encoding="utf-8")
