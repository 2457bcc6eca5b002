"""Which IP addresses are public. Pure.

Lists of our own, from the IANA registries of special-purpose addresses: what `ipaddress` calls global differs between
releases of Python, and it takes addresses that carry another one inside for public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

# https://www.iana.org/assignments/iana-ipv4-special-registry, seen in November 2026
_NOT_PUBLIC_4: Final[tuple[IPv4Network, ...]] = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider (CGNAT)
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform of Azure, as seen from a machine in it
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Only these are given out as global; loopback, private, link-local, multicast, IPv4-mapped and NAT64 lie outside.
_GLOBAL_6: Final = IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry, seen in November 2026
_NOT_PUBLIC_6: Final[tuple[IPv6Network, ...]] = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols: Teredo, which carries an IPv4 address, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Return whether an address, as `getaddrinfo` writes it, belongs to a machine of the public internet."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return not any(found in block for block in _NOT_PUBLIC_4)
    return found in _GLOBAL_6 and not any(found in block for block in _NOT_PUBLIC_6)
