"""The rules service: pure, and the only place that decides.

Ask `decide(act, facts)`. It evaluates every row of the table that stands for the act and returns all
reasons that hold. It asks no database, no clock and no network; the caller brings the facts.
"""

from .decision import (
    FAILED,
    Act,
    Decision,
    Effect,
    Fixer,
    Reason,
    Rule,
    Source,
    deny_failed_rule,
)
from .facts import Facts
from .sentences import Plural, Sentence
from .service import BY_ACT, BY_ID, decide
from .standing import Standing, UserState, standing_from_facts
from .table import EDITIONS, IN_SHORT, RULES

__all__ = [
    "BY_ACT", "BY_ID", "EDITIONS", "FAILED", "IN_SHORT", "RULES", "Act", "Decision", "Effect", "Facts", "Fixer",
    "Plural", "Reason", "Rule", "Sentence", "Source", "Standing", "UserState", "decide", "deny_failed_rule",
    "standing_from_facts",
]
