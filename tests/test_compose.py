"""The compose file for users who have Docker. There is none here: its form is checked, and what its shell lines do."""

import json
import os
import re
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.localtime import LOCAL_ZONE

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KIBANA: dict[str, Any] = yaml.safe_load((ROOT / "config/deploy/kibana.yml").read_text(encoding="utf-8"))
LASTING = ("elasticsearch", "kibana")


def test_official_images_of_one_pinned_version() -> None:
    images = {service["image"] for service in SERVICES.values()}
    names = {image.partition(":")[0] for image in images}
    assert names == {"docker.elastic.co/elasticsearch/elasticsearch", "docker.elastic.co/kibana/kibana"}
    (version,) = {image.partition(":")[2] for image in images}
    assert re.fullmatch(r"8\.19\.\d+", version)


@pytest.mark.parametrize("name", SERVICES)
def test_memory_is_limited(name: str) -> None:
    found = re.fullmatch(r"(\d+)([mg])", SERVICES[name]["mem_limit"])
    assert found
    megabytes = int(found[1]) * (1024 if found[2] == "g" else 1)
    heap = re.search(r"-Xmx(\d+)g|--max-old-space-size=(\d+)", json.dumps(SERVICES[name]["environment"]))
    if heap:
        assert int(heap[1] or 0) * 1024 + int(heap[2] or 0) <= megabytes * 0.75


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    assert "network_mode" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_healthy_and_keeps_its_data(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD-SHELL"
    assert service["restart"] == "unless-stopped"
    mounted = [volume.partition(":")[0] for volume in service["volumes"]]
    assert name in mounted
    assert COMPOSE["volumes"].keys() == set(LASTING)
    assert all((ROOT / path).is_file() for path in mounted if path.startswith("./"))


def test_each_waits_for_what_it_needs() -> None:
    conditions = {
        (name, needed): how["condition"]
        for name, service in SERVICES.items()
        for needed, how in service.get("depends_on", {}).items()
    }
    assert conditions == {
        ("accounts", "elasticsearch"): "service_healthy",
        ("kibana", "accounts"): "service_completed_successfully",
    }


def test_security_is_on_and_passwords_come_from_outside() -> None:
    settings = SERVICES["elasticsearch"]["environment"]
    assert settings["xpack.security.enabled"] == "true"
    assert settings["ELASTIC_PASSWORD"].startswith("${ELASTIC_PASSWORD:?")
    assert SERVICES["accounts"]["environment"]["KIBANA_PASSWORD"].startswith("${KIBANA_PASSWORD:?")
    for name, value in [pair for service in SERVICES.values() for pair in service["environment"].items()]:
        assert "PASSWORD" not in name or value.startswith("${"), name
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_kibana_lives_in_vietnamese_time() -> None:
    assert KIBANA["uiSettings.overrides"]["dateFormat:tz"] == LOCAL_ZONE.key
    assert KIBANA["elasticsearch.username"] == "kibana_system"
    assert not [key for key in KIBANA if "password" in key.lower()]


class _Accounts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Authorization"], body))  # type: ignore[attr-defined]
        self.send_response(503 if len(self.server.got) == 1 else 200)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def elasticsearch() -> Iterator[ThreadingHTTPServer]:
    """What the line that sets the password talks to; busy the first time."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Accounts) as server:
        server.got = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_line_that_gives_kibana_its_password(elasticsearch: ThreadingHTTPServer) -> None:
    command = [part.replace("$$", "$") for part in SERVICES["accounts"]["command"]]
    command[-1] = command[-1].replace("elasticsearch:9200", f"127.0.0.1:{elasticsearch.server_port}")
    passwords = {"ELASTIC_PASSWORD": "5f0c7d1e", "KIBANA_PASSWORD": "9b2a44c0"}
    subprocess.run(command, env=os.environ | passwords, check=True, capture_output=True)
    path, authorization, body = elasticsearch.got[-1]  # type: ignore[attr-defined]
    assert path == "/_security/user/kibana_system/_password"
    assert b64decode(authorization.partition(" ")[2]) == b"elastic:5f0c7d1e"
    assert json.loads(body) == {"password": "9b2a44c0"}
    assert len(elasticsearch.got) == 2  # type: ignore[attr-defined]
