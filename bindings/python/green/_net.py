# SPDX-License-Identifier: MIT
"""Names and addresses: the calls of the standard library, made elsewhere."""

import socket as _socket

from ._core import offload


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """socket.getaddrinfo(), during which other green threads run."""
    return offload(_socket.getaddrinfo, host, port, family, type, proto, flags)


def getnameinfo(sockaddr, flags, /):
    """socket.getnameinfo(), during which other green threads run."""
    return offload(_socket.getnameinfo, sockaddr, flags)
