"""One node or several that form a cluster, and plain requests to it."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

from tests.elastic.node import HOST, STARTS_FAST, Node
from tests.elastic.software import ServerSoftware

START_TIMEOUT_S = 180.0
POLL_S = 0.1
REQUEST_TIMEOUT_S = 60.0

SETTINGS = {
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # how full this disk is must not matter
    "action.destructive_requires_name": "false",  # `wipe` deletes by wildcard
}


class Cluster:
    """An Elasticsearch that runs while the ``with`` block does. ``settings`` are those of every node."""

    def __init__(
        self,
        software: ServerSoftware,
        *,
        size: int = 1,
        heap_mb: int = 512,
        settings: Mapping[str, object] | None = None,
        java_options: Sequence[str] = STARTS_FAST,
    ) -> None:
        self._folder = Path(mkdtemp(prefix="diembao-elastic-"))
        java_options = (f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m", *java_options)
        names = [f"node-{number}" for number in range(1, size + 1)]
        self.nodes = [Node(software, self._folder / name, name, java_options=java_options) for name in names]
        self._settings: dict[str, object] = {**SETTINGS, **(settings or {})}
        if size == 1:
            self._settings["discovery.type"] = "single-node"
        else:
            self._settings["discovery.seed_hosts"] = ",".join(f"{HOST}:{node.transport_port}" for node in self.nodes)
            self._settings["cluster.initial_master_nodes"] = ",".join(node.name for node in self.nodes)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Address of the first node that runs."""
        return next((node.url for node in self.nodes if node.running), self.nodes[0].url)

    @property
    def urls(self) -> list[str]:
        """Addresses of all nodes, of those that are down too."""
        return [node.url for node in self.nodes]

    def start(self) -> None:
        """Start every node that is down and wait until all have joined and every primary shard is there."""
        for node in self.nodes:
            if not node.running:
                node.start(self._settings)
        self.wait_for("yellow")

    def kill(self) -> None:
        """End every node at once with SIGKILL; `start` brings them back with what they had written."""
        for node in self.nodes:
            node.kill()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait_for(self, status: str) -> dict[str, Any]:
        """Wait until the running nodes know each other and health is ``status`` or better; return the health."""
        deadline = time.monotonic() + START_TIMEOUT_S
        nodes = sum(node.running for node in self.nodes)
        conditions = f"wait_for_status={status}&wait_for_nodes={nodes}&wait_for_no_initializing_shards=true"
        problem = "nothing was tried"
        while time.monotonic() < deadline:
            for node in self.nodes:
                assert not node.ended, f"{node.name} ended:\n{node.log_tail()}"
            try:
                health: dict[str, Any] = self.request("GET", f"/_cluster/health?{conditions}&timeout=5s")
                return health
            except urllib.error.HTTPError as exc:  # 408: not yet
                problem = exc.read().decode()
            except OSError as exc:  # refused, reset, timed out
                problem = str(exc)
            time.sleep(POLL_S)
        raise TimeoutError(f"not {status} with {nodes} nodes: {problem}\n{self.nodes[0].log_tail()}")

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Return the decoded answer. Raises OSError (urllib's HTTPError for an answer of 400 or more)."""
        return self._ask(method, path, None if body is None else json.dumps(body).encode())

    def bulk(self, lines: Sequence[object]) -> Any:
        """Send a bulk request of alternating actions and sources and return the decoded answer."""
        return self._ask("POST", "/_bulk", b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def _ask(self, method: str, path: str, data: bytes | None) -> Any:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as reply:  # noqa: S310
            return json.load(reply)

    def count(self, index: str) -> int:
        """Return how many documents an index or alias holds, after a refresh."""
        self.request("POST", f"/{index}/_refresh")
        return int(self.request("GET", f"/{index}/_count")["count"])

    def wipe(self) -> None:
        """Delete every index, alias and template, and put cluster settings back."""
        self.request("DELETE", "/*?expand_wildcards=all")
        self.request("DELETE", "/_index_template/*")
        self.request("DELETE", "/_component_template/*")
        for kind, values in self.request("GET", "/_cluster/settings").items():
            if values:
                self.request("PUT", "/_cluster/settings", {kind: {f"{name}.*": None for name in values}})
