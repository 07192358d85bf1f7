"""What operators type for a carrier, judged field by field before anything is stored or connected to.

A name is not looked up here: it can stand for another address a moment later, so `portal.carriers.network` looks at
every address when the portal connects. An address that is typed as such is judged at once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from portal import lengths
from portal.carriers.kinds import CarrierField, CarrierKind, FieldKind
from portal.carriers.network import is_address_allowed
from portal.extensions import current_settings
from portal.marks import N_

from ..refusals import Clash

_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?")
_ON_THIS_MACHINE, _MACHINE = "127.0.0.1", "127.0.0.0/8"
_MISSING = N_("Fill this in: the carrier cannot be used without it.")
_UNLISTED = N_("%(host)s is in a network where no carrier may be. If the carrier is meant to be there, list that"
               " network in CARRIER_NETWORKS, for example CARRIER_NETWORKS=%(network)s, and start the portal again.")
_OURS_UNLISTED = N_("%(host)s is in a private network. If the carrier reaches the portal there, list that network in"
                    " CARRIER_NETWORKS, for example CARRIER_NETWORKS=%(network)s, and start the portal again.")
_LINK_LOCAL = N_("%(host)s cannot be used: link-local addresses belong to the services of the machine itself.")
_NO_TLS = N_("Without TLS, words and passwords would travel in the clear. Use an address that begins with https://, or"
             " one within the networks in CARRIER_NETWORKS.")


class WrongSettings(Exception):
    """Some of what was typed for a carrier cannot be used; `clashes` says what, one for each field."""

    def __init__(self, *clashes: Clash) -> None:
        super().__init__(", ".join(one.field for one in clashes))
        self.clashes = clashes


def judge_settings(kind: CarrierKind, settings: Mapping[str, str]) -> list[Clash]:
    """What is wrong with the settings (by field name, secrets aside) that were typed for this kind of carrier."""
    return [clash for one in kind.fields if not one.secret
            for clash in _judge_value(one, settings.get(one.name, ""))]


def judge_secrets(kind: CarrierKind, secrets: Mapping[str, str], missing: str = _MISSING) -> list[Clash]:
    """What is wrong with secrets that were all typed anew; `missing` is said of one that is needed and empty."""
    return [clash for one in kind.fields if one.secret
            for clash in _judge_value(one, secrets.get(one.name, ""), missing)]


def _judge_value(one: CarrierField, typed: str, missing: str = _MISSING) -> Iterator[Clash]:
    if not typed:
        if one.required and one.kind is not FieldKind.SWITCH:
            yield Clash(one.name, missing)
    elif len(typed) > one.longest:
        yield Clash(one.name, N_("Use at most %(most)s characters."), most=one.longest)
    elif len(typed) < one.shortest:
        yield Clash(one.name, N_("Use at least %(least)s characters."), least=one.shortest)
    else:
        wrong = _JUDGES[one.kind](one, typed)
        if wrong:
            yield Clash(one.name, wrong[0], **wrong[1])


# A sentence with the values that it prints; None where nothing is wrong.
_Wrong = tuple[str, dict[str, object]] | None


def _judge_line(one: CarrierField, typed: str) -> _Wrong:
    # A certificate has several lines; nothing else may break one, or end a header too early.
    plain = typed.replace("\n", "") if one.longest > lengths.OTHER_LINE else typed
    return None if plain.isprintable() else (N_("This holds characters that cannot be seen. Type it in by hand."), {})


def _judge_address(one: CarrierField, typed: str) -> _Wrong:
    parts = _split_address(typed)
    if parts is None:
        return N_("Enter the whole address, such as https://api.example.com."), {}
    if "@" in parts.netloc or parts.query or parts.fragment:
        return N_("Enter the address alone: no name, password, “?” or “#” belongs into it."), {}
    host = str(parts.hostname)
    return _judge_host(one, host) or _judge_scheme(one, parts.scheme, host)


def _split_address(typed: str) -> SplitResult | None:
    """The parts of an address that names a host; None for anything else."""
    try:
        parts = urlsplit(typed)
        fits = parts.scheme in {"https", "http"} and parts.port != 0 and _is_plain(typed)
    except ValueError:
        return None
    return parts if fits and (_NAME.fullmatch(parts.hostname or "") or _is_literal(parts.hostname or "")) else None


def _judge_scheme(one: CarrierField, scheme: str, host: str) -> _Wrong:
    if scheme != "http" or _is_listed(host):
        return None
    if host == "localhost":
        return _unlisted(one, host, _MACHINE)
    return _NO_TLS, {}


def _is_plain(typed: str) -> bool:
    return typed.isascii() and typed.isprintable() and " " not in typed and "\\" not in typed


def _judge_host(one: CarrierField, typed: str) -> _Wrong:
    if not _is_literal(typed):
        return None if _NAME.fullmatch(typed) else (N_("Enter a name such as smpp.example.com, or an address."), {})
    if is_address_allowed(typed, current_settings().carrier_networks):
        return None
    found = ip_address(typed.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return (_LINK_LOCAL, {"host": typed}) if found.is_link_local else _unlisted(one, typed, str(ip_network(found)))


def _unlisted(one: CarrierField, host: str, network: str) -> _Wrong:
    """The network of a host has to be listed, for example so; all addresses of this machine together."""
    network = _MACHINE if network.startswith("127.") else network
    return (_OURS_UNLISTED if one.ours else _UNLISTED), {"host": host, "network": network}


def _is_listed(host: str) -> bool:
    """Whether a host is certainly within the networks that the settings list; of a name nobody knows."""
    literal = _ON_THIS_MACHINE if host == "localhost" else host
    return _is_literal(literal) and not ip_address(literal).is_global and is_address_allowed(
        literal, current_settings().carrier_networks)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _judge_number(_one: CarrierField, typed: str) -> _Wrong:
    return None if re.fullmatch("[0-9]{1,9}", typed) else (N_("Enter a whole number."), {})


def _judge_port(_one: CarrierField, typed: str) -> _Wrong:
    fits = re.fullmatch("[0-9]{1,5}", typed) and 1 <= int(typed) <= 65535
    return None if fits else (N_("Enter a port, a number from 1 to 65535."), {})


def _judge_choice(one: CarrierField, typed: str) -> _Wrong:
    offered = [value for value, _label in one.choices] if one.kind is FieldKind.CHOICE else ["1"]
    return None if typed in offered else (N_("Choose one of the values on offer."), {})


_JUDGES: Mapping[FieldKind, Callable[[CarrierField, str], _Wrong]] = {
    FieldKind.LINE: _judge_line, FieldKind.ADDRESS: _judge_address, FieldKind.HOST: _judge_host,
    FieldKind.PORT: _judge_port, FieldKind.NUMBER: _judge_number, FieldKind.SWITCH: _judge_choice,
    FieldKind.CHOICE: _judge_choice,
}
