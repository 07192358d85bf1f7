"""What a finding about the portal's own parts has to say."""

from portal.services.upkeep.health import Health, HealthFinding


def wrong(finding: HealthFinding, *words: str) -> HealthFinding:
    """A finding that says something is wrong, in these words, and what to do."""
    assert finding.health is Health.WRONG
    assert finding.remedy
    assert all(word in finding.found for word in words), finding.found
    return finding
