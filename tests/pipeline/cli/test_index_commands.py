"""index sync, index status, reindex and search with a real Elasticsearch beside the store."""

import json
from pathlib import Path

import pytest

from pipeline.index.elastic_indices import ALIAS, FORMAT
from tests.elastic.cluster import Cluster
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import ITEMS, write_items

SECRET = "c2VjcmV0OmtleQ=="


def choose_elastic(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    monkeypatch.setenv("DIEMBAO_INDEX__KIND", "elastic")
    monkeypatch.setenv("DIEMBAO_INDEX__URLS", json.dumps(urls))


def index_name(elastic: Cluster) -> str:
    (name,) = elastic.request("GET", f"/_alias/{ALIAS}")
    return str(name)


def test_without_a_server_the_embedded_index_is_compared(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    ran = diembao("index", "status")
    assert ran.code == 0
    assert "Embedded index: 3 · waiting: 0" in ran.out
    assert "not set up" in ran.out
    assert diembao("index", "sync").code == 0
    assert json.loads(diembao("index", "status", "--json").out)["elastic"] is None
    assert json.loads(diembao("status", "--json").out)["elastic"] is None


def test_a_store_that_was_filled_before_goes_to_the_server_as_a_whole(
    diembao: Diembao, elastic: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    choose_elastic(monkeypatch, elastic.url)
    before = diembao("index", "status")
    assert before.code == 3
    assert "Elasticsearch: 0 · waiting: 3" in before.out
    assert "run diembao reindex" not in before.out, "the first feeding sends everything"

    synced = diembao("index", "sync")
    assert synced.code == 0
    assert "Elasticsearch: 3 · waiting: 0 · not taken: 0" in synced.out
    assert elastic.count(ALIAS) == 3
    hit = elastic.request("GET", f"/{ALIAS}/_search?q=title.folded:thac")["hits"]["hits"][0]["_source"]
    assert (hit["unit"], hit["relevance"], hit["tone"]) == ("cao-bang", "about", "positive")
    assert json.loads(diembao("status", "--json").out)["elastic"]["documents"] == 3
    assert "Elasticsearch holds 3 articles, as many as it should" in diembao("doctor").out

    assert index_name(elastic) == f"{ALIAS}-v{FORMAT}-000001"
    assert "holds 3 articles" in diembao("reindex").out
    assert index_name(elastic) == f"{ALIAS}-v{FORMAT}-000002"

    # while another index is chosen, nothing is told to the server; then it is filled anew
    monkeypatch.setenv("DIEMBAO_INDEX__KIND", "embedded")
    extra = json.dumps({**ITEMS[0], "url": "https://nuirung.example/khac.html", "id": "khac"}, ensure_ascii=False)
    diembao("import", str(write_items(tmp_path / "more.jsonl", extra)))
    choose_elastic(monkeypatch, elastic.url)
    assert diembao("index", "sync").code == 0
    assert index_name(elastic) == f"{ALIAS}-v{FORMAT}-000003"
    assert elastic.count(ALIAS) == 4


def test_what_a_server_will_not_take_is_shown_with_its_reason(
    diembao: Diembao, elastic: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang")
    choose_elastic(monkeypatch, elastic.url)
    outlet = "Báo Dài " * 5_000  # no keyword holds so much
    overlong = json.dumps({**ITEMS[0], "outlet": outlet, "url": "https://dai.example/a.html"}, ensure_ascii=False)
    assert diembao("import", str(write_items(tmp_path / "items.jsonl", overlong))).code == 0
    assert elastic.count(ALIAS) == 3
    for command in (("status",), ("index", "status"), ("index", "sync")):
        ran = diembao(*command)
        assert "not taken: 1" in ran.out
        assert "immense term" in ran.out
    assert ran.code == 3
    assert "does not take 1 articles" in diembao("doctor").out
    assert json.loads(diembao("search", "đường tỉnh", "--json").out)["total"] == 1


def test_a_server_that_is_away_stops_a_sync_but_no_reindex_of_the_embedded_index(
    diembao: Diembao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    choose_elastic(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setenv("DIEMBAO_INDEX_API_KEY", SECRET)
    printed = []
    for command in ("sync", "status"):
        ran = diembao("index", command, lang="vi")
        assert ran.code == (1 if command == "sync" else 3)
        assert "Không kết nối được Elasticsearch" in ran.err + ran.out
        printed.append(ran)
    ran = diembao("--debug", "reindex")
    assert ran.code == 1
    printed += [ran, diembao("doctor"), diembao("search", "thác")]
    assert not any(SECRET in ran.out + ran.err for ran in printed)
    assert json.loads(diembao("index", "status", "--json").out)["embedded"]["documents"] == 3


def test_a_backup_is_restored_while_the_server_is_away_and_fills_it_later(
    diembao: Diembao, elastic: Cluster, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang")
    choose_elastic(monkeypatch, elastic.url)
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("backup", "--output", str(tmp_path / "kept"))
    (archive,) = (tmp_path / "kept").glob("*.tar")
    relabelled = {**ITEMS[0], "title": "Sửa sau bản sao lưu", "fetched_at": "2026-03-09T09:00:00+07:00"}
    diembao("import", str(write_items(tmp_path / "edit.jsonl", json.dumps(relabelled, ensure_ascii=False))))

    home.rename(tmp_path / "lost")
    choose_elastic(monkeypatch, "http://127.0.0.1:9")
    restored = diembao("restore", str(archive))
    assert restored.code == 0
    assert "3 articles" in restored.out

    choose_elastic(monkeypatch, elastic.url)
    assert diembao("index", "sync").code == 0
    titles = {hit["title"] for hit in json.loads(diembao("search", "", "--json").out)["hits"]}
    assert titles == {item["title"] for item in ITEMS[:3]}, "the server holds what the restored store says"
