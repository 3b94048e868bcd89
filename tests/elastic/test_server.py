"""The server that the other tests rely on is a real one: it keeps what it confirmed, and folds Vietnamese."""

import shutil
from pathlib import Path

import pytest

from tests.elastic.cluster import Cluster
from tests.elastic.software import NoServerError, ServerSoftware, server_software, wrong_jars


def test_what_was_confirmed_survives_a_kill(elastic: Cluster) -> None:
    for number in range(20):
        elastic.request("PUT", f"/kept/_doc/{number}", {"number": number})
    address = elastic.url
    elastic.kill()
    with pytest.raises(OSError, match="refused"):
        elastic.request("GET", "/kept/_count")
    elastic.start()
    assert elastic.url == address
    assert elastic.count("kept") == 20


def test_the_next_test_finds_it_running_and_empty(elastic: Cluster) -> None:
    assert elastic.request("GET", "/_cat/indices?expand_wildcards=all&format=json") == []
    elastic.request("PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": 7}})
    elastic.request("PUT", "/_index_template/some", {"index_patterns": ["some-*"]})
    elastic.wipe()
    assert elastic.request("GET", "/_cluster/settings")["persistent"] == {}
    assert elastic.request("GET", "/_index_template")["index_templates"] == []


def test_it_folds_accents_and_crossed_d(elastic: Cluster) -> None:
    body = {"tokenizer": "standard", "filter": ["lowercase", "asciifolding"], "text": "Đà Nẵng, Đắk Lắk"}
    found = elastic.request("POST", "/_analyze", body)["tokens"]
    assert [token["token"] for token in found] == ["da", "nang", "dak", "lak"]


@pytest.mark.long
def test_three_nodes_lose_one_and_keep_everything(elastic_cluster: Cluster) -> None:
    elastic_cluster.request("PUT", "/kept", {"settings": {"number_of_shards": 2, "number_of_replicas": 1}})
    elastic_cluster.wait_for("green")
    for number in range(50):
        elastic_cluster.request("PUT", f"/kept/_doc/{number}", {"number": number})
    elastic_cluster.nodes[0].kill()
    health = elastic_cluster.wait_for("yellow")
    assert health["number_of_nodes"] == 2
    assert elastic_cluster.count("kept") == 50


def test_a_machine_without_java_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoServerError, match="not installed: java, javac, mvn"):
        server_software()


def test_a_jar_that_was_changed_lost_or_added_is_noticed(elastic_software: ServerSoftware, tmp_path: Path) -> None:
    copied = tmp_path / "server"
    shutil.copytree(elastic_software.folder, copied)
    assert wrong_jars(copied) == []
    cli, core = (copied / f"lib/elasticsearch-{name}-8.19.0.jar" for name in ("cli", "core"))
    cli.write_bytes(cli.read_bytes() + b"\0")
    core.rename(copied / "home/modules/core.jar")
    assert wrong_jars(copied) == ["core.jar", cli.name, core.name]
