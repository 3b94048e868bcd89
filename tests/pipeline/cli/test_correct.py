"""correct, corrections, history: from the shell, as an analyst uses them."""

import json
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import ITEMS, write_items

ROAD = "https://nuirung.example/duong-cham-1.html"
FALLS = "https://bienxanh.example/thac-ban-gioc.html"
TALKS = "https://bienxanh.example/dam-phan.html"


@pytest.fixture
def filled(diembao: Diembao, tmp_path: Path) -> Diembao:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    return diembao


def facts(diembao: Diembao, folder: Path, *options: str) -> dict[str, Any]:
    assert diembao("digest", "--date", "2026-03-05", "--output", str(folder), *options).code == 0
    found: dict[str, Any] = json.loads((folder / "digest.json").read_text(encoding="utf-8"))
    return found


def items(digest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["url"]: item for section in digest["sections"] for item in section["items"]}


def hits(diembao: Diembao, *options: str) -> dict[str, dict[str, Any]]:
    found = json.loads(diembao("search", "", "--json", *options).out)
    return {hit["url"]: hit for hit in found["hits"]}


def test_a_correction_holds_everywhere_and_sealed_digests_stay(filled: Diembao, tmp_path: Path) -> None:
    before = facts(filled, tmp_path / "sealed")
    sealed = (tmp_path / "sealed/digest.eml").read_bytes()
    assert items(before)[ROAD]["tone"] == "negative"
    done = filled("correct", ROAD, "--tone", "neutral", "--no-bad-event", "--topic", "Kinh tế", "--by", "Nông Thị Lan")
    assert done.code == 0, done.err
    assert "number 1" in done.out

    hit = hits(filled)[ROAD]
    assert (hit["tones"], hit["topics"], hit["marks"]) == ({"cao-bang": "neutral"}, ["economy"], ["corrected"])
    assert hits(filled, "--mark", "corrected").keys() == {ROAD}
    assert "đã hiệu đính" in filled("search", "đường", lang="vi").out

    assert facts(filled, tmp_path / "again") == before
    assert (tmp_path / "again/digest.eml").read_bytes() == sealed
    revised = facts(filled, tmp_path / "revised", "--revise")
    item = items(revised)[ROAD]
    assert (item["tone"], item["bad_event"], item["topics"], item["marks"]) == (
        "neutral",
        False,
        ["economy"],
        ["corrected"],
    )
    assert (revised["counts"]["negative"], before["counts"]["negative"]) == (0, 1)
    for name in ("digest.html", "digest.txt"):
        assert "· corrected" in (tmp_path / "revised" / name).read_text(encoding="utf-8")
        assert "· corrected" not in (tmp_path / "sealed" / name).read_text(encoding="utf-8")


def test_it_survives_reprocessing_and_reindexing_until_it_is_undone(filled: Diembao, home: Path) -> None:
    filled("correct", ROAD, "--tone", "positive", "--by", "Lan")
    path = home / "diembao.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("watch: []", "watch: [da-nang]"), encoding="utf-8")
    assert "Judged 4 stored articles anew" in filled("process").out
    assert hits(filled)[ROAD]["tones"] == {"cao-bang": "positive"}
    filled("reindex")
    assert hits(filled)[ROAD]["marks"] == ["corrected"]
    undone = filled("correct", "undo", "1", "--by", "Hoa")
    assert undone.code == 0, undone.err
    assert hits(filled)[ROAD]["tones"] == {"cao-bang": "negative"}
    assert hits(filled)[ROAD]["marks"] == []
    (kept,) = json.loads(filled("corrections", "list", "--json").out)
    assert (kept["by"], kept["tone"], kept["undone_by"]) == ("Lan", "positive", "Hoa")
    assert "Hoa" in filled("corrections", "list").out


def test_a_dropped_article_is_found_only_when_asked_for(filled: Diembao, tmp_path: Path) -> None:
    filled("correct", FALLS, "--drop", "--by", "Lan")
    assert FALLS not in hits(filled)
    assert hits(filled, "--mark", "dropped")[FALLS]["marks"] == ["dropped"]
    assert json.loads(filled("search", "cao bang", "--json").out)["facets"]["outlet"] == {"bao-nui-rung": 2}
    assert FALLS not in items(facts(filled, tmp_path / "out"))
    assert json.loads(filled("status", "--json").out)["documents"] == 5
    filled("correct", "undo", "1", "--by", "Lan")
    assert FALLS in hits(filled)


def test_what_the_machine_passed_over_can_be_brought_in(filled: Diembao, tmp_path: Path) -> None:
    filled("correct", TALKS, "--tone", "negative", "--by", "Lan")
    assert items(facts(filled, tmp_path / "out"))[TALKS]["tone"] == "negative"
    filled("process")
    held = json.loads(filled("history", TALKS, "--json").out)
    assert held["machine"]["units"] == []
    assert held["judgement"]["units"][0]["tone"] == "negative"


def test_corrections_are_labels_for_the_evaluation(filled: Diembao, tmp_path: Path) -> None:
    filled("correct", ROAD, "--tone", "neutral", "--by", "Lan")
    filled("correct", ROAD, "--topic", "society", "--by", "Hoa", "--note", "chuyện dân sinh")
    filled("correct", FALLS, "--drop", "--by", "Lan")
    exported = filled("corrections", "export", "--output", str(tmp_path / "labels.jsonl"))
    assert exported.code == 0, exported.err
    (row,) = map(json.loads, (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    assert (row["unit"], row["relevance"], row["tone"], row["topics"]) == ("cao-bang", "about", "neutral", ["society"])
    assert (row["by"], row["note"]) == ("Lan, Hoa", "chuyện dân sinh")
    ran = filled("evaluate", str(tmp_path / "labels.jsonl"), "--json")
    assert ran.code == 0, ran.err
    (measured,) = json.loads(ran.out)["files"]
    assert measured["corrections"]["rows"] == 1
    assert measured["corrections"]["differs"]["tone"] == {"labels": 1, "differ": 1}


def test_history_in_words(filled: Diembao) -> None:
    filled("correct", ROAD, "--tone", "neutral", "--by", "Lan", "--note", "một [ý] kiến")
    document = hits(filled)[ROAD]["id"]
    told = filled("history", document[:8]).out
    assert "Cao Bằng: about, neutral" in told
    assert "machine: Cao Bằng: about, negative" in told
    assert "một [ý] kiến" in told
    assert "tiêu cực" in filled("history", ROAD, lang="vi").out


def test_import_names_what_is_not_newer_than_what_is_held(filled: Diembao, tmp_path: Path) -> None:
    edited = [item | {"title": f"Sửa: {item['title']}"} for item in ITEMS[:1]] + [ITEMS[1]]
    lines = [json.dumps(item, ensure_ascii=False) for item in edited]
    (tmp_path / "edited.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = filled("import", str(tmp_path / "edited.jsonl"), lang="vi")
    assert ran.code == 0
    assert "Không mới hơn bản đã có nên không thay: 1 tin" in ran.out
    assert ran.out.endswith(f"  {ROAD}\n")


def test_history_shows_an_edit_word_by_word(filled: Diembao, tmp_path: Path) -> None:
    title = "Cao Bằng: Dự án đường tỉnh đúng tiến độ, người dân bức xúc"
    edited = ITEMS[0] | {"title": title, "fetched_at": "2026-03-05T09:00:00+07:00"}
    (tmp_path / "edited.jsonl").write_text(json.dumps(edited, ensure_ascii=False), encoding="utf-8")
    assert "changed 1" in filled("import", str(tmp_path / "edited.jsonl")).out
    assert "Dự án đường tỉnh [-chậm-] {+đúng+} tiến độ" in filled("history", ROAD).out
    before, now = json.loads(filled("history", ROAD, "--json").out)["versions"]
    assert (before["version"], before["title"], before["changes"]) == (1, ITEMS[0]["title"], {})
    assert [piece["kind"] for piece in now["changes"]["title"]] == ["same", "gone", "new", "same"]
    assert before["judgement"]["units"][0]["tone"] == "negative"
    assert now["judgement"]["units"][0]["unit"] == "cao-bang"


def test_a_correction_does_not_wait_for_a_running_service(filled: Diembao, home: Path) -> None:
    with FileLock(home / "diembao.lock"):
        assert filled("correct", ROAD, "--tone", "neutral", "--by", "Lan").code == 0
        assert hits(filled)[ROAD]["tones"] == {"cao-bang": "negative"}, "the index learns it from who holds the lock"
    filled("process")
    assert hits(filled)[ROAD]["tones"] == {"cao-bang": "neutral"}


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("correct", ROAD, "--by", "Lan"), "--relevance"),
        (("correct", ROAD, "--tone", "neutral", "--by", " "), "--by"),
        (("correct", ROAD, "--tone", "neutral"), "--by"),
        (("correct", ROAD, "--tone", "angry", "--by", "Lan"), "angry"),
        (("correct", ROAD, "--tone", "neutral", "--relevance", "none", "--by", "Lan"), "neutral"),
        (("correct", ROAD, "--topic", "kinh tê học", "--by", "Lan"), "kinh tê học"),
        (("correct", ROAD, "--unit", "atlantis", "--tone", "neutral", "--by", "Lan"), "atlantis"),
        (("correct", ROAD, "--unit", "hue", "--drop", "--by", "Lan"), "hue"),
        (("correct", ROAD, "--unit", "hue", "--relevance", "about", "--by", "Lan"), "thua-thien-hue"),
        (("correct", TALKS, "--bad-event", "--by", "Lan"), "--unit"),
        (("correct", ROAD, "7", "--tone", "neutral", "--by", "Lan"), "7"),
        (("correct", "https://khong.example/co", "--drop", "--by", "Lan"), "https://khong.example/co"),
        (("correct", "ffff", "--drop", "--by", "Lan"), "ffff"),
        (("correct", "undo", "--by", "Lan"), "undo 3"),
        (("correct", "undo", "9", "--by", "Lan"), "9"),
        (("history", "không phải địa chỉ"), "không phải địa chỉ"),
    ],
)
def test_wrong_use_says_what_is_wrong(filled: Diembao, args: tuple[str, ...], named: str) -> None:
    ran = filled(*args)
    assert ran.code == 2, ran.out
    assert named in ran.err
    assert "Traceback" not in ran.err
    assert filled("corrections", "list", "--json").out.strip() == "[]"


def test_an_undone_correction_is_not_undone_twice(filled: Diembao) -> None:
    filled("correct", ROAD, "--drop", "--by", "Lan")
    filled("correct", "undo", "1", "--by", "Hoa")
    again = filled("correct", "undo", "1", "--by", "Lan")
    assert (again.code, "Hoa" in again.err) == (2, True)
