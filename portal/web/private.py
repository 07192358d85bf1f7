"""Whether a request comes from the machine that the portal runs on, and from nowhere else."""

import ipaddress

from flask import request

from portal.extensions import current_settings

# What a proxy adds: behind one, the visitor may sit anywhere.
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def is_private_request() -> bool:
    """Whether nobody but this machine opens the portal, this request came from it, under its name and past no proxy."""
    return (current_settings().private and not any(name in request.headers for name in PASSED_ON)
            and _is_this_machine(request.remote_addr or "") and _is_this_machine(_host_name()))


def _host_name() -> str:
    """The name under which the portal was asked, without the port."""
    name = request.host
    return name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
