"""How long one decision about sending a text takes, beside the same rules in two rule libraries (PERF-08).

The libraries are JsonLogic (json-logic-qubit) and rule-engine, the two that are downloaded most; `make bench` installs
them into .cache/bench/libraries (bench/libraries.txt). They get facts that are laid out flat beforehand, and give the
ids of the rules that hold; this portal's own rules get the facts as they are, and give values and effects as well.
Microseconds of processor time, for a text that may leave and for one that nine rules hold against.
"""

import importlib
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from portal.rules import Facts
from portal.rules.facts import (
    CarrierFacts,
    Contact,
    LocationFacts,
    NumberFacts,
    OrganizationFacts,
    Policy,
    Text,
    Usage,
    UserFacts,
)
from portal.rules.numbers import NumberKind, read_number
from portal.rules.switches import EffectiveSetting, Level

from .big_data import FOLDER
from .figures import Figure, figure_of, missing_figure, ratios, take_turns
from .rules_elsewhere import CONDITIONS, decided_here, flatten_facts, text_for_rule_engine

LIBRARIES = FOLDER / "libraries"
SECONDS = 0.3
NOON = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MAY_LEAVE = Facts(
    organization=OrganizationFacts(), location=LocationFacts("Toronto", "CA"), user=UserFacts(app_version="43.2"),
    number=NumberFacts("+14165550101", NumberKind.PLAIN, from_plan=True),
    setting=EffectiveSetting(on=True, level=Level.ORGANIZATION), restrictions=(), text=Text(),
    recipient=read_number("+1 647 555 0110"), usage=Usage(),
    contact=Contact(wrote_at=NOON, wrote_lately=True, zones=("America/Toronto",), places=("CA-ON",)),
    carrier=CarrierFacts(), policy=Policy(), now=NOON)
REFUSED = replace(
    MAY_LEAVE, organization=OrganizationFacts(add_on=False, consent_required=True),
    location=LocationFacts("Toronto", "MX"), user=UserFacts(active=False, app_version="42.1"),
    setting=EffectiveSetting(on=False, level=None), text=Text(segments=11, short_link="bit.ly"),
    contact=Contact(perhaps_out=True, zones=("America/Toronto",), places=("CA-ON",)))
Decide = Callable[[dict[str, Any]], list[str]]


def measure() -> list[Figure]:
    """Times of decisions, and how many times longer the faster library takes."""
    found = libraries()
    return [one for name, facts in (("a text that may leave", MAY_LEAVE), ("a text with nine reasons", REFUSED))
            for one in figures_about(name, facts, found)]


def figures_about(name: str, facts: Facts, found: Mapping[str, Decide]) -> list[Figure]:
    """The figures of one set of facts."""
    flat = flatten_facts(facts)
    for library, ask in found.items():
        if ask(flat) != decided_here(facts):
            raise SystemExit(f"{library} decides otherwise: {ask(flat)}, not {decided_here(facts)}")
    asks = {"here": lambda: microseconds(lambda: decided_here(facts))}
    asks |= {library: lambda ask=ask: microseconds(lambda: ask(flat)) for library, ask in found.items()}
    took = take_turns(asks)
    middle = {library: statistics.median(times) for library, times in took.items()}
    figures = [figure_of("PERF-08", f"decide about {name}", took["here"], "µs", limit=40)]
    if not found:
        return [*figures, missing_figure("PERF-08", f"{name}, beside libraries", f"{LIBRARIES} holds none: make bench")]
    fastest = min(found, key=middle.__getitem__)
    said = ", ".join(f"{library} {middle[library]:,.0f} µs" for library in found)
    return [*figures, figure_of("PERF-08", f"{name}, times as fast as the faster library",
                                ratios(took[fastest], took["here"]), "×", limit=10, at_least=True, said=said)]


def libraries() -> dict[str, Decide]:
    """What decides by each library that is installed."""
    sys.path.append(str(LIBRARIES))
    try:
        json_logic, rule_engine = importlib.import_module("json_logic"), importlib.import_module("rule_engine")
    except ImportError:
        return {}
    compiled = [(name, rule_engine.Rule(text_for_rule_engine(logic))) for name, logic in CONDITIONS.items()]
    return {"JsonLogic": lambda flat: [name for name, logic in CONDITIONS.items() if json_logic.jsonLogic(logic, flat)],
            "rule-engine": lambda flat: [name for name, rule in compiled if rule.matches(flat)]}


def microseconds(decide_once: Callable[[], object]) -> float:
    """Processor time of one decision."""
    count, began = 0, time.process_time()
    while time.process_time() - began < SECONDS:
        for _ in range(20):
            decide_once()
        count += 20
    return 1e6 * (time.process_time() - began) / count
