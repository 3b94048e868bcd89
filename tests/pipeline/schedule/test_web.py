"""The address that monitoring asks."""

import socket
from http.client import HTTPConnection

import pytest

from config.errors import UsageError
from pipeline.schedule.web import answering


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_it_answers_at_each_kind_of_address(host: str) -> None:
    bound = answering(f"{host}:0", health=lambda: {"ok": True}, metrics=lambda: b"", pages={})
    if host == "[::1]" and not has_ipv6():
        with pytest.raises(UsageError), bound:
            return
    with bound as address:
        name, _, port = address.rpartition(":")
        connection = HTTPConnection(name.strip("[]"), int(port), timeout=5)
        connection.request("GET", "/healthz")
        assert (name, connection.getresponse().status) == (host, 200)
        connection.close()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
