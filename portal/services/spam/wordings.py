"""The texts of a case, each wording once: how often it was sent, and who reported it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.models import Evidence, Report
from portal.rules.cases import Match
from portal.rules.texts import hash_of_template


@dataclass(frozen=True, slots=True)
class ReportedWording:
    """One wording: a text with it ("" for reports without words), how often it was sent, between which moments it was
    sent as far as texts are kept, and its reports.

    `verified` and `others` count people: whoever reports again counts once.
    """

    body: str
    sent: int
    first: datetime | None
    last: datetime | None
    verified: int
    others: int
    reports: Sequence[Report]


def list_wordings(kept: Sequence[Evidence], reports: Sequence[Report],
                  sent: Mapping[str, int]) -> list[ReportedWording]:
    """Every wording of a case once: those that were sent first, the one that was sent most often on top.

    `kept` are the texts that are kept with the case, `sent` says how often the sent log holds each wording; of one that
    it has lost, the kept texts count. What differs only in numbers and links is one wording.
    """
    texts: dict[str, list[Evidence]] = {}
    told: dict[str, list[Report]] = {}
    for one in kept:
        texts.setdefault(one.template, []).append(one)
    for report in reports:
        told.setdefault(hash_of_template(report.body) if report.body.strip() else "", []).append(report)
    found = [_wording(texts.get(key, []), told.get(key, []), sent.get(key, 0))
             for key in dict.fromkeys([*texts, *told])]
    return sorted(found, key=lambda one: (-one.sent, not one.body))


def _wording(texts: Sequence[Evidence], reports: Sequence[Report], sent: int) -> ReportedWording:
    moments = [one.at for one in texts]
    counted = [one for one in reports if not one.repeated]
    verified = sum(one.matched is Match.VERIFIED for one in counted)
    bodies = [*(one.body for one in texts), *(one.body for one in reports)]
    body = next((one for one in bodies if one.strip()), "")
    return ReportedWording(body, max(sent, len(texts)), min(moments, default=None), max(moments, default=None),
                           verified, len(counted) - verified, reports)
