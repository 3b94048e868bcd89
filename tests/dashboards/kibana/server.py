"""A loopback HTTP server that answers as Kibana's saved-objects import and settings do, as they are documented.

It is no Kibana: it checks what the import checks before it writes (signing in, ``kbn-xsrf``, form, file name, known
types and versions, conflicts, references) and keeps what it took, so that a second import can be told from a first.
"""

import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_KEY = "dmlldC1uYW06a2hvYS1iaS1tYXQ="
USER, PASSWORD = "diembao", "mật khẩu dài"
SIGNED_IN = frozenset(
    {f"ApiKey {API_KEY}", f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"},
)
KNOWN_VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "10.3.0"}
"""Newest that Kibana 8.19 knows."""
CAN_BE_SETTLED = frozenset({"conflict", "ambiguous_conflict", "missing_references"})
NOT_READY = "Kibana server is not ready yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that is given in place of the usual one."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    method: str
    path: str
    authorization: str
    status: int


class KibanaLike(ThreadingHTTPServer):
    """What it holds is for tests to read; ``answers`` are given first, oldest first."""

    daemon_threads = True

    def __init__(self, *, space: str, secured: bool, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.space = space
        self.secured = secured
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.answers: list[Answer] = []
        self.seen: list[Seen] = []
        self.may_set = True
        self.refuses: dict[str, dict[str, Any]] = {}
        """Object id to the error that the import reports for it."""
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}{space}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that does not trust the certificate hangs up

    def take(self, lines: list[dict[str, Any]], *, overwrite: bool) -> dict[str, Any]:
        """Import objects: all whose errors cannot be settled are left out; nothing is written while others remain."""
        offered = {(one["type"], one["id"]) for one in lines} | self.objects.keys()
        errors, good = [], []
        for one in lines:
            missing = [
                {"type": ref["type"], "id": ref["id"]}
                for ref in one["references"]
                if (ref["type"], ref["id"]) not in offered
            ]
            if error := self.refuses.get(one["id"]):
                errors.append(error)
            elif one["type"] not in KNOWN_VERSIONS:
                errors.append({"type": "unsupported_type"})
            elif _newer(one["typeMigrationVersion"], KNOWN_VERSIONS[one["type"]]):
                message = "Document belongs to a more recent version of Kibana"
                errors.append({"type": "unknown", "message": message, "statusCode": 422})
            elif missing:
                errors.append({"type": "missing_references", "references": missing})
            elif (one["type"], one["id"]) in self.objects and not overwrite:
                errors.append({"type": "conflict"})
            else:
                good.append(one)
                continue
            errors[-1] = {"id": one["id"], "type": one["type"], "meta": {"title": "…"}, "error": errors[-1]}
        settled = CAN_BE_SETTLED.isdisjoint(error["error"]["type"] for error in errors)
        results = [
            {"type": one["type"], "id": one["id"], "managed": False, "meta": {}}
            | ({"overwrite": True} if (one["type"], one["id"]) in self.objects else {})
            for one in good
        ]
        if settled:
            self.objects |= {(one["type"], one["id"]): one for one in good}
        outcome = {"success": not errors, "successCount": len(good) if settled else 0, "warnings": []}
        return outcome | ({"successResults": results} if results else {}) | ({"errors": errors} if errors else {})


@contextmanager
def kibana_like(*, space: str = "", secured: bool = True, tls: ssl.SSLContext | None = None) -> Iterator[KibanaLike]:
    """Serve while the context is open."""
    with KibanaLike(space=space, secured=secured, tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: KibanaLike
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 5

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, format: str, *args: Any) -> None:  # `KibanaLike.seen` is the log
        pass

    def _answer(self, body: bytes) -> None:
        answer = self.server.answers.pop(0) if self.server.answers else self._usual(body)
        authorization = self.headers.get("Authorization", "")
        seen = Seen(method=self.command, path=self.path, authorization=authorization, status=answer.status)
        self.server.seen.append(seen)
        content = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _usual(self, body: bytes) -> Answer:
        if self.server.secured and self.headers.get("Authorization") not in SIGNED_IN:
            return _refusal(401, "Unauthorized", "[security_exception]: unable to authenticate")
        if self.command == "POST" and "kbn-xsrf" not in self.headers:
            return _refusal(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        parts = urlsplit(self.path)
        match parts.path.removeprefix(self.server.space), self.command:
            case "/api/saved_objects/_import", "POST":
                return self._import(body, parse_qs(parts.query))
            case "/api/kibana/settings", "GET":
                return Answer(status=200, body=json.dumps({"settings": self.server.settings}))
            case "/api/kibana/settings", "POST":
                return self._set(json.loads(body)["changes"])
            case _:
                return _refusal(404, "Not Found", "Not Found")

    def _import(self, body: bytes, query: Mapping[str, list[str]]) -> Answer:
        if not self.headers["Content-Type"].startswith("multipart/form-data"):
            return _refusal(415, "Unsupported Media Type", "Unsupported Media Type")
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = {part.get_param("name", header="content-disposition"): part for part in _parts(head + body)}
        if not parts["file"].get_filename("").endswith(".ndjson"):
            return _refusal(400, "Bad Request", "Invalid file extension")
        lines = [json.loads(line) for line in parts["file"].get_payload(decode=True).splitlines()]
        taken = self.server.take(lines, overwrite=query.get("overwrite") == ["true"])
        return Answer(status=200, body=json.dumps(taken))

    def _set(self, changes: dict[str, Any]) -> Answer:
        if not self.server.may_set or any(self.server.settings.get(key, {}).get("isOverridden") for key in changes):
            return _refusal(400, "Bad Request", "Unable to update because it is overridden")
        self.server.settings |= {key: {"userValue": value} for key, value in changes.items()}
        return Answer(status=200, body=json.dumps({"settings": self.server.settings}))


def _parts(message: bytes) -> list[Any]:
    return list(message_from_bytes(message, policy=HTTP).iter_parts())


def _refusal(status: int, error: str, message: str) -> Answer:
    return Answer(status=status, body=json.dumps({"statusCode": status, "error": error, "message": message}))


def _newer(one: str, other: str) -> bool:
    return [int(part) for part in one.split(".")] > [int(part) for part in other.split(".")]
