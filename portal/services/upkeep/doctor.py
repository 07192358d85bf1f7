"""Looks at everything that can go wrong around the portal, one check after the other."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import current_settings, db

from . import health, machine
from .health import Health, HealthFinding

Check = Callable[[], HealthFinding]
Findings = dict[str, HealthFinding]


def check_configuration() -> HealthFinding:
    """What the settings say of themselves; with a setting that is refused no command gets as far as this."""
    settings = current_settings()
    if settings.https and not settings.proxy_hops:
        return HealthFinding(Health.WRONG, "PROXY_HOPS is 0: all visitors seem to come from the proxy, and limits count"
                             " them as one.", "Set PROXY_HOPS to the number of proxies, mostly 1.")
    return HealthFinding(Health.GOOD, f"The settings are read; the portal is {settings.portal_url}.")


CHECKS: Mapping[str, Check] = MappingProxyType({
    "configuration": check_configuration,
    "database": health.check_database,
    "counts": health.check_counts,
    "keys": machine.check_keys,
    "web": machine.check_web,
    "worker": health.check_worker,
    "work": health.check_long_work,
    "carrier": health.check_carrier,
    "requests": health.check_web_requests,
    "backup": health.check_backup,
    "disk": machine.check_disk,
    "clock": machine.check_clock,
    "certificate": machine.check_certificate,
    "proxy": machine.check_proxy,
    "mail": machine.check_mail,
})
# What operators get mail about: quick to check, and somebody has to act soon.
ALARMING_CHECKS = ("web", "worker", "work", "carrier", "requests", "backup", "disk", "certificate")
_NEED_DATABASE = frozenset({"counts", "worker", "work", "carrier", "requests", "clock"})


def examine_portal(names: Collection[str] = (), more: Mapping[str, Check] = MappingProxyType({})) -> Findings:
    """The findings of the named checks, of all without names, by name, in the order of CHECKS.

    `more`: checks of the caller. A check that breaks is a finding, too. Nothing is changed.
    """
    return {name: _examine(name, check) for name, check in {**CHECKS, **more}.items() if not names or name in names}


def _examine(name: str, check: Check) -> HealthFinding:
    settings = current_settings()
    # Asked for rows, a file that is not there would be made, empty.
    if name in _NEED_DATABASE and settings.embedded and not settings.database.exists():
        return HealthFinding(Health.WRONG, "There is no database to look into.", "See under database.")
    try:
        return check()
    except (OSError, SQLAlchemyError) as error:
        return HealthFinding(Health.WRONG, f"It cannot be looked into ({type(error).__name__}).",
                             ("Run the command as the account that runs the portal; then see" if settings.embedded
                              else "See") + " under database.")
    finally:
        db.session.rollback()
