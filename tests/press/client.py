"""A plain HTTP client for the tests of the press."""

from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit


def fetch(url: str, *, method: str = "GET", timeout_s: float = 5, **headers: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()
