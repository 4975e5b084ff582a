"""Where a fetch may go: an address is taken apart once, its host is looked up once, and that is what is dialled."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from urllib.parse import quote, urlsplit

from submissions.capture.refusals import Code, NotCaptured

PORTS = {"http": 80, "https": 443}
LONGEST = 2000
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?")
UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")
# Networks whose addresses carry an IPv4 address that a gateway would dial: NAT64, and IPv4-compatible ones.
NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))

Resolve = Callable[[str, int], list[str]]


def look_up(host: str, port: int) -> list[str]:
    """The system's answer."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True)
class Reach:
    """What may be reached. The default is the public internet; `also` and the rest are for tests."""

    also: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = look_up
    certificates: str | None = None


@dataclass(frozen=True)
class Target:
    """An address taken apart, once: nothing parses it a second time and finds another host."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Target:
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
            host = (parts.hostname or "").encode("idna").decode()
        except ValueError as error:
            raise NotCaptured(Code.ADDRESS) from error
        if (
            not port
            or len(url) > LONGEST
            or UNWANTED.search(url)
            or "@" in parts.netloc
            or not _is_host(host)
        ):
            raise NotCaptured(Code.ADDRESS)
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = quote(parts.query, safe="/%:@!$&'()*+,;=~?[]")
        return cls(parts.scheme, host, port, f"{path}?{query}" if query else path)


def _is_host(host: str) -> bool:
    if ":" in host:
        return is_address(host)
    return len(host) < 254 and bool(HOST.fullmatch(host))


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def addresses_of(target: Target, reach: Reach, patience: float) -> list[str]:
    """The addresses of a host, every one of which may be dialled; else a refusal."""
    found = _resolved(target, reach, patience)
    for address in found:
        if (address, target.port) not in reach.also and (
            target.port not in PORTS.values() or not is_public(address)
        ):
            raise NotCaptured(Code.PRIVATE)
    return found


def _resolved(target: Target, reach: Reach, patience: float) -> list[str]:
    """Looked up beside, because the system's resolver knows no deadline."""
    answer: list[list[str]] = []

    def ask() -> None:
        try:
            answer.append(reach.resolve(target.host, target.port))
        except (OSError, UnicodeError):
            answer.append([])

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    if not answer:
        raise NotCaptured(Code.TOO_SLOW)
    if not answer[0]:
        raise NotCaptured(Code.UNKNOWN_HOST)
    return answer[0]


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, also in the disguises IPv6 has for IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and (inner := _inner(address)):
        return is_public(str(inner))
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inner(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
