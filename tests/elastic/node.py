"""One Elasticsearch process: started, killed, started again on the same data and ports."""

import random
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.elastic.software import ServerSoftware

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections, so that a port stays free while its node is down."""

STARTS_FAST = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options for Java that halve the processor time of a start; under a long load the defaults are faster."""


class Node:
    """A node with folders and ports of its own; `start` may follow `kill` any number of times."""

    def __init__(self, software: ServerSoftware, folder: Path, name: str, *, java_options: Sequence[str]) -> None:
        self.name = name
        self.port, self.transport_port = free_port(), free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.log = folder / "log.txt"
        self._software = software
        self._folder = folder
        self._java_options = (*java_options, f"-Djava.io.tmpdir={folder}")
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def ended(self) -> bool:
        """True when it ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self, settings: Mapping[str, object]) -> None:
        """Start the process and return at once."""
        all_settings = {
            "node.name": self.name,
            "network.host": HOST,
            "http.port": self.port,
            "transport.port": self.transport_port,
            "path.data": self._folder / "data",
            "path.logs": self._folder / "logs",
            **settings,
        }
        arguments = [f"{key}={value}" for key, value in all_settings.items()]
        home = str(self._software.home)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["java", *self._java_options, "-cp", self._software.class_path, "Launcher", home, *arguments],
                stdin=subprocess.PIPE,  # the node stops when this process is gone
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """End the process at once, as a power cut would: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None

    def log_tail(self) -> str:
        """Return the last warnings of the node, for the reader of a failed test."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2_000:]


def free_port() -> int:
    """Return a port on which nothing listens."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
