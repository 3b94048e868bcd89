"""Elasticsearch is away: work goes on, the embedded index answers and says so, and everything arrives afterwards."""

import json
from pathlib import Path

import pytest

from tests.elastic.cluster import Cluster
from tests.elastic.feeding import held
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import ITEMS

LATER = {
    "id": "cau-sap",
    "title": "Cao Bằng: Cầu treo bị lũ cuốn trôi",
    "summary": "Lũ quét đêm qua cuốn trôi cầu treo ở Cao Bằng.",
    "outlet": "Báo Núi Rừng",
    "url": "https://nuirung.example/cau-sap.html",
    "published_at": "2026-03-05T05:00:00+07:00",
}


def write(path: Path, *items: dict[str, str]) -> str:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return str(path)


def test_work_goes_on_and_everything_arrives(
    diembao: Diembao, elastic: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    monkeypatch.setenv("DIEMBAO_INDEX__KIND", "elastic")
    monkeypatch.setenv("DIEMBAO_INDEX__URLS", json.dumps([elastic.url]))
    assert diembao("import", write(tmp_path / "items.jsonl", *ITEMS)).code == 0
    found = json.loads(diembao("search", "cao bang", "--json").out)
    assert (found["total"], found["standby_because"]) == (3, None)
    assert len(held(elastic)) == 3

    elastic.kill()
    assert diembao("import", write(tmp_path / "later.jsonl", LATER)).code == 0
    assert diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "digest")).code == 0
    assert LATER["title"] in (tmp_path / "digest/digest.txt").read_text(encoding="utf-8")
    for lang, said in (("en", "The embedded index answers instead"), ("vi", "Chỉ mục trên máy trả lời thay")):
        found = json.loads(diembao("search", "cầu treo", "--json", lang=lang).out)
        assert found["total"] == 1
        assert "Elasticsearch" in found["standby_because"]
        assert said in diembao("search", "cầu treo", lang=lang).err
    lag = json.loads(diembao("index", "status", "--json").out)
    assert (lag["elastic"]["documents"], lag["elastic"]["waiting"], lag["embedded"]["documents"]) == (None, 1, 4)
    assert "1 articles wait for Elasticsearch" in diembao("doctor").out

    elastic.start()
    assert diembao("process").code == 0  # the next run sends what waits
    assert len(held(elastic)) == 4
    found = json.loads(diembao("search", "cầu treo", "--json").out)
    assert (found["total"], found["standby_because"]) == (1, None)
    assert diembao("index", "status").code == 0
